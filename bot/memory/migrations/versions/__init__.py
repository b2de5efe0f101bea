"""A script for each number."""
