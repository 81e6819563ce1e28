"""The schema and its migrations, as `flask db` runs them."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, create_engine, inspect, text

from tests.harness.plugin.behaviour import behaviour
from tests.harness.probe.client import ProbeError
from tests.harness.server.site import Site
from tests.harness.target.command import CompletedCommand
from tests.harness.target.workplace import Workplace

Flask = Callable[..., CompletedCommand]

INSERT = text(
    'INSERT INTO "user" (username, email, password_hash, last_seen) '
    "VALUES (:name, :name, '!', '2020-01-01 00:00:00')"
)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine for the test's migrated database."""
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


def add_users(engine: Engine, *names: str) -> None:
    """Store users in the columns of the first schema."""
    with engine.begin() as connection:
        connection.execute(INSERT, [{"name": name} for name in names])


@behaviour("data.migrations")
def test_migrations_make_the_models(flask: Flask) -> None:
    """The migrations create exactly the schema of the models."""
    done = flask("db", "check")

    assert done.status == 0, done.output
    assert "No new upgrade operations detected" in done.output


@behaviour("data.migrations")
def test_migrations_are_found(flask: Flask, workplace: Workplace) -> None:
    """The migrations are found from any current directory."""
    elsewhere = workplace.folder / "elsewhere"
    elsewhere.mkdir()

    done = flask("db", "check", cwd=elsewhere)

    assert done.status == 0, done.output


@behaviour("data.migrations")
def test_migrations_can_be_undone(flask: Flask, engine: Engine) -> None:
    """Each migration can be undone on its own, and made again."""
    schemas = [schema(engine)]
    while schemas[-1]:
        undone = flask("db", "downgrade")
        assert undone.status == 0, undone.output
        schemas.append(schema(engine))

    for before in reversed(schemas[:-1]):
        made = flask("db", "upgrade", "+1")
        assert made.status == 0, made.output
        assert schema(engine) == before
    assert len(schemas) > 2


def schema(engine: Engine) -> dict[str, object]:
    """Return the columns, indexes and constraints of each table of the microblog."""
    inspector = inspect(engine)
    return {
        table: (
            [
                (each["name"], str(each["type"]))
                for each in inspector.get_columns(table)
            ],
            sorted(map(str, inspector.get_indexes(table))),
            sorted(map(str, inspector.get_check_constraints(table))),
            sorted(map(str, inspector.get_unique_constraints(table))),
        )
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def newest(engine: Engine) -> int:
    """Return the id of the newest user."""
    with engine.connect() as connection:
        return int(connection.execute(text('SELECT max(id) FROM "user"')).scalar_one())


@behaviour("security.session-of-deleted-user")
@pytest.mark.parametrize(
    "way",
    [
        pytest.param([("downgrade", "base"), ("upgrade", "0001")], id="made"),
        pytest.param([("downgrade", "0001")], id="gone-back-to"),
    ],
)
def test_first_schema_reuses_no_id(
    flask: Flask, engine: Engine, way: list[tuple[str, str]]
) -> None:
    """In the first schema too, the id of a deleted user is not reused."""
    for step in way:
        flask("db", *step)
    add_users(engine, "susan")
    gone = newest(engine)
    with engine.begin() as connection:
        connection.execute(text('DELETE FROM "user"'))

    add_users(engine, "john")

    assert newest(engine) > gone


@behaviour("data.lengths")
@pytest.mark.parametrize(
    ("table", "column", "length"),
    [
        *(("user", "username", 64), ("user", "username_key", 64)),
        *(("user", "email", 120), ("user", "about_me", 140), ("post", "body", 140)),
    ],
)
def test_lengths(site: Site, table: str, column: str, length: int) -> None:
    """The database stores texts up to their maximum length, and no longer ones."""
    site.probe.sql(
        "INSERT INTO post (body, timestamp, user_id) "
        "SELECT 'a post', last_seen, id FROM \"user\" WHERE username = 'susan'"
    )
    change = f"UPDATE \"{table}\" SET {column} = '{{}}' WHERE id = (SELECT min(id) "
    change += f'FROM "{table}")'

    with pytest.raises(ProbeError):
        site.probe.sql(change.format("é" * (length + 1)))
    site.probe.sql(change.format("é" * length))


@behaviour("edit-profile.same-name-other-spelling")
def test_migration_carries_users_over(flask: Flask, engine: Engine) -> None:
    """The migrations keep users of the first schema and their posts."""
    flask("db", "downgrade", "0001")
    add_users(engine, "susan", " ｊｏｈｎ")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO post (body, timestamp, user_id) "
                "SELECT 'kept', last_seen, id FROM \"user\""
            )
        )

    done = flask("db", "upgrade")

    assert done.status == 0, done.output
    with engine.connect() as connection:
        keys = connection.execute(text('SELECT username_key FROM "user" ORDER BY id'))
        posts = connection.execute(text("SELECT count(*) FROM post"))
        assert keys.scalars().all() == ["susan", "john"]
        assert posts.scalar() == 2


@behaviour("edit-profile.same-name-other-spelling")
def test_migration_names_collisions(flask: Flask, engine: Engine) -> None:
    """Two stored spellings of one name stop the migration, which lists them."""
    flask("db", "downgrade", "0001")
    add_users(engine, "susan", "Susan", "john")

    stopped = flask("db", "upgrade")

    assert stopped.status != 0
    assert "'susan', 'Susan'" in stopped.last_line
    assert "Traceback" not in stopped.output
    with engine.connect() as connection:
        names = connection.execute(text('SELECT username FROM "user" ORDER BY id'))
        assert names.scalars().all() == ["susan", "Susan", "john"]


def test_sql_cannot_be_printed(flask: Flask) -> None:
    """Printing the migrations as SQL is refused with one line."""
    stopped = flask("db", "upgrade", "--sql")

    assert stopped.status != 0
    assert stopped.last_line.startswith("--sql is not possible")


@behaviour("config.from-environment")
def test_seed_fills_the_configured_database(flask: Flask, engine: Engine) -> None:
    """`flask seed` fills the database that DATABASE_URL names."""
    done = flask("seed")

    assert done.status == 0, done.output
    with engine.connect() as connection:
        assert connection.execute(text('SELECT count(*) FROM "user"')).scalar() == 3
