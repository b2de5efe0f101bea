"""Figures for Prometheus. Nothing of a question, and nobody's name, is in them."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from bot.types import Answer, Usage

MILLISECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)  # in seconds


class Metrics:
    """The figures of one service."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._asks = Counter(
            "citewell_asks", "Questions answered, by what came of them", ["status", "way"], registry=self.registry
        )
        self._steps = Histogram(
            "citewell_step_seconds",
            "How long the steps of an answer took",
            ["step"],
            buckets=MILLISECONDS,
            registry=self.registry,
        )
        self._requests = Counter(
            "citewell_requests", "Requests, by route and status", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "citewell_request_seconds",
            "How long requests took",
            ["route"],
            buckets=MILLISECONDS,
            registry=self.registry,
        )
        self._refused = Counter(
            "citewell_refused_requests",
            "Requests that got a problem instead, by its name",
            ["problem"],
            registry=self.registry,
        )
        self._tokens = Counter(
            "citewell_model_tokens",
            "Tokens of chat models, read and written",
            ["model", "kind"],
            registry=self.registry,
        )
        self._cost = Counter("citewell_model_cost", "What chat models cost", ["model"], registry=self.registry)
        self._modelled = Counter(
            "citewell_model_answers",
            "Answers that a chat model was asked for: written, cached, or made without it, and why",
            ["model", "outcome"],
            registry=self.registry,
        )
        self._dropped = Counter(
            "citewell_dropped_sentences",
            "Sentences of chat models that could not be proven, by what was wrong",
            ["model", "reason"],
            registry=self.registry,
        )
        self._feedback = Counter("citewell_feedback", "Votes on answers", ["rating"], registry=self.registry)

    def watch(self, name: str, about: str, value: Callable[[], float]) -> None:
        """Show a figure that is asked for when the figures are read."""
        Gauge(name, about, registry=self.registry).set_function(value)

    def answered(self, answer: Answer, way: str) -> None:
        """Count an answer; `way` is how it was asked for."""
        self._asks.labels(answer.status, way).inc()
        for step, milliseconds in answer.timings_ms.items():
            self._steps.labels(step).observe(milliseconds / 1000)

        if answer.usage:
            self._took(answer.usage, written=answer.answerer == answer.usage.model)

    def _took(self, usage: Usage, *, written: bool) -> None:
        outcome = usage.failed or ("unproven" if not written else "cached" if usage.cached else "written")
        self._modelled.labels(usage.model, outcome).inc()
        self._tokens.labels(usage.model, "read").inc(usage.prompt_tokens)
        self._tokens.labels(usage.model, "written").inc(usage.completion_tokens)
        self._cost.labels(usage.model).inc(usage.cost)
        for reason, count in usage.dropped.items():
            self._dropped.labels(usage.model, reason).inc(count)

    def requested(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def refused(self, problem: str) -> None:
        """Count a request that got a problem."""
        self._refused.labels(problem).inc()

    def voted(self, rating: str) -> None:
        """Count a vote."""
        self._feedback.labels(rating).inc()

    def text(self) -> bytes:
        """All figures, as Prometheus reads them."""
        return generate_latest(self.registry)
