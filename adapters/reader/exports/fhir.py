"""FHIR resources as lines: reports with their results, documents, and the files inside.

Only what states a result is read: DiagnosticReport, Observation, Composition, DocumentReference;
Patient, Binary and Media for whom it is about and what it holds. What only withdrawn resources
refer to is withdrawn with them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.reader.exports.export import (
    Export,
    State,
    iso_day,
    line,
    person_lines,
    plain,
    still_open,
    taken_back,
)
from adapters.reader.exports.fhir_tree import (
    Resource,
    child,
    children,
    primitive,
    resources_of,
    text_of,
)
from adapters.reader.exports.fhir_values import (
    concept_text,
    label_of,
    narrative,
    state_of,
    value_text,
)

_HOLDERS = ("Composition", "DiagnosticReport")
_STATING = (*_HOLDERS, "DocumentReference", "Observation", "Media", "Binary")
_REFERRING = (
    *("result", "hasMember", "section", "entry", "content", "media", "link", "attachment"),
    "presentedForm",
)
_MAX_DEPTH = 6


def read_fhir(content: bytes, text: str, *, xml: bool = False) -> Export:
    """Return the pages and files of FHIR resources. Raises ParseError or ValueError."""
    return _Reader(resources_of(content, text, xml=xml)).read()


@dataclass(slots=True)
class _Sheet:
    """The lines about one person, those that hold and those that may still change."""

    firm: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self, resources: list[Resource]) -> None:
        self._resources = resources
        self._index: dict[str, Resource] = {}
        for one in resources:
            for name in _names(one):
                self._index.setdefault(name, one)
        self._referred: dict[int, list[Resource]] = {}
        self._presents: dict[int, list[Resource]] = {}
        for one in resources:
            self._presents[id(one)] = targets = list(self._targets(one))
            for target in targets:
                self._referred.setdefault(id(target), []).append(one)
        self._replaced = {id(one) for one in self._superseded()}
        self._states: dict[int, tuple[State, str]] = {}
        self._people = {f"{id(one)}": one for one in resources if _kind(one) == "Patient"}
        self._done: set[int] = set()
        self._sheet, self._on_unsure = _Sheet(), False
        self._export = Export()

    def read(self) -> Export:
        sheets: dict[str, _Sheet] = {}
        for resource in sorted(self._resources, key=self._rank):
            if _kind(resource) in _STATING and id(resource) not in self._done:
                self._sheet = sheets.setdefault(self._person(resource), _Sheet())
                self._on_unsure = self._state(resource)[0] == "unsure"
                into = self._sheet.unsure if self._on_unsure else self._sheet.firm
                into += self._lines(resource, 0)
                into += [] if _kind(resource) == "Observation" else [""]
        for key, sheet in sheets.items():
            head = self._head(key)
            self._export.add_page(head, _trimmed(sheet.firm))
            unsure = _trimmed(sheet.unsure)
            self._export.add_page(
                head, ["Preliminary results", *unsure] if unsure else [], unsure=True
            )
        return self._export

    def _rank(self, resource: Resource) -> tuple[bool, int]:
        """Return the order of reading: what holds, and reports first, which order their results."""
        kind = _kind(resource)
        place = _STATING.index(kind) if kind in _STATING else len(_STATING)
        return self._state(resource)[0] == "unsure", place

    def _targets(self, resource: Resource) -> Iterator[Resource]:
        """Yield what a resource presents as its own content."""
        if _kind(resource) in (*_HOLDERS, "Observation", "DocumentReference"):
            for name in _REFERRING:
                yield from self._below(resource, children(resource, name), 0)

    def _below(self, owner: Resource, parts: list[Resource], depth: int) -> Iterator[Resource]:
        for part in parts if depth < _MAX_DEPTH else ():
            target = self._at(owner, primitive(part, "reference") or primitive(part, "url"))
            if target is not None:
                yield target
            for name in _REFERRING:
                yield from self._below(owner, children(part, name), depth + 1)

    def _at(self, owner: Resource, reference: str) -> Resource | None:
        reference = reference.partition("/_history/")[0]
        if reference.startswith("#"):
            own = text_of(owner.get("_owner") or owner.get("id"))
            return self._index.get(f"{own}{reference}")
        found = self._index.get(reference)
        return found or self._index.get("/".join(reference.split("/")[-2:]))

    def _superseded(self) -> Iterator[Resource]:
        for resource in self._resources:
            for relation in children(resource, "relatesTo"):
                if _replaces(relation):
                    for name in ("target", "targetReference", "resourceReference"):
                        part = child(relation, name)
                        target = self._at(resource, primitive(part, "reference"))
                        if target is not None and target is not resource:
                            yield target

    def _state(self, resource: Resource) -> tuple[State, str]:
        """Return whether a resource holds, and why not: by itself, and by what presents it."""
        key = id(resource)
        if key not in self._states:
            self._states[key] = own = self._own_state(resource)  # also for what refers to itself
            self._states[key] = self._presented_state(resource, own)
        return self._states[key]

    def _own_state(self, resource: Resource) -> tuple[State, str]:
        if id(resource) in self._replaced:
            return "withdrawn", "superseded"
        own = state_of(resource)
        if _kind(resource) in ("Binary", "Media") and own == ("unsure", ""):
            return "holds", ""
        return own

    def _presented_state(self, resource: Resource, own: tuple[State, str]) -> tuple[State, str]:
        owners = self._referred.get(id(resource), ())
        if own[0] == "withdrawn" or not owners:
            return own
        theirs = [self._state(owner) for owner in owners]
        if all(state == "withdrawn" for state, _ in theirs):
            return theirs[0]
        doubted = own[0] == "holds" and all(s in ("unsure", "withdrawn") for s, _ in theirs)
        return ("unsure", theirs[0][1]) if doubted else own

    def _person(self, resource: Resource) -> str:
        """Return a key for whom a resource is about; empty when the file knows only one person."""
        for name in ("subject", "patient"):
            reference = child(resource, name)
            target = self._at(resource, primitive(reference, "reference"))
            if target is not None:
                return f"{id(target)}"
            if primitive(reference, "display"):
                return f"={primitive(reference, 'display')}"
        for owner in self._referred.get(id(resource), ())[:1]:
            if child(owner, "subject"):
                return self._person(owner)
        return next(iter(self._people)) if len(self._people) == 1 else ""

    def _head(self, key: str) -> list[str]:
        if key.startswith("="):
            return person_lines(key[1:], "", "", ())
        person = self._people.get(key)
        if person is None:
            return []
        numbers = [primitive(one, "value") for one in children(person, "identifier")]
        return person_lines(
            _name(person), primitive(person, "birthDate"), primitive(person, "gender"), numbers
        )

    def _lines(self, resource: Resource, depth: int) -> Iterator[str]:
        if depth > _MAX_DEPTH:
            return  # its turn comes by itself
        self._done.add(id(resource))
        state, code = self._state(resource)
        if state == "unsure" and not self._on_unsure:
            self._on_unsure = True
            self._sheet.unsure += self._lines(resource, depth)
            self._on_unsure = False
            return
        label, kind = _title(resource), _kind(resource)
        if state in ("withdrawn", "open"):
            yield taken_back(label, code) if state == "withdrawn" else still_open(label)
        elif kind == "Observation":
            yield from self._observation(resource, state, code, depth)
        elif kind in ("Binary", "Media"):
            self._file(child(resource, "content") or resource, label)
        else:
            yield from self._document(resource, state, code, depth)

    def _observation(
        self, resource: Resource, state: State, code: str, depth: int
    ) -> Iterator[str]:
        label, rest = label_of(resource, "Result")
        value = value_text(resource)
        notes = [rest, concept_text(child(resource, "bodySite")), _mark(state, code)]
        if value:
            yield line(label, value, "; ".join(one for one in notes if one))
        elif children(resource, "component") or children(resource, "hasMember"):
            yield f"{label}:"
        for part in children(resource, "component"):
            if part.get("modifierExtension"):
                continue
            part_label, part_rest = label_of(part, label)
            inner = "; ".join(one for one in (part_rest, _mark(state, code)) if one)
            if value_text(part):
                yield line(part_label, value_text(part), inner)
        for note in children(resource, "note"):
            yield line("Note", plain(primitive(note, "text")))
        for target in self._new(resource, "hasMember"):
            yield from self._lines(target, depth + 1)

    def _new(self, resource: Resource, *names: str) -> Iterator[Resource]:
        """Yield what a resource refers to under these names and what was not written yet."""
        for name in names:
            for target in self._below(resource, children(resource, name), 0):
                if id(target) not in self._done and _kind(target) in _STATING:
                    yield target

    def _document(self, resource: Resource, state: State, code: str, depth: int) -> Iterator[str]:
        yield from filter(None, (_title(resource), _dated(resource)))
        mark = _mark(state, code)
        if mark:
            yield line("Status", mark)
        said = plain(primitive(resource, "conclusion"))
        if said:
            yield line("Conclusion", said, mark)
        for concept in children(resource, "conclusionCode"):
            yield line("Diagnosis", concept_text(concept), mark)
        if _kind(resource) == "DocumentReference" and primitive(resource, "description"):
            yield plain(primitive(resource, "description"))
        for section in children(resource, "section"):
            yield from self._section(resource, section, depth)
        before = len(self._done)
        for target in self._new(resource, "result", "content", "media"):
            yield from self._lines(target, depth + 1)
        shown = said or children(resource, "section") or len(self._done) > before
        if not shown and _kind(resource) == "DiagnosticReport":
            yield from filter(None, [narrative(child(resource, "text"))])
        for form in (*children(resource, "presentedForm"), *children(resource, "content")):
            attachment = child(form, "attachment") or form
            self._file(attachment, _title(resource))
            url = primitive(attachment, "url")
            if url and not attachment.get("data") and self._at(resource, url) is None:
                yield line(primitive(attachment, "title") or "Document", "only a link to it")

    def _section(self, resource: Resource, section: Resource, depth: int) -> Iterator[str]:
        """Yield a section's narrative, or its entries where a result among them was withdrawn.

        The narrative is written from the results and does not say which of its words are void.
        """
        title = primitive(section, "title") or concept_text(child(section, "code"))
        entries = list(self._below(resource, children(section, "entry"), 0))
        words = narrative(child(section, "text")) if self._stand(entries) else ""
        if title:
            yield f"{title}:"
        if words:
            yield words
            self._done.update(id(one) for one in entries if _kind(one) == "Observation")
        for one in entries:
            if id(one) not in self._done and _kind(one) in _STATING:
                yield from self._lines(one, depth + 1)
        if depth < _MAX_DEPTH:
            for inner in children(section, "section"):
                yield from self._section(resource, inner, depth + 1)

    def _stand(self, resources: list[Resource]) -> bool:
        """Say whether resources and all that they present hold as surely as this page."""
        waiting, seen = list(resources), set[int]()
        while waiting:
            resource = waiting.pop()
            if id(resource) in seen:
                continue
            seen.add(id(resource))
            state, _ = self._state(resource)
            if state in ("withdrawn", "open") or (state == "unsure" and not self._on_unsure):
                return False
            waiting += self._presents.get(id(resource), ())
        return True

    def _file(self, attachment: Resource, title: str) -> None:
        data = primitive(attachment, "data") or primitive(attachment, "content")
        if data:
            name = primitive(attachment, "title") or title
            self._export.add_file(name, data, unsure=self._on_unsure)


def _kind(resource: Resource) -> str:
    return text_of(resource.get("resourceType"))


def _names(resource: Resource) -> Iterator[str]:
    identifier = text_of(resource.get("id"))
    if resource.get("_contained"):
        yield f"{resource.get('_owner', '')}#{identifier.removeprefix('#')}"
        return
    if resource.get("_url"):
        yield text_of(resource["_url"])
    if identifier:
        yield f"{_kind(resource)}/{identifier}"


def _replaces(relation: Resource) -> bool:
    code = relation.get("code")
    if isinstance(code, dict):
        return "replaces" in [primitive(one, "code") for one in children(code, "coding")]
    return text_of(code) == "replaces" or primitive(relation, "type") == "replaces"


def _name(person: Resource) -> str:
    """Return a person's name; one that is no longer used only when there is no other."""
    names = children(person, "name")
    used = [one for one in names if primitive(one, "use") not in ("old", "maiden")] or names
    for one in used[:1]:
        given = one.get("given")
        parts = [text_of(part) for part in (given if isinstance(given, list) else [given])]
        parts.append(primitive(one, "family"))
        return " ".join(part for part in parts if part) or primitive(one, "text")
    return ""


def _title(resource: Resource) -> str:
    title = primitive(resource, "title")
    if _kind(resource) in ("Composition", "DocumentReference"):
        title = title or concept_text(child(resource, "type"))
    title = title or label_of(resource)[0]
    if _kind(resource) == "DiagnosticReport" and title and "report" not in title.lower():
        return f"{title} report"
    return title


def _dated(resource: Resource) -> str:
    for name in ("effectiveDateTime", "date", "issued"):
        day = iso_day(primitive(resource, name))
        if day:
            return line("Date", day)
    return ""


def _mark(state: State, code: str) -> str:
    return (code or "without a status") if state == "unsure" else ""


def _trimmed(lines: list[str]) -> list[str]:
    while lines and not lines[-1]:
        lines.pop()
    return lines
