"""Answers that a chat model writes: what it is given, what it says, and the proof that each sentence has to pass."""
