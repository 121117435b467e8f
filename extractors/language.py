"""A guess at the language: by script first, then by the commonest short words."""

import re

_SCRIPTS: tuple[tuple[str, str], ...] = (
    ("zh-Hans", r"[\u4e00-\u9fff]"),
    ("ru", r"[\u0400-\u04ff]"),
    ("ar", r"[\u0600-\u06ff]"),
    ("hi", r"[\u0900-\u097f]"),
    ("bn", r"[\u0980-\u09ff]"),
    ("am", r"[\u1200-\u137f]"),
)
_WORDS: tuple[tuple[str, str], ...] = (
    ("en", r"\b(?:the|of|and|with|is|are|for|from|no|to|in)\b"),
    ("fr", r"\b(?:le|la|les|des|du|une|avec|est|pour|sans|et)\b"),
    ("es", r"\b(?:el|los|las|del|una|con|por|para|sin|y|es)\b"),
    ("pt", r"\b(?:os|uma|com|por|para|sem|não|dos|das|ao)\b"),
    ("de", r"\b(?:der|die|das|und|mit|ist|nicht|ein|eine|ohne)\b"),
    ("tr", r"\b(?:ve|bir|ile|için|olan|bu|da|de)\b"),
    ("vi", r"\b(?:của|và|không|có|các|được)\b"),
    ("id", r"\b(?:yang|dan|dengan|tidak|pada|dari|untuk)\b"),
    ("sw", r"\b(?:na|ya|wa|kwa|ni|katika)\b"),
)
_LETTER = re.compile(r"[^\W\d_]")


def language_of(text: str) -> str:
    """Return a BCP 47 tag; "und" when the text has too few letters to tell."""
    letters = len(_LETTER.findall(text))
    if letters < 12:
        return "und"
    for tag, pattern in _SCRIPTS:
        found = len(re.findall(pattern, text))
        if found * 3 > letters:
            if tag == "ar" and re.search(r"[پچژگ]", text):
                return "ur" if re.search(r"[ٹڈڑے]", text) else "fa"
            return tag
    low = text.lower()
    counts = {tag: len(re.findall(pattern, low)) for tag, pattern in _WORDS}
    best = max(counts, key=lambda tag: counts[tag])
    return best if counts[best] >= 1 else "en"
