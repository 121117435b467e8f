"""The process in the words of people: steps, questions, letters, facts, states and conditions.

Each thing has its words where it stands (a step's `words`, a question's title, a letter's title);
codes follow in brackets, so that a sentence can be found again in the table.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from correspondence import Letters
from workflows.decisions import QUESTIONS
from workflows.declared import Raises
from workflows.engine.playbooks import Playbooks
from workflows.engine.words import EventWords, in_words
from workflows.on_request import ON_REQUEST
from workflows.steps import STEPS
from workflows.verbs import EVERYTHING, GIVEN, UNALLOWED, Action, Ask, Do, Repeat, Wait, Within

_STOPPED = {
    EVERYTHING: "everything that is planned, asked or about to leave",
    UNALLOWED: "the letters on their way that the family allows no more",
}
_LETTER = re.compile(r"\bM\d\d[a-z]?\b")

FACTS: Mapping[str, str] = {
    "abroad.settled": "It is settled how it goes on with a patient whose hospital withdrew there",
    "care.settled": "It is settled who goes on with the care",
    "hospital.sender_confirmed": "A coordinator made certain who of a hospital wrote",
    "hospital.named_date": "A hospital named the day of the admission",
    "hospital.ended_care": "The hospital of an operated patient does nothing more",
    "invitation.received": "An invitation letter came",
    "invitation.verified": "The invitation letter was checked and is right",
    "admission.date_changed": "The admission date moved",
    "admission.date_confirmed": "The admission date is agreed",
    "alternative.selected": "Another way was chosen",
    "case.attribute_changed": "An entry of the case was changed",
    "case.closed": "The case was closed",
    "case.opened": "The case was opened",
    "case.put_on_hold": "The case was put on hold",
    "family.wishes_stated": "It was written down what the family wishes of its offers",
    "case.reopened": "The case was reopened",
    "case.resumed": "The case was taken up again",
    "checklist.generated": "The travel checklist was made",
    "checklist.item_done": "An item of the checklist is done",
    "checklist.item_due": "An item of the checklist has its day",
    "checklist.item_late": "An item of the checklist is late",
    "checklist.item_waived": "An item of the checklist is not needed",
    "clinician.second_opinion_asked": "A clinician signed and asked for a second opinion",
    "completeness.checked": "The file was compared with the checklist; items are missing",
    "completeness.waived": "The file goes on without the missing items",
    "document.access_code_given": "A document is read again",
    "document.classified": "It was noted what a document looks like",
    "document.duplicate_found": "A document is the same as another of the case",
    "document.kept": "A file was kept with an old letter",
    "document.moved_away": "A document left the case with its letter",
    "message.moved_away": "A letter was taken out of the case",
    "contact.confirmed": "Letters from another address belong to the case",
    "document.superseded": "Another document stands for one of the case",
    "document.identity_checked": "A document was compared with the patient",
    "document.quarantined": "A document was locked away",
    "document.received": "A document arrived",
    "document.released": "A document belongs to this patient and was released",
    "document.stored": "A document was stored",
    "document.text_extracted": "A document was read",
    "document.unreadable": "A document could not be read",
    "sending.problems_found": "Something of a sending could not be read",
    "extraction.completed": "Values were read from a document",
    "extraction.field_confirmed": "A value was confirmed or corrected",
    "extraction.field_proposed": "A value was found in a document",
    "extraction.field_rejected": "A value was rejected",
    "extraction.verified": "All values were looked at",
    "extraction.wrong_patient_suspected": "A document may belong to another person",
    "evidence.stated": "A document of the case shows what was said",
    "confirmation.asked": "A second person is asked to confirm",
    "confirmation.given": "A second person confirmed it",
    "confirmation.refused": "A second person could not confirm it",
    "stay.answered": "It was said where further radiotherapy would be",
    "stay.checked": "The stay was compared with what is allowed",
    "stay.extension_chosen": "An extension of the stay was chosen",
    "stay.extended": "The stay was extended",
    "checklist.item_moved": "An item of the checklist moved",
    "checklist.item_dropped": "An item of the checklist no longer applies",
    "hospital.away": "A hospital's note says until when it is away",
    "hospital.reply_classified": "It was settled what kind of answer a hospital gave",
    "hospital.reply_proposed": "It was proposed what kind of answer a hospital gave",
    "hospital.reply_received": "A hospital answered",
    "human_task.cancelled": "A question is no longer needed",
    "human_task.completed": "A question was answered",
    "human_task.created": "A person was asked",
    "data.copy_asked": "A copy of the data was asked for",
    "data.copy_given": "A copy of the data was given",
    "data.copy_refused": "No copy of the data was given",
    "data.erased": "The data of a case were erased",
    "data.erasure_approved": "A person decided that the data are erased",
    "data.erasure_asked": "It was asked to erase the data",
    "data.erasure_begun": "The data of a case are being erased",
    "data.erasure_held": "The erasure is held, for a reason",
    "data.erasure_released": "The erasure is held no more",
    "data.hold_due": "The day has come to ask whether the erasure is still held",
    "data.erasure_due": "The time to keep the data is nearly over",
    "data.erasure_refused": "The data are not erased",
    "data.kept": "The data are kept, for a reason",
    "inquiry.merged_duplicate": "The inquiry is another's duplicate",
    "inquiry.triaged": "The inquiry was read",
    "job.dead_lettered": "A step failed again and again: a person must look",
    "job.given_up": "A step that failed was put away",
    "job.requeued": "A step that failed is tried again",
    "message.approved": "A letter was approved",
    "message.edited": "The words of a letter were changed; a colleague approves it",
    "message.discarded": "A letter was discarded",
    "message.drafted": "A letter to the patient was drafted",
    "message.received": "A letter came",
    "message.refused": "The mail server refused a letter",
    "message.sent": "A letter was sent",
    "message.settled": "It was settled what became of a letter",
    "message.uncertain": "It is not known whether a letter arrived",
    "hospital.deletion_confirmed": "A hospital has deleted what it was sent",
    "more_info.delayed": "The hospital was told what takes longer",
    "more_info.relayed": "The family is asked for what a hospital needs",
    "more_info.requested": "A hospital asks for more",
    "more_info.unavailable": "What the hospital asked for cannot be had",
    "offer.acceptance_sent": "The chosen hospital was told that its offer is accepted",
    "offer.clarification_sent": "A hospital was asked about its offer",
    "offer.expired": "An offer has expired",
    "offer.renewed": "A hospital renewed its offer",
    "offer.fell_away": "A hospital's letter holds no offer, or it was taken back",
    "offer.recorded": "An offer of a hospital was written down",
    "outreach.answer_promised": "A hospital named the day of its answer",
    "outreach.chased": "A hospital was reminded",
    "outreach.corrected": "A hospital got the corrected findings",
    "package.chosen": "Records for a hospital were chosen",
    "package.prepared": "Records for a hospital are ready to be looked at",
    "package.approved": "Records for a hospital were approved page by page",
    "package.released": "Records were opened to a hospital",
    "package.opened": "A hospital opened its records",
    "package.dropped": "Records for a hospital were not opened",
    "package.revoked": "Records are open to a hospital no more",
    "outreach.records_sent": "A hospital was told that records are open to it",
    "outreach.written": "A letter in a person's own words was sent to a hospital",
    "outreach.deletion_asked": "A hospital was asked to delete what it was sent",
    "outreach.deletion_unconfirmed": "It is not confirmed that a hospital deleted what it was sent",
    "outreach.delivery_updated": "A letter to a hospital came back",
    "outreach.drafted": "A letter to a hospital was drafted",
    "hospital.silent": "A hospital has answered neither letters nor calls",
    "outreach.escalated": "A hospital is silent: a person takes over",
    "outreach.letter_held": "A letter to a hospital is held back",
    "outreach.sent": "The letter to a hospital was sent",
    "outreach.thread_closed": "The thread with a hospital was closed",
    "pathology.final_due": "The final pathology has its day",
    "patient.declined_offer": "The family declined one hospital's offer",
    "patient.accepted_offer": "The family accepted a hospital's offer",
    "red_flag.alerted": "The team was alerted by e-mail",
    "red_flag.closed": "The red flag was answered",
    "red_flag.escalated": "Nobody took or answered the red flag: it reaches more people",
    "red_flag.not_reached": "Nobody was reached because of the red flag",
    "reminder.scheduled": "A reminder has its day",
    "shortlist.unconfirmed": "Hospitals fit whose units nobody has confirmed lately",
    "shortlist.proposed": "Hospitals to ask were proposed",
    "sla.breached": "A question is late",
    "timer.fired": "A timer ended",
}
"""Facts whose sentence on the timeline says nothing without what it is about."""

GUARD_WORDS: Mapping[str, str] = {
    "consent_stands": "the consent to process the file stands",
    "affects_suitability": "it affects what was signed",
    "all_critical_fields_confirmed": "every value was looked at and one at least was accepted",
    "all_required_translations_approved": "all translations that are needed are approved",
    "all_travellers_granted": "all travellers have their visas",
    "amounts_checked": "the amounts were checked against the letter",
    "another_way_possible": "another way is possible",
    "certificate_valid": "the surgeon's certificate is valid on the day of the flight",
    "clinician_signed": "a clinician's signature stands on the newest result",
    "consent_per_hospital": "the family allowed each of these hospitals",
    "deidentified_summary_only": "only the summary without name goes out",
    "discharge_gaps_listed": "the papers are complete or their gaps are listed",
    "disclaimer_included": "the disclaimer is included",
    "findings_confirmed": "no value waits for a person",
    "goes_home": "the patient travels home",
    "go_decided": "somebody decided: go",
    "hospital_has_technique": "a hospital was chosen",
    "identity_match": "no document is another person's",
    "in_scope": "the inquiry is for us",
    "informed_refusal_recorded": "the informed refusal is recorded",
    "input_hash_current": "the signed values have not changed since",
    "invitation_fields_match": "names, numbers and dates of the letter match",
    "ladder_exhausted": "every way to reach them was tried",
    "more_hospitals_available": "more hospitals can be asked",
    "needs_translation": "a translation is needed",
    "needs_visa": "a visa is needed",
    "no_document_in_processing": "no document is being processed",
    "no_item_open": "no hospital waits for something else",
    "no_open_blocking_item": "no item of the checklist that blocks the departure is open",
    "no_open_item_before_flight": "no item of the checklist that blocks the flight is open",
    "no_other_offer_open": "no other offer is open",
    "no_queued_send": "no letter is on its way out",
    "not_abroad": "the patient is at home",
    "offer_was_accepted": "the family had accepted that offer",
    "offer_with_family": "the family has an offer that stands",
    "offer_not_expired": "the offer has not expired",
    "operated": "an operation is reported",
    "other_hospital": "another hospital is looked for",
    "outcome_needs_data": "the clinician needs more data",
    "outcome_not_suitable": "the clinician sees another way",
    "outcome_suitable_for_outreach": "the clinician says that hospitals may be asked",
    "passports_checked": "the passports were checked",
    "pathology_final": "the final pathology is settled",
    "pathology_settled_or_waived": "the final pathology is settled, or its waiver is signed",
    "pathology_unchanged": "the final pathology changes nothing",
    "patient_accepts": "the patient accepts the new plan",
    "reply_is_more_info": "the hospital needs more information",
    "reply_is_offer_or_opinion": "the answer is an offer or an opinion",
    "scope_process_present": "the consent covers the process",
    "service_of_ours": "it is a service of ours",
    "signature_after_surgery": "the signature was on the final pathology",
    "signer_entitled": "patient, guardian or proxy signed",
    "stay_covers_plan_or_extension_accepted": "the stay covers the plan, or an extension is taken",
    "stay_settled": "the stay is allowed as planned, or what happens instead is chosen",
    "supervisor_confirms": "a supervisor confirms it",
    "timer_is_no_response": "the timer is that of silence",
    "two_signatures": "coordinator and clinician have signed",
    "whole_process_withdrawn": "the whole consent is withdrawn",
    "withdrawal_steps_done": "the steps of a withdrawal are done",
}
"""What each guard asks."""


def state_words(state: str) -> str:
    """Return a state as words: `COLLECTING_RECORDS` is "Collecting records"."""
    words = in_words(state) if len(state) > 4 else state.lower()
    return f"{words[0].upper()}{words[1:]}"


def stage_words(stage: str) -> str:
    """Return a stage as words."""
    return stage.replace("_", "-").capitalize()


def guards_in_words(guards: tuple[str, ...]) -> str:
    """Return a transition's guards as ", if ... and ..., unless ..."; empty when it has none."""
    holding = [GUARD_WORDS[guard] for guard in guards if not guard.startswith("not ")]
    failing = [GUARD_WORDS[guard[4:]] for guard in guards if guard.startswith("not ")]
    words = f", if {' and '.join(holding)}" if holding else ""
    return words + (f", unless {' or '.join(failing)}" if failing else "")


def span(within: Within | None) -> str:
    """Return a span of time in words; empty for None."""
    if within is None:
        return ""
    if within == GIVEN:
        return "the time given with the request"
    if within.setting:
        return f"the time set as `{within.setting}`"
    if within.working_hours:
        return f"{within.working_hours:g} working hours"
    if within.working_days:
        whose = " of the hospital" if within.calendar == "hospital" else ""
        days = "day" if within.working_days == 1 else "days"
        return f"{within.working_days} working {days}{whose}"
    if within.hours < 1:
        minutes = round(within.hours * 60)
        return "1 minute" if minutes == 1 else f"{minutes} minutes"
    if within.hours >= 48 and within.hours % 24 == 0:
        return f"{within.hours / 24:.0f} days"
    return "1 hour" if within.hours == 1 else f"{within.hours:g} hours"


def condition(when: Mapping[str, object]) -> str:
    """Return a `when` in words, with a comma before it; empty without one."""
    words = []
    for name, value in when.items():
        values = value if isinstance(value, tuple) else (value,)
        shown = " or ".join(
            ("yes" if one else "no")
            if isinstance(one, bool)
            else "nothing"
            if one is None
            else in_words(str(one))
            for one in values
        )
        words.append(f"{in_words(name)} is {shown}")
    return f", when {' and '.join(words)}" if words else ""


@dataclass(frozen=True)
class Words:
    """Everything that has words in the playbooks: letters and events."""

    letters: Letters
    events: EventWords

    @classmethod
    def load(cls, playbooks: Path) -> "Words":
        """Read the words of a playbooks folder."""
        return cls(Playbooks(playbooks).letters, EventWords.load(playbooks))

    def letter(self, code: str) -> str:
        """Return a letter by its title: "Documents still missing (M05)"."""
        return f"“{self.letters.meta(code).title}” ({code})"

    def note(self, text: str) -> str:
        """Return a note of the state machine with its letters by their titles."""
        return _LETTER.sub(lambda match: self.letter(match.group()), text)

    def heading(self, event: str) -> str:
        """Return what a fact says, whatever it is about: "A document was stored"."""
        return FACTS.get(event) or self.events.heading(event)

    def fact(self, event: str) -> str:
        """Return a fact with its name: "A document was stored (`document.stored`)"."""
        return f"{self.heading(event)} (`{event}`)"

    def step(self, name: str) -> str:
        """Return a step: "a file is checked and stored (`ingestion.store_document`)"."""
        return f"{STEPS[name].words} (`{name}`)"

    def question(self, kind: str) -> str:
        """Return a question: "“Approve the hospitals to ask” (`approve_shortlist`)"."""
        return f"“{QUESTIONS[kind].title}” (`{kind}`)"

    def raises(self, raises: Raises) -> str:
        """Return what a step or an answer may raise, in words; empty when it raises nothing."""
        actions = [ON_REQUEST[name] for name in raises.requests]
        asked = [self.question(action.kind) for action in actions if isinstance(action, Ask)]
        started = [self.step(a.step) for a in actions if not isinstance(a, Ask)]
        parts = {
            "records": [f"“{self.heading(event)}”" for event in raises.events],
            "may ask": asked,
            "may start": started,
            "writes": [self.letter(code) for code in raises.letters],
        }
        return "; ".join(f"{verb} {', '.join(what)}" for verb, what in parts.items() if what)

    def action(self, action: Action) -> str:
        """Return one action of the table in words."""
        when = condition(action.when)
        if isinstance(action, Do) and action.template:
            return f"**tell** the patient: {self.letter(action.template)}{when}"
        if isinstance(action, Do):
            return f"**do**: {self.step(action.step)}{when}"
        if isinstance(action, Ask):
            urgent = span(action.urgent_within)
            hurry = f", urgent cases within {urgent}" if urgent else ""
            asked = f"**ask** the {action.role} within {span(action.within)}{hurry}"
            once = ", once however often it is reported" if action.once else ""
            return f"{asked}{once}: {self.question(action.kind)}{when}"
        if isinstance(action, Wait):
            moment = span(action.within) or "until the moment it names"
            moment += " (urgent cases half as long)" if action.urgent_halves else ""
            facts = " or ".join(f"“{self.heading(event)}”" for event in action.until)
            unless = f", unless {facts} comes first" if facts else ", while the state lasts"
            return f"**wait** {moment}, then {self.step(action.step)}{unless}{when}"
        if isinstance(action, Repeat):
            first = f"after {span(action.first)}, then " if action.first else ""
            states = " or ".join(state_words(state) for state in action.while_in)
            lasting = f", while the case stands in {states}" if states else ""
            facts = " or ".join(f"“{self.heading(event)}”" for event in action.until)
            ends = f"{lasting}, until {facts}" if facts else lasting
            return f"**repeat** {first}every {span(action.every)}: {self.step(action.step)}{ends}"
        steps = [_STOPPED.get(name) or self.step(name) for name in action.steps]
        about = f" (about {action.detail.replace('_', ' ')})" if action.detail else ""
        named = ", ".join([*steps, *(f"{self.question(kind)}{about}" for kind in action.tasks)])
        return f"**stop** {_STOPPED[EVERYTHING] if EVERYTHING in action.steps else named}{when}"
