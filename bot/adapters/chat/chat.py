"""Run a chat: read lines, show what they give, until there are no more."""

import sys

from rich.console import Console
from rich.text import Text

from bot.adapters.chat.lines import piped, typed
from bot.adapters.chat.talk import Talk
from bot.adapters.terminal import width

WELCOME = "Ask a question; :help shows what else can be typed, Ctrl-D ends."


def run(talk: Talk, *, resumed: bool) -> None:
    """Chat on the terminal, or answer the lines of a pipe."""
    person = sys.stdin.isatty() and sys.stdout.isatty()
    console = Console(highlight=False, width=width())
    if person:
        _show(console, WELCOME)
    if resumed:
        _show(console, talk.resume())
    for line in typed(talk) if person else piped(sys.stdin.buffer):
        said = line.strip()
        if said.lower() in (":quit", ":q", ":exit"):
            break
        if not said:
            continue
        try:
            _show(console, talk.respond(said))
        except KeyboardInterrupt:
            if not person:
                raise
            _show(console, "Stopped.")


def _show(console: Console, what: str | Text) -> None:
    if isinstance(what, Text):
        console.print(what)
    else:  # its lines are broken already
        console.print(Text(what), soft_wrap=True)
    console.print()
