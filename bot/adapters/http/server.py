"""Run the service under uvicorn."""

import uvicorn

from bot.adapters.http.app import create_app
from bot.adapters.http.settings import ServiceSettings
from bot.assemble import Bot


def serve(bot: Bot, settings: ServiceSettings) -> None:
    """Serve until told to stop; then let answers under way finish."""
    app = create_app(bot, settings)
    uvicorn.Server(configuration(app, settings)).run()


def configuration(app: object, settings: ServiceSettings) -> uvicorn.Config:
    """How uvicorn serves the app."""
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=settings.host,
        port=settings.port,
        access_log=False,  # bot.adapters.http.outside logs each request
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=settings.drain_timeout,
    )
