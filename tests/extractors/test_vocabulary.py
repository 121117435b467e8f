"""Every name and value that can be proposed stands in the vocabulary."""

from pathlib import Path

import pytest
import yaml

from extractors.fields.clinical import PHRASES
from extractors.fields.names import NAMES
from extractors.registry import parse_registry, to_registry
from tests.extractors.reports import HEAD, read

VOCABULARIES = Path(__file__).resolve().parents[2] / "playbooks" / "vocabularies"
FIELDS = yaml.safe_load((VOCABULARIES / "findings.yaml").read_text(encoding="utf-8"))["fields"]
REGISTRY = parse_registry((VOCABULARIES / "registry.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("field", sorted({n.field for n in NAMES} | {p.field for p in PHRASES}))
def test_proposed_fields_are_in_the_vocabulary(field: str) -> None:
    assert field in FIELDS


def test_proposed_values_are_in_the_vocabulary() -> None:
    text = (
        HEAD
        + "Nottingham grade 2. Tumour size: 14 mm. ER positive (90%). HER2 2+. pT1c pN1(sn) pM0. "
        "Lymph nodes: 1/2. Margins negative, closest margin 3 mm. Lymphovascular invasion present. "
        "DCIS, nuclear grade 3. Multifocal."
    )
    findings = read(text).findings
    assert len(findings) > 20
    for finding in findings:
        entry = FIELDS[finding.field]
        if entry["type"] == "enum":
            assert finding.value in entry["values"], finding.field
        if entry["type"] == "bool":
            assert isinstance(finding.value, bool)
        if finding.unit is not None:
            assert finding.unit == entry["unit"]


def test_registry_names_and_values() -> None:
    fields = to_registry(
        read(
            HEAD + "Nottingham grade 2. Tumour size: 14 mm. pT1 pN1. Lymph nodes 2/9. ER 80%."
        ).findings,
        REGISTRY,
    )
    assert fields["cancer_site"] == "breast"
    assert fields["grade"] == "G2"
    assert fields["tumor_size_cm"] == 1.4
    assert fields["pT"] == "pT1c"
    assert fields["pN"] == "pN1a"
    assert fields["er_percent"] == 80
    assert "her2_status" not in fields


def test_registry_sources_are_in_the_vocabulary() -> None:
    for column in REGISTRY:
        for source in (*column.sources, *(name for rule in column.refine for name in rule.by)):
            assert source in FIELDS, column.name


@pytest.mark.parametrize("text", ["fields: {x: {}}", "fields: {x: {from: [a], colour: red}}", "[]"])
def test_a_malformed_registry_map_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_registry(text)


def test_what_is_stated_by_the_reader_is_what_the_reader_states() -> None:
    """`stated_by` is checked when a criterion reads a field, so it has to be true."""
    read_by = {n.field for n in NAMES} | {p.field for p in PHRASES} | {"breast.brca"}
    said = {name: entry.get("stated_by") for name, entry in FIELDS.items()}
    assert {name for name, by in said.items() if by == "reader"} <= read_by
    assert not {name for name, by in said.items() if by in ("person", "system")} & read_by
    for name, entry in FIELDS.items():
        assert (said[name] is None) == (entry.get("criteria") is False), name
