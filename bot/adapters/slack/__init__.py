"""Slack: events become questions, answers become blocks; the same for Socket Mode and HTTP."""
