"""
Alembic's environment for applications that use it for nothing else: ``script_location`` is
``userlink_sqlalchemy:migrations``.

An application with an environment of its own lists ``userlink_sqlalchemy:migrations/versions`` among its
``version_locations`` instead, and this file is not read.
"""

from alembic import context
from sqlalchemy import create_engine, pool

from userlink_sqlalchemy import metadata

# A table of its own, so that it does not take the application's for ours.
VERSION_TABLE = "userlink_alembic_version"


def run() -> None:
    """Migrate the database of ``sqlalchemy.url``, or print the SQL when Alembic is offline."""
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise SystemExit("Alembic's configuration has no sqlalchemy.url.")
    if context.is_offline_mode():
        context.configure(
            url=url, target_metadata=metadata, literal_binds=True, version_table=VERSION_TABLE
        )
        with context.begin_transaction():
            context.run_migrations()
        return
    engine = create_engine(url, poolclass=pool.NullPool, hide_parameters=True)
    with engine.connect() as connection:
        context.configure(
            connection=connection, target_metadata=metadata, version_table=VERSION_TABLE
        )
        with context.begin_transaction():
            context.run_migrations()


run()
