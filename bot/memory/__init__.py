"""Remember what was asked and said: conversations, votes, reports and how far people came."""
