"""Makes the schema of a target, by its migrations or its models."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from tests.contract.target_errors import cannot_be_judged
from tests.harness.database.stores import SchemaFailed, make_schema
from tests.harness.target.command import run
from tests.harness.target.target import Target
from tests.harness.target.workplace import Workplace
from tests.harness.waiting import DeadlineExceeded

#: Makes the schema of a target in a folder; returns the error, or "" for success.
MakeSchema = Callable[[Target, Path], str]

MADE = "schema.db"
NO_SQLALCHEMY = "KeyError: 'sqlalchemy'"


def with_schema(
    target: Target, scratch: Path, make: MakeSchema | None = None
) -> tuple[Target, str]:
    """Return the target with a schema that fits its models, and where it is from.

    Args:
        target: The target.
        scratch: A folder for the schema's database.
        make: Makes a schema; by default `make_and_compare`.

    Raises:
        CannotBeJudged: Neither its migrations nor its models make one.
    """
    make = make or make_and_compare
    error = ""
    if (target.folder / "migrations").is_dir():
        made = replace(target, use_migrations=True)
        error = make(made, scratch / "migrations")
        if not error:
            return replace(made, schema=scratch / "migrations" / MADE), "its migrations"
    made = replace(target, use_migrations=False)
    failed = make(made, scratch / "models")
    if failed:
        if NO_SQLALCHEMY in failed:
            raise cannot_be_judged(
                "It does not use Flask-SQLAlchemy, as the chapter does, so its stored "
                "data cannot be read."
            )
        raise cannot_be_judged("The database schema cannot be created.", failed)
    why = "its migrations do not fit them" if error else "no migrations"
    return replace(made, schema=scratch / "models" / MADE), f"its models; {why}"


def make_and_compare(target: Target, folder: Path) -> str:
    """Make the schema; return the output if that fails or does not fit, else ""."""
    url = f"sqlite:///{folder / MADE}"
    try:
        make_schema(target, folder, url)
        if not target.use_migrations:
            return ""
        fits = run(
            Workplace(target, folder),
            "harness_probe.schema_check",
            env={**target.schema_env, "DATABASE_URL": url},
            probed=True,
        )
    except (SchemaFailed, DeadlineExceeded) as error:
        return str(error)
    return "" if fits.status == 0 else fits.output or "it ended"
