"""What the models' base gives to every table."""

import re

from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from app.models import User
from tests.harness.plugin.behaviour import behaviour


@behaviour("data.migrations")
def test_names_of_constraints() -> None:
    """Constraints have names, by which migrations can drop them."""
    dialect = postgresql.dialect()
    statements = [
        str(CreateTable(table).compile(dialect=dialect))
        for table in User.metadata.sorted_tables
    ]

    names = re.findall(r"CONSTRAINT (\w+)", "".join(statements))
    assert sorted(names) == [
        *("ck_post_body_length", "ck_user_about_me_length", "ck_user_email_length"),
        *("ck_user_username_key_length", "ck_user_username_length"),
        *("fk_post_user_id_user", "pk_post", "pk_user"),
        *("uq_user_email", "uq_user_username_key"),
    ]
