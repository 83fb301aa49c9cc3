"""AfterShip: what its trackings tell by webhook."""
