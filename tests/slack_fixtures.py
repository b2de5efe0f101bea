"""A stand-in for Slack, and an app in front of it, for the tests of the adapter."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# Imported by the fixtures: other tests need not wait for it.
if TYPE_CHECKING:
    from slack_parts import Running
    from slack_standin import StandIn


@pytest.fixture
def standin() -> "Iterator[StandIn]":
    """The stand-in; what the app did that Slack would refuse fails the test."""
    from slack_standin import a_standin

    with a_standin() as one:
        yield one


@pytest.fixture
def slack(standin: "StandIn", data_dir: Path) -> "Iterator[Running]":
    """An app at work."""
    from slack_parts import running

    with running(standin, data_dir) as one:
        yield one
