"""What it costs to write last-seen on each request."""

from contextlib import ExitStack
from statistics import mean

from bench.load import rate, request
from bench.serving import APP, serving
from bench.table import Table
from tests.harness.site import Site

SLICE, TURNS = 1.0, 6  # seconds each, taken in turn: a busy machine is busy for all
FACTOR = 10

SUBJECTS: dict[str, tuple[str, dict[str, str]]] = {
    "this application": (APP, {}),
    "writing last-seen on each request": ("bench.standin:app", {}),
    "the same, with this project's SQLite settings": (
        "bench.standin:app",
        {"BENCH_PRAGMAS": "1"},
    ),
}


def prepare(site: Site) -> bytes:
    """Store a few posts; return the request of a signed-in user for the home page."""
    susan = site.member("susan")
    for number in range(3):
        susan.write(f"post {number}")
    sent = request(site.url, susan, "/")
    rate(site.url, sent, SLICE / 2)  # warm
    return sent


def measure() -> Table:
    """Home pages per second of the application and of its stand-ins, in turn."""
    with ExitStack() as stack:
        served = {
            name: stack.enter_context(serving(app, workers=2, env=env))
            for name, (app, env) in SUBJECTS.items()
        }
        requests = {name: prepare(site) for name, site in served.items()}
        slices = [
            {
                name: rate(site.url, requests[name], SLICE)
                for name, site in served.items()
            }
            for _ in range(TURNS)
        ]
    rates = {name: mean(one[name] for one in slices) for name in SUBJECTS}
    ours, theirs, _ = rates.values()
    return Table(
        "Home page of a signed-in user, gunicorn with 2 workers, SQLite",
        ("subject", "requests/s", "this application / it"),
        [
            (name, f"{found:.0f}", f"{ours / found:.1f}")
            for name, found in rates.items()
        ],
        f"at least {FACTOR} times what writing on each request leaves",
        ours >= FACTOR * theirs,
    )
