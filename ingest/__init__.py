"""Files to passages to an index that can be searched."""
