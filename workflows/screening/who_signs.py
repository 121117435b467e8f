"""Who signs: as the account states it, else as given now, which is then kept there."""

from collections.abc import Mapping
from dataclasses import asdict

from sqlmodel import Session

from accounts.people import person_key, same_person
from accounts.signers import Signer, keep_signer, signer_of, stands_for
from models import Review
from workflows.engine.deciding import DecisionRefused, NotStated
from workflows.engine.values import VALUES

SIGNER = {
    "signer_name": "name",
    "signer_qualification": "qualification",
    "signer_registration": "registration",
}
"""The values that name who signs, and what each is of the account."""


def same_clinician(review: Review, ref: str, registration: str) -> bool:
    """Say whether a signature is by the person with this pseudonym or this registration.

    A second opinion is another person's: two accounts of one doctor are one.
    """
    signed = person_key(review.signer_registration or "")
    return same_person(review.clinician_ref, ref) or (
        signed != "" and signed == person_key(registration)
    )


def who_signs(session: Session, ref: str, given: Mapping[str, str | None]) -> Signer:
    """Return who signs, by the account `ref` and what was given now under the names of `SIGNER`.

    Raises `DecisionRefused` when the account states another, `NotStated` for what nobody states.
    """
    known = asdict(signer_of(session, ref))
    for name, part in SIGNER.items():
        stated = given.get(name)
        if stated and known[part] and stated != known[part]:
            raise DecisionRefused(
                f"Your account states another {part}. Change it there (My account), then sign."
            )
        if not known[part] and not stands_for(part, stated or ""):
            raise NotStated(VALUES[name].sentence, VALUES[name].option(name))
    signer = Signer(
        **{
            part: known[part] or " ".join((given.get(name) or "").split())
            for name, part in SIGNER.items()
        }
    )
    if asdict(signer) != known:
        keep_signer(session, ref, signer)
    return signer
