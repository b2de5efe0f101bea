"""Where documents come from, where the index lives, which embedder reads them."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import PositiveFloat, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingest.errors import SettingsError

Settings = TypeVar("Settings", bound=BaseSettings)


class IngestSettings(BaseSettings):
    """Settings of ingest, from the environment with the prefix `CITEWELL_`."""

    model_config = SettingsConfigDict(env_prefix="CITEWELL_", frozen=True, extra="ignore")

    corpus: Path = Path("corpus")
    data_dir: Path = Path(".citewell")
    index: str = ""
    embedder: str = "all-MiniLM-L6-v2"
    read_seconds: PositiveFloat = 60  # of processor time, for one file
    read_memory_mb: PositiveFloat = 1024  # for one file; a reader of PDF takes some hundred for a long one
    largest_file_mb: PositiveFloat = 100

    @property
    def index_location(self) -> str:
        """The address of a Chroma server, or the folder of the embedded one (default `DATA_DIR/index`)."""
        return self.index or str(self.data_dir / "index")


def load_settings(kind: type[Settings], **overrides: Any) -> Settings:
    """Read settings, with command-line values before the environment; raise `SettingsError` on a bad value."""
    try:
        return kind(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = f"CITEWELL_{'_'.join(str(part) for part in first['loc']).upper()}"
        raise SettingsError(f"{name} has a value that can't be used: {first['msg']}.") from error
