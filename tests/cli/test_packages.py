"""What the project is made of, and which known holes a given copy of advisories names in it."""

import json
import re
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.main import run
from cli.packages import ADDED, pinned

JINJA = next(one for one in pinned("embedded") if one.name == "jinja2")


def advisory(number: int, events: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    affected = {
        "package": {"ecosystem": "PyPI", "name": "Jinja2"},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    changed = datetime.now(UTC) - timedelta(days=more.pop("days", 1))
    return {
        "id": f"TEST-{number}",
        "modified": changed.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "summary": "A hole.",
        "affected": [affected | more.pop("affected", {})],
    } | more


def asked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, *said: dict[str, Any]
) -> tuple[int, str]:
    for number, one in enumerate(said):
        (tmp_path / f"{number}.json").write_text(json.dumps(one), encoding="utf-8")
    code = run(["packages", "advisories", str(tmp_path)], "packages")
    told = capsys.readouterr()
    return code, told.out + told.err


@pytest.mark.parametrize(
    ("events", "hit"),
    [
        ([{"introduced": "0"}], True),
        ([{"introduced": "0"}, {"fixed": JINJA.version}], False),
        ([{"introduced": "0"}, {"fixed": "999"}], True),
        ([{"introduced": JINJA.version}, {"last_affected": JINJA.version}], True),
        ([{"introduced": "0"}, {"last_affected": "1.0"}], False),
        ([{"introduced": "998"}, {"fixed": "999"}], False),
        ([{"introduced": "0"}, {"fixed": "1.0"}, {"introduced": "2.0"}, {"fixed": "999"}], True),
    ],
)
def test_a_version_is_held_against_the_range(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, events: list[dict[str, str]], hit: bool
) -> None:
    code, told = asked(capsys, tmp_path, advisory(1, events))
    assert (code, "TEST-1" in told) == (int(hit), hit)
    assert ("mended in 999" in told) == (hit and events[-1] == {"fixed": "999"})


def test_what_was_taken_back_or_is_of_another_kind_is_no_hole(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    everything = [{"introduced": "0"}]
    elsewhere = {"package": {"ecosystem": "npm", "name": "jinja2"}}
    code, told = asked(
        capsys,
        tmp_path,
        advisory(1, everything, withdrawn="2026-01-01T00:00:00Z"),
        advisory(2, everything, affected=elsewhere),
    )
    assert code == 0 and "2 advisories" in told and "none for the" in told


def test_an_old_copy_says_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, told = asked(capsys, tmp_path, advisory(1, [{"introduced": "998"}], days=40))
    assert code == 0 and "40 days old: bring a newer copy" in told


def test_a_zip_is_read_and_what_is_none_is_said(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    archive = tmp_path / "all.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("TEST-7.json", json.dumps(advisory(7, [{"introduced": "0"}])))
    assert run(["packages", "advisories", str(archive)], "packages") == 1
    assert "TEST-7" in capsys.readouterr().out
    archive.write_bytes(b"no archive")
    assert run(["packages", "advisories", str(archive)], "packages") == 1
    assert "cannot be read" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert run(["packages", "advisories", str(tmp_path / "empty")], "packages") == 1
    assert "holds no advisory" in capsys.readouterr().err


def test_the_bill_names_each_pinned_package_with_its_hashes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "bill.json"
    assert run(["packages", "bill", "--out", str(out)], "packages") == 0
    made = json.loads(out.read_text(encoding="utf-8"))
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    by_name = {one["name"]: one for one in made["components"]}
    assert len(made["components"]) == len(pinned("embedded")) > 100
    for one in made["components"]:
        assert one["properties"], one["name"]
        assert re.fullmatch(r"pkg:pypi/[a-z0-9-]+@\S+", one["purl"])
    assert "BSD" in json.dumps(by_name["jinja2"]["licenses"])
    capsys.readouterr()
    assert run(["packages", "bill", "--set", "all"], "packages") == 1
    assert "--set is one of base, parquet, traces, embedded, dev" in capsys.readouterr().err


def test_what_is_no_extra_is_not_added(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["packages", "add", "embedded"], "packages") == 1
    assert "parquet and traces can be added, not embedded" in capsys.readouterr().err


@pytest.mark.parametrize("extra", ADDED)
def test_what_is_added_changes_nothing_that_is_installed(extra: str) -> None:
    added = {(one.name, one.version, one.hashes) for one in pinned(extra)}
    base = {(one.name, one.version, one.hashes) for one in pinned("base")}
    tested = {(one.name, one.version, one.hashes) for one in pinned("dev")}
    assert base < added < tested
