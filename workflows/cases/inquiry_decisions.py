"""Inquiry and consent: is it ours, and what may we do?"""

from sqlalchemy import select
from sqlmodel import col

from models import Hospital
from models.case import SITES
from workflows.cases.consented import CONSENT_TEXT, consented
from workflows.cases.red_flags import RED_FLAG, Reported, report_red_flag
from workflows.cases.signed import ASKS_FOR, Signature, signature
from workflows.cases.time_zones import ASK_ZONE, known_zone
from workflows.declared import Raises
from workflows.engine.deciding import (
    COORDINATORS,
    PATIENT,
    Choice,
    Deciding,
    DecisionRefused,
    NotStated,
    Question,
)
from workflows.engine.lookup import patient_of


def _triage(in_scope: bool) -> "Choice":
    def apply(deciding: Deciding) -> None:
        site = deciding.optional("site")
        if site is not None:
            if site not in SITES:
                raise DecisionRefused(f"site must be one of: {', '.join(SITES)}")
            set_site(deciding, site)
        if in_scope and not deciding.case.site:
            raise NotStated("A case in scope needs its site.", "--set site=...")
        payload = {
            "in_scope": in_scope,
            "asked_for": deciding.optional("asked_for"),
            "red_flag": deciding.flag("red_flag"),
        }
        deciding.record_moving("inquiry.triaged", payload)
        if payload["red_flag"]:
            flag = Reported((), "triage", None, deciding.actor, None)
            report_red_flag(deciding.recorder, deciding.case_id, flag, deciding.cause)

    raises = Raises(events=("inquiry.triaged", "case.attribute_changed", RED_FLAG))
    if in_scope:
        return Choice(
            "Ours: ask for consent", apply, may=("site", "asked_for", "red_flag"), raises=raises
        )
    return Choice(
        "Not ours: say so and signpost",
        apply,
        may=("site", "asked_for", "red_flag"),
        reason=True,
        raises=raises,
    )


def set_site(deciding: Deciding, site: str) -> None:
    """Set the case's site, leaving the change on the timeline."""
    case = deciding.case
    if case.site == site:
        return
    payload = {"name": "site", "old": case.site, "new": site, "reason": "triage"}
    case.site = site
    deciding.record("case.attribute_changed", payload)


def _signed(deciding: Deciding) -> Signature:
    names = ("signed_by", "method", *ASKS_FOR)
    given = {name: deciding.optional(name) for name in names}
    return signature(deciding.session, deciding.case, given)


def _grant(deciding: Deciding) -> None:
    signed = _signed(deciding).columns()
    now = deciding.recorder.now
    deciding.session.add(consented(deciding.world, deciding.case, "process", signed, now))
    payload = {"scopes": ["process"], "text_version": CONSENT_TEXT, **signed}
    deciding.record_moving("consent.granted", payload)


def _decline(deciding: Deciding) -> None:
    deciding.record_moving("consent.declined", {"scopes": ["process"]})


def _grant_hospitals(deciding: Deciding) -> None:
    codes = deciding.listed("hospitals")
    hospitals = hospitals_by_code(deciding, codes)
    signed, now = _signed(deciding).columns(), deciding.recorder.now
    for hospital in hospitals:
        deciding.session.add(
            consented(deciding.world, deciding.case, "share_deid", signed, now, hospital)
        )
    deciding.record(
        "consent.granted",
        {
            "scopes": [f"share_deid:{code}" for code in codes],
            "text_version": CONSENT_TEXT,
            **signed,
        },
    )
    deciding.request("approve_shortlist", due_at=deciding.task.due_at)


def _no_hospital(deciding: Deciding) -> None:
    deciding.record("consent.declined", {"scopes": ["share_deid"]})
    deciding.record_moving("shortlist.empty", {"reason_code": "family_declined"})


def hospitals_by_code(deciding: Deciding, codes: list[str]) -> list[Hospital]:
    """Return the active hospitals with these codes; DecisionRefused names an unknown one."""
    found = {
        hospital.code: hospital
        for hospital in deciding.session.scalars(
            select(Hospital).where(col(Hospital.code).in_(codes), col(Hospital.active))
        )
    }
    missing = [code[:40] for code in codes if code not in found]
    if missing:
        raise DecisionRefused(f"No active hospital has the code {', '.join(missing[:5])}.")
    return [found[code] for code in codes]


def _state_zone(deciding: Deciding) -> None:
    zone = known_zone(deciding.value("time_zone"))
    if zone is None:
        raise DecisionRefused("Write the zone as its name, such as Asia/Muscat or Europe/Moscow.")
    patient_of(deciding.session, deciding.case_id).time_zone = zone


QUESTIONS = {
    ASK_ZONE: Question.of(
        "Where does the family's clock stand? Its country has several",
        COORDINATORS,
        {
            "stated": Choice("It is known", _state_zone, needs=("time_zone",)),
            "not_known": Choice(
                "It cannot be found out: letters keep to hours that are day everywhere there",
                lambda _: None,
                reason=True,
            ),
        },
    ),
    "triage_inquiry": Question.of(
        "Read the inquiry: is it for us?",
        COORDINATORS,
        {"in_scope": _triage(True), "out_of_scope": _triage(False)},
    ),
    "record_consent": Question.of(
        "Record the patient's consent to process the file",
        (*COORDINATORS, PATIENT),
        {
            "granted": Choice(
                "The consent is signed",
                _grant,
                needs=("signed_by", "method"),
                may=ASKS_FOR,
                raises=Raises(events=("consent.granted",)),
            ),
            "declined": Choice(
                "The consent is refused: the case closes",
                _decline,
                raises=Raises(events=("consent.declined",)),
            ),
        },
    ),
    "record_hospital_consent": Question.of(
        "Record which hospitals the family allows us to ask",
        (*COORDINATORS, PATIENT),
        {
            "granted": Choice(
                "The family allows these hospitals",
                _grant_hospitals,
                needs=("hospitals", "signed_by", "method"),
                may=ASKS_FOR,
                raises=Raises(events=("consent.granted",), requests=("approve_shortlist",)),
            ),
            "declined": Choice(
                "The family allows none",
                _no_hospital,
                raises=Raises(events=("consent.declined", "shortlist.empty")),
            ),
        },
    ),
}
