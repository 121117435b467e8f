"""Which script a page is written in, and a guess at its language that may say "I do not know"."""

import re
from string import ascii_letters

from extractors.types import Page, PageLanguage

# ISO 15924 codes by Unicode block. Kana and Hangul before Han: they settle what Han leaves open.
_SCRIPTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(f"[{block}]"))
    for name, block in (
        ("Latn", "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"),
        ("Cyrl", "\u0400-\u052f"),
        ("Arab", "\u0620-\u064a\u066e-\u06d3\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc"),
        ("Deva", "\u0900-\u0965\u0970-\u097f"),
        ("Beng", "\u0980-\u09e5\u09f0-\u09fe"),
        ("Taml", "\u0b80-\u0bff"),
        ("Telu", "\u0c00-\u0c7f"),
        ("Thai", "\u0e00-\u0e4f"),
        ("Ethi", "\u1200-\u139f"),
        ("Geor", "\u10a0-\u10ff"),
        ("Armn", "\u0530-\u058f"),
        ("Grek", "\u0370-\u03ff"),
        ("Hebr", "\u0590-\u05ff"),
        ("Kana", "\u3040-\u30ff"),
        ("Hang", "\uac00-\ud7af\u1100-\u11ff"),
        ("Hani", "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"),
    )
)
_ONE_LANGUAGE = {
    "Beng": "bn",
    "Taml": "ta",
    "Telu": "te",
    "Thai": "th",
    "Ethi": "am",
    "Geor": "ka",
    "Armn": "hy",
    "Grek": "el",
    "Hebr": "he",
    "Kana": "ja",
    "Hang": "ko",
}
_STOP_WORDS: dict[str, dict[str, frozenset[str]]] = {
    "Latn": {
        language: frozenset(words.split())
        for language, words in {
            "en": "the of and with is are for from no not to in was were by this at as on which",
            "fr": "le la les des du une un avec est pour sans et au aux dans par sur il de pas",
            "es": "el los las del una un con por para sin y es se al en que no la de como",
            "pt": "os as uma um com por para sem não dos das ao na no da do em é e que",
            "it": "il lo gli della dei del un una con per senza di che non è nel alla si la e",
            "de": "der die das und mit ist nicht ein eine ohne im von zu den dem des auf für bei",
            "nl": "de het een en van met is niet geen zonder voor op aan bij te in zijn wordt",
            "tr": "ve bir ile için olan bu da de olarak değil yok var göre sonra daha ise",
            "pl": "i w na z do nie jest bez oraz się od po dla o przez są",
            "ro": "și în cu de la nu este fără pentru din pe sau un o al ale",
            "vi": "của và không có các được là trong với cho bệnh nhân ở một",
            "id": "yang dan dengan tidak pada dari untuk di ini ke adalah oleh dalam",
            "sw": "na ya wa kwa ni katika la za hakuna bila cha hii kutoka",
            "uz": "va bilan uchun yoq bu bir ham emas esa kasallik boʻlgan qilingan",
        }.items()
    },
    "Cyrl": {
        language: frozenset(words.split())
        for language, words in {
            "ru": "и в на не с по из для без от до к при или что как",
            "uk": "і в на не з та до для без від при або що як у",
            "kk": "және мен үшін жоқ емес бар бұл бойынша",
        }.items()
    },
}
_ASCII = re.compile(r"[\x00-\x7f]+")
_WORD = re.compile(r"[^\W\d_]+")
_FEWEST_LETTERS = 12
_FEWEST_STOP_WORDS = 3
_SHARE = 0.05
_MARGIN = 1.25
_TRADITIONAL = re.compile("[體國學醫會來對時為這們個診療檢查術癌組織腫報]")
_SIMPLIFIED = re.compile("[体国学医会来对时为这们个诊疗检术组织肿报]")


def script_of(text: str) -> str:
    """Return the ISO 15924 code of the script that most letters belong to.

    "Jpan" and "Kore" stand for their mixtures with Han; "Zyyy" (undetermined) is returned when
    there are fewer than 12 letters, or 4 of a script without an alphabet, or none prevails.
    """
    # Most texts are of ASCII nearly all, and the other scripts have no letter there.
    foreign = _ASCII.sub("", text)
    counts = {name: len(pattern.findall(foreign)) for name, pattern in _SCRIPTS}
    counts["Latn"] += sum(map(text.count, ascii_letters))
    if counts["Hani"] and counts["Kana"] * 5 > counts["Hani"]:
        counts["Jpan"] = counts.pop("Hani") + counts.pop("Kana")
    best = max(counts, key=lambda name: counts[name])
    fewest = 4 if best in {"Hani", "Jpan", "Hang"} else _FEWEST_LETTERS
    if counts[best] < fewest or counts[best] * 2 <= sum(counts.values()):
        return "Zyyy"
    return {"Hang": "Kore", "Kana": "Jpan"}.get(best, best)


# Latin letters above ASCII, and the signs of Latin-1: what bytes of another script look like.
_HIGH = re.compile("[\u0080-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc]")
_TWICE_ENCODED = re.compile(
    "[\u00c3\u00c2\u00d0\u00d1\u00e2\u00e3-\u00e9][\u0080-\u00bf\u20ac\u201a-\u2026]"
)
_NO_SPACE = re.compile(r"\S")
_SIGN_WITHIN = re.compile(r"""[^\s\w.,:;'’()/%+-][^\W\d_]|[^\W\d_][\"#$&*<=>?@\\^`{|}~!]+\w""")
_ARABIC_WORD = re.compile("[\u0620-\u06d3\ufb50-\ufefc]{3,}")
# Letters that only end a word, and the article, which only begins one.
_ENDS_ONLY = "\u0629\u0649\ufe94\ufe93\ufef0\ufeef"
_ARTICLE = "\u0627\u0644"
_SIGNS = '"#$&*<=>?@\\^`{|}~!'
_FEWEST_HIGH = 12
_FEWEST_SIGNS = 8


def implausible(text: str) -> str | None:
    """Say why a text cannot be what its author wrote, or return None.

    Chinese or Russian bytes shown as Western letters, text encoded twice, Arabic with its letters
    backwards, and signs where letters should stand.
    """
    if not text.isascii():
        visible = len(_NO_SPACE.findall(text))
        high = len(_HIGH.findall(text))
        if high >= _FEWEST_HIGH and high > 0.35 * visible:
            return "letters of another script shown as Western ones"
        if 8 * len(_TWICE_ENCODED.findall(text)) > visible > 3 * _FEWEST_HIGH:
            return "text that was encoded twice"
        if _is_backwards(_ARABIC_WORD.findall(text)):
            return "letters in reverse order"
    if sum(map(text.count, _SIGNS)) >= _FEWEST_SIGNS:
        count = signs = 0
        # Line by line: the words of hundreds of pages take as much room as the pages.
        for words in map(str.split, text.split("\n")):
            count += len(words)
            odd = [word for word in words if len(word) >= 4 and not word.isalnum()]
            signs += sum(1 for word in odd if _SIGN_WITHIN.search(word[1:-1]))
        if signs >= _FEWEST_SIGNS and signs > 0.3 * count:
            return "signs in the place of letters"
    return None


def _is_backwards(words: list[str]) -> bool:
    """Say whether Arabic words were stored as they are seen, from the left, not as written."""
    forwards = backwards = 0
    for word in words:
        forwards += word.startswith(_ARTICLE) + (word[-1] in _ENDS_ONLY)
        backwards += word.endswith(_ARTICLE[::-1]) + (word[0] in _ENDS_ONLY)
    return backwards >= 2 and backwards > forwards


def guess_language(text: str, script: str | None = None) -> str:
    """Return a BCP 47 tag, or "und" when the text does not say enough to be sure.

    `script` is `script_of(text)` where the caller has it already.
    """
    script = script or script_of(text)
    if script in _STOP_WORDS:
        return _by_stop_words(text, _STOP_WORDS[script])
    if script == "Arab":
        return _of_arabic_script(text)
    if script == "Deva":
        return "mr" if re.search(r"\b(?:आहे|आणि|नाही)\b", text) else "hi"
    if script == "Hani":
        traditional, simplified = len(_TRADITIONAL.findall(text)), len(_SIMPLIFIED.findall(text))
        return "zh-Hant" if traditional > simplified else "zh-Hans" if simplified else "zh"
    return {"Jpan": "ja", "Kore": "ko"}.get(script) or _ONE_LANGUAGE.get(script, "und")


def _by_stop_words(text: str, languages: dict[str, frozenset[str]]) -> str:
    words = _WORD.findall(text.lower())
    if not words:
        return "und"
    hits = {tag: sum(map(stop.__contains__, words)) for tag, stop in languages.items()}
    second, first = sorted(hits.values())[-2:]
    if first < max(_FEWEST_STOP_WORDS, _SHARE * len(words)) or first < _MARGIN * second:
        return "und"
    return max(hits, key=lambda tag: hits[tag])


def _of_arabic_script(text: str) -> str:
    if re.search("[ٹڈڑےں]", text):
        return "ur"
    return "fa" if re.search("[پچژگ]", text) else "ar"


def languages_of(pages: tuple[Page, ...]) -> tuple[PageLanguage, ...]:
    """Return script and language of each page; a page without text is "Zyyy" and "und"."""
    result = []
    for page in pages:
        script = script_of(page.text)
        result.append(PageLanguage(page.number, guess_language(page.text, script), script))
    return tuple(result)
