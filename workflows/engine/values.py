"""The values that answers take: how each is asked for in words, and the codes it may have.

A blank value states nothing: an answer that needs it is refused with these words, any other answer
records nothing for it. No value has a default.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from suitability.criteria import TECHNIQUES

YES_NO = ("yes", "no")
RELATIVE = "relative"
SIGNERS = ("patient", "guardian", "proxy", RELATIVE)
"""Who signed a consent: the patient, a parent or guardian, one with written authority; and a
relative without such a right, whose consent is never taken."""
GROUNDS = ("legal_guardian", "court", "written_authority")
"""On which ground somebody else signs for the patient."""
TELLERS = ("family", "doctor", "coordinator")
METHODS = ("esign", "paper", "recorded_call")
OUTCOMES = ("suitable_for_outreach", "needs_data", "not_suitable")
WHY_CLOSED = ("declined", "no_response", "bounced", "withdrew", "not_asked")
"""Why a coordinator closes a thread with a hospital."""
SENDER_CHECKED = ("called_back", "written_back", "in_person", "known_before")
"""How it was made certain that a hospital's letter is from its person."""
WHY_HOLD = ("patient_asked", "family", "health", "travel", "finance", "records", "other")
WHY_KEPT = (
    "legal_claim", "complaint", "accounts", "medical_records", "authority", "asked_by_family"
)  # fmt: skip
"""Why data are kept: the codes of `reasons_to_keep` in playbooks/retention.yaml."""
IDENTIFIED = ("call_back", "code", "identity_paper", "in_person")
"""How it was made certain that the patient asks: called back under the known number, a code sent
to the known address, a paper with a picture, seen in person."""
HANDED = ("in_person", "courier", "letter", "email", "portal")
NOT_REPORTED = "not_reported"
TEXT_AT_MOST = 20_000
"""Characters of any text that is given; a letter of three pages has about 9,000."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value: `ask` completes the sentence "Say ..."; `codes` are the only ones it may have.

    `at_most` is how many characters it may have.
    """

    ask: str
    codes: tuple[str, ...] = ()
    at_most: int = TEXT_AT_MOST

    def option(self, name: str) -> str:
        """How the command line states the value."""
        return f"--set {name}={'|'.join(self.codes) or '...'}"

    @property
    def sentence(self) -> str:
        """What a person reads who left the value blank."""
        return f"Say {self.ask}{': ' + _either(self.codes) if self.codes else ''}."


VALUES: Mapping[str, Value] = {
    "address": Value("the e-mail address that the letter names", at_most=254),
    "admission_date": Value("the day of the admission"),
    "another": Value("whether one more case is opened for this address", YES_NO),
    "agrees": Value("nothing of agreement: it is compared by the program", YES_NO),
    "allowed_days": Value("how many days the stay may last"),
    "amount_high": Value("the upper amount"),
    "amount_low": Value("the lower amount"),
    "amounts": Value("the amounts once more, as they were read", at_most=300),
    "authority": Value("the number of the document that gives the right to sign", at_most=18),
    "case": Value("which case it is about, such as CFX-27-00001", at_most=16),
    "by": Value(
        "because of whom the date moved", ("patient", "hospital", "visa", "clinical", "carrier")
    ),
    "certificate_document": Value("which document is the certificate of fitness to fly"),
    "code": Value(
        "what calls for urgent care",
        (
            "bleeding",
            "infection",
            "obstruction",
            "pain",
            "breathing",
            "thrombosis",
            "neurological",
            "other",
        ),
    ),
    "conditions": Value("under which conditions the doctors would operate", at_most=2000),
    "currency": Value("the currency of the amounts"),
    "date": Value("the day on which the patient came home"),
    "defects": Value("which defects the letter has"),
    "departure_date": Value("the day on which the patient left home"),
    "deposit": Value("the deposit: a sum, or per cent", at_most=60),
    "deposit_terms": Value("when the deposit is given back", at_most=2000),
    "discharge_date": Value("the day of the discharge"),
    "ebrt": Value("what radiotherapy costs that is needed later", at_most=60),
    "extension_document": Value("which document shows the extension"),
    "files_to": Value("to which of them the files belong"),
    "flight_date": Value("the day of the flight home"),
    "fractions": Value("how many fractions of radiotherapy are planned for"),
    "ground": Value("on which ground somebody else than the patient may sign", GROUNDS),
    "handed": Value("how the copy was handed over", HANDED),
    "identified_by": Value("how you know that the patient asks", IDENTIFIED),
    "keep_reason": Value("why the data are kept", WHY_KEPT),
    "keep_until": Value("until which day the data are kept"),
    "hospitals": Value("which hospitals are meant"),
    "language": Value("in which language the letter is written, such as en or ru", at_most=12),
    "in_hand": Value("which papers of the checklist are there already"),
    "iort_delivered": Value("whether IORT was delivered", ("yes", "no", "aborted", NOT_REPORTED)),
    "items": Value("which items are meant"),
    "medif": Value("whether the airline wants its medical form", YES_NO),
    "method": Value("how the consent was signed", METHODS),
    "modality": Value("which treatment it is", ("reexcision", "EBRT", "other")),
    "evidence": Value("what the confirmation rests on: a call, a form, a letter", at_most=500),
    "mode": Value("how the hospitals are asked", ("parallel", "sequential")),
    "patient_knows": Value("whether the patient knows of the inquiry", ("yes", "no", "cannot")),
    "patient_name": Value("the patient's name, as the letter has it", at_most=200),
    "phone": Value("the telephone number", at_most=40),
    "places": Value("to which cases and threads it belongs, with commas", at_most=300),
    "residence_country": Value("the country where the patient lives, two letters", at_most=2),
    "writer": Value("who writes", ("patient", "family", "doctor", "not_said")),
    "writer_name": Value("the name of who writes", at_most=200),
    "mrz_name": Value("the name as in the passport's machine-readable line", at_most=120),
    "passport_number": Value("the number of the passport, as the passport has it", at_most=20),
    "nationality": Value("the nationality, two capital letters", at_most=2),
    "valid_from": Value("from which day the passport is valid"),
    "valid_to": Value("until which day the passport is valid"),
    "mission": Value("to which mission the letter is addressed", at_most=200),
    "form_hint": Value("which form the mission wants", at_most=200),
    "attendants": Value("who comes along: name, passport number, relation; next", at_most=1000),
    "name_stated": Value("the name as the letter has it", at_most=120),
    "passport_stated": Value("the passport number as the letter has it", at_most=20),
    "admission_stated": Value("the day of the admission as the letter has it"),
    "born_stated": Value("the date of birth as the letter has it"),
    "needs_visa": Value("whether a visa is needed", YES_NO),
    "offer_holds": Value("whether the hospital wrote that its offer still holds", YES_NO),
    "outcome": Value("which outcome you sign", OUTCOMES),
    "offer": Value("which of the offers is meant: its number", at_most=20),
    "offers_seen": Value("which offers the family was shown: their numbers"),
    "passport_document": Value("which document shows the passports"),
    "paper": Value("the number of the document that is the signed paper", at_most=18),
    "password": Value("the password of the file", at_most=200),
    "papers": Value("in which documents it stands: their numbers"),
    "promised_on": Value("the day by which they will answer"),
    "next_try": Value("in how many minutes somebody tries again", ("5", "15", "30", "60")),
    "reached": Value("who was reached", ("patient", "caregiver", "hospital", "emergency_service")),
    "said": Value("what was said and agreed", at_most=5000),
    "patient_email": Value("the patient's own e-mail address", at_most=254),
    "questions": Value("what the hospital is asked about its offer"),
    "red_flag": Value("whether there is a red flag", YES_NO),
    "shown": Value("the ids of the values that the page showed"),
    "result": Value("the number of the result you read", at_most=20),
    "resume_by": Value("on which day the case is looked at again"),
    "seen": Value("which of the findings that decide you have looked at"),
    "step_name": Value("which step does this now, such as notices.send_notice", at_most=60),
    "sender_checked": Value("how you made certain who sent it", SENDER_CHECKED),
    "signed_by": Value("who signed the consent", SIGNERS),
    "signer_name": Value("your name, as it shall stand under the signature", at_most=120),
    "signer_qualification": Value(
        "your qualification, such as consultant in radiation oncology", at_most=120
    ),
    "signer_registration": Value("your registration and who keeps it", at_most=80),
    "start_date": Value("the day on which the treatment begins"),
    "stay_choice": Value("what happens where the stay is too short", ("extension", "ebrt_at_home")),
    "stay_covers_plan": Value("whether the visa covers the whole planned stay", YES_NO),
    "stay_days": Value("how many days the stay lasts"),
    "supplementary_at": Value(
        "where further radiotherapy would take place, should it be needed", ("home", "here")
    ),
    "surgery_date": Value("the day of the operation"),
    "technique": Value("which technique is meant", TECHNIQUES),
    "time_zone": Value("where their clock stands, such as Asia/Muscat", at_most=60),
    "told_by": Value("who told the patient", TELLERS),
    "told_on": Value("on which day the patient was told"),
    "thread": Value("the number of the thread"),
    "treated_at": Value("where the treatment takes place", ("home", "abroad")),
    "treatment_document": Value("which document reports the treatment"),
    "valid_until": Value("until which day it is valid"),
    "why_hold": Value("why the case is on hold", WHY_HOLD),
    "why_closed": Value("why nothing more is expected of them", WHY_CLOSED),
    "waiver_document": Value("which document is the waiver that the family signed"),
    "waiver_signed": Value("whether the family signed the waiver", YES_NO),
}


WORDS = {
    "suitable_for_outreach": "hospitals may be asked",
    "needs_data": "more data are needed first",
    "not_suitable": "another way is to be discussed",
    "no_response": "they do not answer",
    "bounced": "no letter reaches them",
    "withdrew": "they took their offer back",
    "not_asked": "they were never asked",
    "call_back": "called back under the number we have",
    "code": "a code sent to the address we have",
    "identity_paper": "a paper with a picture",
    "in_person": "in person",
    "accounts": "the law on accounts",
    "medical_records": "the law on medical records",
    "asked_by_family": "the family wishes it",
    "esign": "on screen",
    "paper": "on paper",
    "recorded_call": "in a recorded call",
    "here": "there, at the destination",
    "home": "at home",
    "abroad": "abroad, at the destination",
    "passports": "the passports",
    "fit_to_fly": "the certificate of fitness to fly",
    "EBRT": "radiotherapy from outside",
    "reexcision": "another operation",
    "ebrt_at_home": "further radiotherapy at home",
    "extension": "an extension of the stay",
    "legal_guardian": "as parent or legal guardian",
    "court": "named by a court",
    "written_authority": "with written authority of the patient",
    "relative": "a relative without such a right",
    "called_back": "called under the directory's number: they wrote it",
    "written_back": "they confirmed it from the directory's address",
    "known_before": "I know this person of the hospital",
    "not_said": "the letter does not say",
    "cannot": "too ill to decide",
}
"""What a code is called where the code itself is not plain."""


def in_words(code: str) -> str:
    """Return what a person reads for a code."""
    return WORDS.get(code, code.replace("_", " "))


def _either(codes: tuple[str, ...]) -> str:
    words = [in_words(code) for code in codes]
    return " or ".join([", ".join(words[:-1]), words[-1]])
