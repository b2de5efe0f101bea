"""A conversation in the terminal: `citewell chat`."""
