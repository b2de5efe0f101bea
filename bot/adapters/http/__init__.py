"""Citewell over HTTP: the service, its wire models and its routes."""
