"""Answer one question in Slack, from the first look at it to the last word, whatever goes wrong."""

import logging
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any, Protocol

from slack_sdk.errors import SlackApiError

from bot.adapters.slack import views
from bot.adapters.slack.audience import Readers, allowed
from bot.adapters.slack.calls import Calls, a_client
from bot.adapters.slack.deliver import Cancelled, Delivery, respond
from bot.adapters.slack.errors import PlaceGone, SlackAway, SlackError, TokenGone
from bot.adapters.slack.library import Library
from bot.adapters.slack.markup import readable
from bot.adapters.slack.render import messages, trouble
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.status import Status, Statuses
from bot.adapters.slack.worker import PutOff
from bot.adapters.slack.workspaces import Workspaces
from bot.errors import QuestionError, StoreError
from bot.memory.answers import from_json, to_json
from bot.memory.slack.claims import Claims
from bot.memory.slack.installed import Installed
from bot.memory.slack.places import Place, Places
from bot.memory.slack.types import Question
from bot.types import Answer

LOG = logging.getLogger("citewell.slack")

TOO_LATE = 3600.0  # seconds after which nobody waits for an answer any more
MOST_ATTEMPTS = 20  # to begin a question; one that ends the process each time must not do so for ever
WITHOUT_TOKEN = 60.0  # seconds until a workspace whose token is gone is tried again
WHOLE_MESSAGES = ("onboarding", "glossary")


class Asks(Protocol):
    """What answers: the bot."""

    def begin(
        self, conversation_id: str, *, asker: str, channel: str = "", audiences: frozenset[str] | None = None
    ) -> None:
        """Let the asker have a conversation of this id."""

    def ask(
        self,
        question: str,
        *,
        conversation_id: str = "",
        asker: str = "",
        audiences: frozenset[str] | None = None,
        documents: tuple[str, ...] = (),
    ) -> Answer:
        """Answer a question from documents for these audiences, with these ids."""


@dataclass(frozen=True, slots=True)
class Answering:
    """The steps of answering, with what they need."""

    bot: Asks
    library: Library
    settings: SlackSettings
    claims: Claims
    places: Places
    workspaces: Workspaces
    readers: Readers
    stopping: threading.Event
    statuses: Statuses = field(default_factory=Statuses)

    def __call__(self, question: Question, holder: str) -> None:
        """Answer a question and finish it; raise `PutOff` where it has to wait."""
        reference = uuid.uuid4().hex[:12]
        try:
            calls = self.calls(question.team)
            answer_id, sent = self._answered(calls, question, reference)
        except (SlackAway, TokenGone, OSError, SlackApiError) as error:
            self._put_off(question, error, holder=holder, reference=reference)
        except PlaceGone as error:
            LOG.warning("No answer in %s: %s (reference %s)", question.name, error, reference)
            self.claims.finish(question, state="failed", holder=holder)
        except Cancelled:
            LOG.info("Cancelled: %s", question.name)
            self.claims.finish(question, state="cancelled", holder=holder)
        else:
            self.claims.finish(question, state="done", sent=sent, answer_id=answer_id, holder=holder)

    def calls(self, team: str) -> Calls:
        """Slack, as the bot of a workspace; raise `TokenGone` where the bot is not installed there."""
        return Calls(a_client(self._installed(team).token, api_url=self.settings.slack_api_url), self.stopping)

    def admitted(self, calls: Calls, question: Question, place: Place | None = None) -> frozenset[str]:
        """The audiences that may be answered from here: all who read along belong to them."""
        alone = question.is_direct or question.kind == "command"
        user = question.user if alone else ""
        readers = self.readers.audiences(calls, team=question.team, channel=question.channel, user=user)
        return allowed((place or self.place(question)).audiences, readers)

    def place(self, question: Question) -> Place:
        """The settings of the channel; those of one that has none for what is between a person and the bot."""
        return Place() if question.is_direct else self.places.of(question.team, question.channel)

    def _installed(self, team: str) -> Installed:
        installed = self.workspaces.find(team)
        if installed is None:
            raise TokenGone(f"The app is not installed in workspace {team}. Install it there.")
        return installed

    def _answered(self, calls: Calls, question: Question, reference: str) -> tuple[str, list[str]]:
        status = self.statuses.of(calls, question)
        try:
            said = self._said(calls, question, reference)
        except BaseException:
            self._clear_if_possible(status)
            raise
        status.clear()  # before the question is finished, so that after a crash the next attempt does it
        return said

    def _said(self, calls: Calls, question: Question, reference: str) -> tuple[str, list[str]]:
        """The id of the answer, and the messages that show it."""
        try:
            answer = self._answer(calls, question)
            if not self.claims.begin_posting(question, answer_id=answer.answer_id, answer=to_json(answer)):
                raise Cancelled
            return answer.answer_id, self._sent(calls, question, answer)
        except (SlackAway, TokenGone, PlaceGone, Cancelled):
            raise
        except StoreError:
            raise  # the question is still stored, and tried again when the store is there
        except Exception:
            LOG.exception("No answer (reference %s)", reference)
            self.claims.begin_posting(question, answer_id="", answer="")  # or a crash now would let it be said twice
            return "", self._apologised(calls, question, reference)

    @staticmethod
    def _clear_if_possible(status: Status) -> None:
        try:
            status.clear()
        except SlackError as error:
            LOG.debug("The status is cleared later (%s)", error)

    def _answer(self, calls: Calls, question: Question) -> Answer:
        if question.answer:
            return from_json(question.answer)  # of an attempt before this one: what was begun is what is sent
        if question.began > MOST_ATTEMPTS:
            raise RuntimeError(f"This question could not be answered in {MOST_ATTEMPTS} attempts")
        place = self.place(question)
        audiences = self.admitted(calls, question, place)
        me = self._installed(question.team).user
        text = readable(question.text, me=me, name_of=lambda user: self._name(calls, question.team, user))
        if question.is_direct and text.lower() in WHOLE_MESSAGES:
            return Answer(uuid.uuid4().hex, "", text, "", "answered", text.lower())
        conversation_id = question.thread.conversation_id
        self.bot.begin(conversation_id, asker=question.owner, channel="slack", audiences=audiences)
        more: dict[str, Any] = {"documents": place.documents} if place.documents else {}
        try:
            return self.bot.ask(
                text, conversation_id=conversation_id, asker=question.owner, audiences=audiences, **more
            )
        except QuestionError as error:
            return Answer(uuid.uuid4().hex, conversation_id, text, "", "error", str(error))

    def _sent(self, calls: Calls, question: Question, answer: Answer) -> list[str]:
        if question.kind == "command":
            for message in messages(answer, public_url=self.settings.public_url, ephemeral=True):
                respond(question.response_url, message)
            return []
        asked = answer.question if question.kind == "follow_up" else ""
        if answer.status == "answered" and answer.text in WHOLE_MESSAGES and not answer.standalone_question:
            return self._whole(calls, question, answer.text)
        return self.delivery(calls, question).send(question, answer, asked=asked)

    def _whole(self, calls: Calls, question: Question, wanted: str) -> list[str]:
        audiences = self.admitted(calls, question)
        if wanted == "glossary":
            message = views.glossary(self.library.terms(audiences))
        else:
            message = views.onboarding(self.library.onboarding(audiences))
        return self.delivery(calls, question).post(question, [message])

    def delivery(self, calls: Calls, question: Question) -> Delivery:
        """How an answer to this question goes out."""
        mode = self.settings.slack_stream
        return Delivery(
            calls,
            me=self._installed(question.team).user,
            public_url=self.settings.public_url,
            stream=mode == "always" or (mode == "auto" and question.is_direct),
            note=lambda sent: self.claims.note_sent(question, sent),
            wanted=lambda: self.claims.is_waiting(question),
            known=lambda: self.claims.sent_in(question.thread),
        )

    def _apologised(self, calls: Calls, question: Question, reference: str) -> list[str]:
        message = trouble(reference)
        if question.kind == "command":
            respond(question.response_url, message)
            return []
        return self.delivery(calls, question).post(question, [message])

    def _name(self, calls: Calls, team: str, user: str) -> str:
        return self.readers.name_of(calls, team=team, user=user)

    def _put_off(self, question: Question, error: Exception, *, holder: str, reference: str) -> None:
        if self.claims.age(question) > TOO_LATE:
            LOG.error("Given up after an hour: %s: %s (reference %s)", question.name, error, reference)
            self.claims.finish(question, state="failed", holder=holder)
            return
        if isinstance(error, TokenGone):
            self.workspaces.gone(question.team, str(error))
        elif not isinstance(error, SlackAway):
            LOG.warning("Put off: %s: %s (reference %s)", question.name, error, reference)
        seconds = error.seconds if isinstance(error, SlackAway) else WITHOUT_TOKEN
        raise PutOff(seconds, str(error)) from error
