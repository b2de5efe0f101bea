"""Evidence to an answer in which every sentence is backed by a quotation."""
