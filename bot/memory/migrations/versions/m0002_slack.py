"""What the Slack adapter stores."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables of the Slack adapter."""
    op.create_table("slack_events", _key("team"), _key("event"), _moment("at"))
    op.create_index("slack_events_by_age", "slack_events", ["at"])
    op.create_table(
        "slack_questions",
        *map(_key, ("team", "channel", "ts")),
        *map(_name, ("root", "asker")),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("is_direct", sa.Boolean, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("response_url", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        *map(_moment, ("at", "due")),
        sa.Column("began", sa.Integer, nullable=False),
        sa.Column("posting", sa.Boolean, nullable=False),
        sa.Column("sent", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        _name("answer_id"),
    )
    op.create_index("slack_questions_waiting", "slack_questions", ["state", "due"])
    op.create_index("slack_questions_of_thread", "slack_questions", ["team", "channel", "root", "state"])
    op.create_index("slack_questions_of_asker", "slack_questions", ["team", "asker", "at"])
    op.create_index("slack_questions_of_channel", "slack_questions", ["team", "channel", "at"])
    op.create_index("slack_questions_by_answer", "slack_questions", ["answer_id"])
    op.create_table(
        "slack_threads",
        *map(_key, ("team", "channel", "root")),
        _name("holder"),
        _moment("until"),
        sa.Column("participated", sa.Boolean, nullable=False),
        _moment("at"),
    )
    op.create_table("slack_messages", *map(_key, ("team", "channel", "ts")), _name("answer_id"), _moment("at"))
    op.create_table(
        "slack_channels",
        *map(_key, ("team", "channel")),
        sa.Column("audiences", sa.Text, nullable=False),
        sa.Column("documents", sa.Text, nullable=False),
    )
    op.create_table(
        "slack_workspaces",
        _key("team"),
        _name("enterprise"),
        sa.Column("token", sa.Text, nullable=False),
        *map(_name, ("bot", "user")),
        _moment("at"),
    )


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(200), primary_key=True, nullable=False)


def _name(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(200), nullable=False)


def _moment(name: str) -> sa.Column[float]:
    return sa.Column(name, sa.Float(precision=53), nullable=False)
