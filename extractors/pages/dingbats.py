"""Fonts of signs: what a code of ZapfDingbats or Wingdings shows, where the file does not say.

Such fonts have codes of their own; read as letters, the tick of a form is a `4`. Only signs that
mark an answer are listed (Zapf Dingbats: ISO 32000-1, annex D.6; Wingdings: its own code page).
"""

_ZAPF = dict(zip("345678lmnopqr", "✓✔✕✖✗✘●❍■❏❐❑❒", strict=True))
_WINGDINGS = dict(zip("oqrxlnþýûü¨¡¤RST", "□❑❒☒●■☑☒✗✓◻○◉☑☒☒", strict=True))
_SIGNS = {"zapfdingbats": _ZAPF, "dingbats": _ZAPF, "wingdings": _WINGDINGS}


def sign(font: str, text: str) -> str:
    """Return what `text` of a font shows: a sign, or `text` itself in every other font."""
    if len(text) != 1:
        return text
    name = font.rsplit("+", 1)[-1].lower()
    for start, signs in _SIGNS.items():
        if name.startswith(start) and not name.startswith(("wingdings2", "wingdings3")):
            return signs.get(text, text)
    return text
