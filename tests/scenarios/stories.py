"""What most scenarios begin with: an inquiry with its report, checked, signed, and sent out."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from adapters.webhooks import sign
from local.rehearsal.documents import breast_synoptic, rectum_two_columns
from local.rehearsal.parts import PARTS
from local.rehearsal.reports import ROSA, TOMAS, Person
from tests.scenarios.house import House
from tests.scenarios.papers import pancreas
from tests.scenarios.people import Case, Family, People
from tests.scenarios.post import File

BY_HAND = PARTS[0].by_hand
"""What the clinic letter states beside the biopsy report, as the coordinator types it."""
REPORT: File = ("biopsy.pdf", breast_synoptic(ROSA))


@dataclass(frozen=True, slots=True)
class Plot:
    """Whose case it is: what the portal is told, the first report, what a doctor makes of it."""

    person: Person
    report: File
    form: Mapping[str, Mapping[str, Any]]
    """Changes to what the portal's form is told, by step."""
    by_hand: Mapping[str, str]
    technique: str = "ioert"


BREAST = Plot(ROSA, REPORT, {}, BY_HAND, "kv_iort")
RECTUM = Plot(
    TOMAS,
    ("biopsy.pdf", rectum_two_columns(TOMAS)),
    {
        "you": {"relation": "family", "asker_name": "Vera Musterbauer", "patient_knows": "yes"},
        "illness": {"site": "pelvic_recurrence", "side": ""},
        "contact": {"country": "RU", "language": "ru", "time_zone": "Europe/Moscow"},
    },
    PARTS[1].by_hand,
)
"""A recurrence of rectal cancer, Kazan; the family writes."""
SALIM = Person(
    "Salim Exemplari", date(1957, 2, 3), "male", "FX-100205", "OM", "Asia/Muscat",
    "salim.exemplari@family.example",
)  # fmt: skip
PANCREAS = Plot(
    SALIM,
    ("biopsy.pdf", pancreas(SALIM)),
    {
        "you": {"relation": "family", "asker_name": "Nasser Exemplari", "patient_knows": "yes"},
        "illness": {"site": "pancreas", "side": ""},
        "contact": {"country": "OM", "time_zone": "Asia/Muscat"},
    },
    {
        "disease.metastasis": "M0",
        "disease.intent": "curative",
        "surgery.status": "planned",
        "patient.ecog": "1",
    },
)
"""A pancreas, Muscat; his son writes."""


@dataclass
class Story:
    """A case with those who act in it."""

    house: House
    people: People
    family: Family
    case: Case
    plot: Plot = BREAST

    @property
    def ref(self) -> str:
        """The case's reference."""
        return self.case.ref


def inquiry(
    house: House, people: People, *files: File, name: str = "rosa", plot: Plot = BREAST,
    **changes: Mapping[str, Any],
) -> Story:  # fmt: skip
    """The family fills in the portal's form."""
    family, person = people.family(name), plot.person
    form: dict[str, dict[str, Any]] = {
        "you": {"relation": "self", "agree": "yes"},
        "patient": {
            "name": person.name, "birth_date": person.birth_date.isoformat(), "sex": person.sex,
        },
        "illness": {"site": "breast", "side": "right", "biopsy": "yes"},
        "contact": {"country": "KE", "email": family.box.address, "language": "en"},
        "story": {"message": "Can you help us?"},
    }  # fmt: skip
    for told in (plot.form, changes):
        for step, change in told.items():
            form[step] |= change
    family.asks(form, *(files or (plot.report,)))
    return Story(house, people, family, Case(house, family.ref), plot)


def by_partner(house: House, people: People, *papers: File) -> Story:
    """A partner opens the case by a signed hook, with its papers; letters bring the family in."""
    family = people.family("rosa")
    patient = {
        "name": ROSA.name, "birth_date": ROSA.birth_date.isoformat(), "sex": ROSA.sex,
        "email": family.box.address,
    }  # fmt: skip
    sent = [
        {"file_name": name, "content": base64.b64encode(content).decode()}
        for name, content in papers
    ]
    data = {"patient": patient, "site": "breast", "residence_country": "KE", "documents": sent}
    body = json.dumps({"type": "case.opened", "data": data}).encode()
    ((source, secret),) = house.world.settings.webhook_secrets.items()
    signed = sign(
        [secret.get_secret_value()], message_id="m-1", sent_at=datetime.now(UTC), body=body
    )
    answer = family.visitor.client.post(f"/hooks/{source}", content=body, headers=signed)
    assert answer.status_code == 200, answer.text
    house.work()
    return Story(house, people, family, Case(house, answer.json()["case_ref"]))


def consented(story: Story) -> None:
    """Triage, and the permission on the patient's own page; who gives it is asked if not known."""
    site = story.plot.form.get("illness", {}).get("site", "breast")
    story.people.amina.does(story.ref, "triage_inquiry", "in_scope", site=site)
    family = story.family
    if family.page:
        family.says("give", "process", scope=["process", "messaging"], **signer(story))
        return
    family.follows_link()  # it is day where they live: their country has one clock
    family.says("give", "process", scope=["process", "messaging"], signer="patient")


def signer(story: Story) -> dict[str, str]:
    """Return who gives a permission, where the page asks: the patient, whose family wrote."""
    wrote = story.plot.form.get("you", {}).get("relation", "self")
    return {} if wrote == "self" else {"signer": "patient"}


def checked(story: Story, typed: Mapping[str, str] | None = None) -> None:
    """Amina confirms what was read; what is missing beside it is waived by two."""
    amina = story.people.amina
    amina.checks(story.ref, typed=story.plot.by_hand if typed is None else typed)
    amina.does(story.ref, "settle_completeness", "waive", "imaging is on its way")
    story.people.rao.does(story.ref, "countersign_waiver", "agree", "not needed yet")


def to_clinician(house: House, people: People, *, plot: Plot = BREAST) -> Story:
    """A case that waits for the signature."""
    story = inquiry(house, people, plot=plot)
    consented(story)
    checked(story)
    return story


def asked(story: Story, *hospitals: str, technique: str = "") -> None:
    """Dr Rao signs, the family allows each hospital, and each enquiry is approved."""
    story.people.rao.signs(
        story.ref, "review_case", "suitable_for_outreach", "seen",
        technique=technique or story.plot.technique,
    )  # fmt: skip
    story.family.says("give", "hospitals", hospital=list(hospitals), **signer(story))
    amina = story.people.amina
    amina.does(story.ref, "approve_shortlist", "approve", hospitals=list(hospitals))
    for _ in hospitals:
        amina.does(story.ref, "approve_message", "approve")


def nobody_asked(story: Story) -> None:
    """No hospital of the directory has a letter about the case."""
    for number in range(1, 11):
        assert story.people.hospital(f"H{number:02d}").letters(story.ref) == []


def approved(story: Story) -> None:
    """Amina reads and approves every letter that waits."""
    while "approve_message" in story.case.tasks():
        story.people.amina.does(story.ref, "approve_message", "approve")
