"""The target's database, through the target's own engine."""

import json
import os
import pickle
import sqlite3


def engine(app):
    """Return the target's engine (Flask-SQLAlchemy 2 and 3)."""
    extension = app.extensions["sqlalchemy"]
    return getattr(extension, "db", extension).engine


def execute(app, sql):
    """Run a statement and return its rows, None if it returns none."""
    connection = engine(app).raw_connection()
    try:
        cursor = connection.cursor()
        if dialect(app) == "sqlite":
            # A connection notices only when it reads that another one has changed the
            # schema; CREATE and DROP TRIGGER would use an outdated one.
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
    """Return the name of the dialect: "sqlite" or "postgresql"."""
    return engine(app).dialect.name


def create_all(app):
    """Create the tables of the models, for a target without usable migrations."""
    extension = app.extensions["sqlalchemy"]
    getattr(extension, "db", extension).create_all()


def snapshot(app, path):
    """Save everything that is stored to the file *path*."""
    connection = engine(app).raw_connection()
    try:
        if dialect(app) == "sqlite":
            save_file(connection, path)
        else:
            save_rows(app, connection, path)
    finally:
        connection.close()


def restore(app, path):
    """Replace everything that is stored by what `snapshot` saved."""
    connection = engine(app).raw_connection()
    try:
        if dialect(app) == "sqlite":
            restore_file(connection, path)
        else:
            restore_rows(app, connection, path)
    finally:
        connection.close()


def driver(connection):
    """Return the driver's connection in a pooled one (SQLAlchemy 1.3 to 2)."""
    return getattr(connection, "driver_connection", None) or connection.connection


def save_file(connection, path):
    """Copy a SQLite database to a file."""
    saved = sqlite3.connect(path)
    try:
        driver(connection).backup(saved)
    finally:
        saved.close()


def restore_file(connection, path):
    """Replace a SQLite database by a saved one, including its schema and triggers."""
    saved = sqlite3.connect(path)
    try:
        saved.backup(driver(connection))
    finally:
        saved.close()


def quoted(app, name):
    """Return an identifier quoted for the dialect."""
    return engine(app).dialect.identifier_preparer.quote_identifier(name)


def save_rows(app, connection, path):
    """Save the rows of every table to a file."""
    cursor = connection.cursor()
    saved = []
    for name, columns in tables(app):
        listed = ", ".join(quoted(app, column) for column in columns)
        cursor.execute(f"SELECT {listed} FROM {quoted(app, name)}")
        saved.append((name, listed, [tuple(row) for row in cursor.fetchall()]))
    with open(path + ".new", "wb") as file:
        pickle.dump(saved, file)
    os.replace(path + ".new", path)


def restore_rows(app, connection, path):
    """Replace all rows by the saved ones, in one transaction."""
    with open(path, "rb") as file:
        saved = pickle.load(file)
    cursor = connection.cursor()
    for name, _, _ in reversed(saved):
        cursor.execute(f"DELETE FROM {quoted(app, name)}")
    for name, listed, rows in saved:
        if rows:
            placeholders = ", ".join(["%s"] * len(rows[0]))
            insert = "INSERT INTO {} ({}) VALUES ({})"
            cursor.executemany(
                insert.format(quoted(app, name), listed, placeholders), rows
            )
    connection.commit()
