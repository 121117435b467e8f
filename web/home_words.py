"""What the patient's own page says about states, papers, permissions and questions: plain words.

Looked up here, translated where they are shown. No word promises anything, none is advice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from web.languages import N_


@dataclass(frozen=True, slots=True)
class Status:
    """What happens now, and who acts."""

    now: str
    who: str


_US = N_("It is our turn.")
_YOU = N_("It is your turn.")
_DOCTOR = N_("A doctor reads your papers.")
_HOSPITALS = N_("The hospitals have your summary.")
_HOSPITAL = N_("It is the hospital's turn.")
_TOGETHER = N_("You and we prepare it together.")
_NOBODY = N_("Nobody has to do anything now.")

STATUS: Mapping[str, Status] = {
    "INQUIRY": Status(N_("We have your inquiry, and a person reads it."), _US),
    "AWAITING_CONSENT": Status(
        N_("Before we may work with your papers, we need your permission."), _YOU
    ),
    "COLLECTING_RECORDS": Status(N_("We collect your medical papers."), _YOU),
    "COMPLETENESS_CHECK": Status(N_("We check whether all needed papers are there."), _US),
    "TRANSLATION": Status(N_("Your papers are being translated."), _US),
    "EXTRACTION_REVIEW": Status(N_("We write a summary of your papers and check it."), _US),
    "PRE_SCREEN": Status(N_("The summary of your papers is being put in order."), _US),
    "CLINICIAN_REVIEW": Status(N_("A doctor reads the summary of your papers."), _DOCTOR),
    "SHORTLISTING": Status(N_("We choose with you which hospitals to ask."), _US),
    "OUTREACH": Status(N_("Hospitals are being asked."), _HOSPITALS),
    "MORE_INFO": Status(N_("A hospital needs to know more. We tell you what."), _YOU),
    "OFFER_REVIEW": Status(N_("A hospital has answered. We check what it wrote."), _US),
    "PATIENT_DECISION": Status(N_("You have an offer of a hospital to think about."), _YOU),
    "ADMISSION_SCHEDULING": Status(N_("We agree a date with the hospital."), _HOSPITAL),
    "INVITATION_LETTER": Status(N_("The hospital writes the letter for your visa."), _HOSPITAL),
    "VISA": Status(N_("The visa is being asked for."), _TOGETHER),
    "TRAVEL_PREP": Status(N_("The journey is being prepared."), _TOGETHER),
    "IN_TRANSIT": Status(N_("You are on the way to the hospital."), _US),
    "LOCAL_PREOP": Status(N_("You have arrived; the hospital prepares the stay."), _HOSPITAL),
    "ADMITTED": Status(N_("You are in the care of the hospital."), _HOSPITAL),
    "POST_OP": Status(N_("You are in the care of the hospital."), _HOSPITAL),
    "FLY_HOME_CLEARANCE": Status(N_("The journey home is being prepared."), _HOSPITAL),
    "RETURNING": Status(N_("You are on the way home."), _US),
    "FOLLOW_UP": Status(N_("You are at home, and we stay in touch."), _TOGETHER),
    "ALTERNATIVES": Status(N_("We call you to talk about other ways."), _US),
    "ON_HOLD": Status(N_("Your file rests for now."), _US),
    "WITHDRAWAL_WRAPUP": Status(N_("You have left the programme. We close what is open."), _US),
}
ENDED = Status(N_("This file is closed. You can write to us at any time."), _NOBODY)


UNSETTLED = Status(N_("A person of our team speaks with you about how it goes on."), _US)
"""The hospital has withdrawn while the patient is there: nothing of what the state says goes on."""


def status_of(
    state: str, *, ended: bool, waits_for_patient: bool, unsettled: bool = False
) -> Status:
    """Return what happens now; whose turn it is follows what the page asks, not the state alone."""
    if ended:
        return ENDED
    if unsettled:
        return UNSETTLED
    status = STATUS.get(state, ENDED)
    return replace(status, who=_YOU) if waits_for_patient else status


NEWS: Mapping[str, str] = {
    "letter": N_("We write to you by %(when)s, also if nothing is new."),
    "person": N_("In any case, a person of our team looks at your file by %(when)s."),
    "late": N_("This takes longer than we planned. We are working on it; please write or call."),
    "none": N_("No date is set. You can write to us at any time."),
}

PAPER: Mapping[str, str] = {
    "received": N_("arrived; being checked"),
    "stored": N_("arrived; being read"),
    "read": N_("being read"),
    "proposed": N_("read; a person checks it"),
    "verified": N_("read and checked"),
    "quarantined": N_("held back; a person looks at it"),
    "unreadable": N_("could not be read"),
    "superseded": N_("replaced by a newer one"),
    "kept": N_("arrived; kept as it came, not read"),
}
SCAN: Mapping[str, str] = {
    "not_scanned": N_("not checked for viruses"),
    "too_large": N_("too large to be checked for viruses"),
    "encrypted": N_("locked with a password: not checked for viruses"),
    "clean": N_("checked for viruses on %(day)s: nothing was found"),
    "found": N_("our virus check found something in it: nobody can open it here"),
}
OF_KIND: Mapping[str, str] = {
    "imaging": N_("here for the doctors"),
    "opened": N_("opened; what was in it is listed here"),
}
"""What is said of a file that is kept or opened, not read."""
GAP: Mapping[str, str] = {
    "missing": N_("not there yet"),
    "unreadable": N_("there, but it could not be read"),
    "out_of_date": N_("there, but too old"),
}
LETTERS_AT_ONCE = 5
QUESTIONS_AT_ONCE = 2
"""A page full of questions is answered by nobody."""
_YES = N_("Yes")
_BOOKED = N_("It is booked")
_NOT_YET = N_("Not yet")
_PROBLEM = N_("There is a problem")
_CALL = N_("Please call me")
_OF_ACTS: Mapping[str, str] = {
    "done": _YES,
    "booked": _BOOKED,
    "not_yet": _NOT_YET,
    "problem": _PROBLEM,
    "call_me": _CALL,
}
ANSWERS: Mapping[str, Mapping[str, str]] = {
    "symptom": {
        "problem": N_("Yes, I have one of these"),
        "none_of_these": N_("No, none of these"),
        "call_me": _CALL,
    },
    "state": {"done": N_("All is well"), "problem": _PROBLEM, "call_me": _CALL},
    "booked": _OF_ACTS,
    "done": _OF_ACTS,
    "paper": _OF_ACTS,
}
"""What the answers are called, by kind of question and code (playbooks/followup.yaml says which
are offered): a yes to signs is a problem, never "done"."""
ORIGIN: Mapping[str, str] = {
    "template": N_("our usual schedule"),
    "clinician_entry": N_("your doctor's plan"),
    "discharge_summary_instruction": N_("your discharge letter"),
    "hospital_protocol": N_("the hospital's plan"),
}
SIGNS: Mapping[str, str] = {
    "fever": N_("Fever or shivering"),
    "bleeding": N_("Bleeding"),
    "wound": N_("The wound is red, hot, leaking or open"),
    "breathless": N_("Trouble breathing"),
    "chest_pain": N_("Pain in the chest"),
    "calf_pain": N_("Pain or swelling in one leg"),
    "pain": N_("Pain that the medicines do not hold"),
    "vomiting": N_("Vomiting that does not stop"),
    "yellow_skin": N_("Yellow skin or eyes"),
    "confusion": N_("Confused, or hard to wake"),
}
TECHNIQUES: Mapping[str, str] = {
    "ioert": N_("radiotherapy during the operation, with electrons"),
    "kv_iort": N_("radiotherapy during the operation, with low-energy X-rays"),
    "ebx": N_("radiotherapy during the operation, with an electronic source"),
    "hdr_iort": N_("radiotherapy during the operation, with a radioactive source"),
}
RATE_SOURCES: Mapping[str, str] = {
    "ecb": N_("European Central Bank"),
    "person": N_("written down by our team"),
}
REASONS: Sequence[tuple[str, str]] = (
    ("cost", N_("the costs")),
    ("distance", N_("it is too far")),
    ("local_option", N_("we found a way near home")),
    ("family", N_("family reasons")),
    ("health", N_("health reasons")),
    ("trust", N_("it does not feel right")),
    ("other", N_("another reason, or we do not wish to say")),
)
WHY_KEPT: Mapping[str, str] = {
    "legal_claim": N_("We keep them longer because a claim is made or expected."),
    "complaint": N_("We keep them longer because a complaint is being looked into."),
    "accounts": N_("We keep them longer because the law on accounts asks for it."),
    "medical_records": N_("We keep them longer because the law on medical records asks for it."),
    "authority": N_("We keep them longer because an authority has asked us to."),
    "asked_by_family": N_("We keep them longer because your family wishes it."),
}
REFUSALS: Mapping[str, str] = {
    "act": N_(
        "This could not be taken just now: it was answered already, or something has changed."
    ),
    "empty": N_("Please write something first."),
    "confirm": N_("Please tick the box first, so that nothing happens by accident."),
    "choose": N_("Please choose at least one."),
    "signer": N_("Please say who gives this permission."),
    "relative": N_(
        "A relative's yes is not the patient's: nothing was written down as a permission. Only the "
        "patient can say yes here, or somebody who has the right to. A person of our team speaks "
        "with you about it."
    ),
    "authority": N_(
        "Please choose the paper in which the patient gave you this right. If it is not there yet, "
        "send it on this page first."
    ),
    "code": N_("The code is not right, or its time is over. You can ask for a new one."),
    "code_no_address": N_(
        "We have no e-mail address of the patient to which a code could go. Please call us: a "
        "person of our team takes your answer."
    ),
    "code_stopped": N_("No letters are sent for this file any more. Please call us."),
    "code_browser": N_(
        "We have sent you several codes. Please enter the newest one, or wait half an hour."
    ),
    "code_day": N_(
        "Too many codes were asked for with this link today. A person of our team looks at it. The "
        "link in a newer letter works, and so does a call to us."
    ),
    "email": N_("Please give an e-mail address."),
}
DONE: Mapping[str, str] = {
    "message": N_("We have your message. A person reads it."),
    "answer": N_("Thank you. Your answer is written down."),
    "call": N_("Thank you. A person calls you."),
    "stopped": N_("We ask no more questions by e-mail. You can always write to us here."),
    "signs": N_(
        "A person calls you as soon as possible. Do not wait for the call if it gets worse."
    ),
    "consent": N_("Your answer is written down. You can change it at any time."),
    "data_copy": N_("You have asked for a copy. A person of our team contacts you."),
    "data_erasure": N_("You have asked for the deletion. A person of our team contacts you."),
    "left": N_("This browser can no longer read or answer here. The link shows how things stand."),
    "decision": N_("Your decision is written down. A person talks with you about the next steps."),
}

TURNS: Mapping[str, str] = {
    "permission": N_("Your permission"),
    "hospitals": N_("Which hospitals we may ask"),
    "offers": N_("What you decide about the offers"),
}
"""What waits for a decision, as it is called before a code was shown."""

CALLED = frozenset({"call", "signs"})
NO_PHONE = N_(
    "Your answer is written down. We have no telephone number of yours: please write it to us, or"
    " call us."
)
"""In place of the promise of a call, where there is no number to call."""


SIGNERS: Sequence[tuple[str, str]] = (
    ("patient", N_("I am the patient")),
    ("guardian", N_("I am a parent or the legal guardian of the patient")),
    ("court", N_("A court has named me to decide for the patient")),
    ("proxy", N_("I act for the patient, who has given me this right in writing")),
    ("relative", N_("I am a relative, and have none of these rights")),
)
"""Who gives a permission, where the inquiry does not tell."""


SIGNED_BY: Mapping[str, str] = {
    "patient": N_("Given by the patient"),
    "legal_guardian": N_("Given by a parent or the legal guardian"),
    "court": N_("Given by somebody whom a court has named"),
    "written_authority": N_("Given by somebody with the patient's written right"),
}
"""Who gave a permission that stands."""
BEFORE_PERMISSION = N_(
    "You wrote that the patient does not know of this yet, or is too ill to decide. A person of "
    "our team speaks with you about how to go on. Until then we ask for no permission and show "
    "the papers to nobody outside our team."
)
"""Stands in place of what asks for a permission while nobody may give one."""


@dataclass(frozen=True, slots=True)
class Scope:
    """A permission as it is explained; `text` is what the patient says yes to."""

    title: str
    text: str
    back: str
    """What taking it back does."""


GOES_TO = N_("They go to %(place)s.")
ABROAD = N_(
    "The hospitals below that are in another country keep it by the law of that country, which may "
    "protect you less than the law where you live. You may say no to each of them."
)
ASK_THERE = N_(
    "You can ask the hospital, or us, what it keeps of you, and have it put right or deleted."
)
BY_LAW: Mapping[str, str] = {
    "gdpr": N_(
        "By Article 49 of the General Data Protection Regulation this needs your express "
        "permission."
    ),
    "uk_gdpr": N_(
        "By Article 49 of the UK General Data Protection Regulation this needs your express "
        "permission."
    ),
    "dpdp": N_(
        "By section 6 of the Digital Personal Data Protection Act 2023 of India this needs your "
        "permission."
    ),
    "pipl": N_(
        "By Articles 29 and 39 of the Personal Information Protection Law of China this needs a "
        "permission of its own."
    ),
    "kdpa": N_(
        "By section 48 of the Data Protection Act 2019 of Kenya this needs your permission."
    ),
}
"""By which law a permission to send papers abroad is asked (playbooks/processing.yaml)."""
SCOPES: Mapping[str, Scope] = {
    "process": Scope(
        N_("Work with your papers"),
        N_(
            "We may keep and read your medical papers, write a summary of them, and show it to the"
            " doctors who work with us. Without this permission we cannot do anything for you."
        ),
        N_("You leave the programme."),
    ),
    "share_deid": Scope(
        N_("Show a summary without your name"),
        N_(
            "We may show this hospital a summary of your papers, without your name and your date of"
            " birth, so that its doctors can say whether they can help."
        ),
        N_(
            "A person of our team asks the hospital to delete the summary, and we stop writing to"
            " it about you."
        ),
    ),
    "share_identified": Scope(
        N_("Show your papers with your name"),
        N_(
            "We may show this hospital your papers with your name. It needs them for the admission"
            " and for the letter for your visa."
        ),
        N_(
            "A person of our team asks the hospital to delete what it does not have to keep by law."
        ),
    ),
    "messaging": Scope(
        N_("Letters by e-mail"),
        N_(
            "We may write to your e-mail address about your case: news, questions and dates. The"
            " subject line never names your illness."
        ),
        N_("We write no more e-mails; news is told to you by telephone and on this page."),
    ),
    "research": Scope(
        N_("Research and statistics"),
        N_(
            "What we learned from your case may be used without your name to make this service"
            " better and for research. This changes nothing for your own case."
        ),
        N_("From then on your case is not used for research."),
    ),
}
