"""The forms of the hospital's desk: which there are, and how what was typed is read and kept."""

from collections.abc import Mapping

from starlette.datastructures import FormData

from web.desk_words import CLASSES, COST_ITEMS, IORT, ITEMS, TECHNIQUES, WHY_DECLINED

FORMS: Mapping[str, Mapping[str, str]] = {
    "review": IORT,
    "missing": ITEMS,
    "offer": COST_ITEMS,
    "decline": WHY_DECLINED,
    "colleague": TECHNIQUES,
    "write": CLASSES,
}
"""Each form of the desk, with the words that its choices are shown by."""
SEVERAL = ("items", "inclusions", "exclusions")
"""Fields of which several may be ticked."""
_OURS = ("csrf", "form")


def values_of(form: FormData) -> dict[str, str]:
    """Return what was typed by field; ticks of one field in a row, parted by commas."""
    values = typed_of(form)
    for name in SEVERAL:
        ticked = [str(one) for one in form.getlist(name) if str(one).strip()]
        if ticked:
            values[name] = ",".join(ticked)
    return values


def typed_of(form: FormData) -> dict[str, str]:
    """Return what was typed, to be shown once more."""
    return {
        name: str(value)[:5000]
        for name, value in form.multi_items()
        if name not in _OURS and isinstance(value, str)
    }
