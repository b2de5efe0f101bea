"""Refuse to start where the settings make no sense, before anything that takes long is loaded."""

import os
from importlib.util import find_spec

from bot.adapters.http.keys import Keys
from bot.adapters.http.limits import parsed
from bot.adapters.http.settings import ServiceSettings
from ingest.errors import SettingsError

COLLECTOR = "OTEL_EXPORTER_OTLP_ENDPOINT"  # where traces go


def check(settings: ServiceSettings) -> None:
    """Raise `SettingsError` for a rate that is none, and where others could ask without anybody having said so."""
    parsed(settings.rate)
    if COLLECTOR in os.environ and not find_spec("opentelemetry.exporter.otlp.proto.http"):
        raise SettingsError(f"{COLLECTOR} is set, and what sends traces is missing. Run: pip install 'citewell[otel]'")
    if settings.is_local or settings.keys == "off":
        return
    if not any(not key.revoked for key in Keys(settings.keys_path).listed()):
        raise SettingsError(
            f"At '{settings.host}' others can reach the service, and there is no API key yet. "
            "Run: citewell keys create NAME   (or set CITEWELL_KEYS=off to let everybody ask)"
        )
