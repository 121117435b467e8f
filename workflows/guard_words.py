"""What a person reads when an answer cannot be taken yet: a sentence for each condition.

A row of `playbooks/state_machine.yaml` names conditions; these say what is missing and what to do.
`not x` is the condition that x does not hold.
"""

from collections.abc import Iterable, Mapping

NOT_YET: Mapping[str, str] = {
    "affects_suitability": "Say first that the new information affects what was signed.",
    "all_critical_fields_confirmed": "Some values were not looked at, or none was accepted.",
    "all_required_translations_approved": "A translation that is needed is not approved.",
    "all_travellers_granted": "Not all travellers have their visas.",
    "amounts_checked": "The amounts were not checked against the letter.",
    "another_way_possible": "Nobody has said that another way is possible.",
    "not another_way_possible": "Another way was said to be possible.",
    "certificate_valid": "Nobody has said that the surgeon's certificate is valid on that day.",
    "clinician_signed": "No clinician's signature stands on the newest result.",
    "consent_per_hospital": "The family has not allowed each of these hospitals.",
    "consent_stands": "No consent to work with the file stands.",
    "not consent_stands": "A consent to work with the file stands.",
    "deidentified_summary_only": "Nobody has said that only the summary without name goes out.",
    "discharge_gaps_listed": "The discharge papers are neither complete nor are their gaps listed.",
    "disclaimer_included": "The disclaimer is not included.",
    "findings_confirmed": "Some values still wait for a person.",
    "goes_home": "Nobody has said that the patient travels home.",
    "go_decided": "Nobody has decided: go.",
    "hospital_has_technique": "No hospital was chosen.",
    "identity_match": "A document may belong to another person: settle that first.",
    "in_scope": "The inquiry was not said to be for us.",
    "not in_scope": "The inquiry was said to be for us.",
    "informed_refusal_recorded": "The informed refusal is not recorded.",
    "input_hash_current": "The clinician's signature is no longer current: a new one is needed.",
    "invitation_fields_match": "Names, numbers and dates of the letter were not compared.",
    "ladder_exhausted": "Not every way to reach them was tried.",
    "more_hospitals_available": "No more hospitals can be asked.",
    "not more_hospitals_available": "More hospitals can be asked.",
    "needs_translation": "No translation is said to be needed.",
    "not needs_translation": "A translation is said to be needed.",
    "needs_visa": "No visa is said to be needed.",
    "not needs_visa": "A visa is said to be needed.",
    "no_document_in_processing": "A document is still being read: try again in a few minutes.",
    "no_item_open": "A hospital still waits for something else.",
    "no_open_blocking_item": "Items of the checklist that block the departure are open.",
    "no_open_item_before_flight": "Items of the checklist that block the flight home are open.",
    "no_other_offer_open": "Another offer is open.",
    "no_queued_send": "A letter is on its way out: try again in a few minutes.",
    "not_abroad": "The patient is abroad: say first that they are at home again.",
    "offer_was_accepted": "The family has not accepted that offer.",
    "offer_with_family": "No offer is before the family.",
    "not offer_with_family": "An offer is before the family.",
    "offer_not_expired": "No offer is open that has not expired.",
    "operated": "No operation is reported.",
    "not operated": "An operation is reported.",
    "other_hospital": "Nobody has said that another hospital is looked for.",
    "outcome_needs_data": "The clinician did not ask for more data.",
    "outcome_not_suitable": "The clinician did not point to another way.",
    "outcome_suitable_for_outreach": "The clinician did not say that hospitals may be asked.",
    "passports_checked": "The passports were not checked.",
    "pathology_final": "The final pathology is not settled: further treatment may still be due.",
    "pathology_settled_or_waived": (
        "The final pathology is not settled, and no waiver of it is on file."
    ),
    "patient_accepts": "The patient has not accepted the new plan.",
    "not patient_accepts": "The patient has accepted the new plan.",
    "reply_is_more_info": "The hospital does not ask for more information.",
    "reply_is_offer_or_opinion": "The answer is neither an offer nor an opinion.",
    "scope_process_present": "The consent does not cover the process.",
    "service_of_ours": "It was not said to be a service of ours.",
    "signer_entitled": "Neither patient, guardian nor proxy signed.",
    "stay_covers_plan_or_extension_accepted": (
        "The allowed stay does not cover the plan, and nobody has chosen what happens instead."
    ),
    "stay_settled": (
        "The allowed stay does not cover the plan, and nobody has chosen what happens instead."
    ),
    "supervisor_confirms": "A supervisor has not confirmed it.",
    "timer_is_no_response": "The timer is not that of silence.",
    "two_signatures": "Coordinator and clinician have not both signed.",
    "whole_process_withdrawn": "Not the whole consent was withdrawn.",
    "withdrawal_steps_done": "The steps of the withdrawal are not all done.",
}
"""By condition, as a row of the state machine writes it."""


def not_yet(blocked: Iterable[str]) -> str:
    """Return the refusal for conditions that do not hold: "Not yet: ..." in whole sentences."""
    return "Not yet. " + " ".join(NOT_YET[name] for name in blocked)


def not_here(state: str) -> str:
    """Return the refusal of an answer that no longer applies where the case stands."""
    where = state.replace("_", " ").lower()
    return f"The case has moved on (now: {where}): this answer no longer applies."
