"""Three invented families whose cases are played whole: what differs between them.

A woman who writes for herself and reads English; a man whose daughter writes, read in Arabic; and a
man who reads Russian: three sites, time zones and currencies.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from local.rehearsal.reports import BREAST_FINAL_DIAGNOSIS, ROSA, TOMAS, Person
from tests.scenarios.papers import final, paper
from tests.workflows.screening.three_cases import REPORTS, typed

SALIM = Person(
    "Salim Namunah", date(1961, 4, 12), "male", "FX-100204", "OM", "Asia/Muscat", "salim@f.example"
)
FINAL = (
    ("Procedure", "Resection with intraoperative radiotherapy"),
    ("Margins", "All margins negative for invasive carcinoma"),
    ("Closest margin", "6 mm"),
    ("Number of lymph nodes examined", "14"),
    ("Number of lymph nodes with metastasis", "0"),
)


@dataclass(frozen=True)
class Part:
    """A family, its illness, the hospitals it lets us ask, and what these offer."""

    name: str
    person: Person
    site: str
    language: str
    hospitals: tuple[str, str, str]
    """Who asks for more and is chosen; who offers and takes it back; who stays silent."""
    technique: str
    currency: str
    low: str
    high: str
    asks_for: str
    """What the first hospital writes that it needs, in its own words."""
    changes: Mapping[str, str]
    """What a later paper changes after the signature, and how it says so."""
    changed_rows: Sequence[tuple[str, str]]
    changes_typed: bool = False
    """Whether a person types it, as the paper says it in no way that is read."""
    you: Mapping[str, str] = field(default_factory=lambda: {"relation": "self"})
    signer: Mapping[str, str] = field(default_factory=dict)
    """Who gives a permission, where the page must ask."""
    phone: str = ""
    against: Mapping[str, object] = field(default_factory=dict)
    """What differs from the published sources in the cases beside."""
    final_typed: Mapping[str, str] = field(default_factory=dict)
    final_picked: Mapping[str, str] = field(default_factory=dict)
    also_typed: Mapping[str, str] = field(default_factory=dict)
    iort: str = "yes"

    def report(self) -> bytes:
        """Return the laboratory's report of the biopsy."""
        title, rows = REPORTS[self.site]
        dates = (("Date collected", "2026-12-14"), ("Date reported", "2026-12-17"))
        return paper(title, self.person, rows, dates=dates)

    def final_report(self, collected: str, reported: str, *, nodes: int) -> bytes:
        """Return the report of the operation's specimen, with so many nodes that hold cancer."""
        changed = {"Number of lymph nodes with metastasis": str(nodes)}
        if self.site == "breast":
            if nodes:
                changed["Regional lymph nodes"] = "Positive for tumor"
                changed["Pathologic stage"] = "pT1c pN1a (AJCC 8th edition)"
            said = BREAST_FINAL_DIAGNOSIS.replace("Right", "Left").replace(
                "Two sentinel lymph nodes, negative (0/2)",
                f"Two sentinel lymph nodes with metastases ({nodes}/2)"
                if nodes
                else "Two sentinel lymph nodes, negative (0/2)",
            )
            changed["Specimen laterality"] = "Left"
            return final(self.person, collected, reported, changed=changed, diagnosis=said)
        rows = [(name, changed.get(name, value)) for name, value in FINAL]
        dates = (("Date collected", collected), ("Date reported", reported))
        title = "Surgical Pathology Report - Final"
        return paper(title, self.person, rows, dates=dates)

    def typed(self, **changes: object) -> dict[str, str]:
        """Return what the clinic's letter states beside it, as the coordinator types it."""
        return {**typed(self.site, **changes), **self.also_typed}


PARTS = {
    one.name: one
    for one in (
        Part(
            name="breast", person=ROSA, site="breast", language="en",
            hospitals=("H01", "H02", "H04"), technique="kv_iort",
            currency="USD", low="7,800", high="9,100",
            asks_for="Before we can decide we need slides and cardiac echo.",
            changes={"breast.cn": "cN1"},
            changed_rows=(
                ("Left axillary lymph node, fine needle aspiration", "metastatic carcinoma"),
                ("Clinical nodal status", "cN1"),
            ),
            against={"breast.cn": "cN2"},
            final_typed={"breast.microscopic_multifocal": "false"},
        ),
        Part(
            name="pancreas", person=SALIM, site="pancreas", language="ar",
            hospitals=("H05", "H07", "H03"), technique="ioert",
            currency="EUR", low="28.500", high="31.000",
            asks_for="Before we can decide we need a new CT and the CA 19-9.",
            changes={"disease.metastasis": "M1"}, changes_typed=True,
            changed_rows=(("Spot in the liver", "see the pictures"),),
            you={"relation": "family", "asker_name": "Layla Namunah", "patient_knows": "yes"},
            signer={"signer": "patient"}, against={"disease.metastasis": "M1"},
            phone="+968 9000 0000", iort="no",
        ),
        Part(
            name="pelvis", person=TOMAS, site="pelvic_recurrence", language="ru",
            hospitals=("H03", "H02", "H07"), technique="ioert",
            currency="CNY", low="98,000", high="98,000",
            asks_for="Before we can decide we need the radiotherapy plan and the operation report.",
            changes={"disease.metastasis": "M1"},
            changed_rows=(("Nodule of the lung", "see the pictures"),), changes_typed=True,
            against={"disease.metastasis": "M1"}, iort="aborted",
        ),
    )
}  # fmt: skip
"""By name."""
