"""The signs of each reply class in German."""

from collections.abc import Mapping

from correspondence.replies.kinds import Rules

RULES: Rules = {
    "decline": {
        "cannot_take": (
            0.85,
            (
                (
                    r"(?:leider|bedauer\w*|mit bedauern)\b.{0,120}\b(?:nicht"
                    r"|kein\w*|absagen|ablehn\w*|vergeben)"
                ),
                (
                    r"(?:nicht|kein\w*)\b.{0,60}\b(?:übernehmen"
                    r"|annehmen|aufnehmen|behandeln|weiterverfolgen"
                    r"|anbieten)"
                ),
                r"(?:muss|müssen) .{0,40}(?:absagen|ablehnen)",
                r"\babsage\b",
                r"(?:keine|nicht) .{0,40}(?:fortführen|weiter bearbeiten)",
            ),
        ),
        "not_suitable": (
            0.85,
            (
                r"rat(?:en|e|et) .{0,80}\bab\b",
                r"nicht (?:geeignet|indiziert|empfohlen|in frage)",
                r"kommt .{0,60}nicht in (?:frage|betracht)",
                r"(?:kontraindi\w*|keine indikation)",
            ),
        ),
        "no_device": (
            0.85,
            (
                r"nicht mehr angeboten|außer betrieb|kein(?:e|en)? .{0,20}(?:iort|gerät)",
                r"gerät .{0,20}defekt",
                r"(?:nicht|kein\w*)\b.{0,40}\b(?:zur verfügung|verfügbar|vorhanden)",
            ),
        ),
        "no_capacity": (0.7, (r"keine (?:kapazität\w*|termine|betten)|ausgebucht|überlastet",)),
    },
    "offer": {
        "price_word": (0.35, (r"kostenvoranschlag|kosten|preis|pauschale|angebot|rechnung",))
    },
    "opinion": {
        "advice": (
            0.5,
            (
                (
                    r"(?:wir|das tumorboard|die konferenz|ich) (?:würde\w* )?(?:empfehl"
                    r"|rat|befürwort)\w*"
                ),
                r"(?:empfehlung|einschätzung) (?:unser|des|der)|wird .{0,40}empfohlen",
                r"empfehlen wir|empfehle ich|zweitmeinung|die empfehlung",
                r"halten wir .{0,40}für (?:sinnvoll|angezeigt|vertretbar)",
                r"^zweitmeinung",
            ),
        ),
        "therapy": (0.2, (r"\b(?:iort|bestrahlung|chemotherapie|resektion|boost|operation)\b",)),
        "heading": (0.35, (r"^(?:zweitmeinung|beurteilung|empfehlung)\b",)),
    },
    "more_info": {
        "please_send": (
            0.55,
            (
                (
                    r"bitte\b.{0,60}\b(?:send|schick|übermittel"
                    r"|nachreich|zukommen|hochlad|ergänz|bring)\w*"
                ),
                (
                    r"bit(?:ten|tet|te) .{0,20}um (?!.{0,20}(?:geduld"
                    r"|verständnis|rückmeldung|antwort))"
                ),
            ),
        ),
        "we_need": (
            0.55,
            (
                r"benötig\w*|brauchen (?:wir|noch)|fehl(?:t|en)|noch ausstehend|nachzureichen",
                r"erforderlich",
            ),
        ),
    },
    "accept_for_review": {
        "will_review": (
            0.75,
            (
                (
                    r"(?:wir|werden|wird)\b.{0,60}\b(?:prüf|besprech"
                    r"|besproch|vorstell|vorgestellt|begutacht"
                    r"|sicht)\w*"
                ),
                r"(?:schau|sieh)\w* sich .{0,60}\ban\b|in unserem tumorboard",
                r"stell\w* .{0,20}\bvor\b",
            ),
        ),
        "board_or_doctor": (0.2, (r"tumorboard|tumorkonferenz|prof\.|oberarzt|frau dr|herr dr",)),
    },
    "ack": {
        "received": (
            0.6,
            (
                r"(?:eingegangen|erhalten|eingang)",
                r"(?:danke|dank) für (?:ihre|die) (?:e-?mail|nachricht|anfrage)",
            ),
        ),
        "will_revert": (0.35, (r"(?:meld\w* .{0,20}uns|melden uns|antworten|rückmeldung|geduld)",)),
    },
    "admission_date": {
        "admission": (
            0.9,
            (
                (
                    r"(?:aufnahme|op-?termin|operation|aufnahmetermin)\b.{0,40}\b(?:ist"
                    r"|wurde|am)\b.{0,40}(?:bestätigt|vorgesehen"
                    r"|geplant|festgelegt|reserviert|terminiert)"
                ),
                r"(?:bestätig\w*|reservier\w*)\b.{0,60}(?:aufnahme|op-?termin|bett)",
            ),
        )
    },
    "invitation_letter": {
        "letter": (
            0.9,
            (
                r"einladung(?:sschreiben)?\b.{0,80}(?:anbei|anhang|beigefügt|angehängt|finden)",
                r"(?:anbei|anhang|beigefügt)\b.{0,60}einladung",
            ),
        )
    },
    "redirect": {
        "write_to": (
            0.85,
            (
                (
                    r"(?:wenden sie sich|schreiben sie|richten sie"
                    r"|zuständig|leiten sie)\b.{0,80}\x00MAIL"
                ),
                r"nicht (?:mehr )?zuständig|falsche (?:abteilung|adresse)",
            ),
        )
    },
    "contacted_patient_directly": {
        "spoke": (
            0.9,
            (
                (
                    r"(?:haben|habe|hat)\b.{0,60}(?:patientin|patient"
                    r"|familie|tochter|sohn|ehemann|ehefrau)\b.{0,40}(?:angerufen"
                    r"|telefoniert|gesprochen|kontaktiert|geschrieben"
                    r"|erreicht)"
                ),
                r"(?:direkt|telefonisch) mit (?:der|dem) (?:patient\w*|familie|tochter|sohn)",
            ),
        )
    },
    "data_deletion_confirmed": {
        "deleted": (0.92, (r"(?:unterlagen|daten|dateien|kopien)\b.{0,80}(?:gelöscht|vernichtet)",))
    },
}
ITEMS: Mapping[str, str] = {
    "path_core": r"stanzbefund|stanzbiops\w*|histologie|pathologie\w*befund|biopsie\w*",
    "receptors": r"rezeptor\w*|hormonrezeptor\w*|immunhisto\w*",
    "nodal_status": r"lymphknoten\w*|wächterlymphknoten|axilla\w*",
    "imaging_mammogram": r"mammogra\w*",
    "imaging_us": r"ultraschall\w*|sonogra\w*",
    "imaging_mri": r"\bmrt\b|\bmr-|kernspin\w*|mrt-",
    "imaging_ct": r"\bct\b(?!-)|computertomogra\w*|ct-bild\w*",
    "operation_note": r"op-?bericht\w*|operationsbericht\w*",
    "radiotherapy_record": (
        r"bestrahlungs(?:plan|dosen|bericht|unterlagen)\w*|vorbestrahlung|dosisplan"
    ),
    "systemic_history": r"chemotherapie\w*|systemtherapie\w*|arztbrief\w*",
    "labs": r"labor\w*|blutbild|blutwerte",
    "tumour_markers": r"tumormarker\w*",
    "performance_status": r"ecog|allgemeinzustand|begleiterkrankung\w*",
    "medicines": r"medikamentenplan|medikation\w*|blutverdünner\w*|medikamentenliste",
    "surgical_plan": r"operationsplan\w*|geplante\w* (?:op\b|operation|eingriff)",
    "passport_copy": r"reisepass\w*|passkopie",
    "slides": r"schnitte|paraffinbl\w*|gewebebl\w*|präparat\w*",
    "cardiac_echo": r"echokardio\w*|herzecho|herzultraschall",
    "ecg": r"\bekg\b",
    "anaesthesia_assessment": r"narkose\w*|anästhesie\w*untersuchung|prämedikation\w*",
    "colonoscopy": r"koloskopie\w*|darmspiegelung",
    "dicom": r"dicom|bilddaten|\bcd\b",
    "staging_imaging": r"\bpet\b|pet-ct|skelettszinti\w*|knochenszinti\w*|staging",
}
