"""Score how well a sentence, item or row of a document answers a question."""
