"""ShipHero, a WMS: what it tells by webhook."""
