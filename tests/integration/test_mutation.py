"""The mutation run, on a small project of its own."""

import subprocess
from pathlib import Path

import pytest

from tests.mutation.__main__ import main
from tests.mutation.runner import UnsoundTests

FILES = {
    ".gitignore": ".tox/\n__pycache__/\n",
    "pyproject.toml": '[tool.pytest]\npythonpath = ["."]\nmarkers = ["slow"]\n',
    "app/__init__.py": '"""A limit."""\n',
    "app/limits.py": "def exceeds(n):\n    return n > 3\n\n\nLEAST = 2\n",
    "app/views.py": "from .limits import LEAST\n\n\ndef view():\n"
    "    return render_template(LEAST)\n\n\ndef render_template(n):\n    return n\n",
    "app/unused.py": "def unused():\n    return None\n\n\nclass Unused:\n    def f():\n"
    "        def g():\n            pass\n        return 1\n",
    "app/templates/page.html": "{% if page %}{% endif %}",
    "tests/unit/test_limits.py": """
import pytest

from app import limits, views

@pytest.fixture(scope="session")
def low():
    return limits.exceeds(0)

def test_low(low):
    assert low is False

def test_high():
    assert limits.exceeds(9)

def test_view():
    assert views.view() == 2
""",
    "tests/integration/test_sites.py": """
import pytest

from app import limits

@pytest.mark.timeout(30)
def test_limit():
    assert not limits.exceeds(3)
""",
    "tests/integration/test_others.py": """
from pathlib import Path

def test_template():
    exec(compile("x = 1", Path("app/templates/page.html").absolute(), "exec"))
""",
    "tests/integration/test_contract.py": "",
    "tests/integration/test_slow.py": "import pytest\n\n@pytest.mark.slow\n"
    "def test_slow():\n    pass\n",
    "tests/mutation/equivalents.toml": "",
}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

#: What a run prints of the mutant that no test notices.
LIVING = "app/limits.py:2: exceeds: 3 -> 4: Survived"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in a git repository, which is the current directory."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.chdir(tmp_path)
    user = ["-c", "user.name=me", "-c", "user.email=me@example.com"]
    for command in (["init", "-q"], ["add", "."], [*user, "commit", "-qm", "start"]):
        subprocess.run(["git", *command], check=True)
    return tmp_path


def test_mutation_run(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Unit tests come before served sites, and a mutant that lives fails the run."""
    status = main(["--only", "app/limits.py", "--jobs", "2"])

    output = capfd.readouterr().out
    assert "unit: 0 known, 7 to try" in output
    assert "integration: 0 known, 3 to try" in output
    assert "app/limits.py 7 4 2 0 1\n" in output
    assert LIVING in output
    assert status == 1
    assert (project / "app/limits.py").read_text() == FILES["app/limits.py"]
    assert (project / ".tox/mutation/mutation.html").exists()


def test_second_mutation_run(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """What is known is not tried again, unless its tests or its module changed."""
    main(["--only", "app/limits.py"])
    main(["--only", "app/limits.py"])
    assert "integration: 3 known, 0 to try" in capfd.readouterr().out
    test = project / "tests/unit/test_limits.py"
    test.write_text(
        test.read_text() + "\ndef test_four():\n    assert limits.exceeds(4)\n"
    )

    main(["--only", "app/limits.py", "--unit", "--every"])
    changed = capfd.readouterr().out
    main(["--only", "app/limits.py", "--unit", "--every"])

    assert "unit: 0 known, 7 to try" in changed
    assert "unit: 7 known, 0 to try" in capfd.readouterr().out


def test_changed_lines_only(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """With --since only the mutants of changed lines are tried."""
    path = project / "app/limits.py"
    path.write_text(path.read_text().replace("LEAST = 2", "LEAST = 2\nMOST = 5"))

    main(["--since", "HEAD", "--unit"])

    output = capfd.readouterr().out
    assert "unit: 0 known, 2 to try" in output
    assert "app/limits.py:6: module: 5 -> 6: Survived" in output


def test_change_that_unit_tests_cover(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """If unit tests notice all mutants, no site is served, not even to be measured."""
    path = project / "app/limits.py"
    path.write_text(path.read_text().replace("LEAST = 2", "LEAST = 1 + 1"))

    status = main(["--since", "HEAD"])

    assert "app/limits.py 5 5 0 0 0\n" in capfd.readouterr().out
    assert status == 0
    assert not list((project / ".tox/mutation").glob("test_*"))


def test_mutants_on_postgresql(
    project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """PostgreSQL is used for the mutants that survive on SQLite."""
    (project / "tests/conftest.py").write_text(
        "def pytest_addoption(parser):\n"
        "    parser.addoption('--postgres', action='store_true')\n"
    )
    (project / "tests/integration/test_postgres.py").write_text(
        "from app import limits\n\ndef test_limit(request):\n"
        "    assert not request.config.option.postgres or limits.exceeds(4)\n"
    )

    status = main(["--only", "app/limits.py"])

    output = capfd.readouterr().out
    assert "postgres: 0 known, 1 to try" in output
    assert "app/limits.py 7 4 3 0 0\n" in output
    assert status == 0


def test_mutants_of_data(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A mutant that only changes the parameters of a test is not killed by that.

    A test of a module's data is tried though it runs no line of the module.
    """
    (project / "app/names.py").write_text(
        "NAMES = ['a', 'b']\n\ndef exists(name):\n    return name in NAMES\n"
    )
    (project / "tests/unit/test_names.py").write_text(
        "import pytest\nfrom app.names import NAMES, exists\n\n"
        "@pytest.mark.parametrize('name', NAMES)\n"
        "def test_exists(name):\n    assert exists(name)\n\n"
        "def test_last():\n    assert NAMES[-1] == 'b'\n"
    )

    main(["--only", "app/names.py", "--unit"])

    output = capfd.readouterr().out
    assert "app/names.py:1: module: 'a', -> nothing: Survived" in output
    assert "app/names.py:1: module: 'a' -> \"\": Survived" in output
    assert "module: 'b' -> " not in output
    assert "app/names.py 6 4 0 0 2\n" in output


def test_templates_in_a_run(project: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Templates are tried by what renders them; code that nothing runs is named."""
    main(["--only", "app/templates", "--only", "app/unused.py"])

    output = capfd.readouterr().out
    assert "unit: 0 known, 4 to try" in output
    assert "Unused.f: 1 -> 2: NoCoverage" in output
    assert "page.html:1: template: page -> true: Survived" in output


def test_unsound_tests(project: Path) -> None:
    """A failure without a mutant ends the run."""
    (project / "tests/unit/test_limits.py").write_text(
        "import os\nfrom app import limits\n\ndef test_fragile():\n"
        "    assert limits.exceeds(9) and 'COVERAGE_FILE' in os.environ\n"
    )

    with pytest.raises(UnsoundTests, match="test_fragile"):
        main(["--only", "app/limits.py", "--unit"])
