"""Small things that are done beside: after the acknowledgement, in order, and never in the way of answers."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

LOG = logging.getLogger("citewell.slack")
AT_ONCE = 2
MOST = 500  # that wait; a person's click that finds so many before it is better refused


class Errands:
    """Runs functions in the background; what fails is logged."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="slack-errand")
        self._waiting: set[Future[None]] = set()

    def run(self, errand: Callable[[], object]) -> None:
        """Run a function soon."""
        if len(self._waiting) >= MOST:
            LOG.warning("Too much to do at once; one thing was left out")
            return
        future = self._pool.submit(_logged, errand)
        self._waiting.add(future)
        future.add_done_callback(self._waiting.discard)

    def stop(self, *, within: float) -> None:
        """Take nothing new, and wait for what is under way."""
        self._pool.shutdown(wait=False, cancel_futures=False)
        wait(set(self._waiting), timeout=within)


def _logged(errand: Callable[[], object]) -> None:
    try:
        errand()
    except Exception as error:
        LOG.warning("Something beside an answer failed (%s: %s)", type(error).__name__, error)
