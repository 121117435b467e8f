"""Cases played whole, and what everybody read: every letter that there is leaves from a door.

By itself each way in which a case ends is played for one family. With `--whole` all of it is played
for all three, and the cases that go to the very end as well; what was read is left in a folder:

    ./iort test -- tests/scenarios/test_whole.py --whole --basetemp=build/letters
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from settings import Settings
from tests.scenarios.house import House
from tests.scenarios.parts import PARTS
from tests.scenarios.people import People
from tests.scenarios.stories import Story
from tests.scenarios.ways import Ways
from workflows.engine.playbooks import Playbooks
from workflows.not_yet import LETTERS

START = frozenset({"M01", "M02"})
CHECKED = START | {"M04", "M55"}
SIGNED = CHECKED | {"M06", "M07"}
ASKED = SIGNED | {"M10"}
LEAVES: Mapping[str, frozenset[str]] = {
    "elsewhere": frozenset({"M01", "M03"}),
    "not_recommended": CHECKED | {"M08"},
    "differing": (ASKED - {"M07"}) | {"M07a"},
    "urgent": CHECKED | {"M09"},
    "taken_back": ASKED | {"M17", "M38"},
    "silent": START | {"M37"},
    "stopped": CHECKED | {"M37", "M38"},
    "withdrew": ASKED | {"M15", "M16", "M17", "M45", "M47", "M56"},
    "main": ASKED
    | {"M05", "M11", "M12", "M13", "M14", "M15", "M16", "M17", "M18", "M20", "M21", "M25", "M27"}
    | {"M28a", "M28b", "M30", "M31", "M32", "M33", "M34", "M36", "M38", "M41", "M44", "M45", "M46"}
    | {"M47", "M51", "M52", "M53", "M56"},
}
"""What leaves on each way, beside the letters that belong to no case or to several."""
OF_NO_CASE = {"M39": "to the team", "M42": "before there is a case", "M54": "brings others",
              "M57": "to the team", "M58": "to the team"}  # fmt: skip
BY_HAND = {
    "M19": "a person finds a defect: tests/workflows/outreach/test_invitation.py",
    "M19a": "a person asks for the letter: tests/workflows/outreach/test_invitation.py",
    "M59": "a person opens records: tests/web/test_records.py",
    "M60": "a reader of a hospital asks for a code: tests/web/test_desk.py",
    "M61": "a person sends an archive: tests/web/test_records.py",
    "M63": "a person writes freely: tests/workflows/outreach/test_free_letters.py",
    "M64": "a person writes freely: tests/workflows/outreach/test_free_letters.py",
}
"""What leaves when somebody wants it to, on no way that every family goes."""
NOT_FOR: Mapping[tuple[str, str], str] = {
    ("pancreas", "M28a"): "its re-check awaits values that the papers of this case do not state",
    ("pelvis", "M28a"): "its re-check awaits values that the papers of this case do not state",
}
"""Which letter a family does not get on the way to the very end, and why."""
ONE_FAMILY = dict(zip(sorted(set(LEAVES) - {"main"}), 3 * sorted(PARTS), strict=False))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Play each way once, or everything when it is asked for."""
    if "way" in metafunc.fixturenames:
        every = [(name, way) for name in sorted(PARTS) for way in sorted(LEAVES)]
        whole = metafunc.config.getoption("--whole", default=False)
        once = [(name, way) for way, name in ONE_FAMILY.items()]
        metafunc.parametrize(("name", "way"), every if whole else once)


@pytest.mark.timeout(900)
def test_what_everybody_reads(
    house: House, people: People, name: str, way: str, tmp_path: Path
) -> None:
    whole = Ways(house, people, PARTS[name])
    play: Callable[[], Story] = getattr(whole, way)
    try:
        story = play()
    finally:
        found = whole.left_behind(tmp_path)
    left = {one["payload"]["template"] for one in story.case.events("message.sent")}
    missing = {code for family, code in NOT_FOR if family == name and way == "main"}
    assert left == LEAVES[way] - missing
    wrong = {file.name: says_wrong(file.read_text()) for file in found}
    assert {file: words for file, words in wrong.items() if words} == {}


def test_every_letter_leaves_on_a_way_or_has_its_reason() -> None:
    left = frozenset().union(*LEAVES.values()) | set(OF_NO_CASE) | set(BY_HAND)
    every = set(Playbooks(Settings().playbooks_dir).letters.codes)
    assert left | set(LETTERS) == every
    assert left & set(LETTERS) == set()


WRONG: Mapping[str, str] = {
    "a value that nobody has": r"\b(?:None|Undefined|nan|True|False)\b|\{[{%]|\[\]",
    "a raw code": r"(?<![\w/.@-])[a-z]+(?:_[a-z]+)+(?![\w@])",
    "an empty list": r":\n\n(?=The coordination team|With thanks)",
    "a stop behind a link": r"http\S+[.,;](?=\s)",
    "a space too many": r"[a-z,;] {2,}[a-z]|[a-z] [.,;](?=\s)",
    "one for many": r"\b1 (?:documents|messages|offers|questions|files|days)\b",
    "the same word twice": r"\b([a-z]{3,}) \1\b",
}


def says_wrong(mail: str) -> list[str]:
    """Return what no mail may hold, as words of the table and what was found."""
    text = mail.partition("\n\n")[2]
    found = [
        f"{what}: {m.group()}" for what, rule in WRONG.items() for m in re.finditer(rule, text)
    ]
    ends = "We coordinate, your doctors decide."
    twice = {
        "greeted twice": len(re.findall(r"^Dear ", text, re.MULTILINE)) > 1,
        "ended twice": text.count(ends) > 1,
    }
    return found + [what for what, so in twice.items() if so]


@pytest.mark.parametrize(
    "text",
    ["Until None.", "state in_review", "Here: http://a.example/x. Next", "We  have", "1 offers",
     "It was was so", "Still missing:\n\nThe coordination team"],
)  # fmt: skip
def test_the_rules_find_what_they_look_for(text: str) -> None:
    assert says_wrong(f"Subject: x\n\n{text}\n")
