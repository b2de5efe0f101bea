"""Settings of the bot: those of ingest, how it answers, and what it remembers."""

from pydantic import Field, PositiveFloat

from ingest.settings import IngestSettings


class BotSettings(IngestSettings):
    """Settings from the environment with the prefix `CITEWELL_`."""

    contact: str = ""
    answerer: str = "extractive"
    model_seconds: PositiveFloat = 20  # for one answer; below the service's own limit of 30
    model_answer_tokens: int = Field(default=12_000, ge=100)  # an answer takes about 3,000, with repair 6,000
    model_day_tokens: int = Field(default=2_000_000, ge=0)  # 0 is no limit
    model_user_tokens: int = Field(default=200_000, ge=0)  # a day, for each person; 0 is no limit
    model_prices: str = ""
    model_cache_days: float = Field(default=7, ge=0, le=3650)  # 0 keeps nothing
    query_encoder: str = "default"
    reranker: str = "default"
    database: str = ""
    retention_days: int = Field(default=90, ge=0, le=36500)  # 0 keeps everything; a century is as good

    @property
    def database_address(self) -> str:
        """Where conversations are kept (default: the file `DATA_DIR/citewell.db`)."""
        return self.database or f"sqlite:///{self.data_dir / 'citewell.db'}"
