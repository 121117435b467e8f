"""The kinds of documents and the words that speak for each: the table that `kind` adds up."""

# label, evidence rank, (words, weight) ...; the label with the greatest sum wins.
LABELS: tuple[tuple[str, str, tuple[tuple[str, float], ...]], ...] = (
    (
        "pathology_surgical_final",
        "final_pathology",
        (
            (
                r"surgical pathology|pathologic(?:al)? diagnosis|final diagnosis|"
                r"histopatholog\w++|pathology report|tumou?r classification",
                2,
            ),
            (
                r"mastectomy|lumpectomy|whipple|pancreatectomy|colectomy|gastrectomy|"
                r"resection|hysterectomy|dissection|excision",
                1.5,
            ),
            (
                r"margins?|lymph nodes?|\bp[tn]\s?[0-4x]|gross description|microscopic|"
                r"carcinoma|sarcoma|specimen",
                1,
            ),
        ),
    ),
    (
        "pathology_biopsy",
        "core_biopsy",
        (
            (
                r"core (?:needle )?biops\w++|needle biops\w++|trucut|tru-cut|core biopsies|"
                r"endoscopic biops\w++|incisional biops\w++|punch biops\w++",
                3.5,
            ),
            (
                r"surgical pathology|pathologic(?:al)? diagnosis|final diagnosis|"
                r"histopatholog\w++|pathology report",
                1.2,
            ),
            (r"gross description|microscopic|carcinoma|sarcoma|specimen|biopsy", 1),
        ),
    ),
    (
        "pathology_addendum",
        "final_pathology",
        ((r"(?m:^)\W{0,20}addend(?:um|a)|addendum report", 2.5), (r"addend(?:um|ed)", 1)),
    ),
    (
        "cytology",
        "core_biopsy",
        ((r"cytolog\w++|fine needle aspirat\w++|\bfna\b|\bfnac\b|pap smear", 3),),
    ),
    (
        "ihc_biomarker",
        "core_biopsy",
        (
            (
                r"immunohistochemistry report|biomarker report|receptor (?:assay|report)|"
                r"ihc report|hormone receptor analysis",
                5,
            ),
        ),
    ),
    (
        "ish_fish",
        "core_biopsy",
        (
            (
                r"fluorescence in[\s-]situ|fish (?:report|analysis)|\bcep ?17\b|"
                r"signals? per (?:cell|nucle)",
                3,
            ),
        ),
    ),
    (
        "genomic_ngs",
        "genetics_lab",
        (
            (
                r"next[\s-]generation sequencing|\bngs\b|germline|variant of (?:uncertain|"
                r"unknown) significance|brca ?[12]|oncotype|mammaprint|"
                r"tumou?r mutational burden",
                3,
            ),
        ),
    ),
    (
        "imaging_mammogram",
        "imaging_mammo",
        ((r"mammogra\w++|bi-?rads|tomosynthesis", 4), (r"impression|findings|technique", 0.7)),
    ),
    (
        "imaging_us",
        "imaging_us",
        (
            (r"ultraso\w++|sonogra\w++|hypoechoic|doppler|endoscopic ultrasound", 3.5),
            (r"impression|findings", 0.7),
        ),
    ),
    (
        "imaging_ct",
        "imaging_ct",
        (
            (
                r"computed tomography|\bct (?:scan|abdomen|chest|pelvis|of|thorax)|\bcect\b|"
                r"hounsfield|oral and intravenous contrast|contrast[\s-]enhanced ct",
                4,
            ),
            (r"impression|findings|technique", 0.7),
        ),
    ),
    (
        "imaging_mri",
        "imaging_mri",
        (
            (
                r"magnetic resonance|\bmri\b|t[12][\s-]weighted|gadolinium|"
                r"diffusion[\s-]weighted|\bdwi\b|mesorectal fascia",
                4,
            ),
            (r"impression|findings|technique", 0.7),
        ),
    ),
    (
        "imaging_petct",
        "imaging_pet",
        (
            (r"\bpet[\s/-]{0,2}ct\b|\bfdg\b|\bsuv ?max|positron emission", 5),
            (r"impression|findings", 0.7),
        ),
    ),
    ("imaging_bone", "imaging_ct", ((r"bone scan|scintigra\w++|tc-?99m|dexa", 4),)),
    (
        "operative_note",
        "op_note",
        (
            (
                r"operative (?:note|report|record)|operation (?:note|report)|"
                r"procedure performed|estimated blood loss|surgeon\s?:|anaesthesia\s?:|"
                r"anesthesia\s?:",
                3,
            ),
            (r"incision|haemostasis|hemostasis|closed in layers|sutured|prepped and draped", 2),
        ),
    ),
    (
        "surgical_plan",
        "mdt_note",
        (
            (
                r"surgical plan|planned (?:operation|surgery|procedure)|"
                r"proposed (?:operation|surgery)",
                4,
            ),
        ),
    ),
    ("mdt_report", "mdt_note", ((r"multi-?disciplinary|tumou?r board|\bmdt\b|\bmdm\b", 4),)),
    (
        "iort_record",
        "rt_record",
        (
            (
                r"intra-?operative (?:radiation|radiotherapy|electron)|\biort\b|\bioert\b|"
                r"intrabeam|applicator",
                4,
            ),
        ),
    ),
    (
        "radiotherapy_plan_or_summary",
        "rt_record",
        (
            (
                r"radiotherapy (?:summary|completion|plan|record)|radiation (?:oncology|"
                r"therapy) (?:summary|completion|treatment)|treatment summary|fractions?\b|"
                r"\bc?gy\b|linear accelerator|\bimrt\b|\bvmat\b",
                2.5,
            ),
        ),
    ),
    (
        "chemo_chart",
        "clinic_letter",
        (
            (
                r"chemotherapy (?:chart|record|protocol|administration)|cycle \d|mg/m2|"
                r"premedication",
                3,
            ),
        ),
    ),
    (
        "discharge_summary",
        "clinic_letter",
        (
            (
                r"discharge (?:summary|date|diagnosis|medications?|advice)|"
                r"date of discharge|course in (?:the )?hospital",
                4,
            ),
        ),
    ),
    (
        "consultation_letter",
        "clinic_letter",
        (
            (
                r"dear (?:dr|doctor|colleague|sir)|consultation|thank you for (?:referring|"
                r"asking)|seen in (?:clinic|the outpatient)|\becog\b|yours sincerely",
                2.5,
            ),
        ),
    ),
    (
        "referral_letter",
        "clinic_letter",
        (
            (
                r"referral letter|i (?:would like to|am) refer\w*|kindly (?:see|accept)|"
                r"referred (?:to you )?for",
                3.5,
            ),
        ),
    ),
    (
        "lab_blood",
        "lab",
        (
            (
                r"h[a]?emoglobin|platelets?|leuco?cytes?|creatinine|bilirubin|\balt\b|"
                r"\bast\b|reference range|white (?:blood )?cell|electrolytes",
                2,
            ),
        ),
    ),
    (
        "tumour_marker",
        "lab",
        (
            (
                r"\bca[\s-]?19[\s-]?9|\bcea\b|\bca[\s-]?125|\bca[\s-]?15[\s-]?3|"
                r"tumou?r markers?|afp\b",
                2.5,
            ),
        ),
    ),
    (
        "ecg_echo",
        "clinic_letter",
        (
            (
                r"electrocardiogra\w++|\becg\b|\bekg\b|echocardiogra\w++|ejection fraction|"
                r"sinus rhythm",
                3.5,
            ),
        ),
    ),
    (
        "anaesthesia_assessment",
        "clinic_letter",
        (
            (
                r"an[a]?esthe(?:sia|tic) assessment|pre-?an[a]?esthe\w++|\basa (?:class|"
                r"grade|[1-4])|mallampati|fit for an[a]?esthesia",
                4,
            ),
        ),
    ),
    (
        "prescription",
        "clinic_letter",
        ((r"prescription|\brx\b|\bsig\b:|tablets?|twice daily|once daily|\bmg (?:od|bd|tds)", 2),),
    ),
    (
        "vaccination_certificate",
        "clinic_letter",
        ((r"vaccin\w++|yellow fever|immuni[sz]ation", 4),),
    ),
    (
        "passport",
        "intake_form",
        (
            (
                r"\bpassport\b|p<[a-z]{3}|place of birth|date of expiry|nationality|"
                r"issuing authority",
                3,
            ),
        ),
    ),
    (
        "id_card",
        "intake_form",
        ((r"national id(?:entity)?|identity card|aadhaar|\bcnic\b|residence permit", 4),),
    ),
    (
        "visa",
        "intake_form",
        ((r"\bvisa\b|number of entries|duration of stay|valid (?:from|until)", 3),),
    ),
    (
        "invitation_letter",
        "intake_form",
        ((r"invitation letter|visa invitation|letter of invitation|we (?:hereby )?invite", 4),),
    ),
    (
        "funds_proof",
        "intake_form",
        ((r"bank (?:statement|certificate)|account balance|closing balance|proof of funds", 4),),
    ),
    (
        "estimate_quote",
        "intake_form",
        ((r"cost estimate|estimated cost|quotation|price quote|package (?:price|cost)", 4),),
    ),
    ("invoice", "intake_form", ((r"\binvoice\b|amount due|total due|\bvat\b|bill to", 3.5),)),
    (
        "payment_proof",
        "intake_form",
        ((r"receipt|payment (?:received|confirmation)|swift|wire transfer|remittance", 3),),
    ),
    (
        "insurance",
        "intake_form",
        ((r"insurance|policy (?:number|holder)|guarantee of payment|insured", 3),),
    ),
    (
        "ticket",
        "intake_form",
        ((r"e-?ticket|boarding|\bflight\b|booking reference|departure|\bpnr\b|airlines?", 2.5),),
    ),
    (
        "accommodation",
        "intake_form",
        ((r"hotel|check-?in|check-?out|reservation|guest house", 2.5),),
    ),
    ("fit_to_fly", "clinic_letter", ((r"fit(?:ness)? to fly|fit for (?:air )?travel", 5),)),
    (
        "medif",
        "clinic_letter",
        ((r"\bmedif\b|medical information form|incapacitated passenger", 5),),
    ),
    (
        "consent_form",
        "intake_form",
        ((r"consent (?:form|to)|i (?:hereby )?consent|informed consent", 4),),
    ),
    (
        "death_certificate",
        "clinic_letter",
        ((r"death certificate|cause of death|certificate of death", 5),),
    ),
    (
        "correspondence",
        "clinic_letter",
        ((r"(?m:^)\W{0,5}(?:from|to|subject)\s?:|kind regards|best regards|sent from my", 2),),
    ),
)
