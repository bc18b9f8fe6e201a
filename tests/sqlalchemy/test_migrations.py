"""The migration that ships makes the tables of the package: alone, and among an application's own."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect

from userlink_sqlalchemy import metadata

TABLES = {"userlink_sessions", "userlink_transactions"}
SHIPPED = "userlink_sqlalchemy:migrations"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Return the URL of a database without tables."""
    fixture = "sqlite_url" if request.param == "sqlite" else "empty_database"
    found: str = request.getfixturevalue(fixture)
    return found


@pytest.fixture
def config(url: str) -> Config:
    """Return the configuration of an application that uses Alembic for nothing else."""
    config = Config()
    config.set_main_option("script_location", SHIPPED)
    config.set_main_option("sqlalchemy.url", url)
    config.set_main_option("path_separator", "os")
    return config


def tables_in(url: str) -> set[str]:
    """Return the names of all tables."""
    engine = create_engine(url)
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def differences(url: str) -> list[object]:
    """Return what Alembic would change to come from the database to the package's tables."""
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, kind, _: kind != "table" or name in TABLES},
        )
        found: list[object] = list(compare_metadata(context, metadata))
    engine.dispose()
    return found


def test_the_migration_makes_what_the_package_expects(url: str, config: Config) -> None:
    """Alembic itself finds nothing to change; its own table is not the application's."""
    command.upgrade(config, "head")

    assert TABLES | {"userlink_alembic_version"} == tables_in(url)
    assert [] == differences(url)


def test_the_migration_can_be_undone(url: str, config: Config) -> None:
    """The tables go; upgrading again brings them back."""
    command.upgrade(config, "head")
    command.downgrade(config, "base")
    assert {"userlink_alembic_version"} == tables_in(url)

    command.upgrade(config, "head")

    assert [] == differences(url)


def test_tables_that_are_there_are_kept(url: str, config: Config) -> None:
    """Whoever began with ``create_all()`` can go on with migrations."""
    engine = create_engine(url)
    metadata.create_all(engine)
    engine.dispose()

    command.upgrade(config, "head")

    assert [] == differences(url)


def test_the_comparison_finds_a_difference(url: str, config: Config) -> None:
    """The tests above stand on it: without tables it asks for all of them."""
    assert len(differences(url)) >= len(TABLES)


def test_the_sql_can_be_printed_without_a_database(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    """``alembic upgrade head --sql``."""
    command.upgrade(config, "head", sql=True)

    printed = capsys.readouterr().out
    assert "CREATE TABLE IF NOT EXISTS userlink_sessions" in printed
    assert "CREATE INDEX IF NOT EXISTS userlink_sessions_issuer_sid" in printed


def test_a_configuration_without_url_is_refused(config: Config) -> None:
    """In one line."""
    config.remove_main_option("sqlalchemy.url")

    with pytest.raises(SystemExit, match=r"has no sqlalchemy\.url"):
        command.upgrade(config, "head")


OWN_ENVIRONMENT = """
from alembic import context
from sqlalchemy import create_engine

engine = create_engine(context.config.get_main_option("sqlalchemy.url"))
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
"""
OWN_MIGRATION = """
revision = "0001"
down_revision = None

def upgrade():
    pass

def downgrade():
    pass
"""


@pytest.fixture
def application(url: str, tmp_path: Path) -> Config:
    """Return the configuration of an application that lists our migrations beside its own."""
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    (folder / "env.py").write_text(OWN_ENVIRONMENT)
    (folder / "versions" / "0001_own.py").write_text(OWN_MIGRATION)
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("sqlalchemy.url", url)
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", f"{folder / 'versions'}\n{SHIPPED}/versions")
    return config


def test_an_application_has_it_among_its_own_migrations(url: str, application: Config) -> None:
    """``alembic upgrade heads`` brings both, and the label names ours."""
    command.upgrade(application, "heads")

    assert TABLES | {"alembic_version"} == tables_in(url)
    command.downgrade(application, "userlink@base")
    assert {"alembic_version"} == tables_in(url)
