"""Inside the child: the text of Word documents (ISO/IEC 29500), and the files that lie in them."""

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from xml.etree import ElementTree

from adapters.reader import media
from adapters.reader.office import TooMuchError, read_part
from adapters.reader.types import Attachment, ReaderLimits

Element = ElementTree.Element

_NAMESPACES = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_OFF = ("0", "false", "off", "none")
_WITHDRAWN = ("strike", "dstrike", "vanish", "webHidden")
_LEFT_OUT = frozenset({"moveFrom", "del", "instrText", "delText"})
_EMBEDDED = frozenset(
    {media.PDF, media.DOCX, media.ODT, media.RTF, media.EML, media.MSG, media.HTML, *media.IMAGES}
)
"""Kinds of embedded files that are papers of their own; tables behind a chart are none."""
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


def docx_text(content: bytes, limits: ReaderLimits) -> str:
    """Return the text of a Word document: headers, body, notes, footers.

    Cells of a table row are parted by tabs, page breaks become form feeds. Text that was deleted,
    moved away, struck out or hidden is left out; numbers that Word writes itself are written.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        main = _main_part(archive, names, limits)
        folder = posixpath.dirname(main) + "/"
        inside = [name for name in names if name.startswith(folder) and name != main]
        own = [name[len(folder) :] for name in inside]
        order = [folder + name for name in sorted(own) if re.fullmatch(r"header\d*\.xml", name)]
        order.append(main)
        order += [folder + n for n in ("footnotes.xml", "endnotes.xml") if n in own]
        order += [folder + name for name in sorted(own) if re.fullmatch(r"footer\d*\.xml", name)]
        styles = _styles(_root(archive, folder + "styles.xml", limits))
        lists = _Lists.of(_root(archive, folder + "numbering.xml", limits))
        parts = []
        for name in order:
            root = ElementTree.fromstring(read_part(archive, name, limits))  # noqa: S314
            parts.append("".join(_Words(styles, lists).pieces(root)).strip("\n"))
    return "\n\n".join(part for part in parts if part)


def embedded(content: bytes, limits: ReaderLimits) -> Iterator[Attachment]:
    """Yield the papers that were put into a Word document as files. Raises TooMuchError."""
    total = 0
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        chunks = _chunks(archive, limits)
        for info in archive.infolist()[: 10 * limits.archive_members]:
            folder, _, name = info.filename.rpartition("/")
            if not (folder.endswith("embeddings") or info.filename in chunks):
                continue
            data = read_part(archive, info, limits)
            total += len(data)
            if total > limits.archive_bytes:
                raise TooMuchError
            data = _out_of_ole(data)
            kind = media.media_type_of(data)
            if kind in _EMBEDDED or (kind == media.TEXT and info.filename in chunks):
                yield Attachment(name, data)


def _chunks(archive: zipfile.ZipFile, limits: ReaderLimits) -> frozenset[str]:
    """Return the parts that Word shows as more of its text (ECMA-376-1, 17.17.2): whole files."""
    found = set()
    for name in archive.namelist()[: 10 * limits.archive_members]:
        folder, _, own = name.rpartition("_rels/")
        if not own.endswith(".rels"):
            continue
        root = _root(archive, name, limits)
        for relation in root if root is not None else ():
            if relation.get("Type", "").endswith("/aFChunk"):
                target = relation.get("Target", "")
                whole = target if target.startswith("/") else folder + target
                found.add(posixpath.normpath(whole).lstrip("/"))
    return frozenset(found)


def _out_of_ole(data: bytes) -> bytes:
    """Return the file in an OLE object: its stream `CONTENTS`, `Package` or `Ole10Native`."""
    if media.media_type_of(data) != media.OLE:
        return data
    import olefile

    with olefile.OleFileIO(io.BytesIO(data)) as ole:  # type: ignore[no-untyped-call]
        for name in ("CONTENTS", "Package", "\x01Ole10Native"):
            if ole.exists(name):
                stream: bytes = ole.openstream(name).read()
                if name.endswith("Native"):  # a head with names and paths comes first
                    starts = (b"%PDF-", b"PK\x03\x04", b"\xff\xd8\xff", b"\x89PNG")
                    places = [at for start in starts if (at := stream.find(start)) >= 0]
                    return stream[min(places) :] if places else b""
                return stream
    return b""


def _main_part(archive: zipfile.ZipFile, names: list[str], limits: ReaderLimits) -> str:
    """Return the name of the main part, as the package's relations say."""
    root = _root(archive, "_rels/.rels", limits)
    for relation in root if root is not None else ():
        if relation.get("Type", "").endswith("/officeDocument"):
            target = relation.get("Target", "").lstrip("/")
            if target in names:
                return target
    return "word/document.xml"


def _root(archive: zipfile.ZipFile, name: str, limits: ReaderLimits) -> Element | None:
    try:
        return ElementTree.fromstring(read_part(archive, name, limits))  # noqa: S314
    except (KeyError, ElementTree.ParseError):
        return None


def _local(tag: str) -> str:
    """Return the name of a Word element; other elements keep their namespace."""
    for namespace in _NAMESPACES:
        if tag.startswith(namespace):
            return tag[len(namespace) :]
    return tag


def _child(element: Element | None, *path: str) -> Element | None:
    for name in path:
        element = next(
            (one for one in (element if element is not None else ()) if _local(one.tag) == name),
            None,
        )
        if element is None:
            return None
    return element


def _value(element: Element | None, name: str = "val") -> str | None:
    if element is None:
        return None
    return next((value for key, value in element.items() if _local(key) == name), None)


def _sign(element: Element) -> str:
    """Return a sign of a font of signs by its private character, as PDF files do; Symbol's as text.

    A box of Wingdings stays what it is, empty or ticked: `extractors.forms` knows them.
    """
    try:
        character = chr(int(_value(element, "char") or "", 16))
    except (ValueError, OverflowError):
        return ""
    if (_value(element, "font") or "").lower() == "symbol":
        return {"\uf0a3": "≤", "\uf0b3": "≥", "\uf0b1": "±"}.get(character, character)
    return character


def _form_field(field: Element) -> str:
    """Return what a field of a form holds: a box with or without a tick, the chosen entry."""
    box, choice = _child(field, "checkBox"), _child(field, "ddList")
    if box is not None:
        said = _child(box, "checked")
        said = said if said is not None else _child(box, "default")
        ticked = said is not None and _value(said) not in ("0", "false", "off")
        return "☒" if ticked else "☐"
    if choice is not None:
        entries = [_value(entry) or "" for entry in choice if _local(entry.tag) == "listEntry"]
        # Without a result nobody has chosen: what Word shows then is the first of the list.
        chosen = _value(_child(choice, "result")) or ""
        return entries[int(chosen)] if chosen.isdigit() and int(chosen) < len(entries) else ""
    return ""


def _withdrawn(properties: Element | None) -> bool | None:
    """Return whether properties strike out or hide; None when they say nothing of it."""
    said = [
        _value(one) not in _OFF
        for one in (properties if properties is not None else ())
        if _local(one.tag) in _WITHDRAWN
    ]
    return any(said) if said else None


@dataclass(frozen=True, slots=True)
class _Style:
    """What of a style matters here."""

    withdrawn: bool | None
    list_id: str | None
    level: int


def _styles(root: Element | None) -> dict[str, _Style]:
    """Return the styles by their ids; what one does not say, the one it is based on does."""
    found: dict[str, _Style] = {}
    based_on: dict[str, str] = {}
    for style in root if root is not None else ():
        name = _value(style, "styleId")
        if name:
            numbering = _child(style, "pPr", "numPr")
            level = _value(_child(numbering, "ilvl"))
            found[name] = _Style(
                _withdrawn(_child(style, "rPr")),
                _value(_child(numbering, "numId")),
                int(level) if level and level.isdigit() else 0,
            )
            based_on[name] = _value(_child(style, "basedOn")) or ""
    for name in found:
        seen, base = {name}, based_on[name]
        while found[name].withdrawn is None and base in found and base not in seen:
            found[name] = replace(found[name], withdrawn=found[base].withdrawn)
            seen.add(base)
            base = based_on[base]
    return found


@dataclass(frozen=True, slots=True)
class _Level:
    format: str
    text: str
    start: int


@dataclass(slots=True)
class _Lists:
    """The lists of a document and how far each is counted."""

    levels: dict[tuple[str, int], _Level] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    counts: dict[tuple[str, int], int] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Element | None) -> "_Lists":
        found = cls()
        for element in root if root is not None else ():
            kind = _local(element.tag)
            if kind == "abstractNum":
                name = _value(element, "abstractNumId") or ""
                for level in element:
                    if _local(level.tag) == "lvl":
                        number = int(_value(level, "ilvl") or 0)
                        found.levels[name, number] = _Level(
                            _value(_child(level, "numFmt")) or "decimal",
                            _value(_child(level, "lvlText")) or "",
                            int(_value(_child(level, "start")) or 1),
                        )
            elif kind == "num":
                name = _value(element, "numId") or ""
                abstract = _value(_child(element, "abstractNumId")) or ""
                if _child(element, "lvlOverride", "startOverride") is not None:
                    # A list that begins anew counts by itself.
                    for (known, number), level_of in list(found.levels.items()):
                        if known == abstract:
                            found.levels[f"{abstract}/{name}", number] = level_of
                    abstract = f"{abstract}/{name}"
                found.lists[name] = abstract
        return found

    def label(self, list_id: str, number: int) -> str:
        """Count one on and return what Word writes before the paragraph, with a blank."""
        name = self.lists.get(list_id, "")
        level = self.levels.get((name, number))
        if level is None or level.format in ("bullet", "none"):
            return ""
        self.counts[name, number] = self.counts.get((name, number), level.start - 1) + 1
        for deeper in range(number + 1, 9):
            self.counts.pop((name, deeper), None)

        def written(match: re.Match[str]) -> str:
            above = int(match.group(1)) - 1
            known = self.levels.get((name, above))
            if known is None:
                return ""
            return _counted(self.counts.get((name, above), known.start), known.format)

        return re.sub(r"%(\d)", written, level.text) + " "


def _counted(number: int, style: str) -> str:
    if style in ("upperLetter", "lowerLetter") and number >= 1:
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letters.upper() if style == "upperLetter" else letters
    if style in ("upperRoman", "lowerRoman") and 1 <= number < 40:
        roman = ""
        for value, sign in _ROMAN:
            while number >= value:
                roman, number = roman + sign, number - value
        return roman.upper() if style == "upperRoman" else roman
    return str(number)


@dataclass(slots=True)
class _Words:
    """Goes through a part and gives its words."""

    styles: dict[str, _Style]
    lists: _Lists
    paragraph: str = ""
    """The style of the paragraph that it is in."""

    def pieces(self, element: Element) -> Iterator[str]:
        for child in element:
            tag = _local(child.tag)
            if child.tag == _FALLBACK or tag in _LEFT_OUT:
                continue
            if tag == "t":
                yield child.text or ""
            elif tag in ("tab", "ptab"):
                yield "\t"
            elif tag in ("br", "cr"):
                yield "\f" if _value(child, "type") == "page" else "\n"
            elif tag == "noBreakHyphen":
                yield "-"
            elif tag == "sym":
                yield _sign(child)
            elif tag == "ffData":
                yield _form_field(child)
            elif tag == "tr":
                yield from self._row(child)
            elif tag == "p":
                around = self.paragraph
                self.paragraph = _value(_child(child, "pPr", "pStyle")) or ""
                yield self._number_of(child)
                yield from self.pieces(child)
                self.paragraph = around
                yield "\n"
            elif tag in ("pPr", "rPr"):
                continue
            elif tag != "r" or not self._is_withdrawn(child):
                yield from self.pieces(child)

    def _row(self, row: Element) -> Iterator[str]:
        """Give the cells of a row on one line, and behind it the tables that lie in them."""
        cells, nested = [], []
        for cell in _within(row, "tc"):
            tables = list(_within(cell, "tbl"))
            for table in tables:
                nested.append("".join(self.pieces(table)))
            cells.append(" ".join("".join(self.pieces(_without(cell, tables))).split()))
        yield "\t".join(cells) + "\n"
        yield from nested

    def _number_of(self, paragraph: Element) -> str:
        properties = _child(paragraph, "pPr")
        style = self.styles.get(_value(_child(properties, "pStyle")) or "")
        numbering = _child(properties, "numPr")
        list_id = _value(_child(numbering, "numId")) or (style.list_id if style else None)
        level = _value(_child(numbering, "ilvl"))
        if not list_id or list_id == "0" or next(_within(paragraph, "t"), None) is None:
            return ""
        number = int(level) if level and level.isdigit() else (style.level if style else 0)
        return self.lists.label(list_id, number)

    def _is_withdrawn(self, run: Element) -> bool:
        properties = _child(run, "rPr")
        said = _withdrawn(properties)
        if said is None:
            for name in (_value(_child(properties, "rStyle")) or "", self.paragraph):
                style = self.styles.get(name)
                if style is not None and style.withdrawn is not None:
                    return style.withdrawn
        return bool(said)


def _within(element: Element, name: str) -> Iterator[Element]:
    """Yield the nearest elements of a name, not looking into them."""
    for child in element:
        if _local(child.tag) == name:
            yield child
        elif child.tag != _FALLBACK:
            yield from _within(child, name)


def _without(cell: Element, tables: list[Element]) -> Element:
    """Return a cell without the tables in it."""
    if not tables:
        return cell
    copy = ElementTree.Element(cell.tag)
    for child in cell:
        if child in tables:
            continue
        copy.append(_without(child, tables) if _local(child.tag).startswith("sdt") else child)
    return copy
