"""The catalogue of behaviours."""

import re

import pytest

from tests.harness.plugin.catalogue import (
    BEHAVIOURS,
    INTRODUCTIONS,
    MUST,
    SHOULD,
    Behaviour,
    UnknownBehaviour,
    find,
)
from tests.harness.target.target import REPOSITORY


def test_found_behaviour() -> None:
    """A behaviour has id, area, level, sentence and source."""
    found = find("log.file")

    assert found == Behaviour(
        *("log.file", MUST, "Records go to logs/microblog.log.", "Logging to a File")
    )
    assert found.area == "log"


@pytest.mark.parametrize(
    ("identity", "nearest"),
    [
        ("edit-profile.take-name", "edit-profile.taken-name"),
        ("log.filed", "log.file"),
        ("mail.", "mail.storm"),
    ],
)
def test_unknown_behaviour(identity: str, nearest: str) -> None:
    """An unknown id is an error that names the nearest known id."""
    with pytest.raises(UnknownBehaviour) as error:
        find(identity)

    assert str(error.value) == (
        f"behaviours.toml has no behaviour {identity!r}; did you mean {nearest!r}?"
    )


@pytest.mark.parametrize("behaviour", BEHAVIOURS.values(), ids=BEHAVIOURS)
def test_behaviour_is_a_sentence(behaviour: Behaviour) -> None:
    """Each behaviour has a known level and one sentence that fits its row."""
    assert behaviour.level in (MUST, SHOULD)
    assert re.fullmatch(r"[A-Z`].{10,110}[.\"]", behaviour.sentence)


def test_sentences_are_unique() -> None:
    """No two behaviours have the same sentence."""
    sentences = [behaviour.sentence for behaviour in BEHAVIOURS.values()]

    assert len(set(sentences)) == len(sentences)


def test_areas_are_introduced() -> None:
    """Each area has an introduction of one sentence."""
    sentences = [each.sentence for each in INTRODUCTIONS.values()]

    assert [text for text in sentences if not text.endswith(".")] == []


def test_areas_have_code() -> None:
    """Each area names modules of the microblog that exist."""
    assert all(each.code for each in INTRODUCTIONS.values())
    assert [
        path
        for each in INTRODUCTIONS.values()
        for path in each.code
        if not (REPOSITORY / path).exists()
    ] == []
