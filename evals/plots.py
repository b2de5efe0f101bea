"""Draw the plots of a report as SVG, with matplotlib; the same figures give the same bytes."""

import io
import re
from collections.abc import Sequence
from typing import Any

INK, LINE, FILL = "#1b2733", "#1d5fa8", "#9dc3ea"
SIZE = (6.4, 3.6)  # inches; the page scales it


def risk_coverage(curve: Sequence[Sequence[float]]) -> str:
    """The share of answers that are wrong, as more and more questions are answered."""
    figure, axes = _figure()
    axes.plot([100 * coverage for coverage, _ in curve], [100 * risk for _, risk in curve], color=LINE, linewidth=2)
    axes.set(xlabel="questions answered, most confident first (%)", ylabel="wrong answers among them (%)")
    axes.set_xlim(0, 100)
    axes.set_ylim(0, 100)
    return _svg(figure, "risk")


def latencies(milliseconds: Sequence[float]) -> str:
    """How many questions took how long."""
    figure, axes = _figure()
    axes.hist(milliseconds, bins=30, color=FILL, edgecolor=LINE, linewidth=0.6)
    axes.set(xlabel="milliseconds to an answer", ylabel="questions")
    axes.set_xlim(left=0)
    return _svg(figure, "latency")


def _figure() -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=SIZE, layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#d9dee4", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK)
    return figure, axes


def _svg(figure: Any, name: str) -> str:
    import matplotlib

    out = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": name, "svg.fonttype": "none", "font.family": "sans-serif"}):
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    svg = out.getvalue()
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    # One page holds several of them, and an id must stand in it once.
    svg = re.sub(r'(id="|url\(#|href="#)', rf"\g<1>{name}-", svg)
    return re.sub(r'<svg [^>]*?viewBox="([^"]+)"[^>]*>', r'<svg viewBox="\1" aria-hidden="true">', svg, count=1)
