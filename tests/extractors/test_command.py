import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from cli import extraction
from cli.extraction import _Found, extract
from extractors.types import Page
from tests.extractors.reports import HEAD

KEYS = {
    "field", "value", "unit", "source", "date", "document_id", "page", "box", "quote", "section",
    "specimen", "confidence", "extractor_version",
}  # fmt: skip


Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    app = typer.Typer()
    app.command()(extract)
    return lambda *arguments: CliRunner().invoke(app, [str(a) for a in arguments])


def _write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def test_lines_of_text_become_lines_of_findings(run: Run, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    _write(source, [{"id": "a", "text": HEAD + "ER positive."}, {"id": "b", "text": "nothing"}])
    result = run("--jsonl", source, target)
    assert result.exit_code == 0
    first, second = (json.loads(line) for line in target.read_text("utf-8").splitlines())
    assert first["id"] == "a" and first["pages"] == 1
    assert all(set(finding) == KEYS for finding in first["findings"])
    assert {f["field"]: f["value"] for f in first["findings"]}["breast.er"] == "positive"
    assert first["reason"] is None
    assert second == {
        "id": "b",
        "pages": 1,
        "findings": [],
        "questions": [],
        "reason": "nothing_stated",
    }


def test_registry_vocabulary(run: Run, tmp_path: Path) -> None:
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    _write(source, [{"id": 7, "text": HEAD + "ER positive. Grade 2."}])
    assert run("--jsonl", source, target, "--vocabulary", "registry").exit_code == 0
    row = json.loads(target.read_text("utf-8"))
    assert set(row) == {"id", "fields"}
    assert row["id"] == 7
    assert row["fields"]["er_status"] == "positive"
    assert row["fields"]["grade"] == "G2"


def test_a_text_file_is_read_as_a_document(run: Run, tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    report.write_text(HEAD + "ER positive.", encoding="utf-8")
    result = run(report, "--json")
    assert result.exit_code == 0
    printed = json.loads(result.stdout)
    assert printed["id"] == "report.txt"
    assert "breast.er" in {finding["field"] for finding in printed["findings"]}


def test_paths_in_lines_are_relative_to_the_file(run: Run, tmp_path: Path) -> None:
    (tmp_path / "report.txt").write_text(HEAD + "ER negative.", encoding="utf-8")
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    _write(source, [{"id": "a", "path": "report.txt"}])
    assert run("--jsonl", source, target).exit_code == 0
    findings = json.loads(target.read_text("utf-8"))["findings"]
    assert {f["field"]: f["value"] for f in findings}["breast.er"] == "negative"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 2),
        (["a.pdf", "--jsonl", "in", "out"], 2),
        (["a.pdf", "--vocabulary", "klingon"], 2),
        (["missing.pdf", "--json"], 1),
        (["--jsonl", "missing.jsonl", "out.jsonl"], 1),
    ],
)
def test_wrong_usage_and_missing_files(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == code
    assert result.stderr.strip()


def test_a_broken_line_names_its_number_and_not_its_text(run: Run, tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_text('{"id": "a", "text": "x"}\n{"secret": \n', encoding="utf-8")
    result = run("--jsonl", source, tmp_path / "out.jsonl")
    assert result.exit_code == 1
    assert "line 2" in result.stderr and "secret" not in result.stderr


def test_an_archive_gives_an_entry_for_each_document_with_its_path(
    run: Run, tmp_path: Path
) -> None:
    letter = b"From: a@b.example\r\nTo: c@d.example\r\nSubject: report\r\nMessage-ID: <1@x>\r\n\r\n"
    packed = tmp_path / "sending.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("report.txt", HEAD + "ER positive.")
        archive.writestr("mails/letter.eml", letter + b"Grade 2 is what they said.")
        archive.writestr("setup.exe", b"MZ\x90\0" + bytes(range(256)))
    result = run(packed, "--json")
    assert result.exit_code == 1
    entries = {entry["path"]: entry for entry in json.loads(result.stdout)}
    assert list(entries) == ["report.txt", "mails/letter.eml", "setup.exe"]
    assert {entry["id"] for entry in entries.values()} == {"sending.zip"}
    assert "breast.er" in {finding["field"] for finding in entries["report.txt"]["findings"]}
    assert "not a document" in entries["setup.exe"]["reason"]
    assert entries["report.txt"]["reason"] is None
    assert "sending.zip, setup.exe: The file is not a document" in result.stderr

    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    _write(source, [{"id": 1, "path": "sending.zip"}, {"id": 2, "text": "nothing"}])
    assert run("--jsonl", source, target).exit_code == 1
    lines = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    assert [(line["id"], line.get("path")) for line in lines] == [
        *((1, path) for path in entries),
        (2, None),
    ]


def test_a_german_report_says_from_which_language_it_was_read(run: Run, tmp_path: Path) -> None:
    report = tmp_path / "befund.txt"
    report.write_text("Diagnose: Invasives duktales Karzinom der Mamma. ER positiv.", "utf-8")
    printed = json.loads(run(report, "--json").stdout)
    assert printed["language"] == "de"
    assert {finding["language"] for finding in printed["findings"]} == {"de"}
    assert "Read from German" in run(report).stdout


def test_pages_that_could_not_be_read_are_named(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = {2, 5, 6, 7, 9}

    def read(_: Path) -> Iterator[_Found]:
        pages = [
            Page(n, 595, 842, "unreadable", "", "", ())
            if n in lost
            else Page(n, 595, 842, "plain", "", "ER positive.", ())
            for n in range(1, 10)
        ]
        yield _Found("", pages, "5 of 9 pages could not be read.")

    monkeypatch.setattr(extraction, "_read", read)
    result = run("--json", tmp_path / "long.pdf")
    assert result.exit_code == 1
    assert "Not read: p. 2, 5–7, 9." in result.stderr
    assert json.loads(result.stdout)["unreadable_pages"] == sorted(lost)
