"""Names are unique in the form in which they are compared.

Revision ID: 0002
Revises: 0001
"""

from collections import defaultdict

import sqlalchemy as sa
from alembic import op

from app.usernames import is_username, username_key

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

user = sa.table(
    "user", sa.column("id"), sa.column("username"), sa.column("username_key")
)


def upgrade():
    connection = op.get_bind()
    users = sa.select(user.c.id, user.c.username).order_by(user.c.id)
    names = dict(connection.execute(users).all())
    refuse_impossible(names.values())
    refuse_collisions(names.values())
    op.add_column("user", sa.Column("username_key", sa.String(64)))
    for user_id, name in names.items():
        connection.execute(
            sa.update(user)
            .where(user.c.id == user_id)
            .values(username_key=username_key(name))
        )
    with op.batch_alter_table(
        "user", table_kwargs={"sqlite_autoincrement": True}
    ) as table:
        table.alter_column("username_key", existing_type=sa.String(64), nullable=False)
        table.create_unique_constraint("uq_user_username_key", ["username_key"])
        table.drop_constraint("uq_user_username", type_="unique")


def refuse_impossible(names):
    """End the migration, before it changes anything, with names that lock one out."""
    impossible = [name for name in names if not is_username(name)]
    if impossible:
        raise SystemExit(
            "These names cannot be names from now on; rename each, "
            f"then upgrade again: {', '.join(map(repr, impossible))}"
        )


def refuse_collisions(names):
    """End the migration, before it changes anything, with the names that are one."""
    spellings = defaultdict(list)
    for name in names:
        spellings[username_key(name)].append(name)
    several = [
        ", ".join(map(repr, group)) for group in spellings.values() if len(group) > 1
    ]
    if several:
        raise SystemExit(
            "These names are one name from now on; rename all but one of each, "
            f"then upgrade again: {'; '.join(several)}"
        )


def downgrade():
    with op.batch_alter_table(
        "user", table_kwargs={"sqlite_autoincrement": True}
    ) as table:
        table.create_unique_constraint("uq_user_username", ["username"])
        table.drop_constraint("uq_user_username_key", type_="unique")
        table.drop_column("username_key")
