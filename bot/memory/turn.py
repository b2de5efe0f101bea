"""Answer one turn of a conversation: what was said before goes in, and the answer is kept before it is shown."""

import logging
from collections.abc import Callable
from dataclasses import replace

from bot.errors import Overtaken, StoreError, UnknownConversation
from bot.memory.types import ANYWHERE, Memory, Past
from bot.types import Answer

TRIES = 10  # of a turn that other processes overtake; ten in a row don't happen where people ask
NOT_KEPT = "I can't remember conversations at the moment: this answer is not kept, so ask follow-up questions in full."
DELETED = "This conversation was deleted while I was answering: this answer is not kept."


def answered(memory: Memory, answer: Callable[[Past], Answer], *, conversation_id: str, asker: str) -> Answer:
    """Make the answer to the next turn of a conversation (a new one where the id is empty), and keep it.

    Where another process answered a turn of the same conversation meanwhile, the answer is made again with that turn
    before it, so that turns are answered one after another. Where memory doesn't work, the answer is given all the
    same, with a `notice` that says so. Raises `UnknownConversation` where the asker has none with this id.
    """
    with memory.alone(conversation_id, asker=asker):
        for left in reversed(range(TRIES)):
            try:
                past = memory.past(conversation_id, asker=asker)
            except StoreError as error:
                return _not_kept(answer(Past(conversation_id)), conversation_id, error)
            made = answer(past)
            try:
                memory.keep(made, asker=asker, past=past if left else replace(past, last=ANYWHERE))
            except Overtaken:
                continue
            except UnknownConversation:
                return replace(made, notice=DELETED)
            except StoreError as error:
                return _not_kept(made, conversation_id, error)
            return made
    raise AssertionError("the last try keeps the answer wherever it belongs")


def _not_kept(answer: Answer, conversation_id: str, error: StoreError) -> Answer:
    logging.getLogger(__name__).warning("%s", error)
    # A conversation that could not begin has no id, so that nobody comes back to it and is told that it is unknown.
    notice = " ".join(filter(None, (answer.notice, NOT_KEPT)))
    return replace(answer, conversation_id=conversation_id, notice=notice)
