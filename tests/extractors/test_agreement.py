"""A scan and the text under it: the doubt lands on what differs, wherever the layer lies."""

import random

import pytest

from extractors.pages.agreement import differing
from extractors.types import Word

LINES = (
    "Left breast, lumpectomy: invasive ductal carcinoma, grade 2.",
    "Tumor size: 1.4 cm in greatest dimension.",
    "Margins: negative, closest margin 3 mm.",
    "Estrogen receptor (ER): positive (95%)",
    "Progesterone receptor (PR): positive (60%)",
    "HER2: negative (IHC 1+)",
    "Lymphovascular invasion: not identified",
)
CHANGES = (("1.4", "7.4"), ("positive (95%)", "negative (0%)"), ("3 mm", "8 mm"), ("1+", "3+"),
           ("Left", "Right"), ("grade 2", "grade 3"), ("(60%)", "(80%)"))  # fmt: skip


def placed(lines: tuple[str, ...], draw: random.Random) -> list[Word]:
    """Words of lines at some place, size and pitch."""
    x, y = draw.uniform(20, 90), draw.uniform(20, 90)
    width, pitch = draw.uniform(4, 8), draw.uniform(11, 20)
    words = []
    for number, line in enumerate(lines):
        at = x
        for text in line.split():
            top = y + number * pitch
            words.append(Word(text, (at, top, at + width * len(text), top + 10), 0, 0))
            at += width * (len(text) + 1)
    return words


@pytest.mark.parametrize("seed", range(20))
def test_the_doubt_lands_on_the_words_that_differ(seed: int) -> None:
    draw = random.Random(seed)
    picture = placed(LINES, draw)
    chosen = draw.sample(CHANGES, draw.randint(0, 3))
    lines = list(LINES)
    differ = set()
    for right, wrong in chosen:
        at = next(at for at, line in enumerate(lines) if right in line)
        lines[at] = lines[at].replace(right, wrong)
        told = zip(LINES[at].split(), lines[at].split(), strict=True)
        differ |= {(at, one) for one, other in told if one != other}
    text = {word.box: word.text for word in picture}
    found = differing(placed(tuple(lines), draw), picture)
    assert {text[box] for box in found} == {word for _, word in differ}


def test_a_word_that_the_picture_lost_makes_its_neighbours_doubtful() -> None:
    lost = tuple(line.replace("not ", "") for line in LINES)
    picture = placed(lost, random.Random(1))
    found = differing(placed(LINES, random.Random(2)), picture)
    assert [word.text for word in picture if word.box in found] == ["invasion:", "identified"]


def test_what_only_the_picture_has_is_no_doubt() -> None:
    short = tuple(line for line in LINES if "HER2" not in line)
    assert not differing(placed(short, random.Random(1)), placed(LINES, random.Random(2)))


def test_other_spacing_and_signs_that_look_alike_are_no_doubt() -> None:
    layer = placed(("Stage: pT1c pN0(sn)", "Tumor size: 15 mm"), random.Random(1))
    picture = placed(("Stage: pT 1c pNO(sn)", "Tumor size: l5 mm"), random.Random(2))
    assert not differing(layer, picture)
