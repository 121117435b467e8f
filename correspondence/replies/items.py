"""What hospitals ask for, recognised in their words.

The codes are those of `playbooks/completeness.yaml`, plus what only hospitals ask for (slides,
cardiac echo, ...).
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from correspondence.replies import arabic, chinese, english, french, german, hindi, russian, turkish
from correspondence.replies.languages import languages_of

_ITEMS = {
    language.__name__.rpartition(".")[2]: language.ITEMS
    for language in (english, chinese, german, russian, arabic, hindi, french, turkish)
}
_SENTENCE = re.compile(r"(?<=[^\d\s][.!?;])\s+|(?<=[।。；！？])\s*|\n+")
_HAVE = re.compile(
    r"\b(?:thank you for|thanks for|we (?:have )?(?:received|reviewed|seen|read)|is clear"
    r"|are (?:very )?clear"
    r"|(?:are|is) enough|already (?:have|received|here)|need not (?:be )?(?:sen[dt]"
    r"|repeat\w*)|is complete"
    r"|no need (?:for|of)|not (?:needed|required)|do(?:es)? not need)\b"
    r"|(?:已经?收到|不用|无需|不需要|齐全|足够)|\b(?:liegt|liegen) (?:bereits )?vor"
    r"|bereits erhalten|nicht (?:nötig|erforderlich)"
    r"|\b(?:уже (?:есть|получ\w*)|остальное есть|не (?:нужн\w*|требу\w*)|получили|достаточно)"
    r"|\b(?:déjà reçu\w*|pas nécessaire\w*|suffi\w*|avons bien reçu)|(?:استلمنا|وصلنا|لا حاجة"
    r"|غير مطلوب|كاف)"
    r"|\b(?:gerek yok|yeterli\w*|elimizde|ulaştı)|(?:मिल (?:गया|गई|गए)|ज़रूरत नहीं|काफी)"
    r"|\bmil gay[ai]",
    re.IGNORECASE,
)


def _patterns(languages: Sequence[str]) -> Iterator[tuple[str, re.Pattern[str]]]:
    for language in languages:
        yield from _compiled(language).items()


@cache
def _compiled(language: str) -> dict[str, re.Pattern[str]]:
    """Compile the words of a language, when a text is first looked at for it."""
    return {code: re.compile(words, re.IGNORECASE) for code, words in _ITEMS[language].items()}


def items_asked(text: str) -> list[str]:
    """Return the codes of the things that a text asks for, in order of appearance.

    A sentence that thanks for something, or says that it is not needed, asks for nothing.
    """
    return [code for code, _ in items_quoted(text)]


def items_quoted(text: str) -> list[tuple[str, str]]:
    """Return what a text asks for, in order of appearance: the code and the words of its sentence.

    The first sentence that asks for a thing is its quote, as it stands but for line breaks.
    """
    found: dict[str, tuple[int, str]] = {}
    languages = sorted(languages_of(text))
    position = 0
    for sentence in _SENTENCE.split(text):
        if not _HAVE.search(sentence):
            for code, pattern in _patterns(languages):
                if (match := pattern.search(sentence)) and code not in found:
                    found[code] = position + match.start(), " ".join(sentence.split())
        position += len(sentence) + 1
    return [(code, found[code][1]) for code in sorted(found, key=lambda one: found[one][0])]
