"""Train the reranker: what it learns from, and how."""
