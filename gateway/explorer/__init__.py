"""The query page: GraphiQL with the explorer plugin, served from the gateway's own origin."""
