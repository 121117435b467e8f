"""The signs of each reply class in French."""

from collections.abc import Mapping

from correspondence.replies.kinds import Rules

RULES: Rules = {
    "decline": {
        "cannot_take": (
            0.85,
            (
                (
                    r"(?:malheureusement|regret\w*|désolé\w*|navré\w*)\b.{0,140}(?:\bpas\b"
                    r"|\bplus\b|refus\w*|impossible|décliner)"
                ),
                (
                    r"(?:ne |n')(?:pou[vr]\w*|peut|peux|sommes"
                    r"|serons|souhait\w*)\b.{0,60}(?:pas|plus)\b.{0,60}(?:prendre"
                    r"|accepter|accueillir|donner suite|traiter"
                    r"|recevoir|proposer|en mesure)"
                ),
                r"pas (?:donner (?:une )?suite|en mesure)|décliner|ne prend\w* (?:pas|plus)",
                r"(?:au regret|regret\w*)\b.{0,60}(?:ne (?:pas )?pouvoir|de ne)",
                r"pas d'indication|plages? .{0,30}compl[èe]te\w*",
                r"préférable\b.{0,40}(?:domicile|local)",
                r"(?:domicile|près de chez)\b.{0,60}préférable",
            ),
        ),
        "not_suitable": (
            0.85,
            (
                (
                    r"(?:pas|non) (?:indiqué\w*|adapté\w*|éligible\w*"
                    r"|recommandé\w*|souhaitable|candidat\w*)"
                ),
                r"contre-indi\w*|déconseill\w*",
                r"pas d'indication|pas une bonne indication",
            ),
        ),
        "no_device": (
            0.85,
            (
                (
                    r"(?:appareil|machine|équipement|accélérateur)\b.{0,60}(?:panne"
                    r"|maintenance|arrêt|hors service)"
                ),
                r"ne (?:dispos|pratiqu|propos)\w*\b.{0,30}(?:pas|plus)",
                r"plus (?:proposé|pratiqué)\w*",
            ),
        ),
        "no_capacity": (
            0.8,
            (
                r"(?:pas|plus|aucune?) (?:de |d')?(?:place|disponibilit|lit|créneau)\w*",
                r"surchargé\w*|planning complet|liste d'attente",
                r"plages? .{0,30}compl[èe]te\w*|priorité aux patients",
            ),
        ),
    },
    "offer": {"price_word": (0.35, (r"devis|coût|tarif|prix|forfait|montant|frais|estimation",))},
    "opinion": {
        "advice": (
            0.5,
            (
                (
                    r"(?:nous|la rcp|le comité|l'équipe|je) (?:vous )?(?:recommand"
                    r"|conseill|propos|préconis)\w*"
                ),
                r"avis (?:de la|du|médical|favorable)",
            ),
        ),
        "therapy": (
            0.2,
            (r"riop|rtpo|radiothérapie|chimiothérapie|résection|chirurgie|mastectomie",),
        ),
    },
    "more_info": {
        "please_send": (
            0.55,
            (
                (
                    r"(?:merci de|veuillez|pourriez-vous|pouvez-vous"
                    r"|prière de|nous vous prions)\b.{0,60}(?:envoy"
                    r"|transmett|fournir|adress|joindre|communiqu"
                    r"|faire parvenir|compl[ée]t|préciser)\w*"
                ),
                r"faire parvenir",
                (
                    r"(?:souhait|demand|réclam)\w*\b.{0,60}(?:relire"
                    r"|voir|recevoir|avoir|disposer|le |la |les "
                    r"|un )"
                ),
                r"(?:pouvez|pourriez)-vous\b.{0,40}(?:dépos|mettre|télévers|charg)\w*",
            ),
        ),
        "we_need": (
            0.55,
            (
                r"(?:il nous )?(?:manque\w*|faut|faudrait)|(?:avons|aurions) besoin",
                r"nécessaires?|indispensables?|en attente de",
                r"illisible\w*|incomplet\w*",
            ),
        ),
    },
    "accept_for_review": {
        "will_review": (
            0.75,
            (
                (
                    r"(?:sera|va|allons|serons|allons)\b.{0,40}(?:étudi"
                    r"|examin|présent|discut|évalu|soumis|regard)\w*"
                ),
                r"(?:étudierons|examinerons|présenterons|discuterons)|en (?:rcp|réunion)",
                r"à l'étude",
            ),
        ),
        "board_or_doctor": (
            0.2,
            (r"\brcp\b|réunion de concertation|professeur|\bpr\b|\bdr\b|docteur",),
        ),
    },
    "ack": {
        "received": (
            0.6,
            (
                r"bien (?:reçu|réception)|accus\w* (?:de )?réception|avons reçu",
                r"merci (?:de|pour) votre (?:mail|message|courriel|demande)",
            ),
        ),
        "will_revert": (
            0.35,
            (
                r"reviendr\w*|recontact\w*|répondr\w*|dans les (?:meilleurs|plus brefs) délais",
                r"tiendr\w* (?:au courant|informé)",
            ),
        ),
    },
    "admission_date": {
        "admission": (
            0.9,
            (
                (
                    r"(?:admission|hospitalisation|intervention"
                    r"|opération)\b.{0,50}(?:confirmé|programmé"
                    r"|prévu|fixé)\w*"
                ),
                (
                    r"(?:confirm|programm|réserv)\w*\b.{0,60}(?:admission"
                    r"|hospitalisation|intervention)"
                ),
            ),
        )
    },
    "invitation_letter": {
        "letter": (
            0.9,
            (
                r"lettre d'invitation\b.{0,80}(?:joint|pièce|annexe|trouver|ci-)",
                r"(?:ci-joint|pièce jointe|joint)\w*\b.{0,60}(?:lettre d'invitation|invitation)",
            ),
        )
    },
    "redirect": {
        "write_to": (
            0.85,
            (
                r"(?:adress|contact|écri|transmett|envoy|joindre)\w*\b.{0,80}\x00MAIL",
                r"(?:pas|plus) (?:le bon|compétent|en charge)|mauvais service",
            ),
        )
    },
    "contacted_patient_directly": {
        "spoke": (
            0.9,
            (
                (
                    r"(?:avons|ai|a)\b.{0,30}(?:appelé|contacté"
                    r"|parlé|joint|eu|écrit)\b.{0,50}(?:patient\w*"
                    r"|famille|fille|fils|mari|épou\w*)"
                ),
            ),
        )
    },
    "data_deletion_confirmed": {
        "deleted": (
            0.92,
            (
                (
                    r"(?:données|documents|fichiers|dossier|copies)\b.{0,60}(?:supprimé"
                    r"|effacé|détruit)\w*"
                ),
                (
                    r"(?:données|documents|fichiers|dossier|copies)\b.{0,120}(?:supprimé"
                    r"|effacé|détruit)\w*"
                ),
            ),
        )
    },
}
ITEMS: Mapping[str, str] = {
    "path_core": (
        r"anatomo-?patholog\w*|compte[- ]rendu (?:d')?anapath\w*|anapath|biopsie\w*"
        r"|histolog\w*"
    ),
    "receptors": r"récepteur\w*|immuno-?histo\w*|\bihc\b|her-?2",
    "nodal_status": r"ganglion\w*|sentinelle|statut ganglionnaire",
    "imaging_mammogram": r"mammogra\w*",
    "imaging_us": r"échogra\w*(?! card)",
    "imaging_mri": r"\birm\b",
    "imaging_ct": r"scanner|\btdm\b",
    "staging_imaging": r"\btep\b|pet-?scan|scintigra\w*|bilan d'extension",
    "dicom": r"dicom|\bcd\b",
    "operation_note": r"compte[- ]rendu opératoire|\bcro\b",
    "radiotherapy_record": (
        r"(?:dossier|dosimétrie|plan|dose\w*|compte[- ]rendu) (?:de "
        r"|d')?(?:la )?(?:radiothérapie|irradiation)"
        r"|dosimétri\w*|irradiation antérieure"
    ),
    "systemic_history": (
        r"protocole\w* de chimio\w*|chimiothérapie\w*|traitements antérieurs"
        r"|compte[- ]rendu d'hospitalisation"
    ),
    "labs": r"bilan sanguin|bilan biologique|prise de sang|\bnfs\b|biologie",
    "tumour_markers": r"marqueurs tumoraux|ca ?19-9|\bace\b",
    "performance_status": r"\becog\b|état général|comorbidit\w*|antécédents",
    "medicines": (
        r"(?:liste des|traitements?) (?:médicaments|en cours|habituel)|anticoagulant\w*"
        r"|ordonnance"
    ),
    "surgical_plan": r"(?:projet|plan|geste) (?:opératoire|chirurgical)",
    "passport_copy": r"passeport\w*",
    "slides": r"lames?\b|blocs?\b|paraffine",
    "cardiac_echo": r"échographie cardiaque|échocardio\w*|\bett\b",
    "ecg": r"\becg\b|électrocardio\w*",
    "anaesthesia_assessment": r"consultation d'anesthésie|anesthési\w*|bilan pré-?opératoire",
    "colonoscopy": r"coloscopie|colonoscopie",
}
