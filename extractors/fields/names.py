"""From what was read to what the vocabulary calls it: one row a concept and organ.

`findings.yaml` names some facts per site (`breast.grade`) and others once for all sites
(`tumour.grade`). A row says which names a concept feeds and how its values are spelled there.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from extractors.types import Value

Spell = Callable[[Value], Value | None]


@dataclass(frozen=True, slots=True)
class Name:
    """A field that a concept feeds for some organs (empty: for all)."""

    concept: str
    field: str
    organs: frozenset[str] = frozenset()
    spell: Spell | None = None


def _table(rows: dict[Value, Value], default: Value | None = None) -> Spell:
    def spell(value: Value) -> Value | None:
        return rows.get(value, default) if not isinstance(value, dict) else default

    return spell


def _same(value: Value) -> Value | None:
    return value


def _is_present(value: Value) -> Value | None:
    return value == "present"


def _pt(value: Value) -> Value | None:
    text = str(value).replace("y", "")
    return text if text in _PT else _PT_BASE.get(text[:3])


def _registry_pn(value: Value) -> Value | None:
    text = str(value).replace("y", "").replace("(sn)", "")
    if "i+" in text:
        return "pN0i+"
    if "mol+" in text:
        return "pN0mol+"
    text = text.split("(")[0]
    return text if text in _PN else _PN_BASE.get(text[:3])


def _breast_pn(value: Value) -> Value | None:
    text = str(_registry_pn(value) or "")
    if text in {"pN0", "pN0i+", "pN1mi", "pN1a"}:
        return text
    if text in {"pN1b", "pN1c"}:
        return "pN1bc"
    if text[:3] in {"pN2", "pN3"}:
        return text[:3]
    return "pNx" if text == "pNX" else None


def _pm(value: Value) -> Value | None:
    text = str(value)
    return text if text in {"pMX", "pM0", "pM1", "pM1a", "pM1b", "pM1c"} else None


def _metastasis(value: Value) -> Value | None:
    text = str(value)
    return "M1" if "M1" in text else "M0" if "M0" in text else None


def _after_treatment(value: Value) -> Value | None:
    return True if str(value).startswith("y") else None


def _confirmed(value: Value) -> Value | None:
    return True


def _at_most_three(value: Value) -> Value | None:
    highest = value.get("le", 4) if isinstance(value, dict) else value
    return value if isinstance(highest, int) and highest <= 3 else None


_PT = {
    f"pT{v}"
    for v in (
        "X",
        "0",
        "is",
        "1",
        "1mi",
        "1a",
        "1b",
        "1c",
        "1d",
        "2",
        "2a",
        "2b",
        "3",
        "3a",
        "3b",
        "3c",
        "3d",
        "4",
        "4a",
        "4b",
        "4c",
        "4d",
    )
}
_PT_BASE = {t[:3]: t for t in _PT if len(t) == 3}
_PN = {
    f"pN{v}"
    for v in ("X", "0", "1", "1mi", "1a", "1b", "1c", "2", "2a", "2b", "3", "3a", "3b", "3c")
}
_PN_BASE = {t[:3]: t for t in _PN if len(t) == 3}
_BREAST = frozenset({"breast"})
_PANCREAS = frozenset({"pancreas"})
_STOMACH = frozenset({"stomach"})
_BOWEL = frozenset({"colon", "rectum"})
_SARCOMA = frozenset({"soft_tissue"})
_NOT_BREAST = frozenset({"pancreas", "stomach", "colon", "rectum", "soft_tissue", "gynaecological"})
_ADENO = (
    "adenocarcinoma",
    "ductal_adenocarcinoma",
    "mucinous_adenocarcinoma",
    "signet_ring",
    "diffuse",
    "intestinal",
    "tubular",
    "papillary",
    "micropapillary",
    "colloid",
)

NAMES: tuple[Name, ...] = (
    Name(
        "histology",
        "breast.histology",
        _BREAST,
        _table(
            {
                "idc_nst": "idc_nst",
                "ilc": "ilc",
                "mixed_ductal_lobular": "mixed_ductal_lobular",
                "tubular": "tubular",
                "mucinous": "mucinous",
                "medullary": "medullary",
                "papillary": "papillary",
                "dcis_pure": "dcis_pure",
            },
            "other",
        ),
    ),
    Name(
        "histology",
        "tumour.histologic_type",
        _BREAST,
        _table(
            {
                "idc_nst": "ductal",
                "ilc": "lobular",
                "mixed_ductal_lobular": "mixed_ductal_lobular",
                "metaplastic": "metaplastic",
                "medullary": "medullary",
                "mucinous": "mucinous",
                "tubular": "tubular",
                "papillary": "papillary",
                "micropapillary": "micropapillary",
                "dcis_pure": "dcis",
            },
            "other",
        ),
    ),
    Name(
        "histology",
        "panc.histology",
        _PANCREAS,
        _table(
            {**dict.fromkeys(_ADENO, "adenocarcinoma"), "neuroendocrine": "neuroendocrine"}, "other"
        ),
    ),
    Name(
        "histology",
        "gast.histology",
        _STOMACH,
        _table(dict.fromkeys(_ADENO, "adenocarcinoma"), "other"),
    ),
    Name(
        "histology",
        "rps.histology",
        _SARCOMA,
        _table({"gist": "gist", "desmoid": "desmoid"}, "sarcoma"),
    ),
    Name(
        "histology",
        "tumour.histologic_type",
        _NOT_BREAST,
        _table({"acinar": "acinar_cell", "squamous": "squamous_cell"}, None),
    ),
    Name(
        "histology",
        "gast.lauren",
        _STOMACH,
        _table({"intestinal": "intestinal", "diffuse": "diffuse", "signet_ring": "diffuse"}),
    ),
    Name("histology", "disease.histology_confirmed", frozenset(), _confirmed),
    Name("laterality", "tumour.laterality"),
    Name("subsite", "tumour.subsite"),
    Name("grade", "breast.grade", _BREAST, _at_most_three),
    Name("grade", "tumour.grade", _NOT_BREAST),
    Name("tubule_score", "breast.tubule_score", _BREAST),
    Name("nuclear_grade", "breast.nuclear_score", _BREAST),
    Name("mitotic_score", "breast.mitotic_score", _BREAST),
    Name("nottingham_score", "breast.nottingham_score", _BREAST),
    Name("dcis_grade", "breast.dcis_grade", _BREAST),
    Name("size", "breast.size_mm", _BREAST),
    Name("dcis_size", "breast.dcis_size_mm", _BREAST),
    Name("size", "panc.size_mm", _PANCREAS),
    Name("size", "rps.size_mm", _SARCOMA),
    Name("size", "tumour.size_mm", frozenset({"stomach", "colon", "rectum", "gynaecological"})),
    Name("focality", "breast.focality", _BREAST),
    Name("focality", "tumour.focality", _NOT_BREAST),
    Name("depth", "tumour.depth", _SARCOMA),
    Name(
        "lvi",
        "breast.lvi",
        _BREAST,
        _table(
            {
                "absent": "absent",
                "present": "present_nos",
                "focal": "focal",
                "extensive": "extensive",
            }
        ),
    ),
    Name("lvi", "tumour.lvi", _NOT_BREAST, _table({"absent": "absent"}, "present")),
    Name("vascular", "tumour.vascular_invasion", _NOT_BREAST),
    Name("perineural", "tumour.perineural"),
    Name("extranodal", "breast.extranodal", _BREAST, _is_present),
    Name("extranodal", "tumour.extranodal", _NOT_BREAST, _is_present),
    Name("nodes_examined", "tumour.nodes_examined"),
    Name("nodes_positive", "breast.nodes_positive", _BREAST),
    Name("nodes_positive", "tumour.nodes_positive", _NOT_BREAST),
    Name("pt", "tumour.pt", frozenset(), _pt),
    Name("pt", "tumour.tnm_after_treatment", frozenset(), _after_treatment),
    Name("pn", "tumour.pn", frozenset(), _registry_pn),
    Name("pn", "breast.pn", _BREAST, _breast_pn),
    Name("pm", "tumour.pm", frozenset(), _pm),
    Name("pm", "disease.metastasis", frozenset(), _metastasis),
    Name("cn", "breast.cn", _BREAST),
    Name("ct", "rect.ct_stage", frozenset({"rectum"})),
    Name("residual", "tumour.residual"),
    Name("residual", "surgery.resection_actual"),
    Name("margin_status", "tumour.margin_status"),
    Name("margin_mm", "breast.margin_mm", _BREAST),
    Name("margin_mm", "tumour.margin_mm", _NOT_BREAST),
    Name("invasive_margin_mm", "breast.invasive_margin_mm", _BREAST),
    Name("dcis_margin_mm", "breast.dcis_margin_mm", _BREAST),
    Name("crm_mm", "tumour.crm_mm", frozenset({"rectum", "colon"})),
    Name(
        "crm_status",
        "tumour.crm_status",
        frozenset({"rectum", "colon", "pancreas"}),
        _table({"negative": "clear", "positive": "involved"}),
    ),
    Name(
        "er_status", "breast.er", _BREAST, _table({"positive": "positive", "negative": "negative"})
    ),
    Name(
        "pr_status", "breast.pr", _BREAST, _table({"positive": "positive", "negative": "negative"})
    ),
    Name("er_percent", "breast.er_percent", _BREAST),
    Name("pr_percent", "breast.pr_percent", _BREAST),
    Name("er_allred", "breast.er_allred", _BREAST),
    Name("pr_allred", "breast.pr_allred", _BREAST),
    Name("her2", "breast.her2", _BREAST),
    Name("her2", "gast.her2", _STOMACH),
    Name("her2_score", "breast.her2_ihc", _BREAST),
    Name("her2_ish", "breast.her2_ish", _BREAST),
    Name("her2_ratio", "breast.her2_ish_ratio", _BREAST),
    Name("her2_copies", "breast.her2_copy_number", _BREAST),
    Name("ki67", "breast.ki67_percent", _BREAST),
    Name("dcis", "breast.dcis_present", _BREAST, _is_present),
    Name("eic", "breast.eic", _BREAST),
    Name("neoadjuvant", "breast.neoadjuvant", _BREAST),
    Name("neoadjuvant", "tumour.neoadjuvant", _NOT_BREAST),
    Name("treatment_effect", "tumour.treatment_effect"),
    Name("prior_rt", "rt.prior_same_region"),
    Name("prior_dose", "rt.prior_dose_gy"),
    Name("resectability", "panc.resectability", _PANCREAS),
    Name("restaging", "panc.restaging", _PANCREAS),
    Name("systemic_given", "panc.systemic_given", _PANCREAS),
    Name("peritoneal", "disease.peritoneal", frozenset(), _is_present),
    Name("hydronephrosis", "pelv.hydronephrosis", frozenset({"rectum"}), _is_present),
)
_KEEP = {"tumour.histologic_type"}


def fields_of(concept: str, value: Value, organ: str) -> Iterator[tuple[str, Value]]:
    """Yield the vocabulary's names and values for a concept that was read in an organ's report.

    A concept with a dot is a field's own name already.
    """
    if "." in concept:
        yield concept, value
        return
    for name in NAMES:
        if name.concept != concept or (name.organs and organ not in name.organs):
            continue
        spelled = value if name.spell is None else name.spell(value)
        if spelled is None and name.field in _KEEP:
            spelled = value
        if spelled is not None:
            yield name.field, spelled
