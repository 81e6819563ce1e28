"""The evidence that is gathered on a site after a failure."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.contract.evidence import Witness, gather, handler_evidence
from tests.contract.verdicts import Evidence
from tests.harness.probe.client import (
    AnsweredRequest,
    ErrorHandler,
    Handler,
    ProbeError,
    RaisedException,
)

MAILS = Handler(
    *("app", "SMTPHandler", ("SMTPHandler", "Handler"), "ERROR", None, None),
    arguments={"mailhost": "localhost", "secure": None},
    threshold="INFO",
)
WRITES = Handler(
    *("root", "RotatingFileHandler", ("RotatingFileHandler", "FileHandler")),
    *("INFO", "%(message)s", "/x/a.log"),
    arguments={"filename": "/x/a.log", "maxBytes": 10241, "backupCount": 10},
    threshold="WARNING",
)


@pytest.fixture
def site(tmp_path: Path) -> Any:
    """A site whose probe returns what a test sets."""
    probe = SimpleNamespace(
        journal=lambda since: [],
        handlers=lambda: [],
        other_handlers=lambda: [],
        error_handlers=lambda: [],
        imported=lambda: [],
    )
    return SimpleNamespace(
        code=tmp_path, probe=probe, output="", env={"MAIL_SERVER": "localhost"}
    )


def evidence_for(site: Any, identity: str) -> list[Evidence]:
    """Return the evidence for the failure of a behaviour."""
    return list(gather(Witness(site, identity, 7)))


def texts(site: Any, identity: str) -> list[str]:
    """Return the texts of that evidence."""
    return [each.text for each in evidence_for(site, identity)]


def answered(request: str, *sql: str, **values: Any) -> AnsweredRequest:
    """Return a request that was answered after these SQL statements."""
    status = values.pop("status", "302 FOUND")
    return AnsweredRequest(8.0, request, status, sql, values.pop("exceptions", ()))


def test_exception(site: Any) -> None:
    """An exception in a request of the test is evidence for any behaviour."""
    error = RaisedException("KeyError", "'x'", ((f"{site.code}/a.py", 3, "f", "x"),))
    failed = answered("GET /", exceptions=(error,), status="500 OH")
    site.probe.journal = lambda since: [failed] if since == 7 else []

    assert [(one.text, one.place) for one in evidence_for(site, "profile.page")] == [
        ("GET / answers 500: KeyError: 'x'", "a.py:3")
    ]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ([], "POST /me answered 302 FOUND and wrote nothing to the database"),
        (["SELECT 1", "COMMIT"], "POST /me answered 302 FOUND and wrote nothing to"),
        (
            ["UPDATE user SET a=?", "COMMIT", "ROLLBACK"],
            "POST /me answered 302 FOUND and sent UPDATE user SET a=?; COMMIT",
        ),
        (
            ["COMMIT", "insert into user", "ROLLBACK"],
            "POST /me answered 302 FOUND and sent insert into user; no COMMIT, so",
        ),
    ],
    ids=["nothing", "reads", "committed", "rolled-back"],
)
def test_writes(site: Any, sql: list[str], expected: str) -> None:
    """The evidence on a submitted form is what it wrote and whether it committed."""
    requests = [answered("GET /me"), answered("POST /x"), answered("POST /me", *sql)]
    site.probe.journal = lambda since: requests

    [text] = texts(site, "edit-profile.rename")

    assert text.startswith(expected)


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ("accounts.login-required", "POST /login is answered by sign_in()"),
        ("profile.about-me", "GET /me is answered by me()"),
        ("edit-profile.prefilled", "GET /me is answered by me()"),
        ("mail.credentials", ""),
    ],
)
def test_view(site: Any, identity: str, expected: str) -> None:
    """Without a better place, the view of the form or of the page is evidence."""
    views = [
        ("POST /login", (f"{site.code}/views.py", 8, "sign_in", "def sign_in():")),
        ("GET /me", (f"{site.code}/views.py", 20, "me", "def me():")),
        ("GET /static/x", ("/flask/app.py", 9, "static", "def static():")),
        ("GET /nowhere", None),
    ]
    site.env = {}
    site.probe.journal = lambda since: [
        replace(answered(request), view=view) for request, view in views
    ]

    found = [one for one in evidence_for(site, identity) if "answered by" in one.text]

    assert [one.text for one in found] == ([expected] if expected else [])
    assert all(one.place.startswith("views.py:") for one in found)


FORM = """\
class EditProfileForm(FlaskForm):
    username = StringField('Name', validators=[DataRequired()])
    about_me = TextAreaField('About')
"""
VALIDATOR = "def validate_username(self, field):\n    pass\n"
INDENTED = "    def validate_username(self, field):\n        pass\n"


@pytest.mark.parametrize(
    ("source", "text", "line"),
    [
        (FORM, "EditProfileForm has no validate_username()", 1),
        (
            FORM + VALIDATOR,
            "validate_username() is outside its class, so no form calls it: see its "
            "indentation",
            4,
        ),
        (
            FORM + VALIDATOR.replace("username", "email"),
            "EditProfileForm has no validate_username()",
            1,
        ),
        (FORM + INDENTED, "", 0),
        (FORM.replace("DataRequired()", "DataRequired(), Unique(User)"), "", 0),
        (FORM.replace("(FlaskForm", "(Base") + f"class Base:\n{INDENTED}", "", 0),
        (FORM.replace("about_me", "text"), "", 0),
        (FORM.replace("StringField(", "db.Column("), "", 0),
        ("def broken(:\n", "", 0),
    ],
    ids=[
        "none",
        "outside",
        "another-outside",
        "method",
        "other",
        "inherited",
        "another-form",
        "model",
        "broken",
    ],
)
def test_missing_validator(site: Any, source: str, text: str, line: int) -> None:
    """A form without a validator for a taken name is named, with its line."""
    (site.code / "forms.py").write_text(source)
    library = site.code / "venv" / "site-packages"
    library.mkdir(parents=True)
    (library / "forms.py").write_text(FORM)
    names = {"username": ("username",), "about_me": ("about_me",)}
    sitemap = SimpleNamespace(fields=names)
    target = SimpleNamespace(sitemap=sitemap)
    site.workplace = SimpleNamespace(target=target)

    found = evidence_for(site, "edit-profile.taken-name")

    assert [(one.text, one.place) for one in found] == (
        [(text, f"forms.py:{line}")] if text else []
    )


def test_no_form_was_sent(site: Any) -> None:
    """Requests without a submitted form are not evidence on forms."""
    site.probe.journal = lambda since: [answered("GET /me", status="")]

    assert texts(site, "edit-profile.unchanged-name-asks-nothing") == []


def test_reads(site: Any) -> None:
    """The evidence of a needless query is the query."""
    post = answered("POST /me", "SELECT a", "UPDATE b", status="")
    site.probe.journal = lambda since: [post]

    assert "POST /me sent SELECT a" in texts(
        site, "edit-profile.unchanged-name-asks-nothing"
    )


def test_mail_handler(site: Any) -> None:
    """The evidence of a failed mail is the handler's arguments and its line."""
    site.probe.handlers = lambda: [
        replace(MAILS, added_at=(f"{site.code}/a.py", 9, "add(x)"))
    ]

    assert evidence_for(site, "mail.starttls") == [
        Evidence(
            "SMTPHandler(mailhost='localhost', secure=None, format=None, level='ERROR')"
            " is added to app.logger, which takes records from INFO on",
            *("a.py", 9, "add(x)"),
        )
    ]


def test_no_mail_handler(site: Any) -> None:
    """If no handler mails, the evidence lists the handlers that there are."""
    site.probe.handlers = lambda: [WRITES]
    assert texts(site, "mail.starttls") == [
        "No handler of app.logger mails; it has RotatingFileHandler"
    ]

    site.env = {}
    assert texts(site, "mail.starttls") == []


@pytest.mark.parametrize(
    ("source", "place"), [("", ""), ("SERVER = 'mail.example'\n", "config.py:1")]
)
def test_another_mail_server(site: Any, source: str, place: str) -> None:
    """A mail server that is written in the code is named, with its line if known."""
    (site.code / "config.py").write_text(source)
    site.probe.handlers = lambda: [
        replace(MAILS, arguments={"mailhost": "mail.example"})
    ]

    [found] = [one for one in evidence_for(site, "mail.starttls") if one.key]

    assert found.text == "It mails to mail.example, though MAIL_SERVER is localhost"
    assert found.place == place


def test_handler_of_another_logger(site: Any) -> None:
    """If only another logger has a handler that mails, the evidence is its line."""
    site.probe.handlers = lambda: [WRITES]
    other = replace(MAILS, logger="blog", added_at=(f"{site.code}/a.py", 9, "add(x)"))
    site.probe.other_handlers = lambda: [replace(WRITES, logger="alembic"), other]

    assert evidence_for(site, "mail.starttls") == [
        Evidence(
            "SMTPHandler is added to the logger 'blog', which gets no record of "
            "app.logger",
            *("a.py", 9, "add(x)"),
            key="no SMTPHandler",
        )
    ]


def test_administrator_without_address(site: Any) -> None:
    """An administrator whose address is not set is named, with the setting."""
    (site.code / "a.py").write_text("to = app.config['ADMINS']\n")
    (site.code / "config.py").write_text("ADMINS = [os.environ.get('EDITOR')]\n")
    unset = {"mailhost": "localhost", "toaddrs": [None, "b@example.org"]}
    site.probe.handlers = lambda: [replace(MAILS, arguments=unset)]

    found, *_ = evidence_for(site, "mail.error-is-mailed")

    assert found.text.startswith("ADMINS has None in place of an address")
    assert (found.place, bool(found.key)) == ("config.py:1", True)


def test_no_file_handler(site: Any) -> None:
    """A missing file handler is evidence, except in debug mode."""
    assert texts(site, "log.file") == [
        "No handler of app.logger writes to a file; it has none"
    ]

    site.env = {"FLASK_DEBUG": "1"}
    assert texts(site, "log.off-in-debug") == []


def test_file_of_a_handler(site: Any) -> None:
    """The file of a handler is shown relative to the target's folder."""
    inside = {**WRITES.arguments, "filename": f"{site.code}/logs/a.log"}

    expected = handler_evidence(replace(WRITES, arguments=inside), site.code).text

    assert "filename='logs/a.log'" in expected
    assert "added to the root logger, which takes records from WARNING on" in expected
    assert "'/x/a.log'" in handler_evidence(WRITES, site.code).text


def test_deviation(site: Any) -> None:
    """An argument that differs from the chapter's comes first and is the cause."""
    site.probe.handlers = lambda: [MAILS, WRITES]

    first, *_ = evidence_for(site, "rotation.threshold")

    assert first.text == "RotatingFileHandler: maxBytes is 10241, in the chapter 10240"
    assert first.key == "FileHandler maxBytes"
    assert texts(site, "log.level")[0] == (
        "RotatingFileHandler: the level of its logger is 'WARNING', in the chapter "
        "'INFO'"
    )
    assert len(evidence_for(site, "rotation.ten-backups")) == 1


def test_logging_error(site: Any) -> None:
    """An exception in a handler is evidence, with the line that added the handler."""
    site.probe.handlers = lambda: [
        replace(MAILS, added_at=(f"{site.code}/a.py", 9, "add(x)")),
        WRITES,
    ]
    site.output = (
        "--- Logging error ---\nTraceback (most recent call last):\n"
        '  File "/lib/smtplib.py", line 2, in emit\n    smtp.starttls(*self.secure)\n'
        'TypeError: not iterable\nCall stack:\n  File "/x.py", line 1, in y\n'
    )

    first, *_ = evidence_for(site, "mail.starttls")

    assert (first.text, first.place) == (
        *("A logging handler raises TypeError: not iterable", "a.py:9"),
    )
    site.output = (
        "--- Logging error ---\nTraceback (most recent call last):\n"
        '  File "/lib/logging/handlers.py", line 2, in emit\n'
        "    msg['Subject'] = self.getSubject(record)\n"
        '  File "/lib/email/message.py", line 4, in __setitem__\n'
        "TypeError: expected string\n"
    )
    assert evidence_for(site, "mail.starttls")[0].place == "a.py:9"
    assert all("raises" not in text for text in texts(site, "log.format"))
    site.output = "--- Logging error ---\n"
    assert all("raises" not in text for text in texts(site, "mail.starttls"))


def test_handler_for_every_exception(site: Any) -> None:
    """An error handler for Exception is evidence, since it hides the error."""
    catch_all = ErrorHandler(None, "Exception", "oops", f"{site.code}/e.py", 4)
    site.probe.error_handlers = lambda: [catch_all]

    [found, _] = evidence_for(site, "mail.error-is-mailed")

    assert found.text.startswith("oops() is registered for Exception, not for 500")
    assert (found.place, found.key) == ("e.py:4", "handler for Exception")
    site.probe.error_handlers = lambda: [replace(catch_all, file="")]
    assert evidence_for(site, "errors.500-page")[0].place == ""


def test_error_handler(site: Any) -> None:
    """The evidence of a failed error page is its error handler and its line."""
    (site.code / "e.py").write_text("\n\n\n@app.errorhandler(404)\n")
    site.probe.error_handlers = lambda: [
        ErrorHandler(404, "NotFound", "lost", f"{site.code}/e.py", 4),
        ErrorHandler(500, "InternalServerError", "oops", "/elsewhere.py", 4),
    ]

    assert [(one.text, one.place) for one in evidence_for(site, "errors.404-page")] == [
        ("404 is answered by lost()", "e.py:4")
    ]
    assert evidence_for(site, "errors.404-page")[0].source == "@app.errorhandler(404)"
    assert [(one.text, one.place) for one in evidence_for(site, "errors.500-page")] == [
        ("500 is answered by oops()", "")
    ]


def test_error_handler_that_rolls_back(site: Any) -> None:
    """The evidence of a failed rollback is the handler for 500."""
    site.probe.error_handlers = lambda: [
        ErrorHandler(404, "NotFound", "lost", f"{site.code}/e.py", 4),
        ErrorHandler(500, "InternalServerError", "oops", f"{site.code}/e.py", 9),
    ]

    places = [
        one.place for one in evidence_for(site, "rollback.page-after-failed-flush")
    ]

    assert places == ["e.py:9"]


def test_no_error_handler(site: Any) -> None:
    """Missing error handlers are evidence of a failed error page."""
    assert texts(site, "errors.404-page") == [
        "No function is registered for 404 and 500"
    ]


def test_error_handlers_that_are_not_imported(site: Any) -> None:
    """Error handlers in a module that nothing imports are evidence."""
    imported, forgotten = site.code / "a.py", site.code / "errors.py"
    imported.write_text("@app.errorhandler(403)\n")
    forgotten.write_text("import flask\n@bp.app_errorhandler(404)\n")
    site.probe.imported = lambda: [str(imported)]

    [found] = evidence_for(site, "errors.500-page")

    assert found.text == "errors.py registers functions for errors; nothing imports it"
    assert (found.place, found.source) == ("errors.py:2", "@bp.app_errorhandler(404)")


def test_site_that_has_ended(site: Any) -> None:
    """If the probe fails, the evidence that needs no probe remains."""

    def refuse() -> Iterator[Handler]:
        raise ProbeError("away")

    site.probe.handlers = refuse
    site.probe.journal = lambda since: [answered("POST /x")]

    assert texts(site, "mail.starttls") == []
    assert len(texts(site, "accounts.register")) == 1
