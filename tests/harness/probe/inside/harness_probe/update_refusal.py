"""Lets the target's database itself refuse changes of a table, by a trigger.

The error is an OperationalError, as with a full disk: a view may well have an answer
of its own to an IntegrityError, which it takes for a name that somebody else took.
"""

from harness_probe.database import dialect, execute, quoted

MESSAGE = "refused by the harness"


def refuse_updates(app, table, columns):
    """Abort every UPDATE of *columns* of *table*, of any column if none is named."""
    of = " OF " + ", ".join(quoted(app, column) for column in columns)
    trigger = "CREATE TRIGGER harness_refuses BEFORE UPDATE{} ON {} ".format(
        of if columns else "", quoted(app, table)
    )
    if dialect(app) == "sqlite":
        # RAISE can only give an IntegrityError; a table that is not there is none.
        execute(app, trigger + "BEGIN SELECT 1 FROM " + quoted(app, MESSAGE) + "; END")
        return
    execute(
        app,
        "CREATE OR REPLACE FUNCTION harness_refuses() RETURNS trigger AS "
        "$$ BEGIN RAISE lock_not_available USING MESSAGE = '" + MESSAGE + "'; END $$ "
        "LANGUAGE plpgsql",
    )
    execute(app, trigger + "FOR EACH ROW EXECUTE FUNCTION harness_refuses()")


def allow_updates(app):
    """Take the trigger out, if it is there."""
    if dialect(app) == "sqlite":
        execute(app, "DROP TRIGGER IF EXISTS harness_refuses")
    else:
        execute(app, "DROP FUNCTION IF EXISTS harness_refuses() CASCADE")
