"""What most scenarios begin with: an inquiry with its report, checked, signed, and sent out."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.webhooks import sign
from local.rehearsal.documents import breast_synoptic
from local.rehearsal.parts import PARTS
from local.rehearsal.reports import ROSA
from tests.scenarios.house import House
from tests.scenarios.people import Case, Family, People
from tests.scenarios.post import File

BY_HAND = PARTS[0].by_hand
"""What the clinic letter states beside the biopsy report, as the coordinator types it."""
REPORT: File = ("biopsy.pdf", breast_synoptic(ROSA))


@dataclass
class Story:
    """A case with those who act in it."""

    house: House
    people: People
    family: Family
    case: Case

    @property
    def ref(self) -> str:
        """The case's reference."""
        return self.case.ref


def inquiry(
    house: House, people: People, *files: File, name: str = "rosa", **changes: Mapping[str, Any]
) -> Story:
    """The family fills in the portal's form."""
    family = people.family(name)
    form: dict[str, dict[str, Any]] = {
        "you": {"relation": "self", "agree": "yes"},
        "patient": {
            "name": ROSA.name, "birth_date": ROSA.birth_date.isoformat(), "sex": ROSA.sex,
        },
        "illness": {"site": "breast", "side": "right", "biopsy": "yes"},
        "contact": {"country": "KE", "email": family.box.address, "language": "en"},
        "story": {"message": "Can you help us?"},
    }  # fmt: skip
    for step, change in changes.items():
        form[step] |= change
    family.asks(form, *(files or (REPORT,)))
    return Story(house, people, family, Case(house, family.ref))


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
    story.people.amina.does(story.ref, "triage_inquiry", "in_scope", site="breast")
    family = story.family
    if family.page:
        family.says("give", "process", scope=["process", "messaging"])
        return
    story.house.forward("4h")  # nobody knows where they live: their morning is that of Greenwich
    family.follows_link()
    family.says("give", "process", scope=["process", "messaging"], signer="patient")


def checked(story: Story, typed: Mapping[str, str] = BY_HAND) -> None:
    """Amina confirms what was read; what is missing beside it is waived by two."""
    amina = story.people.amina
    amina.checks(story.ref, typed=typed)
    amina.does(story.ref, "settle_completeness", "waive", "imaging is on its way")
    story.people.rao.does(story.ref, "countersign_waiver", "agree", "not needed yet")


def to_clinician(house: House, people: People, *, language: str = "en") -> Story:
    """A case that waits for the signature."""
    story = inquiry(house, people, contact={"language": language})
    consented(story)
    checked(story)
    return story


def asked(story: Story, *hospitals: str) -> None:
    """Dr Rao signs, the family allows each hospital, and each enquiry is approved."""
    story.people.rao.signs(
        story.ref, "review_case", "suitable_for_outreach", "seen", technique="kv_iort"
    )
    story.family.says("give", "hospitals", hospital=list(hospitals))
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
