"""The SQLite file while an operator moves, restores, truncates and replaces it."""

import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.harness.http.visitor import Visitor
from tests.harness.plugin.behaviour import behaviour
from tests.harness.server.launcher import Launcher
from tests.harness.server.site import Site
from tests.harness.target.command import CompletedCommand
from tests.harness.target.command import run as run_command

pytestmark = pytest.mark.slow

UNEXPECTED = "An unexpected error has occurred"
ENDS = ("-journal", "-wal", "-shm")


def database_path(url: str) -> Path:
    """Return the path in a SQLite URL."""
    return Path(url.removeprefix("sqlite:///"))


def posts_in(path: Path) -> list[str]:
    """Return the posts in a database file, oldest first, after an integrity check."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        rows = connection.execute("SELECT body FROM post ORDER BY id").fetchall()
    return [body for (body,) in rows]


@pytest.fixture(scope="module")
def served(launcher: Launcher) -> Iterator[Site]:
    """A site on two worker processes, whose database file the tests mistreat."""
    with launcher.launch(
        workers=2, arguments=("--threads", "4"), env={"MAIL_INTERVAL": "0"}
    ) as site:
        site.member("susan")
        yield site


class Operator:
    """An operator who moves the database file, with a model of its contents."""

    def __init__(self, site: Site) -> None:
        self.path = database_path(site.env["DATABASE_URL"])
        self.susan = site.member("susan")
        self.form = self.susan.form(self.susan.home(), "text")
        self.held: dict[Path, list[str] | None] = {self.path: posts_in(self.path)}
        self.made = {self.path}
        self._number = 0

    def slot(self, number: int) -> Path:
        """Return one of a few paths next to the database."""
        path = self.path.with_name(f"slot-{number}.db")
        self.made.add(path)
        return path

    def posts(self) -> list[str] | None:
        """Return the posts that the site can reach now; None if there are none."""
        return self.held.get(self.path)

    def write(self) -> None:
        """Write a post: it is confirmed and stored, or the error page answers."""
        self._number += 1
        body = f"{id(self)}-{self._number}"
        posts = self.posts()
        with ThreadPoolExecutor(4) as pool:  # use several connections of the pool
            readers = [pool.submit(self.susan.copy().home) for _ in range(3)]
            page = self.susan.copy().submit(self.form, text=body)
            for reader in readers:
                assert reader.result().status == (500 if posts is None else 200)
        if posts is None:
            assert (page.status, page.heading) == (500, UNEXPECTED)
        else:
            assert page.status == 200
            assert body in page.text
            posts.append(body)

    def move_away(self, number: int) -> None:
        """Move only the file to a slot."""
        if self.path.is_file():
            self.path.replace(self.slot(number))
            self.held[self.slot(number)] = self.held.pop(self.path)

    def move_with_companions(self, number: int) -> None:
        """Move the file and its companion files to a slot."""
        if self.path.is_file():
            names = {f"{self.path}{end}": f"{self.slot(number)}{end}" for end in ENDS}
            [Path(one).replace(names[one]) for one in names if os.path.exists(one)]
            self.move_away(number)

    def move_back(self, number: int) -> None:
        """Move a slot over the file."""
        if self.slot(number) in self.held and not self.path.is_dir():
            self.slot(number).replace(self.path)
            self.held[self.path] = self.held.pop(self.slot(number))

    def copy(self, number: int) -> None:
        """Copy only the file to a slot, as a simple backup does."""
        if self.path.is_file():
            shutil.copyfile(self.path, self.slot(number))
            held = self.held[self.path]
            self.held[self.slot(number)] = None if held is None else list(held)

    def restore_in_place(self, number: int) -> None:
        """Copy the contents of a slot into the file, which stays the same file."""
        if self.slot(number) in self.held and not self.path.is_dir():
            shutil.copyfile(self.slot(number), self.path)
            held = self.held[self.slot(number)]
            self.held[self.path] = None if held is None else list(held)

    def restore_by_rename(self, number: int) -> None:
        """Replace the file with a copy of a slot by renaming, as careful tools do."""
        if self.slot(number) in self.held and not self.path.is_dir():
            fresh = self.path.with_name("fresh.db")
            shutil.copyfile(self.slot(number), fresh)
            fresh.replace(self.path)
            held = self.held[self.slot(number)]
            self.held[self.path] = None if held is None else list(held)

    def truncate(self, _number: int) -> None:
        """Empty the file."""
        if self.path.is_file():
            self.path.write_bytes(b"")
            self.held[self.path] = None

    def make_directory(self, _number: int) -> None:
        """Make a directory where the file was."""
        if not self.path.exists():
            self.path.mkdir()

    def remove_directory(self, _number: int) -> None:
        """Remove that directory."""
        if self.path.is_dir():
            self.path.rmdir()

    def check(self) -> None:
        """Check that every file has the posts confirmed while it was the database."""
        for path, posts in self.held.items():
            if posts is not None:
                assert posts_in(path) == posts
            else:
                assert path.read_bytes() == b""
        assert self.path.exists() is (self.path in self.held or self.path.is_dir())

    def clean_up(self) -> None:
        """Leave the site with a usable database."""
        if self.path.is_dir():
            self.path.rmdir()
        usable = [path for path, posts in self.held.items() if posts is not None]
        if usable[0] != self.path:
            shutil.copyfile(usable[0], fresh := self.path.with_name("fresh.db"))
            fresh.replace(self.path)
        for path in self.made - {self.path}:
            path.unlink(missing_ok=True)


ACTIONS = {
    name: getattr(Operator, name)
    for name in (
        *("move_away", "move_with_companions", "move_back", "copy"),
        *("restore_in_place", "restore_by_rename", "truncate"),
        *("make_directory", "remove_directory"),
    )
}


def run(site: Site, steps: list[tuple[str, int]]) -> None:
    """Take the steps, and write before, between and after them."""
    operator = Operator(site)
    # A usable copy is always kept, so the next run has a database.
    shutil.copyfile(operator.path, operator.slot(9))
    operator.held[operator.slot(9)] = posts_in(operator.slot(9))
    try:
        operator.write()
        for name, number in steps:
            ACTIONS[name](operator, number)
            operator.write()
        operator.check()
    finally:
        operator.clean_up()


@behaviour("data.sqlite-file")
@pytest.mark.parametrize(
    "steps",
    [
        pytest.param([("move_away", 0), ("move_back", 0)], id="moved-and-back"),
        pytest.param(
            [("move_with_companions", 0), ("move_back", 0)], id="with-companions"
        ),
        pytest.param([("copy", 0), ("restore_by_rename", 0)], id="restored-by-rename"),
        pytest.param([("copy", 0), ("restore_in_place", 0)], id="restored-in-place"),
        pytest.param(
            [("copy", 0), ("truncate", 0), ("restore_in_place", 0)], id="truncated"
        ),
        pytest.param(
            [
                *(("move_away", 0), ("make_directory", 0)),
                *(("remove_directory", 0), ("move_back", 0)),
            ],
            id="directory",
        ),
        pytest.param(
            [("copy", 0), ("move_away", 1), ("restore_in_place", 0), ("move_back", 1)],
            id="swapped-twice",
        ),
        pytest.param(
            [
                *(("move_away", 0), ("move_away", 1), ("move_with_companions", 1)),
                *(("copy", 1), ("truncate", 0), ("remove_directory", 0)),
                *(("make_directory", 0), ("make_directory", 0), ("move_back", 0)),
                *(("restore_in_place", 0), ("restore_by_rename", 0)),
                *(("remove_directory", 0), ("move_back", 1), ("move_back", 0)),
                *(("restore_in_place", 1), ("restore_by_rename", 1)),
            ],
            id="nothing-to-do",
        ),
        pytest.param(
            [("copy", 0), ("move_away", 1), ("make_directory", 0)],
            id="directory-at-the-end",
        ),
        pytest.param([("copy", 0), ("truncate", 0)], id="truncated-at-the-end"),
    ],
)
def test_file_is_mistreated(served: Site, steps: list[tuple[str, int]]) -> None:
    """Every confirmed post is in the file that was the database at the time."""
    run(served, steps)


@behaviour("data.sqlite-file")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(sorted(ACTIONS)), st.integers(0, 1))))
def test_file_is_mistreated_in_any_order(
    served: Site, steps: list[tuple[str, int]]
) -> None:
    """No order of moves, copies, restores and truncations loses a confirmed post."""
    run(served, steps)


@behaviour("data.sqlite-file")
def test_serving_makes_no_file(served: Site, susan: Visitor) -> None:
    """A request while the file is missing does not create a new one."""
    operator = Operator(served)
    operator.move_away(0)
    try:
        operator.write()
        found = sorted(path.name for path in operator.path.parent.glob("site.db*"))
    finally:
        operator.move_back(0)
        operator.clean_up()

    assert found == []


@behaviour("data.sqlite-file")
def test_plain_copy_is_whole(
    flask: Callable[..., CompletedCommand], database_url: str, tmp_path: Path
) -> None:
    """After a command a plain copy of the file has everything that it stored."""
    seeded = flask("seed")
    copy = tmp_path / "copy.db"
    shutil.copyfile(database_path(database_url), copy)

    assert seeded.status == 0, seeded.output
    assert len(posts_in(copy)) == 5


@behaviour("data.sqlite-backup")
def test_backup(
    flask: Callable[..., CompletedCommand], database_url: str, tmp_path: Path
) -> None:
    """`flask backup FILE` writes a database that can replace the original."""
    flask("seed")
    file = tmp_path / "backup.db"

    done = flask("backup", str(file))

    assert (done.status, done.output) == (0, f"Wrote {file}.\n")
    assert posts_in(file) == posts_in(database_path(database_url))


@behaviour("data.sqlite-backup")
def test_backup_of_a_served_database(served: Site, tmp_path: Path) -> None:
    """A backup of a served database has all posts confirmed before it."""
    susan = served.member("susan")
    susan.write("before the backup")

    done = run_command(
        served.workplace, "flask", "backup", str(tmp_path / "x.db"), env=served.env
    )

    assert done.status == 0, done.output
    assert posts_in(tmp_path / "x.db")[-1] == "before the backup"
    assert susan.write("after the backup").status == 200


@behaviour("data.sqlite-backup")
@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("exists.db", ".*/exists.db exists: name a new file."),
        ("no/such/folder.db", "The backup failed: .*No such file or directory.*"),
    ],
    ids=["exists", "no-folder"],
)
def test_backup_that_is_refused(
    flask: Callable[..., CompletedCommand], tmp_path: Path, name: str, line: str
) -> None:
    """A backup does not overwrite a file, and reports the reason in one line."""
    (tmp_path / "exists.db").write_text("mine")

    done = flask("backup", str(tmp_path / name))

    assert done.status == 1
    assert re.fullmatch(rf"Error: {line}\n", done.output)
    assert (tmp_path / "exists.db").read_text() == "mine"


@behaviour("data.sqlite-backup")
def test_backup_without_a_database(
    flask: Callable[..., CompletedCommand], database_url: str, tmp_path: Path
) -> None:
    """A backup without a database fails and leaves no file."""
    database_path(database_url).unlink()

    done = flask("backup", str(tmp_path / "x.db"))

    assert done.status == 1
    assert done.last_line == ("Error: The backup failed: unable to open database file")
    assert list(tmp_path.glob("*.db")) == []
