"""The messages on targets that cannot be judged."""

import pytest

from tests.contract.target_errors import cannot_be_judged, explain, last_output

TRACE = """\
 * Serving Flask app 'harness_probe'
WARNING: This is a development server. Do not use it in a production deployment.
Press CTRL+C to quit
Traceback (most recent call last):
  File "/site-packages/flask/app.py", line 9, in run
    self.run()
    ^^^^^^^^^^
  File "/tmp/x/target/app/models.py", line 3, in <module>
    import flask_moment
127.0.0.1 - - [22/Nov/2026 16:49:23] "GET / HTTP/1.1" 500 -
ModuleNotFoundError: No module named 'flask_moment'
harness-probe: the target cannot be imported: ModuleNotFoundError: it
"""


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        (
            "ImportError: cannot import name 'url_parse' from 'werkzeug.urls'",
            "Werkzeug<3",
        ),
        ("ImportError: cannot import name 'safe_str_cmp' from 'x'", "Werkzeug<2.1"),
        ("ModuleNotFoundError: No module named 'flask.ext'", "Flask<1"),
        ("ImportError: cannot import name 'Markup' from 'flask'", "Flask<3"),
        ("AttributeError: 'Flask' has no 'before_first_request'", "Flask<2.3"),
        (
            "GET / answers 500: TypeError: Q.paginate() takes 1 positional argument",
            "Flask-SQLAlchemy 3.0 removed this",
        ),
        ("ModuleNotFoundError: No module named 'redis'", "package redis is missing"),
        ("ImportError: No module named dotenv", "-m pip install 'python-dotenv'"),
        ("ModuleNotFoundError: No module named 'app.form'", "no module app.form in"),
        ("ModuleNotFoundError: No module named 'config'", "no module config in the"),
        ("TabError: inconsistent use", "tabs and spaces are mixed"),
        ("SyntaxError: invalid syntax", "cannot parse the source: invalid syntax. C"),
        (
            "jinja2.exceptions.TemplateSyntaxError: x.\n",
            "cannot parse a template: x. Correct",
        ),
        ("jinja2.exceptions.TemplateNotFound: a.html", "no template a.html in"),
        ("Exception: Install 'email_validator' for email support", "email-validator"),
        ("PermissionError: [Errno 13] /x", "no permission to read or write"),
        ("KeyError: 'API_KEY'", "--target-env API_KEY=VALUE"),
        (
            "    url = app.config.get('SEARCH_URL', '').strip()\n"
            "AttributeError: 'NoneType' object has no attribute 'strip'",
            "SEARCH_URL is not set: set it with --target-env SEARCH_URL=VALUE.",
        ),
        ("ModuleNotFoundError: No module named 'distutils'", "(Python 3.11)"),
        (
            "ImportError: cannot import name 'decodestring' from 'base64' "
            "(/usr/lib/python3.11/base64.py)",
            "A newer Python removed this. Use its replacement, or an environment that "
            "still has it (Python 3.8): --target-python.",
        ),
    ],
)
def test_explained(output: str, advice: str) -> None:
    """A well-known error is explained with what to try."""
    assert advice in explain(output)


def test_nothing_to_explain() -> None:
    """An unknown error is not explained."""
    assert explain("ValueError: 3") == ""


def test_setting_that_a_package_misses() -> None:
    """A setting that is not set is named where a package fails over it, too."""
    output = (
        "Traceback (most recent call last):\n"
        '  File "/tmp/x/target/app.py", line 44, in create_app\n'
        "    app.queue = connect(app.config['QUEUE_URL'])\n"
        '  File "/usr/lib/site-packages/queue.py", line 9, in connect\n'
        "    url.startswith('queue:')\n"
        "AttributeError: 'NoneType' object has no attribute 'startswith'\n"
    )

    assert "--target-env QUEUE_URL=VALUE" in str(cannot_be_judged("It fails.", output))


def test_last_output() -> None:
    """A shortened stack trace keeps the target's own frames, relative to its folder."""
    assert last_output(TRACE).splitlines() == [
        "    Traceback (most recent call last):",
        '      File "app/models.py", line 3, in <module>',
        "        import flask_moment",
        "    ModuleNotFoundError: No module named 'flask_moment'",
    ]


def test_message() -> None:
    """The message has the problem, the last output and the advice."""
    message = str(cannot_be_judged("It died.", "ValueError: 3", "Try again."))

    assert message == "It died.\nLast output:\n    ValueError: 3\nTry again."


def test_message_without_output() -> None:
    """A message without output has no section for it."""
    assert str(cannot_be_judged("It died.")) == "It died."


def test_colours_are_no_words() -> None:
    """The coloured banner of a development server is left out of the last output."""
    assert last_output("\x1b[33mPress CTRL+C to quit\x1b[0m\nno disk") == "    no disk"


def test_what_the_harness_logged_are_no_words() -> None:
    """The log records of the harness are left out of the last output."""
    assert last_output("no disk\n[12:00] ERROR: harness fence 1-2-3") == "    no disk"
