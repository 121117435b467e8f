"""A family's case played whole, through the doors alone, with what else may happen beside it.

`main` goes from the form to the erasure of the data; each of the others is one way in which a case
ends early. What everybody read is left in a folder by `left_behind`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.scenarios.house import House
from tests.scenarios.journeys import (
    ADMISSION,
    OPERATION,
    accepts,
    admission_agreed,
    certificate,
    happens,
    to_departure,
    until,
)
from tests.scenarios.papers import paper
from tests.scenarios.parts import Part
from tests.scenarios.people import Case, People
from tests.scenarios.post import File
from tests.scenarios.stories import Story, approved

NOT_A_PAPER: File = ("scan.pdf", b"%PDF-1.4 cut off")
SUITABLE = "suitable_for_outreach"
DANGER = "Since tonight high fever 39.5 and bleeding. What shall we do?"


@dataclass
class Whole:
    """One family and everything that is played with it."""

    house: House
    people: People
    part: Part

    def inquiry(self, name: str, *files: File, **you: str) -> Story:
        """The family fills in the form, under a mailbox of its own for each case."""
        part, person = self.part, self.part.person
        family = self.people.family(f"{part.name}-{name}")
        form: dict[str, dict[str, Any]] = {
            "you": {**part.you, "agree": "yes", **you},
            "patient": {
                "name": person.name,
                "birth_date": person.birth_date.isoformat(),
                "sex": person.sex,
            },
            "illness": {"site": part.site, "biopsy": "yes"},
            "contact": {
                "country": person.country, "email": family.box.address,
                "language": part.language, "phone": part.phone, "time_zone": person.time_zone,
            },
            "story": {"message": "Can you help us?"},
        }  # fmt: skip
        family.asks(form, *files)
        return Story(self.house, self.people, family, Case(self.house, family.ref))

    def permitted(self, story: Story) -> None:
        """Triage, and the permission on the family's page."""
        self.triaged(story)
        self.gives(story)

    def triaged(self, story: Story) -> None:
        """Amina takes the inquiry up."""
        self.people.amina.does(story.ref, "triage_inquiry", "in_scope", site=self.part.site)

    def gives(self, story: Story) -> None:
        """The family gives its permission on its page."""
        story.family.says("give", "process", scope=["process", "messaging"], **self.part.signer)

    def signed(self, name: str, outcome: str = SUITABLE, **changes: Any) -> Story:
        """A case with its report, checked and signed."""
        story = self.inquiry(name, ("biopsy.pdf", self.part.report()))
        self.permitted(story)
        self.checked(story, **changes)
        self.signs(story, outcome)
        return story

    def checked(self, story: Story, **changes: object) -> None:
        """Amina confirms what was read; what is missing beside it is waived by two."""
        amina = self.people.amina
        amina.checks(story.ref, typed=self.part.typed(**changes))
        while "review_findings" in story.case.tasks():
            amina.checks(story.ref)
        if "settle_completeness" in story.case.tasks():
            amina.does(story.ref, "settle_completeness", "waive", "imaging is on its way")
            self.people.rao.does(story.ref, "countersign_waiver", "agree", "not needed yet")

    def looked_at(self, story: Story, typed: Mapping[str, str]) -> None:
        """Amina confirms a paper's values; of one that states none she types what it says."""
        amina = self.people.amina
        number = amina.task(story.ref, "review_findings")
        if typed:
            sets = [part for one in typed.items() for part in ("--set", "=".join(one))]
            self.house.iort("do", str(number), "--choose", "settle", *sets)
            self.house.work()
        if number in [row["task"] for row in amina.tasks(story.ref, "review_findings")]:
            amina.checks(story.ref)

    def signs(self, story: Story, outcome: str = SUITABLE, **more: Any) -> None:
        """Dr Rao signs the pre-screen."""
        if outcome == SUITABLE:
            more = {"technique": self.part.technique, **more}
        self.people.rao.signs(story.ref, "review_case", outcome, "seen", **more)

    def allowed(self, story: Story, *codes: str) -> None:
        """The family allows hospitals, Amina chooses them, and each enquiry is approved."""
        story.family.says("give", "hospitals", hospital=list(codes), **self.part.signer)
        self.people.amina.does(story.ref, "approve_shortlist", "approve", hospitals=list(codes))
        approved(story)

    def offers(self, story: Story, code: str, valid_until: str = "2027-02-20") -> None:
        """A hospital answers with an offer, which Amina writes down."""
        part, amina = self.part, self.people.amina
        text = (
            "Dear colleagues,\n\nOur tumour board has reviewed the case. We can offer the "
            f"operation with IORT.\nEstimated cost: {part.currency} {part.low} to {part.high}. "
            "Stay: 5 days in hospital.\nEarliest admission 2027-03-01. The offer is valid until "
            f"{valid_until}."
            "\n\nKind regards\n"
        )
        self.people.hospital(code).answer(story.ref, text)
        amina.does(story.ref, "confirm_reply", "offer")
        terms = {
            "currency": part.currency, "amount_low": part.low, "amount_high": part.high,
            "technique": part.technique, "stay_days": "5", "earliest_admission": "2027-03-01",
            "valid_until": valid_until,
        }  # fmt: skip
        amina.says_twice(story.ref, "record_offer", "record", **terms)

    # What happens to the one case that goes all the way.

    def main(self) -> Story:
        """From the form to the erasure; every letter of the way leaves."""
        self.begun()
        story = self.collected()
        self.searched(story)
        self.decided(story)
        self.travelled(story)
        self.followed(story)
        self.erased(story)
        return story

    def begun(self) -> None:
        """Somebody begins the form and wants to go on later."""
        family = self.people.family(f"{self.part.name}-begun")
        token = family.visitor.token("/portal/")
        post = family.visitor.client.post
        begun = post("/portal/new", data={"csrf": token})
        address = str(begun.headers["location"]).rpartition("/")[0]
        contact = {"country": self.part.person.country, "email": family.box.address}
        post(f"{address}/contact", data={"csrf": token, "language": self.part.language, **contact})
        post(f"{address}/letter", data={"csrf": token, "step": "contact"})
        self.house.work()

    def collected(self) -> Story:
        """The permission is asked for twice, papers are asked for, one cannot be read."""
        story = self.inquiry("main")
        self.triaged(story)
        self.house.forward("25h")
        self.gives(story)
        self.house.forward("50h")
        story.family.uploads(("biopsy.pdf", self.part.report()), NOT_A_PAPER)
        self.house.forward("11m")
        self.people.amina.does(story.ref, "repair_document", "asked_sender")
        story.family.visitor.send("/portal/sign-in/link", {"email": story.family.box.address})
        self.house.work()
        amina = self.people.amina
        amina.checks(story.ref, typed=self.part.typed())
        amina.does(story.ref, "settle_completeness", "request_missing")
        self.house.forward("1d")
        amina.does(story.ref, "record_records_answer", "nothing_more")
        amina.does(story.ref, "settle_completeness", "waive", "imaging is on its way")
        self.people.rao.does(story.ref, "countersign_waiver", "agree", "not needed yet")
        return story

    def searched(self, story: Story) -> None:
        """Three hospitals are asked; one asks for more, one is silent; a value changes."""
        first, second, silent = self.part.hospitals
        amina, house = self.people.amina, self.house
        self.signs(story)
        story.family.follows_link()
        self.allowed(story, first, second, silent)
        self.people.hospital(first).answer(story.ref, f"Dear all,\n\n{self.part.asks_for}\n")
        amina.does(story.ref, "confirm_reply", "more_info")
        (asked,) = story.case.events("more_info.requested")
        items = asked["payload"]["items"]
        amina.does(story.ref, "answer_more_info", "ask_family", items=",".join(items))
        house.forward("3d")
        approved(story)
        house.forward("3d")
        approved(story)
        for item in items:
            amina.does(
                story.ref, "answer_more_info", "unavailable", "the laboratory kept none", items=item
            )
        approved(story)
        self.changed(story)

    def changed(self, story: Story) -> None:
        """A paper that differs comes after the signature: who was asked is corrected."""
        rows = [(name, value) for name, value in self.part.changed_rows]
        dates = (("Date collected", "2027-01-16"), ("Date reported", "2027-01-18"))
        later = paper("Cytology Report", self.part.person, rows, dates=dates)
        story.family.uploads(("later.pdf", later))
        amina = self.people.amina
        self.looked_at(story, self.part.changes if self.part.changes_typed else {})
        if "settle_differences" in story.case.tasks():
            amina.picks(story.ref, self.part.changes)
        self.house.forward("3h")
        self.signs(story)
        if "call_family" in story.case.tasks():
            amina.does(story.ref, "call_family", "called")
        approved(story)
        self.house.forward("1d")

    def decided(self, story: Story) -> None:
        """Offers are asked about, presented, run out, are renewed and taken back; one is taken."""
        first, second, _ = self.part.hospitals
        amina, house = self.people.amina, self.house
        soon = (house.now + timedelta(days=8)).date().isoformat()
        self.offers(story, first, soon)
        amina.does(story.ref, "present_offer", "clarify", questions=["deposit", "ebrt"])
        approved(story)
        house.forward("1d")
        self.people.hospital(first).answer(story.ref, "No deposit is needed.")
        amina.does(story.ref, "confirm_reply", "other")
        if "follow_thread" in story.case.tasks():
            amina.does(story.ref, "follow_thread", "offer_holds")
        amina.does(story.ref, "present_offer", "present")
        approved(story)
        self.offers(story, second)
        amina.does(story.ref, "present_offer", "present")
        approved(story)
        house.forward("3d")
        house.forward("6d")
        approved(story)
        amina.does(story.ref, "renew_offer", "ask")
        approved(story)
        withdrawn = self.offer_of(story, second)
        said = "said on the telephone"
        amina.does(story.ref, "record_patient_decision", "withdrew", said, offer=withdrawn)
        approved(story)
        amina.does(story.ref, "renew_offer", "renewed", valid_until="2027-02-20")
        amina.does(story.ref, "present_offer", "present")
        approved(story)
        accepts(story)
        house.forward("1d")
        approved(story)

    def offer_of(self, story: Story, code: str) -> str:
        """Return the number of a hospital's offer."""
        for thread in story.case.shown["threads"]:
            if thread["hospital"] == code:
                return str(thread["offers"][-1]["id"])
        raise AssertionError(f"no offer of {code}")

    def travelled(self, story: Story) -> None:
        """The journey there, the operation, the result, the flight home."""
        house = self.house
        admission_agreed(story)
        house.forward("1d")
        to_departure(story)
        happens(story, "departed", departure_date=house.now.date().isoformat())
        house.days(1)
        happens(story, "arrived")
        until(story, ADMISSION)
        happens(story, "admitted")
        until(story, OPERATION)
        done: dict[str, Any] = {
            "surgery_date": OPERATION.isoformat(),
            "iort_delivered": self.part.iort,
        }
        happens(story, "operated", **done)
        approved(story)
        until(story, OPERATION + timedelta(days=4))
        happens(story, "discharged", discharge_date=house.now.date().isoformat())

    def result(self, story: Story, outcome: str, nodes: int) -> None:
        """A report on the specimen comes by mail, is checked, and read by Dr Rao."""
        house, amina = self.house, self.people.amina
        day = house.now.date().isoformat()
        report = self.part.final_report(OPERATION.isoformat(), day, nodes=nodes)
        hospital = self.people.hospital(self.part.hospitals[0])
        hospital.answer(story.ref, "The report is attached.", files=[("final.pdf", report)])
        while "confirm_reply" in story.case.tasks():
            amina.does(story.ref, "confirm_reply", "other")
        while "review_findings" in story.case.tasks():
            self.looked_at(story, self.part.final_typed)
        if "settle_differences" in story.case.tasks():
            amina.picks(story.ref, self.part.final_picked)
        self.people.rao.signs(story.ref, "recheck_pathology", outcome, "read")

    def followed(self, story: Story) -> None:
        """The result twice, the flight home, questions, a red flag, the end of the programme."""
        house, people = self.house, self.people
        if self.part.site == "breast":  # elsewhere the re-check awaits what no paper here states
            self.result(story, "no_change", 0)
            house.forward("1d")
        self.result(story, "supplementary_recommended", 2)
        people.amina.does(story.ref, "call_family", "called")
        approved(story)
        start = (OPERATION + timedelta(days=14)).isoformat()
        plan: dict[str, Any] = {"modality": "EBRT", "fractions": "25", "start_date": start}
        happens(story, "treatment_scheduled", **plan, treated_at="home")
        people.amina.settles(story.ref, "flight home")
        flight = (house.now.date() + timedelta(days=2)).isoformat()
        fit = certificate(story, self.part.person, self.part.hospitals[0])
        happens(story, "cleared", flight_date=flight, certificate_document=fit)
        house.forward("3d")
        happens(story, "home", date=flight)
        house.forward("14d")
        self.house.iort("user", "email", "amina", people.mailbox("at-amina").address)
        story.family.box.write(DANGER, subject="help")
        house.forward("16m")
        people.rao.does(story.ref, "call_patient_now", "take")
        people.rao.does(
            story.ref, "call_patient_now", "reached", reached="patient", said="goes to hospital"
        )
        people.amina.does(story.ref, "read_letter", "done")
        story.family.follows_link()
        dates = (("Date of the report", house.now.date().isoformat()),)
        course = paper(
            "Radiotherapy summary", self.part.person, [("Fractions given", "25")], dates=dates
        )
        story.family.uploads(("radiotherapy.pdf", course))
        document = str(story.case.shown["documents"][-1]["id"])
        happens(story, "treatment_completed", treatment_document=document)
        happens(story, "completed")
        house.forward("1d")

    def erased(self, story: Story) -> None:
        """The family asks for the erasure; hospitals are asked to delete what they hold."""
        story.family.follows_link()
        story.family.sends("/data", {"what": "erasure", "sure": "yes"})
        self.people.amina.does(story.ref, "confirm_erasure", "erase", identified_by="call_back")
        approved(story)
        self.house.forward("16d")
        self.house.forward("16d")

    def left_behind(self, folder: Path) -> list[Path]:
        """Write every letter that somebody found, a folder for each mailbox; return the files."""
        found: list[Path] = []
        for name, box in self.people.boxes.items():
            for number, one in enumerate(box.letters(), 1):
                file = folder / name / f"{number:02d}.txt"
                file.parent.mkdir(parents=True, exist_ok=True)
                head = f"From: {one.sender}\nReply-To: {one.reply_to}\nSubject: {one.subject}"
                file.write_text(f"{head}\n\n{one.text}")
                found.append(file)
        return found
