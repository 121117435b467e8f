"""What an export becomes: pages of labelled lines, one for each person, and the files inside."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from adapters.reader.types import Attachment

State = Literal["holds", "unsure", "open", "withdrawn"]
"""A result that holds, may still change, is not there yet, or was taken back."""

MAX_FILES = 500
YES_OR_NO = {
    "POS": "positive",
    "NEG": "negative",
    "DET": "detected",
    "ND": "not detected",
    "IND": "indeterminate",
    "E": "equivocal",
}
"""Codes of v3-ObservationInterpretation (table 0078) that say yes or no; the others compare."""
_SPACES = re.compile(r"[ \t]+")
# "Component [Property] in System by Method": how LOINC builds a long common name (LOINC Users'
# Guide, 2.8); the label of a line is the component.
_LOINC_NAME = re.compile(
    r"(?P<name>.+?)(?: Ag)?(?: \[[^\]]+\]| in (?=[A-Z])| by (?=[A-Z]))(?P<rest>.*)"
)
_PATHOLOGY = re.compile(r"path(?:ology)? report[. ](?P<name>\w.*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ExportPage:
    """The lines about one person; `unsure` when what they state may still change."""

    text: str
    unsure: bool = False


@dataclass(slots=True)
class Export:
    """An export after reading: its pages and the files that lie in it, in order."""

    pages: list[ExportPage] = field(default_factory=list)
    inside: list[Attachment] = field(default_factory=list)

    def add_page(self, head: Iterable[str], body: Iterable[str], *, unsure: bool = False) -> None:
        """Add a page unless it would have a head and no body."""
        lines = list(body)
        if lines:
            self.pages.append(ExportPage("\n".join([*head, "", *lines]).strip("\n"), unsure))

    def add_file(self, name: str, encoded: str, *, unsure: bool = False) -> None:
        """Add a file given in base 64; one that cannot be decoded comes as damaged.

        `unsure` when its status says that what it states may still change.
        """
        if len(self.inside) >= MAX_FILES:
            return
        try:
            content = base64.b64decode("".join(encoded.split()), validate=True)
        except (binascii.Error, ValueError):
            content = b""
        name = name or "document inside"
        if content:
            self.inside.append(Attachment(name, content, unsure=unsure))
        else:
            self.inside.append(Attachment(name, b"", "corrupt"))


def line(label: str, value: str, note: str = "") -> str:
    """Return a labelled line; a value of several lines stands below its label."""
    value = value.strip()
    behind = f" ({note})" if note else ""
    if "\n" in value:
        return f"{label}{behind}:\n{value}"
    return f"{label}: {value}{behind}" if label else f"{value}{behind}"


def taken_back(label: str, status: str) -> str:
    """Return the line of a result that does not hold: its name and why, never its value."""
    return line(label or "A result", "withdrawn", status.replace("-", " "))


def still_open(label: str) -> str:
    """Return the line of a result that is not there yet."""
    return line(label or "A result", "pending")


def plain(text: str) -> str:
    """Return text with single blanks; its line ends stay."""
    lines = (_SPACES.sub(" ", one).strip() for one in text.replace("\xa0", " ").splitlines())
    return "\n".join(lines).strip()


def short_name(name: str) -> tuple[str, str]:
    """Return the label for a result's name, and what the name adds about specimen and method."""
    name = plain(name).replace("\n", " ")
    heading = _PATHOLOGY.fullmatch(name)
    if heading:
        return heading["name"].capitalize(), ""
    match = _LOINC_NAME.fullmatch(name)
    if match is None:
        return name.rstrip(": "), ""
    # "in Breast cancer specimen": a size behind that word would be the specimen's.
    return match["name"].rstrip(": "), match["rest"].strip().replace(" specimen", "")


def row_line(cells: Iterable[str]) -> str:
    """Return a row of a table as a labelled line: what stands first names the rest."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if len(filled) < 2:
        return "".join(filled)
    label, rest = short_name(filled[0])
    return line(label, " ".join(filled[1:]), rest)


def with_short_name(text: str) -> str:
    """Return a line whose label, if it has one, is short."""
    name, colon, value = text.partition(": ")
    if not colon or "[" not in name:
        return text
    label, rest = short_name(name)
    return line(label, value, rest)


def iso_day(stamp: str) -> str:
    """Return the day of an ISO or HL7 time stamp as an ISO date, or nothing."""
    match = re.match(r"(\d{4})-?(\d{2})-?(\d{2})", stamp.strip())
    return "-".join(match.groups()) if match else ""


def person_lines(name: str, born: str, sex: str, numbers: Iterable[str]) -> list[str]:
    """Return the head of a page: whom it is about, as far as the export says so."""
    known = (
        ("Patient", plain(name)),
        ("Date of birth", iso_day(born)),
        ("Sex", {"f": "female", "m": "male"}.get(sex.strip().lower()[:1], "")),
    )
    lines = [line(label, value) for label, value in known if value]
    return [*lines, *(line("MRN", number) for number in list(numbers)[:1] if number)]
