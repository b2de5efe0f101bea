"""Alembic runs this: the scripts in `versions`, on the connection that `bot.memory.migrate` hands over."""

from alembic import context

from bot.memory.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
