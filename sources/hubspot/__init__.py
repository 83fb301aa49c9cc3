"""HubSpot, a CRM: what it tells by webhook."""
