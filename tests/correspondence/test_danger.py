"""Danger that somebody writes of is heard; everyday mails wake nobody; in doubt it alarms."""

import time
from pathlib import Path
from random import Random

import pytest

from correspondence import Danger, load_danger, read_danger
from playbook_reader import PlaybookError
from settings import PROJECT_ROOT

WORDS = load_danger(PROJECT_ROOT / "playbooks" / "danger.yaml")
TEXTS = Path(__file__).parent / "danger"
ALARMS = (TEXTS / "alarms.txt").read_text("utf-8").splitlines()
"""What patients and families may write: a person must hear of each at once."""
EVERYDAY = (TEXTS / "everyday.txt").read_text("utf-8").splitlines()
"""None of these wakes anybody."""

SAID = {
    "en": {
        "fever": ["fever", "a high temperature", "chills"],
        "bleeding": ["bleeding", "blood in the urine"],
        "breathless": ["shortness of breath", "trouble breathing"],
        "chest_pain": ["chest pain", "pressure on the chest"],
        "calf_pain": ["a swollen leg", "a red calf"],
        "confusion": ["confusion"],
        "seizure": ["a seizure", "convulsions"],
        "vomiting": ["vomiting"],
    },
    "ru": {
        "fever": ["лихорадка", "озноб"],
        "bleeding": ["кровотечение"],
        "breathless": ["одышка"],
        "chest_pain": ["боль в груди"],
        "calf_pain": ["отёк ноги"],
        "vomiting": ["рвота"],
    },
    "ar": {"fever": ["حمى"], "bleeding": ["نزيف"], "breathless": ["ضيق في التنفس"]},
    "zh": {
        "fever": ["发烧"],
        "bleeding": ["出血"],
        "breathless": ["呼吸困难"],
        "chest_pain": ["胸痛"],
    },
    "hi": {"fever": ["बुखार"], "bleeding": ["खून"], "vomiting": ["उल्टी"]},
    "fr": {
        "fever": ["de la fièvre", "des frissons"],
        "bleeding": ["une hémorragie"],
        "chest_pain": ["une douleur dans la poitrine"],
        "vomiting": ["des vomissements"],
    },
}
THERE = {
    "en": [
        "Since last night she has {}.",
        "Dear team, {}! Please call",
        "I noticed {} today",
        "{}",
    ],
    "ru": ["У мамы {} со вчерашнего дня.", "Помощь нужна: {}", "сегодня {}"],
    "ar": ["عندي {} منذ الليل", "{} اليوم"],
    "zh": ["妈妈从昨晚开始{}", "今天{}了", "{}怎么办"],
    "hi": ["माँ को {} है", "कल रात से {}"],
    "fr": ["Elle a {} depuis hier soir.", "J'ai {}", "Bonjour, {} aujourd'hui"],
}
NOT_THERE = {
    "en": ["No {}.", "She has no {} today.", "He is well, without {}.", "There is no sign of {}."],
    "ru": ["Нет {}.", "Без {}.", "Всё хорошо, нет {}"],
    "ar": ["لا يوجد {}", "كل شيء بخير، بدون {}"],
    "zh": ["没有{}", "一切都好，没有{}。"],
    "hi": ["{} नहीं है", "सब ठीक है, {} नहीं"],
    "fr": [],
}
AFTER_NO = {
    "fever": "лихорадки",
    "bleeding": "кровотечения",
    "breathless": "одышки",
    "chest_pain": "боли в груди",
    "calf_pain": "отёка ноги",
    "vomiting": "рвоты",
}
"""As Russian says them after a no."""


def level_of(text: str) -> str:
    return read_danger(WORDS, text).level


@pytest.mark.parametrize("text", ALARMS)
def test_a_person_hears_at_once_of(text: str) -> None:
    assert level_of(text) == "red_flag"


@pytest.mark.parametrize("text", EVERYDAY)
def test_nobody_is_woken_by(text: str) -> None:
    assert level_of(text) != "red_flag"


@pytest.mark.parametrize("language", SAID)
@pytest.mark.parametrize("seed", range(4))
def test_a_sign_is_heard_in_whatever_it_stands(language: str, seed: int) -> None:
    chance, faults = Random(f"{language}{seed}"), []
    for sign, ways in SAID[language].items():
        said = chance.choice(ways)
        if chance.random() < 0.3:
            said = said.upper()
        text = chance.choice(THERE[language]).format(said)
        small_talk = chance.choice(EVERYDAY)
        if chance.random() < 0.5:
            text = f"{small_talk}\n{text}" if chance.random() < 0.5 else f"{text}\n{small_talk}"
        if sign not in read_danger(WORDS, text).signs:
            faults.append(text)
    assert faults == []


@pytest.mark.parametrize("language", [code for code, ways in NOT_THERE.items() if ways])
def test_a_plain_no_wakes_nobody_and_is_still_read(language: str) -> None:
    for sign, ways in SAID[language].items():
        for said in [AFTER_NO[sign]] if language == "ru" else ways:
            for carrier in NOT_THERE[language]:
                bare = said.removeprefix("a ")
                found = read_danger(WORDS, carrier.format(bare))
                assert found.level == "mentioned", carrier.format(bare)
                assert sign in found.taken_back


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("39.5", ("fever",)),
        ("temp 37.2 this morning", ()),
        ("temperature 36.8, no fever", ()),
        ("температура 36,6 но кровотечение", ("bleeding",)),
        ("102.5 F at noon", ("fever",)),
        ("97 F at noon", ()),
        ("oxygen 85 %", ("breathless",)),
        ("oxygen 97 %", ()),
        ("体温三十八度, 38.5度", ("fever",)),
    ],
)
def test_measured_numbers_say_it_by_themselves(text: str, signs: tuple[str, ...]) -> None:
    assert set(read_danger(WORDS, text).signs) >= set(signs)
    assert bool(read_danger(WORDS, text).signs) == bool(signs)


def test_what_takes_a_no_back_alarms() -> None:
    for text in (
        "no fever now but it came back at night",
        "No, bleeding since noon",
        "the bleeding stopped and started again",
        "the bleeding has not stopped",
        "no fever medicine left, she is burning up",
        "Нет, температура",
        "没有退烧",
    ):
        assert level_of(text) == "red_flag", text


def test_everyday_words_are_nothing_at_all() -> None:
    assert read_danger(WORDS, "Thank you, Monday at 10:30 suits us.") == Danger()


def test_a_stranger_cannot_make_the_reader_work_for_long() -> None:
    begun = time.process_time()
    for text in (
        "fever and bleeding no " * 2000,
        "leg " * 9000,
        "no " * 9000,
        "39.5 " * 9000,
        "肿腿" * 9000,
    ):
        read_danger(WORDS, text)
    assert time.process_time() - begun < 30


def test_a_language_that_is_left_out_is_refused(tmp_path: Path) -> None:
    text = (PROJECT_ROOT / "playbooks" / "danger.yaml").read_text("utf-8")
    planted = tmp_path / "danger.yaml"
    planted.write_text(text.replace("    fr: [fievre,", "    xx: [fievre,", 1), "utf-8")
    with pytest.raises(PlaybookError, match="fever: no words in"):
        load_danger(planted)
