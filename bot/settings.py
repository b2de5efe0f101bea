"""Settings of the bot: those of ingest, how it answers, and what it remembers."""

from pydantic import Field

from ingest.settings import IngestSettings


class BotSettings(IngestSettings):
    """Settings from the environment with the prefix `CITEWELL_`."""

    contact: str = ""
    answerer: str = "extractive"
    reranker: str = "default"
    database: str = ""
    retention_days: int = Field(default=90, ge=0, le=36500)  # 0 keeps everything; a century is as good

    @property
    def database_address(self) -> str:
        """Where conversations are kept (default: the file `DATA_DIR/citewell.db`)."""
        return self.database or f"sqlite:///{self.data_dir / 'citewell.db'}"
