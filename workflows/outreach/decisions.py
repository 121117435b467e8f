"""Outreach: approve which hospitals are asked; confirm units that nobody has confirmed lately."""

from collections.abc import Sequence

from correspondence.directory import UNCONFIRMED, ShortlistEntry
from models import Hospital
from workflows.cases.inquiry_decisions import hospitals_by_code
from workflows.declared import Raises
from workflows.directory.changes import ChangeRefused, confirm_units_in
from workflows.engine.deciding import (
    COORDINATORS,
    Choice,
    Deciding,
    DecisionRefused,
    NotStated,
    Question,
)
from workflows.letters.decisions import may_be_asked
from workflows.outreach.fitting import fitting, techniques_of

IN_WORDS = {
    "never_confirmed": "nobody has ever confirmed its unit",
    "unconfirmed_90_days": "nobody has confirmed its unit for 90 days",
    "out_of_service": "its unit is out of service",
    "no_foreigners": "it takes no patients from abroad",
}


def _approve_shortlist(deciding: Deciding) -> None:
    codes = deciding.listed("hospitals")
    hospitals = hospitals_by_code(deciding, codes)
    may_be_asked(deciding)
    _confirm(deciding, [entry for entry in _entries(deciding, hospitals) if not entry.choosable])
    payload = {
        "hospital_ids": codes,
        "mode": deciding.optional("mode"),
        "attested": ["deidentified_summary_only"],
    }
    deciding.record_moving("shortlist.approved", payload)


def _entries(deciding: Deciding, hospitals: Sequence[Hospital]) -> list[ShortlistEntry]:
    """Return how the directory stands on these hospitals for the case, where they fit it."""
    codes = {hospital.code for hospital in hospitals}
    wanted = techniques_of(deciding.session, deciding.world, deciding.case)
    found = fitting(deciding.session, deciding.case, deciding.recorder.now, wanted, asked_too=True)
    return [entry for entry in found if entry.hospital.hospital_id in codes]


def _confirm(deciding: Deciding, entries: Sequence[ShortlistEntry]) -> None:
    """Write into the directory that units are as listed; refuse what no confirmation mends."""
    for entry in entries:
        against = [flag for flag in entry.flags if flag in IN_WORDS]
        said = f"{entry.hospital.hospital_id}: {', '.join(IN_WORDS[flag] for flag in against)}."
        if not set(against) <= UNCONFIRMED:
            raise DecisionRefused(f"{said} Correct it in the directory first, if it is not so.")
        evidence = deciding.optional("evidence")
        if evidence is None:
            raise NotStated(
                f"{said} Telephone, and say what the confirmation rests on.", "--set evidence=TEXT"
            )
        number = entry.hospital.units.index(entry.unit) + 1
        try:
            confirm_units_in(
                deciding.session,
                entry.hospital.hospital_id,
                [number],
                evidence,
                deciding.actor,
                deciding.recorder.now,
            )
        except ChangeRefused as refused:
            raise DecisionRefused(str(refused)) from None


def _confirmed(deciding: Deciding) -> None:
    """Confirm the units of these hospitals; they are proposed to the family then.

    One that was confirmed in the directory meanwhile is proposed as it is.
    """
    hospitals = hospitals_by_code(deciding, deciding.listed("hospitals"))
    _confirm(deciding, [entry for entry in _entries(deciding, hospitals) if not entry.choosable])
    deciding.request("propose_shortlist")


def _none_confirmed(deciding: Deciding) -> None:
    deciding.record_moving("shortlist.empty", {"reason_code": "no_unit_confirmed"})


QUESTIONS = {
    "approve_shortlist": Question.of(
        "Approve the hospitals to ask",
        COORDINATORS,
        {
            "approve": Choice(
                "Ask these hospitals with the de-identified summary",
                _approve_shortlist,
                needs=("hospitals",),
                may=("mode", "evidence"),
                attests=("deidentified_summary_only",),
                raises=Raises(events=("shortlist.approved",)),
            )
        },
    ),
    "confirm_units": Question.of(
        "Hospitals would fit, but nobody has confirmed their units lately: telephone",
        COORDINATORS,
        {
            "confirmed": Choice(
                "The units are as listed",
                _confirmed,
                needs=("hospitals", "evidence"),
                raises=Raises(requests=("propose_shortlist",)),
                will="The directory is confirmed with today's date, and the family is asked.",
            ),
            "none": Choice(
                "None of them can be confirmed",
                _none_confirmed,
                reason=True,
                raises=Raises(events=("shortlist.empty",)),
            ),
        },
    ),
}
