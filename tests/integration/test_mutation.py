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
