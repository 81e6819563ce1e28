"""Finding the entry point by importing candidates from the sources."""

import os
import sys
from pathlib import Path

import pytest

from tests.contract.importing import Attempt, Entry, copied, find_entry
from tests.contract.options import Options
from tests.contract.target_errors import CannotBeJudged
from tests.harness.target.target import Target

pytestmark = pytest.mark.slow

FLASK = "from flask import Flask\n"


def write(folder: Path, **modules: str) -> Options:
    """Write the modules of a target; return the options that name it."""
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(FLASK + text)
    return Options(folder, sys.executable)


def find(options: Options, timeout: float = 20) -> Entry:
    """Return the entry point that is found."""
    scratch = options.folder.parent / "scratch"
    scratch.mkdir()
    return find_entry(options, scratch, timeout)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a target."""
    folder = tmp_path / "blog"
    folder.mkdir()
    return folder


def test_second_choice(folder: Path) -> None:
    """If the most likely candidate cannot be imported, the next one is tried."""
    options = write(
        folder, microblog="import nowhere\napp = Flask('x')\n", other="b = Flask('x')\n"
    )

    entry = find(options)

    assert (entry.target.app, entry.mode) == ("other:b", "plain")


def test_original_around_it(folder: Path) -> None:
    """An import cannot write to the folder around the application."""
    (folder / "web").mkdir()
    trace = folder / "trace"
    write(
        folder / "web",
        app="import contextlib\napp = Flask('x')\n"
        f"with contextlib.suppress(PermissionError):\n    open({str(trace)!r}, 'w')\n",
    )

    assert find(Options(folder, sys.executable)).target.folder == folder / "web"
    assert not trace.exists()


def test_only_with_mail(folder: Path) -> None:
    """An application that needs MAIL_SERVER to start is judged with it."""
    options = write(folder, app="import os\napp = Flask(os.environ['MAIL_SERVER'])\n")

    assert find(options).mode == "mail"


def test_in_no_mode(folder: Path) -> None:
    """The message on a failed import has the last output and advice."""
    options = write(folder, app="import os\napp = Flask(os.environ['API_KEY'])\n")

    with pytest.raises(CannotBeJudged) as error:
        find(options)

    assert f"app:app in {folder} cannot be imported." in str(error.value)
    assert "KeyError: 'API_KEY'\n" in str(error.value)
    assert "set it with --target-env API_KEY=VALUE" in str(error.value)


def test_hangs(folder: Path) -> None:
    """The message on an import that hangs has the time limit and advice."""
    options = write(folder, app="import signal\napp = Flask('x')\nsignal.pause()\n")

    with pytest.raises(CannotBeJudged) as error:
        find(options, timeout=2)

    assert "hangs: its import did not end within 2 s" in str(error.value)
    assert "another application: --target-app" in str(error.value)


def test_no_flask(folder: Path, tmp_path: Path) -> None:
    """The message on an interpreter without Flask names the missing package."""
    write(folder, app="app = Flask('x')\n")
    python = tmp_path / "python"
    python.write_text(
        "#!/bin/sh\necho \"ImportError: No module named 'flask'\"\nexit 1\n"
    )
    python.chmod(0o755)

    with pytest.raises(CannotBeJudged, match="The package flask is missing"):
        find(Options(folder, str(python)))


def test_cannot_be_copied(folder: Path, tmp_path: Path) -> None:
    """The message on a file that cannot be copied names the file."""
    os.mkfifo(folder / "pipe")

    with pytest.raises(CannotBeJudged, match=r"cannot be copied: .*pipe"):
        copied(Target(folder), tmp_path / "copy")


def test_nowhere_to_copy(folder: Path, tmp_path: Path) -> None:
    """The message on a target that no longer exists names the folder."""
    with pytest.raises(CannotBeJudged, match=r"gone cannot be copied: .*No such file"):
        copied(Target(folder / "gone"), tmp_path / "copy")


@pytest.mark.parametrize(
    ("output", "hopeless"),
    [
        ("ValueError: y\nModuleNotFoundError: No module named 'x'\n", True),
        ("harness-probe: the target cannot be imported: TabError: x\n", True),
        ("SyntaxError: y\nKeyError: 'MAIL_SERVER'\n", False),
        ("", False),
    ],
)
def test_hopeless(output: str, hopeless: bool) -> None:
    """Only an error in the code itself rules out the other modes of starting."""
    assert Attempt(1, output).is_hopeless is hopeless
