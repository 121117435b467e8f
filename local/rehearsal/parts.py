"""The parts that are played: who asks, with which report, what hospitals answer, how it ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from local.rehearsal.reports import NILA, ROSA, TOMAS, Person


@dataclass(frozen=True, slots=True)
class Part:
    """One case of the rehearsal."""

    person: Person
    report: str
    """A file of `local.rehearsal.documents.EXAMPLES`."""
    site: str
    story: str
    """One line for the spectator."""
    by_hand: Mapping[str, str] = field(default_factory=dict)
    """What the coordinator types from the clinic letter when confirming the first report."""
    final_by_hand: Mapping[str, str] = field(default_factory=dict)
    """What the coordinator adds or corrects when confirming the final pathology."""
    signs: str = "suitable_for_outreach"
    reason: str | None = None
    """Why the clinician's decision differs from the pre-screen, where it does."""
    technique: str = "ioert"
    replies: tuple[str, ...] = ("offer",)
    """What the hospitals answer, in the order in which they are asked."""
    final_pathology: bool = False
    """Whether the hospital sends the final pathology; else the flight needs a signed waiver."""
    until: str = "FOLLOW_UP"


PARTS: tuple[Part, ...] = (
    Part(
        person=ROSA,
        report="breast-synoptic.pdf",
        site="breast",
        story="a born-digital synoptic report; two hospitals are asked, one offers",
        by_hand={
            "breast.cn": "cN0",
            "breast.suitable_bcs": "true",
            "breast.prior_ipsilateral": "false",
            "breast.neoadjuvant": "none",
            "disease.metastasis": "M0",
            "surgery.status": "planned",
            "patient.pregnant": "false",
            "rt.prior_same_region": "false",
            "patient.can_return_for_ebrt": "true",
            "patient.anaesthesia_fit": "true",
            "patient.radiosensitivity_syndrome": "false",
            "patient.active_connective_tissue_disease": "false",
            "disease.histology_confirmed": "true",
            "breast.bilateral": "false",
            "breast.gross_nodal_disease": "false",
            "breast.near_skin": "false",
            "breast.prior_malignancy": "false",
            "breast.regional_nodal_rt_needed": "false",
        },
        final_by_hand={"breast.microscopic_multifocal": "false", "tumour.nodes_examined": "2"},
        technique="kv_iort",
        replies=("offer", "decline"),
        final_pathology=True,
    ),
    Part(
        person=TOMAS,
        report="rectum-two-columns.pdf",
        site="pelvic_recurrence",
        story="a narrative report in two columns; the hospital first asks for more, then offers",
        by_hand={
            "disease.metastasis": "M0",
            "disease.intent": "curative",
            "surgery.status": "planned",
            "surgery.resection_expected": "R1",
            "patient.ecog": "1",
        },
        reason="the tumour board proposes it; what is open is asked together with the hospital",
        replies=("more_info", "decline"),
    ),
    Part(
        person=NILA,
        report="breast-scan.pdf",
        site="breast",
        story="a scan that must be read by OCR; the doctor sees another way for this patient",
        by_hand={"breast.cn": "cN1", "surgery.status": "planned"},
        signs="not_suitable",
        reason="lobular, node-positive: whole-breast radiotherapy is the usual way",
        until="CLOSED_NO_OPTION",
    ),
)
