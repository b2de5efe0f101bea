"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "conversations",
        sa.Column("key", sa.Integer, primary_key=True),
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("asker", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("audiences", sa.Text),
        sa.Column("created", MOMENT, nullable=False),
        sa.Column("updated", MOMENT, nullable=False),
        sa.UniqueConstraint("asker", "id", name="conversations_of_asker"),
        sqlite_autoincrement=True,
    )
    op.create_index("conversations_by_id", "conversations", ["id"])
    op.create_index("conversations_by_age", "conversations", ["updated"])
    op.create_table(
        "turns",
        sa.Column("conversation", sa.Integer, _cascading("conversations.key"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("answer_id", sa.String(200), nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("standalone_question", sa.Text, nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("answer_id", name="turns_by_answer"),
    )
    op.create_index("turns_by_age", "turns", ["at"])
    op.create_index("turns_by_status", "turns", ["status", "at"])
    op.create_table(
        "votes",
        sa.Column("answer_id", sa.String(200), _cascading("turns.answer_id"), primary_key=True),
        sa.Column("asker", sa.Text, primary_key=True),
        sa.Column("rating", sa.String(4), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("answer_id", sa.String(200), _cascading("turns.answer_id")),
        sa.Column("asker", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("document_ids", sa.Text, nullable=False),
        sa.Column("told", sa.Boolean, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("gaps_by_answer", "gaps", ["answer_id"])
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("answer_id", sa.String(200), _cascading("turns.answer_id")),
        sa.Column("asker", sa.Text, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("expected", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("document_id", sa.Text, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("proposals_by_answer", "proposals", ["answer_id"])
    op.create_table(
        "steps",
        sa.Column("asker", sa.Text, primary_key=True),
        sa.Column("step", sa.String(200), primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
    )


def _cascading(target: str) -> sa.ForeignKey:
    return sa.ForeignKey(target, ondelete="CASCADE")
