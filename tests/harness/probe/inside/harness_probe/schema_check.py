"""``python -m harness_probe.schema_check``: compare the database with the models."""

import sys

from harness_probe import app, database


def missing():
    """Return the columns of the models that the database lacks."""
    extension = app.extensions["sqlalchemy"]
    metadata = getattr(extension, "db", extension).metadata
    tables = dict(database.tables(app))
    return [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.name not in tables.get(table.name, ())
    ]


if __name__ == "__main__":
    with app.app_context():
        columns = missing()
    sys.stdout.write("missing: {}\n".format(", ".join(columns)) if columns else "")
    sys.exit(1 if columns else 0)
