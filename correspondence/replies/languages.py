"""Which languages a letter may be in: rules of others would only misread it."""

import re
from typing import Final

_SCRIPTS: Final = {
    "chinese": re.compile(r"[\u4e00-\u9fff]"),
    "russian": re.compile(r"[\u0400-\u04ff]"),
    "arabic": re.compile(r"[\u0600-\u06ff]"),
    "hindi": re.compile(r"[\u0900-\u097f]"),
    "turkish": re.compile(r"[ğışĞİŞ]"),
}
_WORDS: Final = {
    "german": "und der die das ist wir sie nicht für mit von ein eine den dem werden bitte haben"
    " auf im leider sehr geehrte ihre uns wird guten tag",
    "french": "le la les de des et est nous vous une un pour dans avec sur du au votre notre"
    " pas bonjour merci madame monsieur être que cette ce",
    "turkish": "ve bir için ile bu hasta hastamız merhaba sayın olarak var da de gün kadar daha"
    " hastanın hastanız lütfen saygılar iyi çalışmalar konseyde",
    "hindi": "hai hain ke ki ka ko se mein nahi nahin aur hum aap yeh kya ji karo kar dijiye hoga",
}
_COMMON: Final = {name: frozenset(words.split()) for name, words in _WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")
_ENOUGH = 2
_LOOKED_AT = 4_000


def languages_of(text: str) -> frozenset[str]:
    """Return the names of the languages a text may be in; English is always among them."""
    head = text[:_LOOKED_AT]
    found = {"english"}
    found.update(name for name, script in _SCRIPTS.items() if len(script.findall(head)) >= _ENOUGH)
    words = {word.lower() for word in _WORD.findall(head)}
    found.update(name for name, common in _COMMON.items() if len(words & common) >= _ENOUGH)
    return frozenset(found)
