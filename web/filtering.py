"""Filters as links: the address of a list, and of the same list with one choice changed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from views.facets import Facets
from views.filters import DIMENSIONS, codes_in_order
from web.languages import country
from workflows.engine.words import in_words

SHOWN = 8
"""Countries and hospitals that stand open; the rarer ones are folded."""
TITLES = {
    "urgency": "Urgency",
    "late": "Deadline",
    "stage": "Stage",
    "waiting_on": "Waits for",
    "site": "Site",
    "country": "Residence",
    "hospital": "Hospital",
}


@dataclass(frozen=True, slots=True)
class Address:
    """A list with what is chosen on it; codes only."""

    path: str
    chosen: Mapping[str, str]

    def __str__(self) -> str:
        return self.having()

    def having(self, **changes: str | int | None) -> str:
        """Return the address with these choices changed; None takes one away, `page` restarts."""
        codes = {**self.chosen, "page": None, **changes}
        query = urlencode({name: value for name, value in codes.items() if value is not None})
        return f"{self.path}?{query}" if query else self.bare

    @property
    def bare(self) -> str:
        """Return the address with nothing chosen, which is not the default view."""
        return f"{self.path}?all=true"


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: its count in every list of the page, and where choosing it (again) leads."""

    code: str
    label: str
    counts: tuple[int, ...]
    chosen: bool
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """The choices of one dimension."""

    name: str
    title: str
    options: Sequence[Option]
    folded: Sequence[Option]


def groups(
    address: Address, facets: Sequence[Facets], label: Callable[[str, str], str]
) -> list[Group]:
    """Return every dimension that has something to choose; `facets` are those of each list."""
    found = []
    for name in DIMENSIONS:
        chosen = address.chosen.get(name)
        options = [
            _option(address, name, code, chosen, facets, label)
            for code in _codes(name, chosen, facets)
        ]
        if options:
            few = len(options) <= SHOWN + 2 or codes_in_order(name)
            unfolded = options if few else options[:SHOWN]
            rest = options[len(unfolded) :]
            unfolded = [*unfolded, *(option for option in rest if option.chosen)]
            folded = [option for option in rest if not option.chosen]
            found.append(Group(name, TITLES[name], unfolded, folded))
    return found


def label_of(hospitals: Mapping[str, str]) -> Callable[[str, str], str]:
    """Return what names a choice to people; `hospitals` are names by code."""

    def label(name: str, code: str) -> str:
        if name == "late":
            return "late"
        if name == "hospital":
            return f"{code} {hospitals.get(code, '')}".strip()
        return country(code) if name == "country" else in_words(code)

    return label


def _codes(name: str, chosen: str | None, facets: Sequence[Facets]) -> list[str]:
    """Return the codes that leave something in a list, and the chosen one even if it does not."""
    counted = {code for one in facets for code, rows in one.counts.get(name, {}).items() if rows}
    if name == "late":
        counted -= {"false"}
    if chosen:
        counted.add(chosen)
    known = codes_in_order(name)
    if known:
        return [code for code in known if code in counted]
    return sorted(counted, key=lambda code: (-max(one.of(name, code) for one in facets), code))


def _option(
    address: Address,
    name: str,
    code: str,
    chosen: str | None,
    facets: Sequence[Facets],
    label: Callable[[str, str], str],
) -> Option:
    counts = tuple(one.of(name, code) for one in facets)
    url = address.having(**{name: None if code == chosen else code})
    return Option(code, label(name, code), counts, code == chosen, url)
