"""Who may send us what: one file for each source in `playbooks/hooks/`, secrets in the settings.

A source without a file is a partner that speaks Standard Webhooks and may send every type.
"""

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Literal

from pydantic import Field

from adapters.hook_signatures import LARGEST_MAIL
from adapters.webhooks import LARGEST_BODY_IN
from models.case import SITES, URGENCIES
from playbook_reader import Strict, one_of, read
from workflows.hooks.mapping import FieldName, FormMapping

FOLDER = "hooks"
WORDS: Mapping[FieldName, tuple[str, ...]] = {"site": SITES, "urgency": URGENCIES}
"""Fields whose words are ours: a form's file names them."""
PARTNER_TYPES = ("case.opened", "document.received", "case.note")


class Signing(Strict):
    """How a source proves itself.

    `standard`: Standard Webhooks. `header`: an HMAC-SHA256 of the body in `header`, after `prefix`.
    `bearer`: the secret itself, as bearer token or as password. `mailgun`, `sns`: as these sign.
    """

    how: Literal["standard", "header", "bearer", "mailgun", "sns"] = "standard"
    header: str = ""
    prefix: str = ""
    encoding: Literal["hex", "base64"] = "hex"
    topics: tuple[str, ...] = ()
    """SNS: the topics that are taken; a message of any other is not genuine."""


class StoreRules(Strict):
    """What is taken of an S3-compatible store: buckets, and keys such as `in/{case}/{file}`."""

    buckets: tuple[str, ...]
    key: str
    cases_of: tuple[str, ...] = ()
    """Sources whose cases the objects may be added to; none: this source's own."""


class Source(Strict):
    """One source as its file says."""

    source: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    kind: Literal["partner", "form", "store", "mail"] = "partner"
    signature: Signing = Signing()
    types: tuple[str, ...] = ()
    """The event types it may send; none named: all of its kind."""
    addresses: tuple[str, ...] = ()
    """Networks that it calls from; none named: any."""
    form: FormMapping | None = None
    store: StoreRules | None = None
    mail: Literal["raw", "mailgun", "postmark", "ses"] | None = None

    @property
    def largest(self) -> int:
        """Bytes of one delivery of this source."""
        return LARGEST_MAIL if self.kind == "mail" else LARGEST_BODY_IN

    def may_call_from(self, address: str) -> bool:
        """Say whether a network address is one of the source's own."""
        if not self.addresses:
            return True
        try:
            ip = ip_address(address)
        except ValueError:
            return False
        mapped = getattr(ip, "ipv4_mapped", None) or ip
        return any(mapped in ip_network(network) for network in self.addresses)

    def may_send(self, kind: str) -> bool:
        """Say whether the source may send a type."""
        return not self.types or kind in self.types


@lru_cache(maxsize=4)
def load_sources(playbooks: Path) -> Mapping[str, Source]:
    """Return the sources that have a file, by name; raise `PlaybookError`."""
    found: dict[str, Source] = {}
    for path in sorted((playbooks / FOLDER).glob("*.yaml")):
        document = read(path, f"{FOLDER}/{path.name}")
        source = document.validate(Source)
        if source.source != path.stem:
            raise document.error(("source",), "it is called otherwise than its file")
        part = {"form": source.form, "store": source.store, "mail": source.mail}
        for name, given in part.items():
            if (given is not None) != (source.kind == name):
                reason = f"a source of kind {source.kind} and its part {name} do not go together"
                raise document.error((), reason)
        for number, network in enumerate(source.addresses):
            try:
                ip_network(network)
            except ValueError:
                raise document.error(("addresses", number), "this is no network") from None
        for name, words in WORDS.items():
            mapped = source.form.fields.get(name) if source.form else None
            for word in mapped.values.values() if mapped else ():
                if word not in words:
                    place = ("form", "fields", name, "values")
                    raise document.error(place, f"{word} is no {name}", one_of(word, words))
        if source.kind == "partner" and set(source.types) - set(PARTNER_TYPES):
            raise document.error(("types",), f"use some of {', '.join(PARTNER_TYPES)}")
        found[source.source] = source
    return found


def source_of(playbooks: Path, name: str) -> Source:
    """Return a source's rules: those of its file, else those of a partner without one."""
    known = load_sources(playbooks).get(name)
    try:
        return known or Source(source=name)
    except ValueError:  # a name that no file can have, such as one with capitals
        return Source.model_construct(source=name)


__all__ = [
    "LARGEST_BODY_IN",
    "LARGEST_MAIL",
    "PARTNER_TYPES",
    "Source",
    "load_sources",
    "source_of",
]
