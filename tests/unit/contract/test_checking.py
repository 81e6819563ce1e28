"""What the command line names, looked at before anything is done with it."""

import sys
from pathlib import Path

import pytest

from tests.contract.checking import check_folder, check_python
from tests.contract.importing import find_entry
from tests.contract.options import Options
from tests.contract.target_errors import CannotBeJudged
from tests.unit.unprivileged import unprivileged


def test_no_folder(tmp_path: Path) -> None:
    """A path that is none, or a file, is told to be that."""
    (tmp_path / "app.py").touch()

    with pytest.raises(CannotBeJudged, match=r"There is no .*/gone\."):
        check_folder(tmp_path / "gone")
    with pytest.raises(CannotBeJudged, match=r"app\.py is a file"):
        check_folder(tmp_path / "app.py")
    check_folder(tmp_path)


@pytest.mark.parametrize(
    "closed", [".", "blog", "blog/app", "blog/app/__init__.py", "blog/wsgi.py"]
)
def test_no_rights(open_folder: Path, closed: str) -> None:
    """What may not be read is named, and how to open it: no stack trace."""
    blog = open_folder / "blog"
    (blog / "app").mkdir(parents=True)
    (blog / "app" / "__init__.py").write_text("app = Flask('x')\n")
    if closed.endswith("wsgi.py"):
        (blog / "wsgi.py").touch()
    path = (open_folder / closed).resolve()
    path.chmod(0)
    options = Options(blog, sys.executable)
    try:
        with unprivileged(), pytest.raises(CannotBeJudged) as told:
            find_entry(options, open_folder)
    finally:
        path.chmod(0o755)

    named = blog if closed == "." else path
    assert str(told.value).startswith(f"{named} may not be read: no rights.")
    assert "chmod -R u+rX" in str(told.value)


def test_no_interpreter() -> None:
    """An interpreter that is not there is named."""
    with pytest.raises(CannotBeJudged, match="There is no interpreter /no/python"):
        check_python("/no/python")
    check_python(sys.executable)
