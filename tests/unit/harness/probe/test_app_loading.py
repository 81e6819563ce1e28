"""How the probe finds the application of a target."""

import sys
from types import ModuleType
from typing import Any

import pytest
from flask import Flask

from tests.unit.harness.probe.modules import load_module


@pytest.fixture(scope="module")
def loading() -> Any:
    """The module that finds it; the others of the probe need a target."""
    return load_module("app_loading")


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    """An importable, empty module called blog."""
    module = ModuleType("blog")
    monkeypatch.setitem(sys.modules, "blog", module)
    return module


@pytest.mark.parametrize("name", ["app", "application", "blog"])
def test_object(loading: Any, module: Any, name: str) -> None:
    """An application is found under any name."""
    module.other = "no application"
    made = Flask("blog")
    setattr(module, name, made)

    assert loading.load("blog") is made


def test_usual_name_first(loading: Any, module: Any) -> None:
    """Of several applications the one of the usual name is taken."""
    module.another = Flask("another")
    module.app = Flask("blog")

    assert loading.load("blog") is module.app


def test_named_object(loading: Any, module: Any) -> None:
    """A named application is taken."""
    module.app = Flask("blog")
    module.another = Flask("another")

    assert loading.load("blog:another") is module.another


@pytest.mark.parametrize("name", ["create_app", "make_app"])
def test_factory(loading: Any, module: Any, name: str) -> None:
    """Where there is no application, the factory of a usual name makes one."""
    setattr(module, name, lambda config=None: Flask("made"))

    assert loading.load("blog").name == "made"


def test_named_factory(loading: Any, module: Any) -> None:
    """A named factory makes the application."""
    module.build = lambda: Flask("built")

    assert loading.load("blog:build").name == "built"


def test_factory_that_demands(
    loading: Any, module: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """A factory that demands two arguments cannot be called, and that is printed."""
    module.create_app = lambda config, other: Flask("made")

    with pytest.raises(TypeError, match="missing a required argument: 'other'"):
        loading.load("blog")

    assert capsys.readouterr().err.splitlines()[-1] == (
        "harness-probe: the target cannot be imported: "
        "TypeError: missing a required argument: 'other'"
    )


def test_factory_that_demands_a_configuration(loading: Any, module: Any) -> None:
    """A factory that demands a configuration gets the first that it takes."""
    module.create_app = lambda name: Flask({"default": "made"}[name])

    assert loading.load("blog").name == "made"


def test_factory_that_takes_no_configuration(loading: Any, module: Any) -> None:
    """A factory that takes none of them fails as it did with the likeliest."""
    module.create_app = lambda name: Flask({}[name])

    with pytest.raises(KeyError, match="production"):
        loading.load("blog")


def test_factory_with_values(loading: Any, module: Any) -> None:
    """A factory can be named with its arguments, as `flask --app` has it."""
    module.create_app = lambda name: Flask(name)

    assert loading.load('blog:create_app("tried")').name == "tried"


def test_no_application(loading: Any, module: Any) -> None:
    """A module without an application is told by its name."""
    with pytest.raises(LookupError, match="no Flask application in blog"):
        loading.load("blog")
