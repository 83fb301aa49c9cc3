"""The console: sources, submissions, business figures and slow operations, in a browser; it asks /graphql like any other client."""
