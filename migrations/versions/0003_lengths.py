"""Texts have the same lengths on every database: SQLite's columns have none.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LENGTHS = {
    "user": {"username": 64, "username_key": 64, "email": 120, "about_me": 140},
    "post": {"body": 140},
}


def upgrade():
    refuse_too_long()
    for name, lengths in LENGTHS.items():
        with op.batch_alter_table(
            name, table_kwargs={"sqlite_autoincrement": True}
        ) as table:
            for column, length in lengths.items():
                table.create_check_constraint(
                    f"{column}_length", f"length({column}) <= {length}"
                )


def refuse_too_long():
    """End the migration, before it changes anything, with what is too long."""
    too_long = [
        f"{column} of {name} {key}"
        for name, lengths in LENGTHS.items()
        for column, length in lengths.items()
        for key in op.get_bind().scalars(longer(name, column, length))
    ]
    if too_long:
        raise SystemExit(
            "These texts are too long from now on; shorten each, "
            f"then upgrade again: {', '.join(too_long)}"
        )


def longer(name, column, length):
    """The query for the ids of the rows whose text is longer."""
    table = sa.table(name, sa.column("id"), sa.column(column))
    return sa.select(table.c.id).where(sa.func.length(table.c[column]) > length)


def downgrade():
    for name, lengths in LENGTHS.items():
        with op.batch_alter_table(
            name, table_kwargs={"sqlite_autoincrement": True}
        ) as table:
            for column in lengths:
                table.drop_constraint(f"{column}_length", type_="check")
