"""Those who act in a scenario, each through their own door and with what that door shows them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient

from local.rehearsal.people import SIGNER
from tests.scenarios.house import House
from tests.scenarios.pages import Given, form_that, forms_of
from tests.scenarios.post import File, Hospital, Letter, Mailbox
from tests.web.parts import Visitor, make_user, seen
from web.app import create_app
from workflows.letters.own_codes import SIGNS

_CODE = re.compile(rf"^([{SIGNS}]{{4}}-[{SIGNS}]{{4}})\s*$", re.MULTILINE)
_CASE_PAGE = re.compile(r"http://[^\s>]+(/portal/[\w.~-]+)")


@dataclass
class Family:
    """A family: fills in the portal's form, reads its mail, and opens its own page."""

    visitor: Visitor
    box: Mailbox
    ref: str = ""
    page: str = ""
    """The path of the patient's own page, from the newest link."""

    def asks(self, form: dict[str, dict[str, Any]], *files: File) -> None:
        """Fill in the intake form step by step, with its files, and send it."""
        token = self.visitor.token("/portal/")
        post = self.visitor.client.post
        begun = post("/portal/new", data={"csrf": token})
        address = str(begun.headers["location"]).rpartition("/")[0]
        for code, step in form.items():
            answer = post(f"{address}/{code}", data={"csrf": token, **step})
            assert answer.headers.get("location") != f"{address}/{code}?look=1", seen(
                self.visitor.get(f"{address}/{code}?look=1").text
            )
        self._put(f"{address}/files", token, files)
        sent = post(f"{address}/check", data={"csrf": token, "go": "send"})
        assert sent.status_code == 303 and "check" not in sent.headers["location"], sent.text
        self.page = sent.headers["location"].partition("?")[0]
        self.box.house.work()
        self.ref = re.findall(r"CFX-\d\d-\d{5}", str(self.visitor.get(self.page).text))[0]

    def uploads(self, *files: File) -> None:
        """Send more files from their own page."""
        self._put(self.page, self.visitor.token(self.page), files)
        self.box.house.work()

    def _put(self, path: str, token: str, files: Sequence[File]) -> None:
        parts = [("files", (name, content, "application/octet-stream")) for name, content in files]
        answer = self.visitor.client.post(path, data={"csrf": token}, files=parts)
        assert answer.status_code == 303, seen(answer.text)

    def reads(self) -> str:
        """Return their own page as they read it."""
        return seen(self._page())

    def _page(self) -> str:
        """Open their own page; where it asks for a code, have one sent and enter it."""
        html = str(self.visitor.get(self.page).text)
        if f"{self.page}/code/send" not in html:
            return html
        self.visitor.send(f"{self.page}/code/send", {}, self.page)
        self.box.house.work()
        codes = [
            found for one in self.letters("A code for you") for found in _CODE.findall(one.text)
        ]
        if not codes:
            return html  # no letters come any more: the page says how it stands
        self.visitor.send(f"{self.page}/code", {"code": codes[-1]}, self.page)
        return str(self.visitor.get(self.page).text)

    def sends(self, to: str, form: dict[str, Any]) -> None:
        """Send a form of one of the parts of their page: "/withdraw", "/data"."""
        self._page()
        answer = self.visitor.send(self.page + to, form)
        assert answer.status_code in (200, 303) and "A code first" not in answer.text, answer.text
        self.box.house.work()

    def says(self, name: str, value: str, **given: Any) -> None:
        """Send the form of their page that has this field."""
        form = form_that(self._page(), name, value)
        pressed = any(c.name == name and c.kind == "submit" for c in form.controls)
        sent = form.sent(given, (name, value) if pressed else None)
        answer = self.visitor.client.post(form.action, data=sent)
        self.box.house.work()
        assert answer.status_code == 303, seen(answer.text)

    def letters(self, words: str = "") -> list[Letter]:
        """Return the letters they found whose subject or text has these words."""
        return [one for one in self.box.letters() if words in one.subject + one.text]

    def follows_link(self) -> None:
        """Open their page by the link of the newest letter that has one."""
        links = [found for one in self.letters() for found in _CASE_PAGE.findall(one.text)]
        assert links, "no letter has a link"
        self.page = links[-1]


@dataclass
class Desk:
    """One of the team at the console."""

    house: House
    visitor: Visitor
    role: str

    def tasks(self, ref: str, kind: str = "") -> list[dict[str, Any]]:
        """Return what waits in a case, as `iort tasks` lists it."""
        rows: list[dict[str, Any]] = self.house.told("tasks", "--case", ref)
        return [row for row in rows if not kind or row["kind"] == kind]

    def task(self, ref: str, kind: str) -> int:
        """Return the number of the oldest open task of a kind."""
        rows = self.tasks(ref, kind)
        assert rows, f"no open {kind}; open: {[row['kind'] for row in self.tasks(ref)]}"
        return min(int(row["task"]) for row in rows)

    def does(self, ref: str, kind: str, answer: str, reason: str = "", *, refused: bool = False,
             **values: str | Sequence[str]) -> str:  # fmt: skip
        """Answer the oldest task of a kind on its page; a refusal is returned as it is read."""
        return self.answers(self.task(ref, kind), answer, reason, refused=refused, **values)

    def answers(self, number: int, answer: str, reason: str = "", *, refused: bool = False,
                **values: str | Sequence[str]) -> str:  # fmt: skip
        """Answer a task by its number on its page; a refusal is returned as it is read."""
        given: dict[str, str | Sequence[str]] = {f"set:{n}": value for n, value in values.items()}
        if reason:
            given["reason"] = reason
        html = self.reads(f"/tasks/{number}", html=True)
        form = form_that(html, "answer", answer, action=f"/tasks/{number}")
        buttons = [one for one in form.controls if one.name == "answer" and one.kind == "submit"]
        press = ("answer", answer) if buttons else None
        if press is None:
            given["answer"] = answer
        return self.sends(form.action, form.sent(given, press), refused=refused)

    def says_twice(self, ref: str, kind: str, answer: str, **values: str) -> str:
        """Answer a task whose page reads back what it heard; say once more that it is right.

        Returns what the page read back.
        """
        number = self.task(ref, kind)
        form = form_that(self.reads(f"/tasks/{number}", html=True), "answer", answer)
        given = {f"set:{name}": value for name, value in values.items()}
        heard = self.visitor.client.post(form.action, data=form.sent(given)).text
        again = form_that(heard, "answer", answer, action=form.action)
        self.sends(form.action, again.sent({}))
        return seen(heard)

    def signs(self, ref: str, kind: str, outcome: str, reason: str = "", *, but: str = "",
              refused: bool = False, **values: str | Sequence[str]) -> str:  # fmt: skip
        """Sign a result in its box: every finding that decides is ticked, `but` one."""
        number = self.task(ref, kind)
        html = self.reads(f"/tasks/{number}", html=True)
        form = form_that(html, "answer", outcome, action=f"/tasks/{number}")
        ticks = [one.value for one in form.controls if one.name == "set:seen" and one.value != but]
        given: dict[str, str | Sequence[str]] = {
            "answer": outcome, "set:seen": ticks, "reason": reason,
            **{f"set:{name}": value for name, value in values.items()},
        }  # fmt: skip
        for name, value in SIGNER.items():
            if any(one.name == f"set:{name}" for one in form.controls):
                given[f"set:{name}"] = value
        return self.sends(form.action, form.sent(given, ("sent-as", "decided")), refused=refused)

    def checks(self, ref: str, *, typed: Given | None = None, **right: str) -> None:
        """Confirm every value of the oldest document that waits with some, each by itself.

        `right` are the values that are corrected, by field; `typed` those added at the terminal.
        """
        number = self._with_values(ref)
        if typed:
            words = [f"{name}={value}" for name, value in typed.items()]
            sets = [part for word in words for part in ("--set", word)]
            self.house.iort("do", str(number), "--choose", "settle", *sets)
        html = self.reads(f"/tasks/{number}", html=True)
        form = form_that(html, "answer", "confirm", action=f"/tasks/{number}")
        given: dict[str, str | Sequence[str]] = {}
        for one in form.controls:
            if one.name.startswith("is:") and one.value == "confirm":
                field_name = one.name.removeprefix("is:").partition("#")[0]
                correct = field_name in right
                given[one.name] = "correct" if correct else "confirm"
                if correct:
                    given[f"set:{one.name.removeprefix('is:')}"] = right[field_name]
        self.sends(form.action, form.sent(given, ("answer", "confirm")))

    def _with_values(self, ref: str) -> int:
        """Return the oldest review of a document in which values were found, else the oldest.

        Which document is read first is nobody's promise.
        """
        numbers = sorted(int(row["task"]) for row in self.tasks(ref, "review_findings"))
        for number in numbers:
            controls = (
                one
                for form in forms_of(self.reads(f"/tasks/{number}", html=True))
                for one in form.controls
            )
            if any(one.name.startswith("is:") for one in controls):
                return number
        return self.task(ref, "review_findings")

    def picks(
        self, ref: str, picked: Mapping[str, str], *, why: str = "superseded", refused: bool = False
    ) -> str:
        """Pick, of every field on which documents differ, the statement that has this value."""
        said = [one for paper in self.house.told("case", "show", ref)["documents"]
                for one in paper["findings"]]  # fmt: skip
        number = self.task(ref, "settle_differences")
        html = self.reads(f"/tasks/{number}", html=True)
        form = form_that(html, "answer", "pick", action=f"/tasks/{number}")
        given: dict[str, str | Sequence[str]] = {}
        for name, value in picked.items():
            one = next(f for f in said if (f["field"], str(f["value"])) == (name, value))
            given |= {f"pick:{name}": str(one["id"]), f"code:{name}": why}
        return self.sends(form.action, form.sent(given, ("answer", "pick")), refused=refused)

    def sends(self, action: str, form: dict[str, list[str]], *, refused: bool = False) -> str:
        """Send a form as it is; return where it leads, of a refused one the page as it is read."""
        answer = self.visitor.client.post(action, data=form)
        self.house.work()
        assert answer.status_code == (422 if refused else 303), seen(answer.text)
        return seen(answer.text) if refused else str(answer.headers["location"])

    def presses(self, path: str, name: str, value: str, *, action: str = "", refused: bool = False,
                **given: str) -> str:  # fmt: skip
        """Send the form of a page that has this field."""
        form = form_that(self.reads(path, html=True), name, value, action=action)
        button = any(c.name == name and c.kind == "submit" for c in form.controls)
        press = (name, value) if button else None
        return self.sends(form.action, form.sent(given, press), refused=refused)

    def reads(self, path: str, *, html: bool = False) -> str:
        """Return a page as they read it, or as it came."""
        for _ in range(3):
            answer = self.visitor.get(path)
            if answer.status_code != 303:
                break
            path = answer.headers["location"]
        assert answer.status_code == 200, f"{path}: {answer.status_code} {seen(answer.text)}"
        return str(answer.text) if html else seen(answer.text)

    def settles(self, ref: str, gate: str) -> list[str]:
        """Tick what blocks a gate on the checklist, in its order; return what cannot be ticked."""
        path = f"/cases/{ref}/journey"
        left: list[tuple[int, str]] = []
        while True:
            page = self.reads(path, html=True)
            before, left = left, blockers(page, gate)
            if left == before:
                self.house.work()
                return sorted(code for _, code in left)
            ticks = {one.action: one for one in forms_of(page) if one.offers("answer", "done")}
            for number, _ in left:
                form = ticks[f"{path}/{number}"]
                self.visitor.client.post(form.action, data=form.sent({}))


_ROW = re.compile(r'<tr id="item-(\d+)" class="([^"]*)">(.*?)</tr>', re.DOTALL)
_ITEM = re.compile(r"<small>(\w+), ◆ ([^<]*)</small>")


def blockers(page: str, gate: str) -> list[tuple[int, str]]:
    """Return the open items that the journey's page marks as blocking: number and code."""
    found = []
    for number, classes, row in _ROW.findall(page):
        marked = _ITEM.search(row)
        if marked and "settled" not in classes and gate in marked.group(2):
            found.append((int(number), marked.group(1)))
    return found


class People:
    """Everybody of a scenario."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._app = create_app(house.world)
        self._clients: list[TestClient] = []
        self.boxes: dict[str, Mailbox] = {}
        """The mailboxes of everybody outside, by name."""
        self._desks: dict[str, Desk] = {}

    def family(self, name: str) -> Family:
        """Return a family with an address of its own."""
        return Family(Visitor(self._client()), self.mailbox(name))

    def stranger(self) -> Visitor:
        """Return somebody with a browser and nothing else."""
        return Visitor(self._client())

    def hospital(self, code: str) -> Hospital:
        """Return a hospital of the directory."""
        return Hospital(code, self.mailbox(code.lower()))

    def mailbox(self, name: str) -> Mailbox:
        """Return the mailbox of a name, the same one each time."""
        address = f"{name}-{self.house.world.settings.mail_from}"
        return self.boxes.setdefault(name, Mailbox(self.house, address))

    def desk(self, role: str, name: str = "") -> Desk:
        """Return somebody of the team, signed in at the console."""
        name = name or role
        if name not in self._desks:
            make_user(self.house.world, role, name)
            visitor = Visitor(self._client())
            assert visitor.sign_in(name).status_code == 303
            self._desks[name] = Desk(self.house, visitor, role)
        return self._desks[name]

    @property
    def amina(self) -> Desk:
        """The coordinator."""
        return self.desk("coordinator", "amina")

    @property
    def rao(self) -> Desk:
        """The clinician who signs."""
        return self.desk("clinician", "rao")

    @property
    def lead(self) -> Desk:
        """The lead of the coordinators."""
        return self.desk("lead", "lee")

    def leave(self) -> None:
        """Close every connection."""
        for box in self.boxes.values():
            box.close()
        for client in self._clients:
            client.close()

    def _client(self) -> TestClient:
        client = TestClient(self._app, base_url="http://127.0.0.1:8000", follow_redirects=False)
        self._clients.append(client)
        return client


@dataclass
class Case:
    """What is asked about a case from outside, at the terminal."""

    house: House
    ref: str

    @property
    def state(self) -> str:
        """Where it stands."""
        return str(self.shown["state"])

    @property
    def shown(self) -> dict[str, Any]:
        """`iort case show` as JSON."""
        found: dict[str, Any] = self.house.told("case", "show", self.ref)
        return found

    def events(self, type: str = "") -> list[dict[str, Any]]:
        """Return the timeline, or its events of one type."""
        rows: list[dict[str, Any]] = self.house.told("timeline", self.ref, "--all")["events"]
        return [row for row in rows if not type or row["type"] == type]

    def tasks(self) -> list[str]:
        """Return the kinds of what waits."""
        return [str(row["kind"]) for row in self.house.told("tasks", "--case", self.ref)]
