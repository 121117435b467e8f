"""Three cases from the form to the erasure: every letter there is leaves, and is read by rules."""

from pathlib import Path

import pytest

from tests.scenarios.house import House
from tests.scenarios.parts import PARTS
from tests.scenarios.people import People
from tests.scenarios.whole import Whole


@pytest.mark.parametrize("name", PARTS)
def test_main(house: House, people: People, name: str, tmp_path: Path) -> None:
    whole = Whole(house, people, PARTS[name])
    try:
        whole.begun()
        story = whole.collected()
        whole.searched(story)
        whole.decided(story)
        whole.travelled(story)
        whole.followed(story)
        whole.erased(story)
    finally:
        print(
            story.case.shown["pathology_state"],
            [
                (e["occurred_at"][:16], e["type"], e["payload"])
                for e in story.case.events()
                if e["type"].startswith(
                    (
                        "pathology",
                        "suppl",
                        "clinician.review",
                        "suitab",
                        "extraction.d",
                        "extraction.c",
                        "document",
                        "human_task",
                    )
                )
            ][-12:],
        )
        whole.left_behind(tmp_path)


@pytest.mark.parametrize(
    "act",
    [
        "elsewhere",
        "not_recommended",
        "differing",
        "urgent",
        "taken_back",
        "silent",
        "stopped",
        "withdrew",
    ],
)
@pytest.mark.parametrize("name", PARTS)
def test_beside(house: House, people: People, name: str, act: str, tmp_path: Path) -> None:
    whole = Whole(house, people, PARTS[name])
    try:
        getattr(whole, act)()
    finally:
        whole.left_behind(tmp_path)
