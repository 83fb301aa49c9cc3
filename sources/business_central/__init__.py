"""Business Central, an ERP: what its subscriptions tell by webhook."""
