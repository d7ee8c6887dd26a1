"""Alembic's entry: it works inside the transaction it is given and never opens its own."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=False)
context.run_migrations()
