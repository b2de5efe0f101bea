"""Everything the listeners need, in one place: what is stored, who works, how to answer."""

from dataclasses import dataclass
from threading import Event

from bot.adapters.slack.answering import Answering, Asks
from bot.adapters.slack.audience import Readers
from bot.adapters.slack.calls import Calls
from bot.adapters.slack.errands import Errands
from bot.adapters.slack.library import Library
from bot.adapters.slack.settings import SlackSettings
from bot.adapters.slack.worker import Worker
from bot.adapters.slack.workspaces import Workspaces
from bot.memory.reports import Reports
from bot.memory.slack.claims import Claims
from bot.memory.slack.installed import Installations
from bot.memory.slack.places import Places
from bot.memory.slack.types import Question
from bot.memory.store import Store
from bot.memory.votes import Votes

HOUR, DAY = 3600.0, 86400.0
FOR_EVER = 36500  # days


@dataclass(frozen=True, slots=True)
class Desk:
    """What listeners work with."""

    settings: SlackSettings
    claims: Claims
    places: Places
    workspaces: Workspaces
    readers: Readers
    library: Library
    votes: Votes
    reports: Reports
    store: Store
    answering: Answering
    worker: Worker
    errands: Errands

    def calls(self, team: str) -> Calls:
        """Slack, as the bot of a workspace."""
        return self.answering.calls(team)

    def take(self, question: Question, *, event: str) -> None:
        """Store a question once, and wake a worker; beyond the quota, say so to the person alone."""
        why = self._over_quota(question)
        if self.claims.accept(question, event=event, state="declined" if why else "waiting"):
            if why:
                self.errands.run(lambda: self.tell(question, why))
            else:
                self.worker.wake(question.thread)

    def tell(self, question: Question, text: str) -> None:
        """Say a sentence to one person, where they asked."""
        thread = {"thread_ts": question.root} if question.root != question.ts else {}
        self.calls(question.team).again(
            "chat.postEphemeral", channel=question.channel, user=question.user, text=text, **thread
        )

    def _over_quota(self, question: Question) -> str:
        per_user, per_channel = self.settings.slack_user_quota, self.settings.slack_channel_quota
        if self.claims.asked_since(question.team, user=question.user, seconds=HOUR) >= per_user:
            return f"You have asked {per_user} questions within an hour, which is the most. Please ask again later."
        if self.claims.asked_since(question.team, channel=question.channel, seconds=HOUR) >= per_channel:
            return f"{per_channel} questions were asked here within an hour, which is the most. Please ask again later."
        return ""


def a_desk(
    bot: Asks,
    library: Library,
    settings: SlackSettings,
    *,
    store: Store,
) -> Desk:
    """Put the parts together; nothing runs yet."""
    database = store.database
    claims, places, readers = Claims(database), Places(database), Readers()
    known = Workspaces(
        Installations(database), token=settings.bot_token.get_secret_value(), api_url=settings.slack_api_url
    )
    stopping = Event()
    answering = Answering(bot, library, settings, claims, places, known, readers, stopping)
    worker = Worker(
        claims,
        answering,
        threads=settings.slack_workers,
        lease=settings.slack_lease,
        look_every=settings.slack_look_every,
        stopping=stopping,
        hourly=lambda: claims.forget_older((settings.retention_days or FOR_EVER) * DAY),
    )
    return Desk(
        settings,
        claims,
        places,
        known,
        readers,
        library,
        store.votes,
        store.reports,
        store,
        answering,
        worker,
        Errands(),
    )
