"""Guards: yes-or-no questions that a transition of `playbooks/state_machine.yaml` asks.

Each is a function of the event's payload and of what is known of the case. Some can only be
vouched for by a person (`ATTESTED`): deciding means vouching, and the event carries their names.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from accounts.people import person_key


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What the guards may know of a case, counted in the recording transaction."""

    state: str
    today: date
    documents_in_processing: int = 0
    findings_proposed: int = 0
    findings_accepted: int = 0
    identity_mismatches: int = 0
    consents: frozenset[tuple[str, str | None]] = frozenset()
    """(scope, hospital code or None), not withdrawn."""
    review_outcome: str | None = None
    review_current: bool = False
    """A signature exists and the inputs it was bound to have not changed."""
    open_blocking_items: int = 0
    """Of those before the departure, whenever they are due."""
    open_before_flight: int = 0
    """Of those before the flight home, whenever they are due."""
    stay_settled: bool = False
    """The stay is allowed as long as it is planned, or what happens instead was chosen."""
    queued_messages: int = 0
    pathology_settled: bool = False
    pathology_final: bool = False
    operated: bool = False
    """An operation was reported: the pathology region has begun."""
    open_offers: int = 0
    hospitals_left: int = 0
    away: bool = False
    """The patient has left home and is not reported to be back, whatever the case does since."""
    history_state: str | None = None
    """Where a case that is on hold stands otherwise: a hold brings nobody home."""


@dataclass(slots=True)
class Facts:
    """The event under test. `case` is loaded only when a guard looks at it."""

    payload: Mapping[str, Any]
    load: Callable[[], CaseFacts]
    _case: CaseFacts | None = field(default=None, init=False)

    @property
    def case(self) -> CaseFacts:
        """Return the case's facts, counted once."""
        if self._case is None:
            self._case = self.load()
        return self._case

    def attested(self, guard: str) -> bool:
        """Return whether a person vouched for `guard` by recording the event."""
        return guard in self.payload.get("attested", ())


Guard = Callable[[Facts], bool]

ATTESTED = frozenset(
    {
        "all_required_translations_approved",
        "all_travellers_granted",
        "amounts_checked",
        "another_way_possible",
        "discharge_gaps_listed",
        "disclaimer_included",
        "informed_refusal_recorded",
        "invitation_fields_match",
        "ladder_exhausted",
        "passports_checked",
        "patient_accepts",
        "service_of_ours",
        "supervisor_confirms",
        "withdrawal_steps_done",
    }
)

NOT_ABROAD = frozenset(
    {"IN_TRANSIT", "LOCAL_PREOP", "ADMITTED", "POST_OP", "FLY_HOME_CLEARANCE", "RETURNING"}
)


def holds(name: str, facts: Facts) -> bool:
    """Return whether guard `name` holds; raise KeyError for a name that is not a guard."""
    if name in ATTESTED:
        return facts.attested(name)
    return GUARDS[name](facts)


def known(name: str) -> bool:
    """Return whether `name` is a guard."""
    return name in ATTESTED or name in GUARDS


def _payload_true(name: str) -> Guard:
    return lambda facts: facts.payload.get(name) is True


def _outcome(value: str) -> Guard:
    return lambda facts: facts.payload.get("outcome") == value


def _consent_per_hospital(facts: Facts) -> bool:
    """Every hospital on the list has its own consent; an empty list has none to miss."""
    chosen = facts.payload.get("hospital_ids", ())
    granted = {code for scope, code in facts.case.consents if scope.startswith("share_")}
    return bool(chosen) and all(code in granted for code in chosen)


def _offer_not_expired(facts: Facts) -> bool:
    return facts.attested("offer_not_expired") or facts.case.open_offers > 0


def _two_people(refs: Iterable[str]) -> bool:
    return len({person_key(ref) for ref in refs} - {""}) == 2


GUARDS: Mapping[str, Guard] = {
    "affects_suitability": _payload_true("affects_suitability"),
    "all_critical_fields_confirmed": lambda facts: (
        facts.case.findings_proposed == 0 and facts.case.findings_accepted > 0
    ),
    "certificate_valid": lambda facts: facts.attested("certificate_valid"),
    "clinician_signed": lambda facts: facts.case.review_current,
    "consent_per_hospital": _consent_per_hospital,
    "consent_stands": lambda facts: ("process", None) in facts.case.consents,
    "deidentified_summary_only": lambda facts: facts.attested("deidentified_summary_only"),
    "findings_confirmed": lambda facts: facts.case.findings_proposed == 0,
    "goes_home": lambda facts: facts.payload.get("way") == "goes_home",
    "go_decided": lambda facts: facts.attested("go_decided"),
    "hospital_has_technique": lambda facts: bool(facts.payload.get("hospital_ids")),
    "identity_match": lambda facts: facts.case.identity_mismatches == 0,
    "in_scope": _payload_true("in_scope"),
    "input_hash_current": lambda facts: facts.case.review_current,
    "more_hospitals_available": _payload_true("more_hospitals_available"),
    "needs_translation": _payload_true("needs_translation"),
    "needs_visa": _payload_true("needs_visa"),
    "no_document_in_processing": lambda facts: facts.case.documents_in_processing == 0,
    "no_item_open": lambda facts: facts.payload.get("open_items") == 0,
    "no_open_blocking_item": lambda facts: facts.case.open_blocking_items == 0,
    "no_open_item_before_flight": lambda facts: facts.case.open_before_flight == 0,
    "no_other_offer_open": lambda facts: facts.payload.get("others_open") == 0,
    "no_queued_send": lambda facts: facts.case.queued_messages == 0,
    "not_abroad": lambda facts: (
        NOT_ABROAD.isdisjoint({facts.case.state, facts.case.history_state}) and not facts.case.away
    ),
    "offer_not_expired": _offer_not_expired,
    "offer_was_accepted": lambda facts: facts.payload.get("was") == "accepted",
    "offer_with_family": lambda facts: facts.case.open_offers > 0,
    "operated": lambda facts: facts.case.operated,
    "other_hospital": lambda facts: facts.payload.get("way") == "other_hospital",
    "outcome_needs_data": _outcome("needs_data"),
    "outcome_not_suitable": _outcome("not_suitable"),
    "outcome_suitable_for_outreach": _outcome("suitable_for_outreach"),
    "pathology_final": lambda facts: facts.case.pathology_final,
    "pathology_settled_or_waived": lambda facts: (
        facts.case.pathology_settled or facts.payload.get("waiver_signed") is True
    ),
    "pathology_unchanged": _outcome("no_change"),
    "reply_is_more_info": lambda facts: facts.payload.get("reply_class") == "more_info",
    "reply_is_offer_or_opinion": lambda facts: (
        facts.payload.get("reply_class") in ("offer", "opinion")
    ),
    "scope_process_present": lambda facts: "process" in facts.payload.get("scopes", ()),
    "signature_after_surgery": lambda facts: facts.payload.get("phase") == "postop",
    "signer_entitled": lambda facts: (
        facts.payload.get("signed_by") == "patient" or bool(facts.payload.get("ground"))
    ),
    "stay_covers_plan_or_extension_accepted": lambda facts: (
        (facts.payload.get("stay_covers_plan") is True and bool(facts.payload.get("valid_until")))
        or facts.attested("stay_covers_plan_or_extension_accepted")
    ),
    "stay_settled": lambda facts: facts.case.stay_settled,
    "timer_is_no_response": lambda facts: facts.payload.get("timer") == "no_response",
    "two_signatures": lambda facts: _two_people(facts.payload.get("waived_by", ())),
    "whole_process_withdrawn": lambda facts: "process" in facts.payload.get("scopes", ()),
}
