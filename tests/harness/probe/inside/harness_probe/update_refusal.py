"""Makes the target's database refuse updates of a table, by a trigger.

The error is an OperationalError, as with a full disk. A view may handle an
IntegrityError itself, as one from a username that was taken concurrently.
"""

from harness_probe.database import dialect, execute, quoted

MESSAGE = "refused by the harness"


def refuse_updates(app, table, columns):
    """Abort every UPDATE of a table, or only those of some columns."""
    of = " OF " + ", ".join(quoted(app, column) for column in columns)
    trigger = "CREATE TRIGGER harness_refuses BEFORE UPDATE{} ON {} ".format(
        of if columns else "", quoted(app, table)
    )
    if dialect(app) == "sqlite":
        # RAISE makes an IntegrityError, but selecting from a missing table does not.
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
    """Remove the trigger, if it exists."""
    if dialect(app) == "sqlite":
        execute(app, "DROP TRIGGER IF EXISTS harness_refuses")
    else:
        execute(app, "DROP FUNCTION IF EXISTS harness_refuses() CASCADE")
