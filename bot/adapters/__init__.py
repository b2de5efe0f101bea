"""Thin front ends: each turns its own input into a question and an answer into its own output."""
