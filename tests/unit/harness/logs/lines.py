"""Lines of a log, as the chapter's format makes them."""

TIME = "2026-11-22 10:00:00,123"


def line(message: str, level: str = "INFO") -> str:
    """Return the line of a record."""
    return f"{TIME} {level}: {message} [in /app/x.py:1]\n"
