"""`iort extract`: documents or lines of text in, findings out as JSON."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from extractors.registry import Column
    from extractors.types import Page

_PLAYBOOKS = Path(__file__).resolve().parent.parent / "playbooks"
_VOCABULARIES = ("findings", "registry")


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


def extract(
    files: Annotated[list[Path] | None, typer.Argument(help="Documents to read.")] = None,
    jsonl: Annotated[
        tuple[Path, Path] | None,
        typer.Option(
            "--jsonl",
            metavar="IN OUT",
            help="Lines {id, text} or {id, path} in, one line each out.",
        ),
    ] = None,
    vocabulary: Annotated[
        str, typer.Option(help="findings (this project's names) or registry (names of registries).")
    ] = "findings",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Read documents and print every statement with its page, box and exact quote.

    Archives and mails are unpacked: one entry for each document found, `path` says where in it.

    Ends with 0 when everything was read, 1 when a document could not be, 2 on wrong usage.
    """
    if vocabulary not in _VOCABULARIES:
        _fail(f"--vocabulary is one of {', '.join(_VOCABULARIES)}", 2)
    if bool(files) == (jsonl is not None):
        _fail("give FILE... or --jsonl IN OUT, one of the two", 2)
    columns = _columns() if vocabulary == "registry" else None
    failed = _lines(jsonl[0], jsonl[1], columns) if jsonl else _files(files or [], columns, as_json)
    if failed:
        _fail(f"{failed} document(s) could not be read", 1)


def _columns() -> "tuple[Column, ...]":
    from extractors.registry import parse_registry

    return parse_registry(
        (_PLAYBOOKS / "vocabularies" / "registry.yaml").read_text(encoding="utf-8")
    )


@dataclass(frozen=True, slots=True)
class _Found:
    """One document of a file: its place in it, its pages, and why it was not read whole."""

    place: str
    pages: "Sequence[Page]"
    problem: str | None

    @property
    def told(self) -> str:
        """What was wrong with it, and the pages of which nothing could be read."""
        return f"{self.problem}{f' Not read: p. {_named(self.unread)}.' if self.unread else ''}"

    @property
    def unread(self) -> list[int]:
        """The pages of which nothing could be read, where something was read of others."""
        lost = [page.number for page in self.pages if page.method == "unreadable"]
        return lost if any(page.text for page in self.pages) else []


def _named(numbers: Sequence[int]) -> str:
    """Return numbers as a person writes them: "2, 7–9"."""
    told: list[list[int]] = []
    for number in numbers:
        if told and number == told[-1][-1] + 1:
            told[-1][1:] = [number]
        else:
            told.append([number])
    return ", ".join("–".join(str(end) for end in run) for run in told)


def _read(path: Path) -> "Iterator[_Found]":
    """Yield the documents found in a file: itself, and what lies in archives and mails."""
    from adapters.reader import SandboxedReader, read_tree

    try:
        content = path.read_bytes()
    except OSError as error:
        yield _Found("", (), f"cannot open the file: {error.strerror}")
        return
    for file in read_tree(SandboxedReader(), path.name, content):
        document = file.document
        holder = document.status == "read" and not document.pages and document.attachments
        if not holder:
            whole = document.status == "read" and not document.message
            problem = None if whole else document.message
            yield _Found("/".join(file.path[1:]), document.pages, problem)


def _result(
    identifier: object, found: _Found, columns: "tuple[Column, ...] | None"
) -> dict[str, Any]:
    """Return one entry: `path` inside what was sent, `reason` when nothing was read."""
    from extractors import extract as extract_pages
    from extractors.languages import NAMES
    from extractors.registry import to_registry

    pages = found.pages
    extraction = extract_pages(pages, document_id=str(identifier))
    result: dict[str, Any] = {"id": identifier}
    if found.place:
        result["path"] = found.place
    if columns is not None:
        result["fields"] = to_registry(extraction.findings, columns)
    else:
        result["pages"] = len(pages)
        result["findings"] = [finding.to_json() for finding in extraction.findings]
        result["questions"] = [question.to_json() for question in extraction.questions]
        result["reason"] = extraction.reason
        if extraction.language in NAMES:
            result["language"] = extraction.language
    if found.unread:
        result["unreadable_pages"] = found.unread
    if found.problem and not any(page.text for page in pages):
        result["reason"] = found.problem
    return result


def _files(files: list[Path], columns: "tuple[Column, ...] | None", as_json: bool) -> int:
    failed = 0
    results = []
    for path in files:
        for found in _read(path):
            if found.problem:
                place = f", {found.place}" if found.place else ""
                typer.echo(f"{path.name}{place}: {found.told}", err=True)
                failed += 1
            if found.pages or found.place or not found.problem:
                results.append(_result(path.name, found, columns))
    if as_json:
        typer.echo(
            json.dumps(
                results[0] if len(files) == len(results) == 1 else results, ensure_ascii=False
            )
        )
    else:
        _print_table(results)
    return failed


def _print_table(results: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    from extractors.languages import read_from
    from extractors.reasons import SENTENCES

    console = Console()
    for result in results:
        title = ", ".join(str(result[key]) for key in ("id", "path") if key in result)
        table = Table(title=title, title_justify="left")
        if "fields" in result:
            table.add_column("field")
            table.add_column("value")
            for name, value in result["fields"].items():
                table.add_row(name, str(value))
        else:
            for heading in ("field", "value", "page", "quote"):
                table.add_column(heading)
            for finding in result["findings"]:
                value = f"{finding['value']} {finding['unit'] or ''}".strip()
                table.add_row(finding["field"], value, str(finding["page"]), finding["quote"])
        console.print(table)
        if result.get("findings") and (said := read_from(result.get("language", ""))):
            console.print(said, markup=False)
        for question in result.get("questions", ()):
            said = "; ".join(f"“{one['quote']}” (p. {one['page']})" for one in question["quotes"])
            console.print(f"asked: {question['field']}, {question['reason']}: {said}", markup=False)
        if result.get("reason"):
            reason = str(result["reason"])
            said = f" ({reason}): {SENTENCES[reason]}" if reason in SENTENCES else f": {reason}"
            console.print(f"Nothing found{said}", markup=False)


def _input_lines(source: Path) -> list[dict[str, Any]]:
    lines = []
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        _fail(f"cannot open {source}: {error.strerror}", 1)
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            _fail(f"{source}, line {number}: not JSON ({error.msg})", 1)
        if not isinstance(row, dict) or "id" not in row or not ("text" in row or "path" in row):
            _fail(f"{source}, line {number}: needs id and text or path", 1)
        lines.append(row)
    return lines


def _lines(source: Path, target: Path, columns: "tuple[Column, ...] | None") -> int:
    rows = _input_lines(source)
    failed = 0
    try:
        with target.open("w", encoding="utf-8") as out:
            for row in _progress(rows):
                for found in _of_line(row, source):
                    if found.problem:
                        place = f", {found.place}" if found.place else ""
                        typer.echo(f"{row['id']}{place}: {found.told}", err=True)
                        failed += 1
                    result = _result(row["id"], found, columns)
                    out.write(json.dumps(result, ensure_ascii=False) + "\n")
    except OSError as error:
        _fail(f"cannot write {target}: {error.strerror}", 1)
    return failed


def _of_line(row: dict[str, Any], source: Path) -> Iterator[_Found]:
    """Yield the documents of a line: its text, or what is found in its file."""
    from extractors import pages_from_text

    if "text" in row:
        yield _Found("", pages_from_text(str(row["text"])), None)
    else:
        path = Path(str(row["path"]))
        yield from _read(path if path.is_absolute() else source.parent / path)


def _progress(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    if not sys.stderr.isatty():
        yield from rows
        return
    yield from track(rows, description="Reading", console=console, transient=True)
