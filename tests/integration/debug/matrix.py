"""What comes of an exception under DEBUG x TESTING x PROPAGATE_EXCEPTIONS."""

from dataclasses import dataclass
from itertools import product

from tests.harness.launcher import Launcher
from tests.harness.mailbox import Mailbox
from tests.integration.debug.looking import BARE, DEBUGGER, OWN, kind_of


@dataclass(frozen=True)
class Outcome:
    """What comes of it; ``signal`` is Flask's got_request_exception."""

    page: str
    output: bool
    log_file: bool
    mail: bool
    signal: bool


@dataclass(frozen=True)
class Case:
    """Settings; with None for ``propagate`` the other two decide."""

    debug: bool
    testing: bool
    propagate: bool | None

    @property
    def name(self) -> str:
        """The settings in a few words, for the id of a test."""
        words = {"debug": self.debug, "testing": self.testing}
        propagation = {None: [], True: ["propagated"], False: ["handled"]}
        chosen = [word for word, on in words.items() if on]
        return "-".join(chosen + propagation[self.propagate]) or "production"


REPORTED = Outcome(page=OWN, output=True, log_file=True, mail=True, signal=True)
HANDLED = Outcome(page=OWN, output=True, log_file=False, mail=False, signal=True)
RAISED = Outcome(page=BARE, output=True, log_file=False, mail=False, signal=True)
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


@dataclass(frozen=True)
class Observed:
    """What came of an exception, and the kind of page that answered abort(500)."""

    outcome: Outcome
    abort_page: str


def observe(launcher: Launcher, *, debug: bool) -> dict[Case, Observed]:
    """Let a view fail under all settings that go with ``debug``, on one site."""
    cases = [
        Case(debug, testing, propagate)
        for testing, propagate in product([False, True], [None, False, True])
    ]
    with (
        Mailbox() as mailbox,
        launcher.launch(debug=debug, mail=mailbox, arguments=("--no-reload",)) as site,
    ):
        site.probe.signals()  # from here on it listens
        pages, aborts = {}, {}
        visitor = site.visitor()
        for case in cases:
            site.probe.configure(
                TESTING=case.testing, PROPAGATE_EXCEPTIONS=case.propagate
            )
            pages[case] = kind_of(site.fail(raised(case), visitor))
            aborts[case] = kind_of(visitor.open(site.probe.aborting(500)))
        signals = site.probe.signals()
        site.stop()  # what is on its way is written and sent by then
        mails = "".join(mail.text for mail in mailbox.drain())
        return {
            case: Observed(
                outcome=Outcome(
                    page=pages[case],
                    output=raised(case) in site.output,
                    log_file=raised(case) in site.log.text,
                    mail=raised(case) in mails,
                    signal=raised(case) in signals,
                ),
                abort_page=aborts[case],
            )
            for case in cases
        }


def raised(case: Case) -> str:
    """Return the message of the exception that is raised in a case."""
    return f"raised [{case.name}]"
