"""What hospitals ask for, recognised in their words.

The codes are those of `playbooks/completeness.yaml`, plus what only hospitals ask for (slides,
cardiac echo, ...).
"""

import re

ITEM_PHRASES: dict[str, str] = {
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
    "radiotherapy_record": r"radiotherapy (?:record|summary|plan|details)|rt record"
    r"|previous radiation|radiation (?:record|summary|dose|details)|放疗记录",
    "systemic_history": r"chemo\w* (?:record|history|details|protocol|summary)|treatment history"
    r"|discharge summar(?:y|ies)|化疗记录",
    "labs": r"blood (?:tests?|work|reports?|counts?)|lab(?:oratory)? (?:tests?|reports?|results?)"
    r"|\bcbc\b|\blft\b|\bkft\b|\brft\b|haemogram|血常规",
    "tumour_markers": r"tumou?r markers?|\bca ?(?:19-?9|15-?3|125)\b|\bcea\b|bilirubin",
    "performance_status": r"\becog\b|performance status|karnofsky|general condition|comorbid\w*",
    "medicines": r"medic(?:ine|ation)s? list|medications?\b|drug list|current drugs|blood thinners"
    r"|anticoagul\w*",
    "surgical_plan": r"surgical plan|planned (?:operation|surgery)|operative plan",
    "passport_copy": r"passports?\b|护照",
    "slides": r"\bslides?\b|\bblocks?\b|paraffin|切片|蜡块",
    "cardiac_echo": r"\becho\b|echocardio\w*|\b2d[- ]?echo\b|心脏彩超|超声心动",
    "ecg": r"\becg\b|\bekg\b|electrocardiogram|心电图",
    "anaesthesia_assessment": r"an(?:a)?esthe\w* (?:assessment|check|fitness|clearance)"
    r"|fitness for (?:surgery|an(?:a)?esthesia)|pre-?op(?:erative)? fitness",
    "colonoscopy": r"colonoscop\w*|endoscop\w*|肠镜",
}

_COMPILED = {code: re.compile(pattern, re.IGNORECASE) for code, pattern in ITEM_PHRASES.items()}
_HAVE = re.compile(
    r"\b(?:thank you for|thanks for|we (?:have )?(?:received|reviewed|seen|read)|is clear|are clear"
    r"|no need (?:for|of)|not (?:needed|required)|do(?:es)? not need)\b",
    re.IGNORECASE,
)


def items_asked(text: str) -> list[str]:
    """Return the codes of the things that a text asks for, in order of appearance.

    A sentence that thanks for something, or says that it is not needed, asks for nothing.
    """
    return [code for code, _ in items_quoted(text)]


def items_quoted(text: str) -> list[tuple[str, str]]:
    """Return what a text asks for, in order of appearance: the code and the words of its sentence.

    The first sentence that asks for a thing is its quote, as it stands but for line breaks.
    """
    found: dict[str, tuple[int, str]] = {}
    position = 0
    for sentence in re.split(r"(?<=[.!?;。；！？])\s+|\n+", text):
        if not _HAVE.search(sentence):
            for code, pattern in _COMPILED.items():
                if (match := pattern.search(sentence)) and code not in found:
                    found[code] = position + match.start(), " ".join(sentence.split())
        position += len(sentence) + 1
    return [(code, found[code][1]) for code in sorted(found, key=lambda one: found[one][0])]
