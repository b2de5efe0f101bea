"""Turn a question into a vector that lies near those of the passages that answer it."""
