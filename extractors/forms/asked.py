"""Labels that are questions, and labels that print their choices.

`ER positive: No` and `Margins involved? No` hold the word of one answer and mean the other;
`HER2 (0/1+/2+/3+): 2+` prints every answer before the one that was given. Neither may be read as a
statement: the first is told as what was answered, of the second the printed choices go.
"""

import re
from collections.abc import Iterator

_SAID: dict[str, tuple[str, str]] = {
    "positive": ("positive", "negative"),
    "negative": ("negative", ""),
    "present": ("present", "absent"),
    "absent": ("absent", ""),
    "identified": ("present", "absent"),
    "seen": ("present", "absent"),
    "found": ("present", "absent"),
    "detected": ("present", "absent"),
    "amplified": ("amplified", "not amplified"),
    "involved": ("involved", "not involved"),
    "received": ("given", "none"),
    "given": ("given", "none"),
    "administered": ("given", "none"),
}
"""What a yes and a no make of the last word of a label; "" where a no leaves it open."""
_ANSWER = (
    r"(?:\?[ \t]{0,2}:?|:)[ \t]{0,4}"
    r"(?P<answer>yes|no|y|n|true|false|unknown|not known|not stated|n/a)\b"
    r"(?=[ \t]*[.;,]?[ \t]*(?:\n|$))"
)
_ASKED = re.compile(rf"\b(?P<word>{'|'.join(_SAID)})[ \t]{{0,2}}{_ANSWER}", re.IGNORECASE)
# Quick to look for: most pages have none, and there is no need to look for the words.
_ANSWERED = re.compile(_ANSWER, re.IGNORECASE)
_YES, _NO = {"yes", "y", "true"}, {"no", "n", "false"}
_CHOICE = (
    r"(?:pos(?:itive)?|neg(?:ative)?|equivocal|yes|no|[yn]|present|absent|involved|uninvolved|free|"
    r"clear|close|[0-4]\+?|i{1,3}|low|high|intermediate|well|moderate(?:ly)?|poor(?:ly)?|"
    r"not identified|unknown)"
)
_PRINTED = re.compile(
    rf"[ \t]?[(\[][ ]?{_CHOICE}(?:[ ]?(?:/|\||,|-| or | to )[ ]?{_CHOICE}){{1,5}}[ ]?[)\]]"
    r"(?=[ \t]?[:=][ \t]*\S)",
    re.IGNORECASE,
)


def answered(text: str) -> Iterator[tuple[int, int, str, int]]:
    """Yield start and end of what a question and its answer take, what they say, and where.

    A yes to a word that says it already is left as it is printed.
    """
    if _ANSWERED.search(text) is None:
        return
    for match in _ASKED.finditer(text):
        answer, word = match["answer"].lower(), match["word"].lower()
        yes, no = _SAID[word]
        said = yes if answer in _YES else no if answer in _NO else ""
        # Where the answer is none, the label goes with it: its words would state something.
        start = match.start("word") if said else text.rfind("\n", 0, match.start()) + 1
        if said != word:
            yield start, match.end("answer"), said, match.start("answer")


def printed_choices(text: str) -> Iterator[tuple[int, int]]:
    """Yield the bracketed choices of labels that an answer follows."""
    for match in _PRINTED.finditer(text):
        yield match.span()
