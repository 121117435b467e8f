"""What a person chose for each finding of a document, from the page's form and back to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.datastructures import FormData

from views.shown import ShownFinding
from web.forms import NEW_FIELD, NEW_VALUE, PREFIX, as_finding
from web.values import finding_key, shown_value
from workflows.findings.decisions import CONFIRMED, OTHER, WHY

IS, CODE, WORDS = "is:", "code:", "why:"
CONFIRM, CORRECT, REJECT = "confirm", "correct", "reject"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One finding as the form had it: confirm, correct, reject or nothing; the value as typed."""

    choice: str = ""
    typed: str = ""
    code: str = ""
    words: str = ""

    @property
    def reason(self) -> str:
        """The reason as it is kept: a code, words, or both as "code: words"."""
        if self.code and self.code != OTHER:
            return f"{self.code}: {self.words}" if self.words else self.code
        return self.words


def verdicts(form: FormData, findings: Sequence[ShownFinding]) -> dict[str, Verdict]:
    """Return what a posted form says of each finding, by its key.

    A changed value is a correction and an emptied one a rejection, whatever was chosen beside it:
    without scripts that is all a person has to do.
    """
    found: dict[str, Verdict] = {}
    for finding in findings:
        key, read = finding_key(finding), shown_value(finding.value)
        typed = str(form.get(PREFIX + key, read)).strip()
        choice = str(form.get(IS + key, ""))
        if choice != REJECT and typed != read:
            choice = CORRECT if typed else REJECT
        elif choice == CORRECT:
            choice = CONFIRM
        found[key] = Verdict(
            choice if choice in (CONFIRM, CORRECT, REJECT) else "",
            typed,
            str(form.get(CODE + key, "")).strip(),
            " ".join(str(form.get(WORDS + key, "")).split())[:500],
        )
    return found


def decided_values(form: FormData, chosen: Mapping[str, Verdict]) -> dict[str, str]:
    """Return the verdicts as `workflows.decisions.decide` takes them, and the field added."""
    values: dict[str, str] = {}
    right: list[str] = []
    for key, verdict in chosen.items():
        if verdict.choice == CONFIRM:
            right.append(key)
        elif verdict.choice == CORRECT:
            values[key] = as_finding(verdict.typed)
        elif verdict.choice == REJECT:
            values[key] = ""
        if verdict.choice and verdict.reason:
            values[WHY + key] = verdict.reason
    if right:
        values[CONFIRMED] = ",".join(right)
    name, value = str(form.get(NEW_FIELD, "")).strip(), str(form.get(NEW_VALUE, "")).strip()
    if name and value:
        values[name] = as_finding(value)
    for name, _ in form.multi_items():  # fields set by other pages and programs
        field = name.removeprefix(PREFIX)
        if name.startswith(PREFIX) and field not in chosen and str(form[name]).strip():
            values[field] = as_finding(str(form[name]).strip())
    return values
