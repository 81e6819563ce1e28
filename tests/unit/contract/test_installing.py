"""An environment for a target, in a cache."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.contract.installing import cache_folder, install
from tests.contract.options import parse
from tests.contract.target_errors import CannotBeJudged


class Installer:
    """Stands in for the programs that make an environment and install into it."""

    def __init__(self) -> None:
        self.commands: list[list[str]] = []
        self.answers: dict[str, tuple[int, str]] = {}

    def run(self, command: list[str], **_options: Any) -> Any:
        """Run a command."""
        self.commands.append(command)
        step = "install" if "install" in command else "venv"
        if step == "venv":
            Path(command[-1], "bin").mkdir(parents=True)
            Path(command[-1], "bin", "python").touch()
        status, output = self.answers.get(step, (0, ""))
        return subprocess.CompletedProcess(command, status, output)


@pytest.fixture
def installer(monkeypatch: pytest.MonkeyPatch) -> Installer:
    """No uv, and programs that do nothing."""
    stand_in = Installer()
    monkeypatch.setattr(subprocess, "run", stand_in.run)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    return stand_in


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """A target with one requirement."""
    folder = tmp_path / "blog"
    folder.mkdir()
    (folder / "requirements.txt").write_text("greenlet==0.4.17\n")
    return folder


def refused(installer: Installer, target: Path, output: str, step: str) -> str:
    """Return the message on a step that fails with this output."""
    installer.answers[step] = (1, output)
    with pytest.raises(CannotBeJudged) as raised:
        install(target, "/opt/python3.13", target.parent / "cache")
    assert list((target.parent / "cache").iterdir()) == []
    return str(raised.value)


def test_cache() -> None:
    """The cache is where the user's others are."""
    assert cache_folder({"XDG_CACHE_HOME": "/c"}) == Path("/c/microblog-check")
    assert cache_folder({}) == Path.home() / ".cache" / "microblog-check"


def test_installed_once(installer: Installer, target: Path, tmp_path: Path) -> None:
    """An environment is made once, and again for other requirements."""
    python, first = install(target, sys.executable, tmp_path / "cache")
    again, second = install(target, sys.executable, tmp_path / "cache")
    (target / "requirements.txt").write_text("flask\n")
    other, _ = install(target, sys.executable, tmp_path / "cache")

    assert python == again != other
    assert Path(python).parent.is_dir()
    assert first.startswith("requirements.txt, installed with pip in ")
    assert second.startswith("requirements.txt, installed before in ")
    assert [command[1:3] for command in installer.commands] == [
        ["-m", "venv"],
        ["-m", "pip"],
    ] * 2


def test_installed_at_the_same_time(
    installer: Installer, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two processes that make the same environment the first one's is kept."""

    others: list[str] = []

    def run(command: list[str], **options: Any) -> Any:
        monkeypatch.setattr(subprocess, "run", installer.run)
        others.append(install(target, sys.executable, tmp_path / "cache")[0])
        Path(others[0]).write_text("first")
        return installer.run(command, **options)

    monkeypatch.setattr(subprocess, "run", run)

    python, _ = install(target, sys.executable, tmp_path / "cache")

    assert [python] == others
    assert Path(python).read_text() == "first"


def test_interpreter_that_is_gone(
    installer: Installer, target: Path, tmp_path: Path
) -> None:
    """An environment is made again once its interpreter has been removed."""
    python, _ = install(target, sys.executable, tmp_path / "cache")
    Path(python).unlink()

    again, chosen = install(target, sys.executable, tmp_path / "cache")

    assert again == python
    assert Path(python).exists()
    assert "installed with pip" in chosen


def test_with_uv(
    installer: Installer, target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where uv is on the path it installs, as it is faster."""
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")

    _, chosen = install(target, "python3.12", tmp_path / "cache")

    assert "installed with uv" in chosen
    make, fill = installer.commands
    assert make[:5] == ["/bin/uv", "venv", "--seed", "--python", "python3.12"]
    assert fill[:4] == ["/bin/uv", "pip", "install", "--python"]


def test_imports_are_named(installer: Installer, tmp_path: Path) -> None:
    """What was read off the imports is shown, as it is a guess."""
    (tmp_path / "a.py").write_text("import flask, flask_login\n")

    _, chosen = install(tmp_path, sys.executable, tmp_path / "cache")

    assert chosen.startswith("flask, flask-login: the imports of its code, installed")


@pytest.mark.parametrize(
    ("output", "said"),
    [
        (
            "Collecting greenlet==0.4.17\nERROR: Failed building wheel for greenlet\n",
            "greenlet==0.4.17 cannot be built here: python3.13 or setuptools is too",
        ),
        (
            "\x1b[31merror\x1b[39m: Failed to build `greenlet==0.4.17`\n  cause: x\n",
            "greenlet==0.4.17 cannot be built here",
        ),
        (
            "Collecting flask\nCollecting MarkupSafe==1.0\n"
            "error: subprocess-exited-with-error\n╰─> See above for output.\n",
            "MarkupSafe==1.0 cannot be built here",
        ),
        (
            "ERROR: No matching distribution found for Flask==99.1\n",
            "Flask==99.1 does not exist for python3.13. Correct its name or version.",
        ),
        (
            "  cause: Because there is no version of flask==99.1 and you require it\n",
            "flask==99.1 does not exist for python3.13.",
        ),
        (
            "  cause: Because no-such was not found in the package registry\n",
            "no-such does not exist for python3.13.",
        ),
        (
            "The conflict is caused by:\n    The user requested werkzeug==0.9\n"
            "    flask 2.0.0 depends on Werkzeug>=2.0\n\nTo fix\n",
            "they contradict each other: The user requested werkzeug==0.9 "
            "flask 2.0.0 depends on Werkzeug>=2.0. Loosen a pin.",
        ),
        (
            "cause: Because flask==2.0 depends on werkzeug>=2, we can conclude that\n",
            "they contradict each other: flask==2.0 depends on werkzeug>=2.",
        ),
        (
            "ERROR: Invalid requirement: 'Flask = 3' (from line 1 of wanted.txt)\n",
            "Invalid requirement: 'Flask = 3' (from line 1 of wanted.txt). Correct",
        ),
        ("Temporary failure in name resolution\n", "Is there a network?"),
        ("something else.\n\n", "cannot be installed: something else."),
        ("", "nothing was printed."),
    ],
)
def test_cannot_be_installed(
    installer: Installer, target: Path, output: str, said: str
) -> None:
    """Requirements that cannot be installed are reported in one line with a way out."""
    message = refused(installer, target, output, "install")

    assert message.startswith("What the target needs (requirements.txt) cannot be")
    assert said in message
    assert "\n" not in message


def test_long_output_of_a_conflict(installer: Installer, target: Path) -> None:
    """The reason is found in the output on a long file; searching took minutes."""
    output = "Collecting a==1\n  Downloading a-1.whl\n" * 600
    output += "The conflict is caused by:\n    The user requested b==1\n    c needs b\n"

    assert "user requested b==1 c needs b." in refused(
        installer, target, output, "install"
    )


def test_interpreter_without_venv(installer: Installer, target: Path) -> None:
    """An interpreter that makes no environments is reported with Debian's package."""
    message = refused(installer, target, "ensurepip is not available.\n", "venv")

    assert message == (
        "/opt/python3.13 cannot make a virtual environment: ensurepip is not "
        "available. On Debian: apt install python3-venv."
    )


def test_installation_that_hangs(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installation that does not end is given up."""

    def run(command: list[str], **options: Any) -> Any:
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(subprocess, "run", run)

    with pytest.raises(CannotBeJudged, match="it did not end within 600 s"):
        install(target, sys.executable, tmp_path / "cache")


def test_base_interpreter(tmp_path: Path) -> None:
    """The environment is made with the judge's interpreter, or with the given one."""
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").touch()

    plain = parse([str(tmp_path), "--install"])
    given = parse([str(tmp_path), "--install", "--target-python", "python3.9"])

    assert (plain.install, plain.python, given.python) == (
        *(True, sys.executable, "python3.9"),
    )
