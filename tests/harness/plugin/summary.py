"""What a run says at its end: a line per area, and what it left out."""

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say, area by area, how many behaviours hold, and what was left out."""
    say_what_holds(terminalreporter)
    say_what_is_left_out(terminalreporter)
    say_sums(terminalreporter)


def say_what_holds(terminalreporter: pytest.TerminalReporter) -> None:
    """Say, area by area, how many behaviours hold."""
    outcomes: dict[str, set[str]] = {}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, []):
            for name, identity in getattr(report, "user_properties", []):
                if name == "behaviour":
                    outcomes.setdefault(identity, set()).add(outcome)
    if not outcomes:
        return
    areas: dict[str, Counter[str]] = {}
    for identity, seen in outcomes.items():
        counted = areas.setdefault(identity.partition(".")[0], Counter())
        fails = seen & {"failed", "error"}
        holds = "hold" if "passed" in seen else "left out"
        counted["do not hold" if fails else holds] += 1
    terminalreporter.section("behaviours")
    for area, counted in sorted(areas.items()):
        figures = ", ".join(f"{counted[key]} {key}" for key in sorted(counted))
        terminalreporter.line(f"{area}: {figures}")


def say_what_is_left_out(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests were left out for want of a browser.

    Here and not in the conftest of those tests, which a parallel run loads in its
    workers alone, while the summary is its controller's.
    """
    skipped = terminalreporter.stats.get("skipped", [])
    count = sum("no browser here" in str(report.longrepr) for report in skipped)
    if count:
        terminalreporter.section(f"no browser here: {count} tests were left out")


def say_sums(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the sums of all whole numbers that tests gave to ``record_property``."""
    sums: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, value in report.user_properties:
            if isinstance(value, int):
                sums[name] += value
    for name, value in sorted(sums.items()):
        terminalreporter.line(f"{name}: {value}")
