"""The things hospitals ask for, in English, by their codes."""

from collections.abc import Mapping

ITEMS: Mapping[str, str] = {
    "path_core": r"biops(?:y|ies) report|histo\w*pathology|pathology report|core biopsy|病理报告",
    "receptors": r"receptors?\b|\bihc\b|immunohisto\w*|\bher-?2\b|\ber/pr\b|\bf?ish\b|免疫组化",
    "nodal_status": r"nod(?:al|e) status|lymph nodes?|axilla\w*|sentinel",
    "imaging_mammogram": r"mammogra\w*|钼靶",
    "imaging_us": r"ultraso(?:und|nography)|\busg\b|sonogra\w*|超声",
    "imaging_mri": r"\bmri\b|magnetic resonance|核磁|磁共振",
    "imaging_ct": r"(?<!pet )(?<!pet-)\bct\b|computed tomography|\bcect\b",
    "staging_imaging": r"\bpet\b|\bpet-?ct\b|bone scan|staging scans?|metastatic work-?up",
    "dicom": r"\bdicom\b|images on (?:cd|dvd)|\bcd of\b|raw images|scan images|原始影像",
    "operation_note": r"operati(?:on|ve) notes?|surgical notes?|surgery notes?|手术记录",
    "radiotherapy_record": (
        r"radiotherapy (?:record|summary|plan|details)|rt record|previous radiation"
        r"|radiation (?:record|summary|dose|details)|放疗记录"
    ),
    "systemic_history": (
        r"chemo\w* (?:record|history|details|protocol|summary)|treatment history"
        r"|discharge summar(?:y|ies)|化疗记录"
    ),
    "labs": (
        r"blood (?:tests?|work|reports?|counts?)|lab(?:oratory)? (?:tests?|reports?|results?)"
        r"|\bcbc\b|\blft\b|\bkft\b|\brft\b|haemogram|血常规"
    ),
    "tumour_markers": r"tumou?r markers?|\bca ?(?:19-?9|15-?3|125)\b|\bcea\b|bilirubin",
    "performance_status": r"\becog\b|performance status|karnofsky|general condition|comorbid\w*",
    "medicines": (
        r"medic(?:ine|ation)s? list|medications?\b|drug list|current drugs|blood thinners"
        r"|anticoagul\w*"
    ),
    "surgical_plan": r"surgical plan|planned (?:operation|surgery)|operative plan",
    "passport_copy": r"passports?\b|护照",
    "slides": r"\bslides?\b|\bblocks?\b|paraffin|切片|蜡块",
    "cardiac_echo": r"\becho\b|echocardio\w*|\b2d[- ]?echo\b|心脏彩超|超声心动",
    "ecg": r"\becg\b|\bekg\b|electrocardiogram|心电图",
    "anaesthesia_assessment": (
        r"an(?:a)?esthe\w* (?:assessment|check|fitness|clearance)"
        r"|fitness for (?:surgery|an(?:a)?esthesia)|pre-?op(?:erative)? fitness"
    ),
    "colonoscopy": r"colonoscop\w*|endoscop\w*|肠镜",
}
