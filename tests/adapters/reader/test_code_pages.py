"""Reports in English with words of another script, in code pages that nobody states."""

import random

import pytest

from adapters.reader.code_pages import decode_text
from extractors import extract
from tests.adapters.reader.pages import read

ENGLISH = ("PATHOLOGY REPORT", "Patient: Jane Example", "Specimen: left breast", "ER:", "HER2:",
           "(95%)", "(1+)", "Ki-67: 12%", "Date: 2026-05-03", "Size 14 mm", "grade 2,")  # fmt: skip
WORDS = {
    "gb18030": ("阳性", "阴性", "左侧乳腺", "浸润性导管癌", "未见癌", "淋巴结", "切缘阴性"),
    "cp1251": ("положительный", "отрицательный", "Рак", "молочной железы", "нет", "узлы", "край"),
    "koi8-r": ("положительный", "Рак молочной железы", "узлы не найдены", "край чистый"),
    "cp1252": ("Größe", "für", "Brustdrüse", "Östrogen", "médullaire", "señal", "não", "±", "µm"),
}  # fmt: skip


@pytest.mark.parametrize("encoding", WORDS)
@pytest.mark.parametrize("seed", range(25))
def test_words_of_another_script_among_english_are_kept(encoding: str, seed: int) -> None:
    draw = random.Random(f"{encoding} {seed}")
    parts = [draw.choice(ENGLISH) for _ in range(draw.randint(8, 30))]
    for _ in range(draw.randint(1, 12)):
        parts.insert(draw.randrange(len(parts)), draw.choice(WORDS[encoding]))
    if not set(parts) & set(WORDS[encoding][:3]):
        parts.append(WORDS[encoding][0])
    text = draw.choice((" ", "\n")).join(parts)
    assert decode_text(text.encode(encoding)) == text


def test_a_report_with_chinese_answers_keeps_them_in_its_quotes() -> None:
    lines = ("PATHOLOGY REPORT", "Left breast: invasive ductal carcinoma 浸润性导管癌",
             "ER: 阳性 (95%)", "HER2: 阴性 (1+)")  # fmt: skip
    (page,) = read("\n".join(lines).encode("gbk")).pages
    assert page.text.split("\n") == list(lines)
    quotes = {one.field: one.quote for one in extract([page], document_id="1").findings}
    assert "阳性" in quotes["breast.er"]
    assert "阴性" in quotes["breast.her2"]
