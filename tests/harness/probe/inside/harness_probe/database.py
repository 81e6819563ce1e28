"""The target's own database, through the engine that it made itself."""

import json
import os
import pickle
import sqlite3


def engine(app):
    """Return the target's engine (Flask-SQLAlchemy 2 and 3)."""
    extension = app.extensions["sqlalchemy"]
    return getattr(extension, "db", extension).engine


def execute(app, sql):
    """Run one statement; return its rows, None if it has none."""
    connection = engine(app).raw_connection()
    try:
        cursor = connection.cursor()
        if dialect(app) == "sqlite":
            # A connection learns by reading that another one has changed the schema;
            # CREATE and DROP TRIGGER alone would go by what it knew before.
            cursor.execute("SELECT count(*) FROM sqlite_master").fetchall()
        cursor.execute(sql)
        rows = cursor.fetchall() if cursor.description else None
        connection.commit()
        return json.loads(json.dumps(rows, default=str))
    finally:
        connection.close()


def tables(app):
    """Return the columns of each table, parents before their children."""
    from sqlalchemy import inspect

    inspector = inspect(engine(app))
    ordered = [name for name, _ in inspector.get_sorted_table_and_fkc_names() if name]
    return [
        [name, [column["name"] for column in inspector.get_columns(name)]]
        for name in ordered
    ]


def dialect(app):
    """Return the name of the database: sqlite, postgresql, ..."""
    return engine(app).dialect.name


def create_all(app):
    """Make the schema from the models, for a target without usable migrations."""
    extension = app.extensions["sqlalchemy"]
    getattr(extension, "db", extension).create_all()


def snapshot(app, path):
    """Keep all that is stored, in the file *path*."""
    connection = engine(app).raw_connection()
    try:
        if dialect(app) == "sqlite":
            keep_file(connection, path)
        else:
            keep_rows(app, connection, path)
    finally:
        connection.close()


def restore(app, path):
    """Bring back what :func:`snapshot` kept, and nothing else."""
    connection = engine(app).raw_connection()
    try:
        if dialect(app) == "sqlite":
            bring_back_file(connection, path)
        else:
            bring_back_rows(app, connection, path)
    finally:
        connection.close()


def driver(connection):
    """Return the driver's connection inside a pooled one (SQLAlchemy 1.3 to 2)."""
    return getattr(connection, "driver_connection", None) or connection.connection


def keep_file(connection, path):
    """Copy a SQLite database, page by page."""
    kept = sqlite3.connect(path)
    try:
        driver(connection).backup(kept)
    finally:
        kept.close()


def bring_back_file(connection, path):
    """Copy a kept SQLite database over the present one, schema and triggers too."""
    kept = sqlite3.connect(path)
    try:
        kept.backup(driver(connection))
    finally:
        kept.close()


def quoted(app, name):
    """Return a name as the dialect quotes it."""
    return engine(app).dialect.identifier_preparer.quote_identifier(name)


def keep_rows(app, connection, path):
    """Write the rows of every table to a file."""
    cursor = connection.cursor()
    kept = []
    for name, columns in tables(app):
        listed = ", ".join(quoted(app, column) for column in columns)
        cursor.execute(f"SELECT {listed} FROM {quoted(app, name)}")
        kept.append((name, listed, [tuple(row) for row in cursor.fetchall()]))
    with open(path + ".new", "wb") as file:
        pickle.dump(kept, file)
    os.replace(path + ".new", path)


def bring_back_rows(app, connection, path):
    """Put the kept rows in place of the present ones, in one transaction."""
    with open(path, "rb") as file:
        kept = pickle.load(file)
    cursor = connection.cursor()
    for name, _, _ in reversed(kept):
        cursor.execute(f"DELETE FROM {quoted(app, name)}")
    for name, listed, rows in kept:
        if rows:
            places = ", ".join(["%s"] * len(rows[0]))
            insert = "INSERT INTO {} ({}) VALUES ({})"
            cursor.executemany(insert.format(quoted(app, name), listed, places), rows)
    connection.commit()
