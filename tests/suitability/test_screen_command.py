"""`iort screen` and `iort criteria`: input, output and exit codes of CONTRACTS.md."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from cli.screening import criteria_app, screen
from suitability.loader import playbook_texts
from tests.suitability.cases import PLAYBOOKS, base, findings_of, worked

app = typer.Typer()
app.command("screen")(screen)
app.add_typer(criteria_app, name="criteria")


def iort(*arguments: str) -> Any:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., str]:
    def made(data: Any, name: str = "case.json") -> str:
        path = tmp_path / name
        path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
        return str(path)

    return made


@pytest.mark.parametrize("identifier", ["V01", "V24", "P06", "S16", "V40"])
def test_worked_cases_through_the_command(identifier: str, write: Any) -> None:
    case = next(one for one in worked()["vignettes"] if one["id"] == identifier)
    path = write({"phase": case.get("phase", "preop"), "findings": findings_of(case)})
    done = iort("screen", "--findings", path, "--on", "2026-11-23", "--json")
    assert done.exit_code == 0
    out = json.loads(done.stdout)
    for key, expected in case["expect"].items():
        if key in ("sets", "criteria"):
            assert expected.items() <= out[key].items()
        else:
            assert out[key] == expected


def test_the_option_wins_over_the_file(write: Any) -> None:
    path = write({"phase": "preop", "findings": base("post_breast")})
    out = json.loads(iort("screen", "--findings", path, "--phase", "postop", "--json").stdout)
    assert out["category"] is None
    assert out["sets"]["breast_postop_recheck"] == "no_trigger"


def test_without_a_phase_it_is_before_surgery(write: Any) -> None:
    out = json.loads(iort("screen", "--findings", write({"findings": {}}), "--json").stdout)
    assert out["category"] == "needs_information"


def test_words_for_people(write: Any) -> None:
    path = write({"findings": base("low_risk_breast", breast__her2=...)})
    done = iort("screen", "--findings", path, "--what-if", "--explain")
    assert done.exit_code == 0
    assert "if HER2 is negative: consistent_fit" in done.stdout
    assert "a doctor will review" in done.stdout
    assert "in-breast recurrence was higher with IORT" in done.stdout
    after = write({"phase": "postop", "findings": base("post_breast", breast__margin_mm=...)})
    assert "awaited" in iort("screen", "--findings", after).stdout


def test_what_if_and_explanations_as_json(write: Any) -> None:
    path = write({"findings": base("low_risk_breast", breast__her2=...)})
    done = iort("screen", "--findings", path, "--what-if", "--explain", "--json")
    out = json.loads(done.stdout)
    assert out["what_if"]["fewest"] == ["breast.her2"]
    assert len(out["input_hash"]) == 64
    assert {item["criterion"] for item in out["explanations"]} == set(out["criteria"])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("findings:\n  patient.age_years: 450\n", "case.yaml:2: 450 years is not possible"),
        ("findings:\n  patient.aeg: 45\n", "case.yaml:2: unknown field"),
        ("findings: [\n", "malformed YAML"),
        ("findings:\n  breast.pn:\n    - {value: pN0, date: 2027-01-01}\n", "future"),
        ("findings:\n  breast.size_mm: {value: 3, unit: Gy}\n", "case.yaml:2: unit `Gy`"),
    ],
)
def test_bad_findings_are_refused_with_1(text: str, told: str, write: Any) -> None:
    done = iort("screen", "--findings", write(text, "case.yaml"), "--on", "2026-11-23", "--json")
    assert done.exit_code == 1
    assert told in done.stderr
    assert done.stdout == ""


def test_a_later_day_accepts_what_was_the_future(write: Any) -> None:
    text = "findings:\n  breast.pn:\n    - {value: pN0, date: 2027-01-01}\n"
    path = write(text, "case.yaml")
    assert iort("screen", "--findings", path, "--on", "2027-01-01").exit_code == 0


def test_wrong_usage_is_2(write: Any) -> None:
    path = write({"findings": {}})
    assert iort("screen").exit_code == 2
    assert iort("screen", "--findings", path, "--phase", "during").exit_code == 2
    assert iort("screen", "--findings", path, "--on", "soon").exit_code == 2
    assert iort("screen", "--findings", path, "--what-if", "--phase", "postop").exit_code == 2


def test_a_file_that_cannot_be_read_is_1(tmp_path: Path) -> None:
    assert iort("screen", "--findings", str(tmp_path / "none.yaml")).exit_code == 1
    (tmp_path / "x.yaml").write_bytes(b"\xff\x00")
    assert iort("screen", "--findings", str(tmp_path / "x.yaml")).exit_code == 1


def test_criteria_list_and_show() -> None:
    rows = json.loads(iort("criteria", "list", "--json").stdout)
    assert len(rows) == 20 and all(len(row["sha256"]) == 64 for row in rows)
    assert "breast_targit_a" in iort("criteria", "list").stdout
    shown = iort("criteria", "show", "TA-04")
    assert "tumour size is 35 mm or less" in shown.stdout
    assert len(json.loads(iort("criteria", "show", "gastric", "--json").stdout)["criteria"]) == 8
    assert iort("criteria", "show", "nothing").exit_code == 1


def test_criteria_check(tmp_path: Path) -> None:
    assert iort("criteria", "check").exit_code == 0
    copy = tmp_path / "playbooks"
    shutil.copytree(PLAYBOOKS, copy)
    broken = copy / "criteria" / "gastric.yaml"
    text = broken.read_text(encoding="utf-8")
    broken.write_text(text.replace("op: eq, value: M0", "op: eq, value: M2"), encoding="utf-8")
    done = iort("criteria", "check", str(copy))
    assert done.exit_code == 1 and "criteria/gastric.yaml:" in done.stderr
    broken.write_text(text.replace("GA-05", "GA-55"), encoding="utf-8")
    done = iort("criteria", "check", str(copy))
    assert done.exit_code == 1 and "version is still 0.2.0" in done.stderr


def test_criteria_diff(tmp_path: Path) -> None:
    text = playbook_texts(PLAYBOOKS)["criteria/breast_targit_a.yaml"]
    other = tmp_path / "new.yaml"
    other.write_text(text.replace("value: 35", "value: 30"), encoding="utf-8")
    done = iort("criteria", "diff", "breast_targit_a", str(other))
    assert "~ TA-04 rule" in done.stdout and "30 mm or less" in done.stdout
    assert "No difference" in iort("criteria", "diff", "gastric", "gastric").stdout
    assert iort("criteria", "diff", "gastric", "nothing.yaml").exit_code == 1
    out = json.loads(iort("criteria", "diff", "breast_targit_a", str(other), "--json").stdout)
    assert list(out["changed"]) == ["TA-04"]


def test_cautions_and_evidence_are_said(tmp_path: Path) -> None:
    path = tmp_path / "f.json"
    path.write_text(json.dumps({"findings": base("rps", patient__ecog=3)}), encoding="utf-8")
    said = iort("screen", "--findings", str(path)).stdout
    assert "Caution CC-11" in said and "rests on a randomised trial" in said
    out = json.loads(iort("screen", "--findings", str(path), "--json", "--explain").stdout)
    assert out["cautions"] == ["CC-11"]
    assert out["evidence"] == {"retroperitoneal_sarcoma": "randomised_trial"}
