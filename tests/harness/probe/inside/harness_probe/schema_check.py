"""``python -m harness_probe.schema_check``: does the database fit the models?"""

import sys

from harness_probe import app, database


def missing():
    """Return the columns of the models that the database lacks."""
    extension = app.extensions["sqlalchemy"]
    metadata = getattr(extension, "db", extension).metadata
    there = dict(database.tables(app))
    lacking = []
    for table in metadata.sorted_tables:
        names = [column.name for column in table.columns]
        lacking += [
            f"{table.name}.{name}"
            for name in names
            if name not in there.get(table.name, ())
        ]
    return lacking


if __name__ == "__main__":
    with app.app_context():
        lacking = missing()
    sys.stdout.write("missing: {}\n".format(", ".join(lacking)) if lacking else "")
    sys.exit(1 if lacking else 0)
