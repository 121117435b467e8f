"""Which kind of document may state which field, and with what rank.

Rank belongs to the pair (field, kind): a genetics laboratory says something of genes only, a
picture nothing of margins, receptors or histology, and no letter, board or operation note
outranks the pathologist on what only the microscope shows.
"""

_GENES = frozenset({"breast.brca", "rect.mmr"})
# What only a pathologist sees: parts of the names after the dot.
_MICROSCOPE = (
    "histology",
    "histologic_type",
    "histology_confirmed",
    "grade",
    "tubule_score",
    "nuclear_score",
    "mitotic_score",
    "nottingham_score",
    "dcis_grade",
    "dcis_present",
    "lcis_present",
    "eic",
    "paget",
    "lvi",
    "vascular_invasion",
    "perineural",
    "extranodal",
    "nodes_examined",
    "nodes_positive",
    "pt",
    "pn",
    "pm",
    "tnm_after_treatment",
    "residual",
    "resection_actual",
    "margin_status",
    "margin_mm",
    "invasive_margin_mm",
    "dcis_margin_mm",
    "crm_mm",
    "crm_status",
    "er",
    "pr",
    "er_percent",
    "pr_percent",
    "er_allred",
    "pr_allred",
    "her2",
    "her2_ihc",
    "her2_ish",
    "her2_ish_ratio",
    "ki67_percent",
    "treatment_effect",
    "mesorectum",
    "mmr",
    "lauren",
)
# The skin of a specimen says nothing of the distance that a scan measures before the operation.
_BEFORE_SURGERY = frozenset({"breast.skin_distance_mm"})
_BY_MICROSCOPE = frozenset(_MICROSCOPE)
_PATHOLOGIST = frozenset({"core_biopsy", "final_pathology", "amended_report", "central_review"})


def source_for(field: str, source: str) -> str | None:
    """Return the rank name with which a document of rank `source` states `field`.

    None when that kind of document has nothing to say of it.
    """
    if source in _PATHOLOGIST:
        return None if field in _BEFORE_SURGERY else source
    if source == "genetics_lab":
        return source if field in _GENES else None
    microscopic = field.rpartition(".")[2] in _BY_MICROSCOPE
    if source.startswith("imaging_"):
        # The margin of the mesorectum on MRI is a field of its own (`rect.mrf`).
        return None if microscopic or field in _GENES else source
    if microscopic:
        return source if source == "intake_form" else "clinic_letter"
    return source
