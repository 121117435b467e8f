"""What a delivery says, by the kind of its source: read from its bytes, the same each time."""

from dataclasses import dataclass, field
from typing import Any

from workflows.hooks.bucket import StoredObject, read_store_news
from workflows.hooks.mail import RawMail, read_mail
from workflows.hooks.mapping import notes_of, opened_by
from workflows.hooks.multipart import fields_of
from workflows.hooks.partner import Sent, kind_of, read_partner, typed
from workflows.hooks.problems import HookRefused
from workflows.hooks.sources import Source
from workflows.hooks.strict import as_text, media_type, plain_bytes, read_json

FORM = "form.submitted"


@dataclass(frozen=True, slots=True)
class Understood:
    """A delivery as it was read: its type, and one of what a kind of source may send."""

    kind: str
    sent: Sent | None = None
    objects: tuple[StoredObject, ...] = field(default=())
    mail: RawMail | None = None

    @property
    def opens(self) -> bool:
        """Whether it opens a case."""
        return self.sent is not None and self.sent.opens


def understand(rules: Source, content_type: str, encoding: str, body: bytes) -> Understood:
    """Return what a delivery says; raise `HookRefused`."""
    plain_bytes(encoding)
    if rules.kind == "mail":
        assert rules.mail is not None
        mail = read_mail(rules.mail, content_type, body)
        return Understood(mail.kind, mail=mail)
    if rules.kind == "store":
        assert rules.store is not None
        objects = read_store_news(rules.store, read_json(body, content_type))
        return Understood("object.created", objects=objects)
    if rules.kind == "form":
        return _form(rules, content_type, body)
    said = read_json(body, content_type)
    kind = kind_of(said)
    if kind is not None and not rules.may_send(kind):
        raise HookRefused("type_not_allowed")
    sent = read_partner(said)
    return Understood(sent.kind, sent=sent)


def _form(rules: Source, content_type: str, body: bytes) -> Understood:
    assert rules.form is not None
    said = _form_said(content_type, body)
    data = typed("case.opened", opened_by(rules.form, said))
    return Understood(FORM, sent=Sent("case.opened", data, notes_of(rules.form, said)))


def _form_said(content_type: str, body: bytes) -> Any:
    kind, charset, _ = media_type(content_type)
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        text = as_text(body, charset)
        said = {
            name: one.encode("latin-1").decode("utf-8") if kind.startswith("multi") else one
            for name, one in fields_of(body, content_type).items()
        }
        if not said:
            raise HookRefused("not_form_type")
        if "\0" in text or any("\0" in f"{name}{one}" for name, one in said.items()):
            raise HookRefused("not_text")
        return said
    return read_json(body, content_type)
