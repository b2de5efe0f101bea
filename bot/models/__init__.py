"""Chat models: opened by LangChain, and asked within limits of time, tokens and money."""
