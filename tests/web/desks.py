"""A hospital at its desk, as a browser without scripts: the link and the code come out of mails."""

import re
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from httpx2 import Response

from accounts.desk_links import SIGNS
from tests.web.parts import TOKEN, Visitor
from tests.workflows.playing import Play

LINK = re.compile(r"https?://[^/\s]+(/portal/desk/[\w.~=-]{24,})")
CODE = re.compile(rf"^([{SIGNS}]{{4}}-[{SIGNS}]{{4}})\s*$", re.MULTILINE)
FORM = re.compile(
    r'action="[^"]*/answer/(\w+)[^"]*">\s*<input[^>]*>\s*<input type="hidden" name="form"'
    r' value="([^"]+)"'
)


def text_of(mail: EmailMessage) -> str:
    return str(mail.get_content()).replace("\r", "")


def link_in(play: Play, template: str = "M10", nth: int = -1) -> str:
    """Return the path that the newest letter of a kind brought."""
    found = LINK.search(text_of(play.mails(template)[nth]))
    assert found, text_of(play.mails(template)[nth])
    return found[1]


def code_in(play: Play) -> str:
    """Return the code of the newest letter that brought one."""
    play.run()
    found = CODE.search(text_of(play.mails("M60")[-1]))
    assert found, text_of(play.mails("M60")[-1])
    return found[1]


@dataclass
class Reader:
    """Somebody at the hospital, with the link of a letter in a browser of their own."""

    visitor: Visitor
    play: Play
    path: str

    def open(self) -> Response:
        """Ask for a code, enter it, and return the desk."""
        assert "csrf" in self.visitor.get(self.path).text
        self.visitor.send(f"{self.path}/code/send", {}, self.path)
        entered = self.visitor.send(f"{self.path}/code", {"code": code_in(self.play)}, self.path)
        assert entered.status_code in (200, 303), entered.text
        return self.page()

    def page(self) -> Response:
        return self.visitor.get(self.path)

    def get(self, rest: str, **headers: str) -> Response:
        return self.visitor.client.get(f"{self.path}{rest}", headers=headers)

    def answer(self, kind: str, form: str = "", **values: Any) -> Response:
        """Send one form of the desk as it was drawn; `form` sends the same one again."""
        page = self.page().text
        token = TOKEN.search(page)
        names = dict(FORM.findall(page))
        assert token and kind in names, page[:2000]
        sent = {"csrf": token[1], "form": form or names[kind], **values}
        return self.visitor.client.post(f"{self.path}/answer/{kind}", data=sent)


def at_desk(visit: Any, play: Play, template: str = "M10", nth: int = -1) -> Reader:
    visitor = visit()
    visitor.client.cookies.clear()
    return Reader(visitor, play, link_in(play, template, nth))
