"""Who signed a consent: the patient, or somebody else with the ground that gives the right.

A relative's yes is a relative's. It counts with its ground alone: parent or legal guardian, named
by a court, or written authority with its document.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from models import Case, Document
from models.base import require_id
from workflows.cases.who_decides import CANNOT, OPEN, who_decides
from workflows.engine.deciding import DecisionRefused, NotStated
from workflows.engine.values import GROUNDS, RELATIVE, VALUES

ASKS_FOR = ("ground", "paper", "authority")
"""What a signature may state besides who signed and how."""
OF_SIGNER: Mapping[str, tuple[str, ...]] = {
    "guardian": ("legal_guardian", "court"),
    "proxy": ("written_authority",),
}
RELATIVE_REFUSED = (
    "A relative's yes is not the patient's. Ask the patient; or name the ground on which somebody "
    "else may sign: parent or legal guardian, a court's order, or the patient's written authority "
    "with its document."
)
UNDECIDED = (
    "Whether the patient knows of this inquiry is not settled: answer the task about it first. "
    "Until then nobody's consent is taken."
)
PATIENT_CANNOT = (
    "The patient was said to be unable to decide: the consent is signed by who has the right to, "
    "with the ground."
)


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, how, on which ground, and the papers that show it, as columns of `Consent`."""

    signed_by: str
    method: str
    ground: str | None = None
    paper_id: int | None = None
    authority_id: int | None = None

    def columns(self) -> dict[str, Any]:
        """Return it as the columns of a consent, which are the fields of its event too."""
        return {name: getattr(self, name) for name in self.__slots__}


def signature(session: Session, case: Case, given: Mapping[str, str | None]) -> Signature:
    """Return a signature as it was given; raise `DecisionRefused` for one that does not count."""
    said = {name: (value or "").strip() for name, value in given.items()}
    for name in ("signed_by", "method"):
        if said.get(name) not in VALUES[name].codes:
            raise NotStated(VALUES[name].sentence, VALUES[name].option(name))
    signed_by = said["signed_by"]
    if signed_by == RELATIVE:
        raise DecisionRefused(RELATIVE_REFUSED)
    stands = who_decides(session, require_id(case.id))
    if stands == OPEN:
        raise DecisionRefused(UNDECIDED)
    if stands == CANNOT and signed_by == "patient":
        raise DecisionRefused(PATIENT_CANNOT)
    ground = _ground(signed_by, said.get("ground", ""))
    authority = document_of(session, case, "authority", said.get("authority", ""))
    if ground == "written_authority" and authority is None:
        raise NotStated(
            "Written authority is a document: say the number of the one that gives the right.",
            VALUES["authority"].option("authority"),
        )
    paper = document_of(session, case, "paper", said.get("paper", ""))
    return Signature(signed_by, said["method"], ground, paper, authority)


def _ground(signed_by: str, ground: str) -> str | None:
    if signed_by == "patient":
        if ground:
            raise DecisionRefused("The patient signs in their own right: leave the ground out.")
        return None
    if ground not in GROUNDS:
        raise NotStated(VALUES["ground"].sentence, VALUES["ground"].option("ground"))
    if ground not in OF_SIGNER[signed_by]:
        raise DecisionRefused(
            f"The ground does not fit who signed: for a {signed_by} it is "
            f"{' or '.join(OF_SIGNER[signed_by])}."
        )
    return ground


def document_of(session: Session, case: Case, name: str, given: str) -> int | None:
    """Return the id of the case's document with this number, None for a blank one."""
    if not given:
        return None
    number = int(given) if given.isascii() and given.isdigit() and len(given) <= 18 else 0
    document = session.get(Document, number) if number else None
    if document is None or document.case_id != case.id:
        raise DecisionRefused(f"{name}: this case has no document with that number.")
    return number
