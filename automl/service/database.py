"""The service's database: its tables, and the version of its schema.

SQLite in WAL mode by default; PostgreSQL by its URL. Times are seconds since 1970, as numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    func,
    insert,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from automl.errors import ConfigError
from automl.study.urls import public_url, without_secrets

SCHEMA_VERSION = 1

UPGRADES: dict[int, tuple[str, ...]] = {}
"""Statements that bring a database of a version to the next one."""

BUSY_MILLISECONDS = 10_000

EACH_FOR_ITSELF = "AUTOCOMMIT"
"""SQLAlchemy's word for statements that are no part of a transaction."""

ONE_WRITER = 8321
"""Key of the lock that a writer of the service holds in PostgreSQL until its transaction ends."""

metadata = MetaData()

schema = Table("service_schema", metadata, Column("version", Integer, nullable=False))

users = Table(
    "service_users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("password", Text),  # None until the invitation was accepted
    Column("created", Float, nullable=False),
    Column("limits", Text),  # JSON of what differs from the settings' limits
    Column("compute_seconds", Float, nullable=False, default=0.0),
)

invitations = Table(
    "service_invitations",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("service_users.id", ondelete="CASCADE")),  # None: the first user
    Column("expires", Float, nullable=False),
)

sessions = Table(
    "service_sessions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("user_id", ForeignKey("service_users.id", ondelete="CASCADE"), nullable=False),
    Column("created", Float, nullable=False),
    Column("expires", Float, nullable=False),
)

tokens = Table(
    "service_tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("service_users.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(64), nullable=False),
    Column("hash", String(64), nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("created", Float, nullable=False),
    Column("expires", Float, nullable=False),
)

audit = Table(
    "service_audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Float, nullable=False),
    Column("user", String(64), nullable=False),  # the name: it outlives the user
    Column("action", String(64), nullable=False),
    Column("object", String(256), nullable=False),
    Column("address", String(64), nullable=False),
)

datasets = Table(
    "service_datasets",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("owner", ForeignKey("service_users.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("bytes", BigInteger, nullable=False),
    Column("created", Float, nullable=False),
    UniqueConstraint("owner", "name"),
)

searches = Table(
    "service_searches",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("owner", ForeignKey("service_users.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("dataset_id", ForeignKey("service_datasets.id", ondelete="SET NULL")),
    Column("dataset", String(100), nullable=False),
    Column("options", Text, nullable=False),  # JSON
    Column("priority", Integer, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("wanted", String(16)),  # what a running search is to become
    Column("attempt", Integer, nullable=False),  # counts its processes
    Column("crashes", Integer, nullable=False),  # processes in a row that ended without a word
    Column("error", Text),
    Column("created", Float, nullable=False),
    Column("queued", Float, nullable=False),
    Column("started", Float),
    Column("ended", Float),
    Column("compute_seconds", Float, nullable=False),
    Column("key", String(256)),  # the client's Idempotency-Key
    Column("key_digest", String(64)),  # SHA-256 of what came with it
    UniqueConstraint("owner", "key"),
)


models = Table(
    "service_models",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("owner", ForeignKey("service_users.id"), nullable=False),
    Column("name", String(100), nullable=False),
    Column("created", Float, nullable=False),
    Column("last", Integer, nullable=False),  # its newest version: no number is given twice
    UniqueConstraint("owner", "name"),
)

versions = Table(
    "service_model_versions",
    metadata,
    Column("model_id", ForeignKey("service_models.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("search", String(16), nullable=False),  # its id, which outlives the search
    Column("sha256", String(64), nullable=False),  # of its model.json, which names all files
    Column("signature", Text, nullable=False),  # JSON
    Column("created", Float, nullable=False),
)

promotions = Table(
    "service_model_promotions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("model_id", ForeignKey("service_models.id", ondelete="CASCADE"), nullable=False),
    Column("alias", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", Float, nullable=False),
)


class Database:
    """The tables in one database.

    Parameters
    ----------
    url : str
        SQLAlchemy's.

    Raises
    ------
    ConfigError
        When it cannot be opened, or its schema is newer than this version of automl.
    """

    def __init__(self, url: str) -> None:
        try:
            self.engine = create_engine(url)
            self._reading = self.engine.execution_options(isolation_level=EACH_FOR_ITSELF)
            if self.engine.dialect.name == "sqlite":
                _prepare_sqlite(self.engine)
            self._open()
        except (SQLAlchemyError, ArgumentError, ImportError) as error:
            reason = without_secrets(str(getattr(error, "orig", None) or error), url)
            line = reason.strip().splitlines()[0] if reason.strip() else type(error).__name__
            raise ConfigError(
                f"--database {public_url(url)}: cannot be opened: {line:.160}"
            ) from None

    def _open(self) -> None:
        with self.write() as connection:
            is_new = not inspect(connection).has_table(schema.name)
            if is_new:
                metadata.create_all(connection)
                connection.execute(insert(schema).values(version=SCHEMA_VERSION))
                return
            version = connection.execute(select(schema.c.version)).scalar_one()
            if version > SCHEMA_VERSION:
                raise ConfigError(
                    f"--database: its schema has version {version}, and this automl knows"
                    f" {SCHEMA_VERSION}; use the newer automl that has written it"
                )
            for step in range(version, SCHEMA_VERSION):
                for statement in UPGRADES[step]:
                    connection.execute(text(statement))
            metadata.create_all(connection)
            connection.execute(update(schema).values(version=SCHEMA_VERSION))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Yield a connection to read with; each statement sees what is there then."""
        with self._reading.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Yield a connection whose statements are one transaction, with no other writer beside.

        What is counted in it, such as the bytes of a user, is what there is until it ends.
        """
        with self.engine.begin() as connection:
            if self.engine.dialect.name == "postgresql":  # SQLite has one writer anyway
                connection.execute(select(func.pg_advisory_xact_lock(ONE_WRITER)))
            yield connection

    def close(self) -> None:
        """Close its connections."""
        self.engine.dispose()


def is_new(connection: Connection) -> bool:
    """Return whether nobody has ever used this database.

    What lies in a root beside such a database belongs to another one, which may be named wrongly
    or not be restored yet: it must not be swept as if a kill had left it.
    """
    return connection.execute(select(users.c.id).limit(1)).first() is None


def _prepare_sqlite(engine: Engine) -> None:
    """Let readers and a writer go together, and a second writer wait for the first."""

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: object) -> None:
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_MILLISECONDS}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        # sqlite3 would begin with the first write, and fail where a read came before.
        if connection.get_execution_options().get("isolation_level") != EACH_FOR_ITSELF:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
