"""FHIR's types of values as words (HL7 FHIR R4 and R5, 2.24 Datatypes)."""

from adapters.reader.exports.export import (
    YES_OR_NO,
    State,
    plain,
    row_line,
    short_name,
    with_short_name,
)
from adapters.reader.exports.fhir_tree import Resource, child, children, primitive
from adapters.reader.web_page import html_parts

_STATES: dict[str, State] = {
    **dict.fromkeys(("final", "amended", "corrected", "appended", "modified"), "holds"),
    **dict.fromkeys(("current", "confirmed", "completed", "active"), "holds"),
    **dict.fromkeys(("preliminary", "partial", "unknown", "provisional", ""), "unsure"),
    **dict.fromkeys(("registered", "specimen-in-process", "in-progress", "on-hold"), "open"),
    **dict.fromkeys(("cancelled", "entered-in-error", "superseded", "deprecated"), "withdrawn"),
    **dict.fromkeys(("cannot-be-obtained", "not-done", "stopped", "refuted"), "withdrawn"),
}


def state_of(resource: Resource) -> tuple[State, str]:
    """Return whether what a resource states holds, and the code that says so.

    A `modifierExtension` may turn the meaning round: who does not know it must not use what it
    stands on (FHIR R4, 2.4.2). What is said of a relative or a device is not the patient's.
    """
    if resource.get("modifierExtension"):
        return "withdrawn", "changed in a way not known here"
    subject = primitive(child(resource, "subject"), "reference")
    if resource.get("focus") or subject.startswith(("Group/", "Device/", "Location/")):
        return "withdrawn", "about somebody else"
    codes = [primitive(resource, name) for name in ("status", "docStatus")]
    codes += [_code(child(resource, "verificationStatus"))]
    codes = [code for code in codes if code] or [""]
    states = [(_STATES.get(code, "unsure"), code) for code in codes]
    order: tuple[State, ...] = ("withdrawn", "open", "unsure", "holds")
    return min(states, key=lambda one: order.index(one[0]))


def _code(concept: Resource) -> str:
    return primitive(child(concept, "coding"), "code")


def concept_text(concept: object) -> str:
    """Return a coded value in words: as it was typed, else the first coding that has words."""
    typed = primitive(concept, "text")
    if typed:
        return plain(typed)
    shown = (primitive(coding, "display") for coding in children(concept, "coding"))
    return plain(next((words for words in shown if words), ""))


def label_of(resource: Resource, default: str = "") -> tuple[str, str]:
    """Return what a resource is about, short, and what its name adds."""
    label, rest = short_name(concept_text(child(resource, "code")))
    return label or default, rest


def value_text(holder: Resource) -> str:
    """Return the value of an observation or a component in words; empty when it has none."""
    value = plain(_value(holder))
    said = [_interpretation(one) for one in children(holder, "interpretation")]
    words = next((one for one in said if one), "")
    if words and value and not value.lower().startswith(words.lower()):
        return f"{words} ({value})"
    if value or words:
        return value or words
    absent = holder.get("dataAbsentReason")
    why = concept_text(absent) or _code(child(holder, "dataAbsentReason"))
    return f"not stated ({why})" if why else ""


def _value(holder: Resource) -> str:
    for name in ("valueString", "valueInteger", "valueDecimal", "valueDateTime", "valueTime"):
        if name in holder:
            return primitive(holder, name)
    if "valueBoolean" in holder:
        return {"true": "yes", "false": "no"}.get(primitive(holder, "valueBoolean"), "")
    if "valueCodeableConcept" in holder:
        return concept_text(child(holder, "valueCodeableConcept"))
    if "valueQuantity" in holder:
        return quantity(child(holder, "valueQuantity"))
    if "valueRange" in holder:
        return _range(child(holder, "valueRange"))
    if "valueRatio" in holder:
        return _ratio(child(holder, "valueRatio"))
    return ""


def quantity(value: Resource) -> str:
    """Return an amount with its comparator and unit."""
    number = primitive(value, "value")
    unit = primitive(value, "unit") or primitive(value, "code")
    comparator = primitive(value, "comparator")
    return " ".join(part for part in (comparator, number, unit) if part) if number else ""


def _range(value: Resource) -> str:
    low, high = child(value, "low"), child(value, "high")
    first, last = primitive(low, "value"), primitive(high, "value")
    unit = primitive(high, "unit") or primitive(low, "unit")
    if first and last:
        return f"{first}-{last} {unit}".strip()
    return quantity({**(low or high), "comparator": ">=" if first else "<="})


def _ratio(value: Resource) -> str:
    over, under = (child(value, name) for name in ("numerator", "denominator"))
    one = primitive(under, "value")
    top = quantity(over)
    return top if one in ("", "1", "1.0") else f"{top} / {quantity(under)}"


def _interpretation(concept: Resource) -> str:
    for coding in children(concept, "coding"):
        words = YES_OR_NO.get(primitive(coding, "code").upper())
        if words:
            return words
    typed = concept_text(concept)
    return typed.lower() if typed.lower() in YES_OR_NO.values() else ""


def narrative(holder: Resource) -> str:
    """Return the words of a narrative, as a reader of its page sees them."""
    words = html_parts(primitive(holder, "div"))[0] if holder else ""
    return "\n".join(
        row_line(row.split("\t")) if "\t" in row else with_short_name(row)
        for row in words.split("\n")
    )
