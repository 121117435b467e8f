"""Identifiers planted in reports of six scripts, on seeds that nobody tuned on."""

import random
import secrets

import pytest

from benchmarks.deidentification import Told, by_words
from benchmarks.deidentification_people import SCRIPTS
from benchmarks.deidentification_sheets import drawn_sheet

SHEETS = 12


def told_of(script: str, seed: str) -> Told:
    chance = random.Random(f"{seed} {script}")
    told = Told()
    for _ in range(SHEETS):
        told.add(by_words(drawn_sheet(script, chance)))
    return told


@pytest.mark.parametrize("seed", ["kept", "fresh"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_nothing_that_was_planted_leaks(script: str, seed: str) -> None:
    seed = secrets.token_hex(4) if seed == "fresh" else seed
    told = told_of(script, seed)
    assert told.leaks == [], seed
    assert told.removed > 0.98 * (told.removed + told.caught), seed


@pytest.mark.parametrize("script", SCRIPTS)
def test_the_clinical_text_stays(script: str) -> None:
    told = told_of(script, "clinical")
    assert told.clinical > 200
    assert told.over <= 0.005 * told.clinical
