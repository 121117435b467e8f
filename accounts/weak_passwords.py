"""Passwords that are guessed first: known words, names, rows of keys, years, and what is left then.

The list is made by rule and ships with the code: no breach is copied. A password is refused when
little is left of it once all that anybody would try is taken out, in whatever spelling.
"""

import re
import unicodedata
from collections.abc import Iterable

LEAST_LEFT, LEAST_DISTINCT = 6, 4
"""So many signs, and different ones, must be left once what is known is taken out."""
_KNOWN = [
    "password",
    "passwort",
    "passphrase",
    "motdepasse",
    "contrasena",
    "contrasenya",
    "parola",
    "kennwort",
    "senha",
    "admin",
    "administrator",
    "administration",
    "root",
    "superuser",
    "login",
    "logon",
    "signin",
    "letmein",
    "welcome",
    "willkommen",
    "bienvenue",
    "secret",
    "geheim",
    "changeme",
    "change",
    "default",
    "temporary",
    "temp",
    "test",
    "testing",
    "guest",
    "user",
    "master",
    "hello",
    "iloveyou",
    "loveyou",
    "lovely",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "soccer",
    "sunshine",
    "princess",
    "superman",
    "batman",
    "trustno",
    "whatever",
    "shadow",
    "freedom",
    "flower",
    "summer",
    "winter",
    "spring",
    "autumn",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "michael",
    "jennifer",
    "jordan",
    "ashley",
    "charlie",
    "daniel",
    "thomas",
    "computer",
    "internet",
    "google",
    "qwerty",
    "qwertz",
    "azerty",
    "asdf",
    "zxcv",
    "iort",
    "radiotherapy",
    "radiation",
    "oncology",
    "cancer",
    "tumour",
    "tumor",
    "surgery",
    "surgeon",
    "hospital",
    "clinic",
    "clinician",
    "coordinator",
    "coordination",
    "patient",
    "doctor",
    "nurse",
    "analyst",
    "lead",
    "medical",
    "medicine",
    "health",
    "case",
    "cases",
    "console",
    "portal",
]
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm",
         "qwertzuiop", "azertyuiop", "1qaz2wsx3edc4rfv", "йцукенгшщзхъ", "фывапролджэ")  # fmt: skip
_SPELLED = str.maketrans("@4308$57!1|", "aaeobsstiil")
_YEAR = re.compile(r"(?:19|20)\d\d")
_AGAIN = re.compile(r"(.{1,4}?)\1{2,}")
_SHORTEST_WORD, _SHORTEST_ROW = 4, 4


def is_weak(password: str, own: Iterable[str] = ()) -> bool:
    """Say whether a password is one of those that are guessed first.

    `own` are the account's name and what else anybody knows of it.
    """
    typed = unicodedata.normalize("NFKC", password).casefold()
    words = [part for one in own for part in re.split(r"\W+", one.casefold())]
    return any(_too_little(_left(text, words)) for text in (typed, typed.translate(_SPELLED)))


def _left(text: str, own: Iterable[str]) -> str:
    """Return the letters and digits that are no known word, row of keys, year or repetition."""
    words = sorted((*_KNOWN, *own), key=len, reverse=True)
    for row in _in_rows(text):
        text = text.replace(row, " ")
    text = _YEAR.sub(" ", text)
    for word in words:
        if len(word) >= _SHORTEST_WORD:
            text = text.replace(word, " ")
    text = _AGAIN.sub(r"\1", text)
    return "".join(sign for sign in text if sign.isalnum())


def _in_rows(text: str) -> Iterable[str]:
    """Yield what of a text are neighbours on a keyboard or in the alphabet, longest first."""
    rows = [one for row in _ROWS for one in (row, row[::-1])]
    found = {
        row[start : start + length]
        for row in rows
        for length in range(_SHORTEST_ROW, len(row) + 1)
        for start in range(len(row) - length + 1)
        if row[start : start + length] in text
    }
    return sorted(found, key=len, reverse=True)


def _too_little(left: str) -> bool:
    return len(left) < LEAST_LEFT or len(set(left)) < LEAST_DISTINCT
