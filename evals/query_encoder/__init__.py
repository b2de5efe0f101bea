"""Train the query encoder."""
