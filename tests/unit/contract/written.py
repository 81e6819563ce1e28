"""Forms and controls as HTML snippets."""

from tests.harness.http.form import Form
from tests.harness.http.page import Page

PASSWORD = "<input type=password name=password>"
NAME = "<input name=username>"
MAIL = "<input type=email name=email>"
AGAIN = "<input type=password name=password2>"


def form(*controls: str) -> Form:
    """Return a form with these controls."""
    html = f"<form method=post>{''.join(controls)}</form>"
    return Page(200, "http://127.0.0.1/", {}, html.encode()).forms[0]
