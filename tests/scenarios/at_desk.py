"""A hospital at its desk, and the coordinator who opens records there, by letters and pages."""

import re
from dataclasses import dataclass

from tests.scenarios.pages import form_that, forms_of
from tests.scenarios.people import Desk, People
from tests.scenarios.post import Hospital
from tests.web.desks import CODE, LINK
from tests.web.parts import Visitor


@dataclass
class AtDesk:
    """Somebody at a hospital with the link of the newest letter that brought one."""

    people: People
    hospital: Hospital
    visitor: Visitor
    ref: str

    @property
    def path(self) -> str:
        """Where the link leads."""
        found = [LINK.search(letter.text) for letter in self.hospital.letters(self.ref)]
        return [one for one in found if one][-1][1]

    def status(self) -> int:
        """Return how the link answers."""
        return int(self.visitor.get(self.path).status_code)

    def opens(self) -> str:
        """Ask for the code, enter it, and return the page."""
        path = self.path
        self.visitor.send(f"{path}/code/send", {}, path)
        self.people.house.work()
        codes = [CODE.search(one.text.replace("\r", "")) for one in self.hospital.letters(self.ref)]
        self.visitor.send(f"{path}/code", {"code": [one for one in codes if one][-1][1]}, path)
        return str(self.visitor.get(path).text)


def at_desk(people: People, code: str, ref: str) -> AtDesk:
    """Return somebody of a hospital in a browser of their own."""
    return AtDesk(people, people.hospital(code), people.stranger(), ref)


def opens_records(desk: Desk, ref: str, thread: int, *documents: int) -> str:
    """Choose documents without names, look at each page, release; return where the records are."""
    here = f"/cases/{ref}/records/{thread}"
    form = form_that(desk.reads(here, html=True), "level", "D2_deid_records", action=here)
    chosen = {"level": "D2_deid_records", "document": [str(one) for one in documents]}
    records = desk.sends(here, form.sent(chosen))
    page = desk.reads(records, html=True)
    for own in forms_of(page):
        if own.action.endswith("/approve"):
            ticked = {one.name: one.value for one in own.controls if one.kind == "checkbox"}
            desk.sends(own.action, own.sent(ticked))
    desk.presses(records, "answer", "release")
    return records


def sends_archive(desk: Desk, ref: str, records: str) -> None:
    """Have open records sent as an encrypted archive, and approve the letter that brings it."""
    desk.sends(f"{records}/archive", _form(desk, records, "archive"))
    desk.does(ref, "approve_message", "approve")


def reads_password(desk: Desk, records: str) -> str:
    """Return the password of the archive as the page shows it once, to be read out."""
    form = _form(desk, records, "password")
    page = desk.visitor.client.post(f"{records}/password", data=form).text
    found = re.search(r'class="code">([A-Z-]{19})<', page)
    assert found
    return found[1]


def _form(desk: Desk, records: str, act: str) -> dict[str, list[str]]:
    html = desk.reads(records, html=True)
    return next(one for one in forms_of(html) if one.action == f"{records}/{act}").sent({})
