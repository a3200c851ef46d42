"""Bring a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool

from dialer.domain.errors import InstallationError
from dialer.storage.sql import Engine
from dialer.storage.store import engine_of, sqlite_path

_HERE = Path(__file__).resolve().parent


def migrations_folder() -> Path:
    """Where the migrations lie: beside the package in a checkout, inside it in a wheel."""
    for folder in (_HERE.parent / "migrations", _HERE.parent.parent / "migrations"):
        if (folder / "env.py").exists():
            return folder
    raise InstallationError("the migrations folder is missing from this installation")


def sqlalchemy_url(url: str) -> str:
    """The same database in SQLAlchemy's words."""
    if engine_of(url) is Engine.SQLITE:
        return f"sqlite:///{sqlite_path(url)}"
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def migrate(url: str, revision: str = "head") -> None:
    """Run the migrations that are missing. Safe to repeat."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    engine = create_engine(sqlalchemy_url(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def write_migration(url: str, message: str, revision: str) -> None:
    """Write the migration that takes the database at `url` to the tables as they stand in code (for developers)."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    engine = create_engine(sqlalchemy_url(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.revision(config, message=message, rev_id=revision, autogenerate=True)


def newest_revision() -> str:
    """The revision that this build's tables need."""
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    head = ScriptDirectory.from_config(config).get_current_head()
    if head is None:
        raise InstallationError("this installation has no migration")
    return head
