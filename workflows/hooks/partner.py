"""What a partner may send: a case, a document for one of its cases, a note."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Annotated, Any

from babel import Locale
from babel.localedata import locale_identifiers
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from adapters.clock import real_now
from models.case import SITES, URGENCIES
from workflows.hooks.problems import HookRefused

EARLIEST = date(1900, 1, 1)
_NO_COUNTRY = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})
"""What CLDR lists among the territories beside countries."""


@cache
def _languages() -> frozenset[str]:
    return frozenset(one.partition("_")[0] for one in locale_identifiers())


@cache
def _countries() -> frozenset[str]:
    codes = (str(code) for code in Locale("en").territories)
    found = frozenset(code for code in codes if len(code) == 2 and code.isalpha())
    return found - _NO_COUNTRY


def _language(code: str) -> str:
    if code.partition("-")[0].lower() not in _languages():
        raise ValueError("no language has this code")
    return code


def _country(code: str) -> str:
    if code not in _countries():
        raise ValueError("no country has this code")
    return code


def _born(day: date) -> date:
    if not EARLIEST <= day <= real_now().date() + timedelta(days=1):
        raise ValueError("nobody alive was born on that day")
    return day


def _one_of(words: tuple[str, ...]) -> AfterValidator:
    def check(word: str) -> str:
        if word not in words:
            raise ValueError("it is not one of the words")
        return word

    return AfterValidator(check)


Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$"), AfterValidator(_country)]
Language = Annotated[
    str, Field(max_length=12, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
    AfterValidator(_language),
]  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class HookDocument(_Strict):
    """A file inside a webhook: its bytes in base64."""

    file_name: str = Field(default="", max_length=400)
    content: str


class HookPatient(_Strict):
    """What the partner knows of the patient."""

    name: str | None = Field(default=None, max_length=200)
    birth_date: Annotated[date, AfterValidator(_born)] | None = None
    sex: str | None = Field(default=None, max_length=10)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=40)
    nationality: Country | None = None


class CaseOpened(_Strict):
    """`type: case.opened`."""

    patient: HookPatient = HookPatient()
    site: Annotated[str, _one_of(SITES)] | None = None
    language: Language = "en"
    urgency: Annotated[str, _one_of(URGENCIES)] = "routine"
    residence_country: Country | None = None
    documents: list[HookDocument] = []
    rehearsal: bool = False


class DocumentReceived(_Strict):
    """`type: document.received`, for a case that this partner opened."""

    case_ref: str = Field(max_length=16)
    document: HookDocument


class CaseNote(_Strict):
    """`type: case.note`: a text for the coordinator, for a case that this partner opened."""

    case_ref: str = Field(max_length=16)
    text: str = Field(min_length=1, max_length=20_000)


Data = CaseOpened | DocumentReceived | CaseNote
TYPES: Mapping[str, type[CaseOpened] | type[DocumentReceived] | type[CaseNote]] = {
    "case.opened": CaseOpened,
    "document.received": DocumentReceived,
    "case.note": CaseNote,
}


@dataclass(frozen=True, slots=True)
class Sent:
    """What a delivery says once it was read: its type, its data, a text to read beside it."""

    kind: str
    data: Data
    note: str = ""

    @property
    def opens(self) -> bool:
        """Whether it opens a case."""
        return isinstance(self.data, CaseOpened)

    def files(self) -> list[tuple[str, bytes]]:
        """Return name and bytes of each document; raise `HookRefused`."""
        if isinstance(self.data, CaseNote):
            return []
        one = isinstance(self.data, DocumentReceived)
        documents = [self.data.document] if one else self.data.documents  # type: ignore[union-attr]
        found = []
        for number, document in enumerate(documents, 1):
            try:
                content = base64.b64decode(document.content, validate=True)
            except (binascii.Error, ValueError):
                raise HookRefused("not_base64", [f"document {number}"]) from None
            found.append((document.file_name, content))
        return found


def read_partner(said: Any) -> Sent:
    """Return what a partner's body says; raise `HookRefused`."""
    kind = said.get("type") if isinstance(said, dict) else None
    if not isinstance(kind, str) or kind not in TYPES:
        raise HookRefused("unknown_type", ["type"])
    sent = Sent(kind, typed(kind, said.get("data")))
    sent.files()
    return sent


def kind_of(said: Any) -> str | None:
    """Return the type that a body names, known or not, as far as a column holds it."""
    kind = said.get("type") if isinstance(said, dict) else None
    plain = isinstance(kind, str) and kind.isascii() and kind.replace(".", "").isidentifier()
    return str(kind)[:40] if plain else None


def typed(kind: str, data: Any) -> Data:
    """Return the data of a type; raise `HookRefused` with the places that are wrong."""
    model = TYPES[kind]
    try:
        return model.model_validate({} if data is None else data)
    except ValidationError as error:
        places = {_place(model, one["loc"], one["type"]) for one in error.errors()}
        raise HookRefused("not_as_documented", sorted(places)) from None


def _place(model: type[BaseModel], loc: tuple[int | str, ...], mistake: str) -> str:
    """Return a place in our own names: a name that is not listed may be a patient's."""
    steps = [str(step) for step in loc]
    if mistake == "extra_forbidden":
        steps[-1] = "a field that is not listed"
    return ".".join(["data", *steps])
