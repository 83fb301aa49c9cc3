"""What makes an order or a quote right: rules over canonical facts, without GraphQL and without I/O."""
