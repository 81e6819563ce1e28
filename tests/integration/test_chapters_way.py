"""The chapter's handlers in place of ours: their measured faults turn tests red.

Its own code is not needed for that. It sets up the standard library's handlers, as the
stand-in "modular" does, and those are put into our microblog.
"""

import subprocess
import sys
from collections.abc import Mapping
from textwrap import indent
from xml.etree import ElementTree

import pytest

from tests.faults.table import STANDINS, Fault
from tests.harness.target.target import REPOSITORY, Target

pytestmark = [
    *(pytest.mark.slow, pytest.mark.lengthy, pytest.mark.timeout(300)),
    pytest.mark.xdist_group("chapters-way"),
]

#: What the chapter does differently outside its handlers.
EDITS = (
    Fault(
        "an abort(500) is not reported",
        file="app/errors.py",
        find='getattr(error, "original_exception", None) is None',
        replace="False",
    ),
    Fault(
        "a password in clear does not stop the start",
        file="app/config.py",
        find='values["MAIL_SERVER"] and account and not may_log_in',
        replace="False",
    ),
    Fault(
        "Flask-Migrate's template disables existing loggers",
        file="migrations/env.py",
        find=", disable_existing_loggers=False",
        replace="",
    ),
)

#: What the stand-in names differently from the chapter.
NAMES = {
    "logs/blog.log": "logs/microblog.log",
    "The blog starts": "Microblog startup",
    "The blog has failed": "Microblog Failure",
}

#: The measured faults of the handlers, and the tests that fail because of them.
FAILS = {
    "an abort(500) is neither logged nor mailed": {
        "test_errors::test_abort_500",
        "test_aborts::test_logged_without_mail",
    },
    "a visitor can forge a record in the log": {
        "test_log_lines::test_forged_record[address]",
        "test_log_lines::test_terminal_escape[address]",
    },
    "an error outside a view is neither logged nor mailed": {
        "test_error_sources::test_other_logger",
        "test_error_sources::test_streaming",
        "test_error_sources::test_thread",
    },
    "forty identical errors send forty mails": {
        "test_mail_storm::test_one_mail_of_all_processes",
    },
    "each failing request waits for a silent mail server": {
        "test_mail_trouble::test_no_request_waits[silent]",
    },
    "an undelivered mail leaves no record": {
        "test_mail_trouble::test_failure_is_logged",
    },
    "without credentials MAIL_USE_TLS has no effect": {
        "test_mail_tls::test_starttls[no-credentials]",
    },
    "any certificate is accepted": {
        "test_mail_tls::test_starttls[signs-in]",
    },
    "a password is sent in clear": {
        "test_mail_tls::test_password_that_would_go_in_clear",
    },
    "a server with implicit TLS gets no mail": {
        "test_mail_tls::test_implicit_tls",
    },
    "a mail has no Message-ID": {
        "test_mail_content::test_message_id",
    },
    "a mail contains secrets": {
        "test_secrets::test_no_secret_is_exposed[fail-with-cookie]",
        "test_secrets::test_no_secret_is_exposed[fail-with-user]",
    },
    "an in-process migration ends the logging": {
        "test_log_place::test_migration_in_process",
        "test_log_place::test_mail_after_migration_in_process",
    },
    "under the reloader two processes write the log": {
        "debug.test_ways::test_one_process_writes_the_log[only-reload]",
    },
    "a script that turns debug mode on writes a log": {
        "debug.test_ways::test_no_log_is_begun[script-debug]",
    },
    "any command writes the log": {
        "test_log_place::test_command_is_silent",
        "test_log_place::test_migration_is_silent[current]",
    },
    "the log is in the current directory": {
        "test_log_place::test_current_directory",
    },
    "some of eight processes that start at once fail": {
        "test_log_place::test_simultaneous_start",
    },
    "without a writable log the application does not start": {
        "test_log_trouble::test_unwritable[stands-in-the-way]",
        "test_log_trouble::test_unwritable[is-read-only]",
    },
    "a removed log directory ends the log": {
        "test_log_trouble::test_removed",
    },
    "text outside the locale's encoding is lost": {
        "test_log_lines::test_any_locale",
    },
    "a file's size is counted in characters": {
        "test_rotation_sharp::test_letters_of_many_bytes[two]",
        "test_rotation_sharp::test_threshold_in_bytes[at]",
    },
    "four processes lose records": {
        "test_rotation_processes::test_newest_of_each_are_kept",
    },
    "a failed rename loses records": {
        "test_rotation_trouble::test_rename_refused",
    },
}

#: What the chapter's handlers do well. If these pass, the set-up is right.
HOLDS = {
    "test_mail::test_error_is_mailed_to_all",
    "test_mail::test_credentials",
    "test_mail::test_starttls",
    "test_mail_processes::test_last_error_is_mailed[flask-sigterm]",
    "test_log::test_format",
    "test_log::test_start_leaves_a_line",
    "test_log_trouble::test_disk_full",
    "test_rotation::test_ten_backups",
    "test_rotation::test_order",
}


def handlers() -> str:
    """Return the stand-in's handlers as a module that our application can install."""
    source = (STANDINS / "modular" / "app" / "__init__.py").read_text(encoding="utf-8")
    imports, _, rest = source.partition("app = Flask(__name__)\n")
    begin, end = rest.index("mail_server = "), rest.index("from app import")
    code = rest[begin:end]
    for theirs, ours in NAMES.items():
        assert theirs in code
        code = code.replace(theirs, ours)
    return (
        f"{imports}\n\ndef install(app):\n{indent(code, '    ')}"
        "\n\ndef reference():\n    return ''\n"
    )


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """The outcome of each test against handlers set up as in the chapter."""
    folder = tmp_path_factory.mktemp("chapter")
    Target.own().copy_to(folder)
    (folder / "app" / "reporting" / "__init__.py").write_text(
        handlers(), encoding="utf-8"
    )
    for edit in EDITS:
        edit.put_into(folder)
    tests = {*HOLDS, *(test for row in FAILS.values() for test in row)}
    report = folder / "report.xml"
    finished = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-n", "auto", "-p", "no:cacheprovider"),
            *("--microblog", str(folder), f"--junitxml={report}"),
            *(f"tests/integration/{as_path(test)}" for test in sorted(tests)),
        ],
        cwd=REPOSITORY,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=280,
    )
    assert report.exists(), finished.stdout[-2000:]
    ended: dict[str, str] = {}
    for case in ElementTree.parse(report).iter("testcase"):
        # A test that failed in its teardown too has a second entry with its name.
        if ended.get(name_of(case), "passed") == "passed":
            ended[name_of(case)] = outcome_of(case)
    return ended


def outcome_of(case: ElementTree.Element) -> str:
    """Return the outcome of a test, without errors of earlier tests in its teardown.

    A secret that an earlier test mailed is found in the teardown of a later one.
    """
    for child in case:
        message = child.get("message", "")
        own = child.tag == "error" and not message.startswith("failed on teardown")
        if own or child.tag in ("failure", "skipped"):
            return child.tag
    return "passed"


def as_path(test: str) -> str:
    """Return the path and name of a test in pytest's spelling."""
    module, _, name = test.partition("::")
    return f"{module.replace('.', '/')}.py::{name}"


def name_of(case: ElementTree.Element) -> str:
    """Return the name of a test in a report in the spelling of the tables."""
    module = case.attrib["classname"].removeprefix("tests.integration.")
    return f"{module}::{case.attrib['name']}"


@pytest.mark.parametrize("measured", FAILS)
def test_fails(outcomes: Mapping[str, str], measured: str) -> None:
    """Each measured fault of the chapter's handlers makes its tests fail."""
    assert {test: outcomes.get(test) for test in FAILS[measured]} == dict.fromkeys(
        FAILS[measured], "failure"
    )


@pytest.mark.parametrize("test", sorted(HOLDS))
def test_holds(outcomes: Mapping[str, str], test: str) -> None:
    """The chapter's handlers pass the tests of what they do well."""
    assert outcomes.get(test) == "passed"
