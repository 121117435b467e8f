"""The form in which a mail is signed, and the tags of a signature (RFC 6376, 3.2 and 3.4)."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

Field = tuple[str, bytes]
"""A header field: its name in lower case, and the whole of it with its line end."""

MOST_FIELDS = 1_000
_NAME = re.compile(rb"([!-9;-~]+):")
_BARE_CR = re.compile(rb"\r(?!\n)")
_SPACES = re.compile(rb"[ \t]+")
_TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*?)\s*", re.DOTALL)
_SIGNATURE = re.compile(rb"([;:]\s*b\s*=)[^;]*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RawMail:
    """A mail as bytes: its fields from top to bottom, and its body, with CRLF line ends."""

    fields: Sequence[Field]
    body: bytes
    _hashes: dict[str, tuple[int, bytes]] = field(default_factory=dict)

    def body_hash(self, form: str) -> tuple[int, bytes]:
        """Return length and SHA-256 of the body in a form, reckoned once."""
        if form not in self._hashes:
            body = body_as(form, self.body)
            self._hashes[form] = len(body), hashlib.sha256(body).digest()
        return self._hashes[form]

    def named(self, name: str) -> Iterator[bytes]:
        """Yield the fields of a name (lower case), from top to bottom."""
        return (whole for own, whole in self.fields if own == name)


def split_mail(raw: bytes) -> RawMail:
    """Return the fields and the body of a raw mail.

    No field where the head holds anything but fields: mail programs read such a head in different
    ways, and what a signature covers might not be what is shown.
    """
    raw = re.sub(rb"\r?\n", b"\r\n", raw)
    head, _, body = raw.partition(b"\r\n\r\n")
    fields: list[Field] = []
    for line in re.split(rb"\r\n(?![ \t])", head):
        found = _NAME.match(line)
        if found is None or _BARE_CR.search(line) or len(fields) == MOST_FIELDS:
            return RawMail((), body)
        fields.append((found[1].decode("ascii").lower(), line + b"\r\n"))
    return RawMail(fields, body)


def tags_of(text: str) -> Mapping[str, str]:
    """Return the tags of a list `a=b; c=d`.

    Raises ValueError where it is none, or names one twice.
    """
    tags: dict[str, str] = {}
    for part in text.split(";"):
        if not part.strip():
            continue
        found = _TAG.fullmatch(part)
        if found is None or found[1] in tags:
            raise ValueError("not a list of tags")
        tags[found[1]] = found[2]
    return tags


def value_of(field: bytes) -> str:
    """Return what stands behind the name of a field."""
    return field.partition(b":")[2].decode("latin-1").strip()


def field_as(form: str, field: bytes) -> bytes:
    """Return a field in the form "simple" or "relaxed", with its line end."""
    if form == "simple":
        return field
    name, _, value = field.partition(b":")
    plain = _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip(b" \t")
    return name.strip().lower() + b":" + plain + b"\r\n"


def body_as(form: str, body: bytes) -> bytes:
    """Return a body in the form "simple" or "relaxed"."""
    if form == "relaxed":
        body = b"\r\n".join(_SPACES.sub(b" ", line).rstrip(b" \t") for line in body.split(b"\r\n"))
    body = body.rstrip(b"\r\n") if body.endswith(b"\r\n") else body
    if body:
        return body + b"\r\n"
    return b"" if form == "relaxed" else b"\r\n"


def without_signature(field: bytes) -> bytes:
    """Return a signature's field with nothing behind `b=`, without its line end."""
    return _SIGNATURE.sub(rb"\1", field.rstrip(b"\r\n"))


def signed_fields(mail: RawMail, form: str, names: Sequence[str]) -> bytes:
    """Return the fields that a signature names, in its order: of one name, from the lowest up."""
    left: dict[str, list[bytes]] = {}
    for name, whole in mail.fields:
        left.setdefault(name, []).append(whole)
    found = [left[name].pop() for name in names if left.get(name)]
    return b"".join(field_as(form, whole) for whole in found)
