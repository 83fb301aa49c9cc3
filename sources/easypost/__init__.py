"""EasyPost: what its trackers tell by webhook."""
