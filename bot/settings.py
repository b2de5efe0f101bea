"""Settings of the bot: those of ingest, and how it answers."""

from ingest.settings import IngestSettings


class BotSettings(IngestSettings):
    """Settings from the environment with the prefix `CITEWELL_`."""

    contact: str = ""
    answerer: str = "extractive"
    reranker: str = "off"
