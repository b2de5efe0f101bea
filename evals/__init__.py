"""Measuring the bot: known facts, public sets, speed."""
