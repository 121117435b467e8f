"""Words of a case in the languages hospitals and families write in: whoever uses them answers.

No absence note and no ticket system's receipt speaks of treatment, of papers or of how somebody is.
"""

import re
from typing import Final

SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|(?<=[。！？।؟])\s*|\n+")
SAID: Final = 0.55
"""From this score of the rules on, a letter says what a class of replies says."""

OF_A_CASE: Final = re.compile(
    r"\b(?:iort|intraoperative|radi(?:at|oth)\w*|tumou?r\w*|cancer\w*|patient\w*|surge\w+"
    r"|operat(?:ion|ed|e)\w*|treat\w*|slides?|patholog\w*|biops\w*|mri|pet|scans?|boost|wound\w*"
    r"|bleed\w*|fever\w*|pain\w*|accept\w*|declin\w*|interested|not for us|estimate\w*|deposit\w*"
    r"|(?:discuss|review|consider|look at) (?:the|this|your|her|his) (?:case|file|papers|records"
    r"|reports?))\b"
    r"|\b(?:bestrahl|operation|operier|behand|patient|tumor|befund|schnitte|wunde|blut|fieber"
    r"|schmerz|kostenvoranschlag|ablehn|nehmen .{0,20}an\b)"
    r"|\b(?:radioth|chirurg|op.r|trait|patient|tumeur|lames|plaie|saign|fi.vre|douleur|devis|refus"
    r"|accept)"
    r"|\b(?:ışın|ameliyat|tedavi|hasta(?!ne)|tümör|patoloji|lam\b|yara|kana|ateş|ağrı|kabul|rapor)"
    r"|(?:облуч|лучев|операц|лечен|лечит|пациент|больн(?!ичн)|опухол|стекл|рассмотр|кров|темпер"
    r"|боль\b|боли\b|прин(?:ять|има)|отказ)"
    r"|放疗|放射|手术|手術|治疗|治療|患者|病人|病例|肿瘤|腫瘤|切片|病理|出血|发烧|發燒|伤口|疼痛|接收|费用"
    r"|إشعاع|جراح|علاج|مريض|ورم|شرائح|نزيف|حمى|ألم|جرح|نقبل|نعتذر"
    r"|विकिरण|सर्जरी|ऑपरेशन|इलाज|मरीज|मरीज़|रोगी|ट्यूमर|स्लाइड|खून|बुखार|दर्द|घाव",
    re.IGNORECASE,
)
ANSWERS: Final = re.compile(
    r"^\W{0,3}(?:yes|no|ja|nein|oui|non|да|нет|是的?|否|可以|不能|نعم|لا|हाँ|नहीं|evet|hayır"
    r"|sure|agreed|ok(?:ay)?)(?!\w)|[?？؟]\s*$",
    re.IGNORECASE,
)
"""A sentence that answers, or asks."""
DEPUTY: Final = re.compile(
    r"@|\+?\d[\d ()/-]{7,}\d|\burgent\w*|\bemergenc\w*|dringend|notfall|\bacil|срочн|紧急|緊急"
    r"|طارئ|عاجل|तत्काल|आपात",
    re.IGNORECASE,
)
"""A sentence that says whom to ask meanwhile."""
OF_A_PATIENT: Final = re.compile(
    r"\b(?:radiotherap\w*|tumou?rs?|cancer|patients?|surgery|surgeons?|slides|patholog\w*|biopsy"
    r"|wound|bleeding|fever|deposit|estimate|patienten?|schnitte|bestrahlung|kostenvoranschlag"
    r"|radiothérapie|chirurg\w*|hasta(?:mız|nız|nın)?|ameliyat\w*|devis)\b"
    r"|пациент|опухол|стекл|операци|患者|病人|手术|切片|肿瘤|مريض|جراح|شرائح|मरीज|रोगी|स्लाइड",
    re.IGNORECASE,
)
"""Words that no mail server's notice uses of its own."""
