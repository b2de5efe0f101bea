"""OpenTelemetry: an answer is a span inside that of its request, and its steps are events; no question is in them.

Without a provider of traces, which the extra `otel` and `OTEL_EXPORTER_OTLP_ENDPOINT` bring, this costs microseconds.
"""

from collections.abc import Callable

from opentelemetry import trace

from bot.chain import Progress
from bot.types import Answer, Dropped, Said

_TRACER = trace.get_tracer("citewell")


def traced(progress: Progress, answer: Callable[[Progress], Answer]) -> Answer:
    """Make an answer inside a span."""
    with _TRACER.start_as_current_span("answer", record_exception=False) as span:

        def told(step: str | Said | Dropped) -> None:
            span.add_event(step if isinstance(step, str) else type(step).__name__.lower())
            progress(step)

        made = answer(told)
        span.set_attribute("citewell.status", made.status)
        span.set_attribute("citewell.citations", len(made.citations))
    return made
