"""What an exception leads to under DEBUG x TESTING x PROPAGATE_EXCEPTIONS."""

from dataclasses import dataclass, replace
from itertools import product

from tests.harness.mail.mailbox import Mailbox
from tests.harness.server.launcher import Launcher
from tests.integration.debug.error_page_kind import BARE, DEBUGGER, OWN, error_page_kind


@dataclass(frozen=True)
class Outcome:
    """What an exception leads to; ``signal`` is Flask's got_request_exception."""

    page: str
    output: bool
    log_file: bool
    mail: bool
    signal: bool


@dataclass(frozen=True)
class Case:
    """A combination of settings; with None for ``propagate`` the other two decide."""

    debug: bool
    testing: bool
    propagate: bool | None

    @property
    def name(self) -> str:
        """A name for the id of a test."""
        words = {"debug": self.debug, "testing": self.testing}
        propagation = {None: [], True: ["propagated"], False: ["handled"]}
        chosen = [word for word, on in words.items() if on]
        return "-".join(chosen + propagation[self.propagate]) or "production"


REPORTED = Outcome(page=OWN, output=True, log_file=True, mail=True, signal=True)
HANDLED = Outcome(page=OWN, output=True, log_file=False, mail=False, signal=True)
# What Flask lets pass, Werkzeug's server logs with its own logger.
RAISED = Outcome(page=BARE, output=True, log_file=True, mail=True, signal=True)
CAUGHT = Outcome(page=DEBUGGER, output=True, log_file=False, mail=False, signal=True)

MATRIX = {
    Case(debug=False, testing=False, propagate=None): REPORTED,
    Case(debug=False, testing=False, propagate=False): REPORTED,
    Case(debug=False, testing=False, propagate=True): RAISED,
    Case(debug=False, testing=True, propagate=None): RAISED,
    Case(debug=False, testing=True, propagate=False): REPORTED,
    Case(debug=False, testing=True, propagate=True): RAISED,
    Case(debug=True, testing=False, propagate=None): CAUGHT,
    Case(debug=True, testing=False, propagate=False): HANDLED,
    Case(debug=True, testing=False, propagate=True): CAUGHT,
    Case(debug=True, testing=True, propagate=None): CAUGHT,
    Case(debug=True, testing=True, propagate=False): HANDLED,
    Case(debug=True, testing=True, propagate=True): CAUGHT,
}


#: What abort(500) leads to by debug mode, whatever the other settings.
ABORTED = {
    False: replace(REPORTED, signal=False),
    True: replace(HANDLED, signal=False),
}


@dataclass(frozen=True)
class Observed:
    """What an exception and what abort(500) have led to."""

    raised: Outcome
    aborted: Outcome


def observe(launcher: Launcher, *, debug: bool) -> dict[Case, Observed]:
    """Make a view fail under all settings with this ``debug``, on one site."""
    cases = [
        Case(debug, testing, propagate)
        for testing, propagate in product([False, True], [None, False, True])
    ]
    with (
        Mailbox() as mailbox,
        launcher.launch(debug=debug, mail=mailbox, arguments=("--no-reload",)) as site,
    ):
        site.probe.signals()  # the first call starts to listen
        pages = {}
        visitor = site.visitor()
        for case in cases:
            site.probe.configure(
                TESTING=case.testing, PROPAGATE_EXCEPTIONS=case.propagate
            )
            pages[raised(case)] = site.fail(raised(case), visitor)
            path = site.probe.aborting(500, description=aborted(case))
            pages[aborted(case)] = visitor.open(path)
        signals = "".join(site.probe.signals())
        site.stop()  # so that everything is logged and mailed
        mails = "".join(mail.text for mail in mailbox.drain())
        outcomes = {
            message: Outcome(
                page=error_page_kind(page),
                output=message in site.output,
                log_file=message in site.log.text,
                mail=message in mails,
                signal=message in signals,
            )
            for message, page in pages.items()
        }
    return {
        case: Observed(outcomes[raised(case)], outcomes[aborted(case)])
        for case in cases
    }


def raised(case: Case) -> str:
    """Return the message of the exception that is raised in a case."""
    return f"raised [{case.name}]"


def aborted(case: Case) -> str:
    """Return the description that abort(500) is given in a case."""
    return f"aborted [{case.name}]"
