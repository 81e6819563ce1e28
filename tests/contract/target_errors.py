"""Errors of targets that cannot be judged, with advice for their authors."""

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

from tests.contract.evidence import Witness, gather
from tests.contract.packages import distribution
from tests.contract.stack_traces import last_line, raised_in_requests
from tests.contract.verdicts import Evidence
from tests.harness.capabilities import NotOffered
from tests.harness.server.service import Service
from tests.harness.server.site import Site
from tests.harness.waiting import DeadlineExceeded, eventually


class CannotBeJudged(Exception):
    """The target cannot be judged; the message has the cause and what to try."""


class OutsideTarget(CannotBeJudged):
    """The cause lies outside the target: in the command line or on the machine."""


def not_readable(path: Path) -> CannotBeJudged:
    """Return the error for a file or folder without read permission."""
    return CannotBeJudged(
        f"{path} cannot be read: permission denied. Make everything that the "
        "application needs readable (chmod -R u+rX), or run this as the owner."
    )


class RegistrationFailed(Exception):
    """Registering or signing in has no effect, so that nothing else can be judged.

    Args:
        identity: The id of the behaviour that fails.
        actual: What happens instead.
    """

    def __init__(self, identity: str, actual: str) -> None:
        super().__init__(actual)
        self.identity = identity
        #: What the site shows about the failure.
        self.evidence: tuple[Evidence, ...] = ()


#: Limits for an older Flask and what works together with it, which its own
#: requirements leave open.
FLASK_1 = "Flask<2 Werkzeug<2 MarkupSafe<2.1 SQLAlchemy<2"
FLASK_2_1 = "Flask<2.2 Werkzeug<2.2 SQLAlchemy<2"
FLASK_2_2 = "Flask<2.3 Werkzeug<2.3"
FLASK_2 = "Flask<3 Werkzeug<3"

#: Patterns for errors, the release that removed what is missing, and requirements that
#: still have it.
REMOVED = (
    (r"werkzeug.*'url_\w+'|'url_\w+'.*werkzeug", "Werkzeug 3.0", "Werkzeug<3"),
    (r"safe_str_cmp", "Werkzeug 2.1", f"Werkzeug<2.1 {FLASK_2_1}"),
    (r"werkzeug\.contrib", "Werkzeug 1.0", f"Werkzeug<1 {FLASK_1}"),
    (r"flask\.ext\b", "Flask 1.0", f"Flask<1 Werkzeug<1 {FLASK_1}"),
    (r"_(request|app)_ctx_stack|before_first_request", "Flask 2.3", FLASK_2_2),
    (r"flask\.json.*JSONEncoder|JSONEncoder.*flask\.json", "Flask 2.3", FLASK_2_2),
    (r"(Markup|escape)' from 'flask'", "Flask 3.0", FLASK_2),
    (
        r"(Markup|escape|contextf\w+)' from 'jinja2'",
        *("Jinja2 3.1", f"Jinja2<3.1 {FLASK_2_1}"),
    ),
    (r"JSONWebSignatureSerializer", "itsdangerous 2.1", "itsdangerous<2.1"),
    (r"wtforms\.(ext|fields\.html5)", "WTForms 3.0", "WTForms<3"),
    (r"'(Required|TextField)' from 'wtforms", "WTForms 3.0", "WTForms<3"),
    (r"'Form' from 'flask_wtf'", "Flask-WTF 1.0", "Flask-WTF<1"),
    (r"flask\._compat|MigrateCommand|flask_script", "Flask 2.0", FLASK_1),
    (r"localeselector", "Flask-Babel 3.0", f"Flask-Babel<3 {FLASK_2}"),
    (
        r"paginate\(\) takes 1 positional argument",
        *("Flask-SQLAlchemy 3.0", f"Flask-SQLAlchemy<3 SQLAlchemy<2 {FLASK_2_2}"),
    ),
    (r"'\w+' from 'collections'", "Python 3.10", "Python 3.9"),
    (
        r"'(distutils|imp|asyncore|asynchat|smtpd)'",
        *("Python 3.12", "Python 3.11"),
    ),
    (
        r"from '[\w.]+' \(\S*/lib/python3\.\d+/(?!site-packages)",
        *("A newer Python", "Python 3.8"),
    ),
)

#: Patterns for the last output of a target, and what to try.
ADVICE = (
    (
        r"\b(TabError|IndentationError|SyntaxError): (.+?)\.?$",
        "Python cannot parse the source: {2}. Correct the line above{tabs}.",
    ),
    (
        r"TemplateSyntaxError: (.+?)\.?$",
        "Jinja cannot parse a template: {1}. Correct the line above.",
    ),
    (
        r"TemplateNotFound: (.+)",
        "There is no template {1} in the folder templates/: is it misspelt?",
    ),
    (
        r"Install '([\w-]+)' for|email_validator is not installed",
        "WTForms needs the package email-validator. Install it in the target's "
        "environment: {python} -m pip install email-validator",
    ),
    (
        r"(?:ModuleNotFoundError|ImportError): No module named "
        r"'?(\w+\.[\w.]+|app|config|forms|models|settings|views)(?:'|$)",
        "There is no module {1} in the target: is a file missing, or misspelt?",
    ),
    (
        r"(?:ModuleNotFoundError|ImportError): No module named '?([\w.]+)'?",
        "The package {package} is missing in the interpreter that was used. Install "
        "it with {python} -m pip install '{package}', or add it to the target's "
        "requirements and let --install make an environment with all of them.",
    ),
    (
        r"PermissionError: .*",
        "The target has no permission to read or write one of its files: {0}",
    ),
    (
        r"(?:config|environ|env)\S*?['\"]([A-Z_]+)['\"].*\n.*NoneType",
        "{1} is not set: set it with --target-env {1}=VALUE.",
    ),
    (
        r"KeyError: '(\w+)'",
        "{1} is missing, and may be a setting of the target: set it with "
        "--target-env {1}=VALUE.",
    ),
)


def explain(output: str, python: str = "python") -> str:
    """Return advice on the last output of a target, "" if there is none.

    Args:
        python: The target's interpreter.
    """
    for pattern, gone, still in REMOVED:
        error = rf"\b(Import|ModuleNotFound|Attribute|Type)Error: .*({pattern})"
        if re.search(error, output):
            return (
                f"{gone} removed this. Use its replacement, or an environment that "
                f"still has it ({still}): --target-python."
            )
    for pattern, advice in ADVICE:
        found = re.search(pattern, output, re.MULTILINE)
        if found:
            tabs = " (tabs and spaces are mixed)" if found[0][:3] == "Tab" else ""
            return advice.format(
                found[0],
                *(part or "" for part in found.groups()),
                tabs=tabs,
                python=python,
                package=distribution(found[found.re.groups] or ""),
            )
    return ""


#: Lines without information about the target: the harness's own, and requests.
NOISE = re.compile(
    r"harness-probe:|--- last lines|\S+ - - \[| *[\^~]+ *$| \* \w+|Press CTRL\+C|"
    r"WARNING: This is a development server|.*harness fence"
)


def last_output(output: str, limit: int = 12) -> str:
    """Return the end of a program's output, indented, "" if it printed nothing.

    Stack traces are reduced to the target's own frames, with paths relative to its
    folder.
    """
    plain = re.sub(r"\x1b\[[0-9;]*m", "", output)
    lines = [line for line in plain.splitlines() if line.strip()]
    lines = [line for line in lines if not NOISE.match(line)]
    lines = [re.sub(r'(File ")\S*/target/', r"\1", line) for line in lines]
    kept: list[str] = []
    foreign = False  # within a frame that is not the target's
    for line in lines:
        frame = re.match(r' *File "(.)', line)
        foreign = frame[1] in "/<" if frame else foreign and line.startswith("    ")
        if not foreign:
            kept.append(line)
    begins = [
        number for number, line in enumerate(kept) if line.startswith("Traceback")
    ]
    kept = kept[begins[-1] :] if begins else kept
    return "\n".join(f"    {line}" for line in kept[-limit:])


def cannot_be_judged(
    what: str, output: str = "", hint: str = "", python: str = "python"
) -> CannotBeJudged:
    """Return an error with what happened, the last output, and what to try."""
    last = last_output(output)
    # Between the author's line and the error, there may be lines of packages.
    advice = explain(output, python) or explain(last, python) or hint
    parts = [what, f"Last output:\n{last}" if last else "", advice]
    return CannotBeJudged("\n".join(filter(None, parts)))


#: Seconds to wait for the end of a site that did not complete a response.
ENDS_WITHIN = 1.0


def has_ended(site: Service, within: float) -> bool:
    """Return whether a site has ended, or ends within some seconds."""
    with suppress(DeadlineExceeded):
        eventually(lambda: not site.running, within=within)
    return not site.running


def failed_request(site: Service) -> CannotBeJudged | None:
    """Return an error with the last exception in a request, None without one."""
    *_, last = [None, *raised_in_requests(site.code, site.probe.journal())]
    if last is None:
        return None
    place = f"    {last.place}  {last.source}" if last.place else ""
    advice = explain(last.text, site.workplace.target.python)
    return CannotBeJudged("\n".join(filter(None, [last.text, place, advice])))


@contextmanager
def explaining_errors(site: Site, within: float = ENDS_WITHIN) -> Iterator[None]:
    """Turn the errors of exploring a site in the block into errors with advice.

    Args:
        within: Seconds to wait for the end of the site after an incomplete response.

    Raises:
        CannotBeJudged: The site hangs, has ended, or could not be explored.
        RegistrationFailed: Registering or signing in has no effect.
    """
    try:
        yield
    except RegistrationFailed as error:
        error.evidence = gather(Witness(site, error.identity))
        raise
    except requests.Timeout:
        raise cannot_be_judged(
            "The target hangs: it does not answer within 20 s.",
            site.output,
            "Does it wait for another server?",
        ) from None
    except requests.RequestException:
        what = "did not complete a response"
        if has_ended(site, within):
            what = f"ended (exit status {site.process.status})"
        raise cannot_be_judged(
            f"The target {what} while it was explored.", site.output
        ) from None
    except (AssertionError, NotOffered, CannotBeJudged) as error:
        if (failed := failed_request(site)) is not None:
            raise failed from None
        if isinstance(error, CannotBeJudged):
            raise
        raise cannot_be_judged(
            f"The target could not be explored: {last_line(str(error))}",
            site.output,
            "A profile can name what was not found: --target-profile.",
        ) from None
