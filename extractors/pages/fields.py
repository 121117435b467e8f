"""Form fields of a PDF: what was filled in, whatever their appearances show (ISO 32000-1, 12.7).

A field's value is inherited from its parents; a widget is one place of it on a page. Programs fill
in values and leave the appearances to the viewer (`NeedAppearances`), or forget them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pdfminer.pdftypes import PDFStream, resolve1
from pdfminer.psparser import PSLiteral
from pdfminer.utils import decode_text

Kind = Literal["text", "choice", "box", "other"]

_MULTILINE, _PASSWORD, _PUSH_BUTTON = 1 << 12, 1 << 13, 1 << 16
_COMBINED, _COMB = 1 << 17, 1 << 24
_FONT_SIZE = re.compile(rb"([\d.]+)\s+Tf")
_MAX_LENGTH = 20_000
_MAX_PARENTS = 32
_MAX_KIDS = 500
_OFF = "Off"

Entries = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Filled:
    """What a widget holds: its value in words, or for a box whether it is ticked.

    A button of several whose look and value differ is not ticked, and neither is any other of its
    field: the form leaves it open. `comb` spaces the characters of a text evenly. `size` is the
    font's in points, 0 where the viewer chooses it.
    """

    kind: Kind
    value: str = ""
    ticked: bool = False
    size: float = 0.0
    multiline: bool = False
    comb: bool = False


class Fields:
    """The form of a document; `anew` says that viewers draw every field from its value."""

    def __init__(self, catalog: Entries) -> None:
        form = resolve1(catalog.get("AcroForm"))
        self._form: Entries = form if isinstance(form, dict) else {}
        self.anew = resolve1(self._form.get("NeedAppearances")) is True

    @staticmethod
    def is_list(widget: Entries) -> bool:
        """Say whether a choice shows all its entries, chosen or not: it is no combination box."""
        flags = _inherited(widget, "Ff")
        combined = isinstance(flags, int) and bool(flags & _COMBINED)
        return _name(_inherited(widget, "FT")) == "Ch" and not combined

    def filled(self, widget: Entries) -> Filled:
        """Return what a widget holds. Never raises on what a file may contain."""
        kind = _name(_inherited(widget, "FT"))
        flags = _inherited(widget, "Ff")
        flags = flags if isinstance(flags, int) else 0
        if kind == "Btn":
            if flags & _PUSH_BUTTON:
                return Filled("other")
            return Filled("box", ticked=_ticked(widget))
        if kind not in ("Tx", "Ch") or flags & _PASSWORD:
            return Filled("other")
        size = font_size(_inherited(widget, "DA") or resolve1(self._form.get("DA")))
        if kind == "Ch":
            return Filled("choice", _chosen(widget), size=size)
        value = text_value(_inherited(widget, "V"))
        many, comb = bool(flags & _MULTILINE), bool(flags & _COMB)
        return Filled("text", value, size=size, multiline=many, comb=comb)


def text_value(value: object) -> str:
    """Return a text string or stream as text; a name as its characters; nothing for the rest."""
    if isinstance(value, PDFStream):
        value = value.get_data()
    if isinstance(value, bytes):
        if value.startswith(b"\xef\xbb\xbf"):
            return value[3:].decode("utf-8", "replace")[:_MAX_LENGTH]
        return decode_text(value)[:_MAX_LENGTH]
    if isinstance(value, str):
        return value[:_MAX_LENGTH]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return _name(value)


def font_size(appearance: object) -> float:
    """Return the size of the font in a default appearance; 0 when it states none."""
    text = appearance.encode() if isinstance(appearance, str) else appearance
    match = _FONT_SIZE.search(text) if isinstance(text, bytes) else None
    try:
        return min(float(match.group(1)), 100.0) if match else 0.0
    except ValueError:
        return 0.0


def _name(value: object) -> str:
    if not isinstance(value, PSLiteral):
        return ""
    name = value.name
    return name if isinstance(name, str) else name.decode("utf-8", "replace")


def _lineage(widget: Entries) -> Iterator[Entries]:
    node: object = widget
    for _ in range(_MAX_PARENTS):
        if not isinstance(node, dict):
            return
        yield node
        node = resolve1(node.get("Parent"))


def _inherited(widget: Entries, key: str) -> Any:
    for node in _lineage(widget):
        if key in node:
            return resolve1(node[key])
    return None


def _list(value: object) -> list[Any]:
    value = resolve1(value)
    return [resolve1(one) for one in value] if isinstance(value, list) else []


def _chosen(widget: Entries) -> str:
    """Return the chosen entries of a list as they are shown; a list's other entries are not."""
    shown: dict[str, str] = {}
    for option in _list(_inherited(widget, "Opt")):
        pair = [text_value(resolve1(one)) for one in option] if isinstance(option, list) else []
        if len(pair) == 2:
            shown[pair[0]] = pair[1]
    value = _inherited(widget, "V")
    values = _list(value) if isinstance(value, list) else [value]
    words = [text_value(one) for one in values]
    return ", ".join(shown.get(word, word) for word in words if word)


def _ticked(widget: Entries) -> bool:
    """Say whether a check box or radio button is on, by its look and its field's value alike."""
    field = widget if "T" in widget else resolve1(widget.get("Parent"))
    kids = _list(field.get("Kids"))[:_MAX_KIDS] if isinstance(field, dict) else []
    buttons = [kid for kid in kids if isinstance(kid, dict) and "T" not in kid] or [widget]
    value = text_value(_inherited(widget, "V"))
    named = value in [_on_state(kid) for kid in buttons]
    exported = [text_value(one) for one in _list(_inherited(widget, "Opt"))] if not named else []
    states = [_state(kid, at, value, exported, len(buttons)) for at, kid in enumerate(buttons)]
    if len(buttons) == 1 and "AS" in widget:
        return _name(resolve1(widget["AS"])) != _OFF  # a box alone is what every viewer shows
    if None in states or (value not in ("", _OFF) and True not in states):
        return False
    at = next((at for at, kid in enumerate(buttons) if kid is widget), None)
    if at is None:
        at = next((at for at, kid in enumerate(buttons) if _same(kid, widget)), None)
    return at is not None and states[at] is True


def _same(kid: Entries, widget: Entries) -> bool:
    return bool(kid.get("Rect") == widget.get("Rect") and kid.get("P") == widget.get("P"))


def _state(button: Entries, at: int, value: str, exported: list[str], buttons: int) -> bool | None:
    """Return whether a button is on; None where its look and the field's value differ."""
    look = _name(resolve1(button.get("AS")))
    on = _on_state(button) or (look if look != _OFF else "")
    by_look = look != _OFF if look else None
    by_value: bool | None = None
    if value in ("", _OFF):
        by_value = False if value else None
    elif on:
        by_value = value == on or (at < len(exported) and value == exported[at])
    elif buttons == 1:
        by_value = True
    elif exported or value.isdecimal():
        by_value = value in (str(at), *exported[at : at + 1])
    if by_look is None or by_value is None:
        return bool(by_look or by_value)
    return by_look if by_look == by_value else None


def _on_state(button: Entries) -> str:
    """Return the name of the look in which a button is on: the one that is not Off."""
    looks = resolve1(button.get("AP"))
    for kind in ("N", "D"):
        states = resolve1(looks.get(kind)) if isinstance(looks, dict) else None
        if isinstance(states, dict):
            for name in states:
                if name != _OFF:
                    return str(name)
    return ""
