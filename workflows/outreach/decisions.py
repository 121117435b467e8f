"""Outreach: approve which hospitals are asked."""

from workflows.cases.inquiry_decisions import hospitals_by_code
from workflows.declared import Raises
from workflows.engine.deciding import COORDINATORS, Choice, Deciding, Question
from workflows.letters.decisions import may_be_asked


def _approve_shortlist(deciding: Deciding) -> None:
    codes = deciding.listed("hospitals")
    hospitals_by_code(deciding, codes)
    may_be_asked(deciding)
    payload = {
        "hospital_ids": codes,
        "mode": deciding.optional("mode"),
        "attested": ["deidentified_summary_only"],
    }
    deciding.record_moving("shortlist.approved", payload)


QUESTIONS = {
    "approve_shortlist": Question.of(
        "Approve the hospitals to ask",
        COORDINATORS,
        {
            "approve": Choice(
                "Ask these hospitals with the de-identified summary",
                _approve_shortlist,
                needs=("hospitals",),
                may=("mode",),
                attests=("deidentified_summary_only",),
                raises=Raises(events=("shortlist.approved",)),
            )
        },
    )
}
