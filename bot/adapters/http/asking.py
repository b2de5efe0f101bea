"""Ask the bot from an event loop: so many at once, so many waiting, and none for a caller who has gone."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from threading import Event, Lock

from starlette.requests import Request

from bot.adapters.http.problem import Problem
from bot.chain import Progress
from bot.types import Answer, Dropped, Said

RETRY_AFTER = "3"  # seconds; in that time a full queue of 64 is worked off at about 20 answers a second

Ask = Callable[[Progress], Answer]


class Stopped(Exception):
    """Whoever asked has gone."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an answer that begins."""

    name: str


@dataclass(frozen=True, slots=True)
class Running:
    """An answer that is being made: its task, its steps, and its sentences as they are proven; `None` is the end."""

    task: "asyncio.Task[Answer]"
    steps: "asyncio.Queue[Step | Said | None]"


class Asking:
    """Threads that answer. An ask that finds the queue full is refused at once rather than kept waiting."""

    def __init__(self, *, at_once: int, waiting: int, timeout: float) -> None:
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="ask")
        self._room = at_once + waiting
        self._at_once = at_once
        self._timeout = timeout
        self._under_way = 0
        self._lock = Lock()

    @property
    def waiting(self) -> int:
        """How many asks wait for a thread."""
        return max(0, self._under_way - self._at_once)

    def begin(self, ask: Ask) -> "Running":
        """Take a place in the queue, or raise `Problem`; cancel the task to stop the work."""
        with self._lock:
            if self._under_way >= self._room:
                raise Problem(
                    503,
                    "busy",
                    "Too many questions are being answered just now. Try again in a moment.",
                    headers={"Retry-After": RETRY_AFTER},
                )
            self._under_way += 1
        loop = asyncio.get_running_loop()
        steps: asyncio.Queue[Step | Said | None] = asyncio.Queue()
        stop = Event()

        def told(step: str | Said | Dropped) -> None:
            if stop.is_set():
                raise Stopped
            if not isinstance(step, Dropped):  # what is not proven leaves this process on no way
                loop.call_soon_threadsafe(steps.put_nowait, Step(step) if isinstance(step, str) else step)

        context = copy_context()  # traces go on in the thread
        future = self._threads.submit(context.run, ask, told)
        future.add_done_callback(self._done)
        task = loop.create_task(self._wait(future, stop))
        task.add_done_callback(lambda _: steps.put_nowait(None))
        return Running(task, steps)

    def close(self) -> None:
        """Let the threads end when their work is done."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _wait(self, future: Future[Answer], stop: Event) -> Answer:
        try:
            async with asyncio.timeout(self._timeout):
                return await asyncio.wrap_future(future)
        except TimeoutError as error:
            raise Problem(
                503,
                "too-slow",
                f"No answer was found within {self._timeout:g} seconds. Try again, or ask something narrower.",
                headers={"Retry-After": RETRY_AFTER},
            ) from error
        finally:
            stop.set()

    def _done(self, _: Future[Answer]) -> None:
        with self._lock:
            self._under_way -= 1


async def watched(running: Running, *, ping: float) -> AsyncIterator[Step | Said | Answer | None]:
    """The steps and proven sentences of an answer, then the answer; `None` when nothing happened for `ping` seconds.

    The work stops when nobody reads on.
    """
    try:
        while True:
            try:
                step = await asyncio.wait_for(running.steps.get(), ping)
            except TimeoutError:
                yield None
                continue
            if step is None:
                break
            yield step
        yield await running.task
    finally:
        running.task.cancel()


async def unless_gone(request: Request, running: Running) -> Answer | None:
    """Wait for an answer while the caller is there; stop the work and give `None` when they have gone."""
    gone = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait((running.task, gone), return_when=asyncio.FIRST_COMPLETED)
        return await running.task if running.task.done() else None
    finally:
        gone.cancel()
        running.task.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
