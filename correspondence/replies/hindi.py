"""The signs of each reply class in Hindi, in its own letters and in Latin ones."""

from collections.abc import Mapping

from correspondence.replies.kinds import Rules

RULES: Rules = {
    "decline": {
        "cannot_take": (
            0.85,
            (
                r"(?:खेद|क्षमा|माफ़?|अफसोस|अफ़सोस|दुर्भाग्य).{0,120}(?:नहीं|असमर्थ|बंद|खराब)",
                r"(?:नहीं|न) (?:ले|कर|दे|स्वीकार).{0,20}(?:सकते|सकेंगे|पाएंगे|पाएँगे|पायेंगे"
                r"|रहे)",
                r"असमर्थ|स्वीकार नहीं|संभव नहीं",
                r"nahi+n? (?:le|kar|ho|de) (?:sak|pa)\w*|sambhav nahi+n?",
                r"maaf k\w*.{0,80}nahi+n?",
                r"(?:maaf|kshama|afsos)\b.{0,160}\bnahi+n?",
            ),
        ),
        "not_suitable": (
            0.85,
            (
                r"उपयुक्त नहीं|उचित नहीं|योग्य नहीं|सलाह नहीं|suitable nahi+n?",
                r"theek nahi+n? rahega",
                r"layak (?:case )?nahi+n?|के लायक नहीं|लायक नहीं",
            ),
        ),
        "no_device": (
            0.85,
            (
                r"(?:मशीन|उपकरण|यूनिट|सुविधा).{0,50}(?:खराब|ख़राब|मरम्मत|बंद|नहीं है"
                r"|उपलब्ध नहीं)",
                r"machine.{0,40}(?:kharab|band|repair)",
            ),
        ),
        "no_capacity": (
            0.7,
            (r"(?:बेड|बिस्तर|जगह|स्लॉट).{0,20}(?:नहीं|खाली नहीं|भरे)|bed (?:khali )?nahi+n?",),
        ),
    },
    "offer": {
        "price_word": (
            0.35,
            (
                r"खर्च\w*|ख़र्च|लागत|कीमत|क़ीमत|शुल्क|पैकेज|kharch\w*|kharcha|paisa|lagega"
                r"|lagenge",
                r"\btotal\b|hazaar|hazar|lakh",
            ),
        )
    },
    "opinion": {
        "advice": (
            0.5,
            (r"(?:सलाह|सुझाव|राय).{0,30}(?:है|देते|दी|देंगे)|की राय|अनुशंसा|salah", r"suggest kar\w*"),
        ),
        "therapy": (0.2, (r"रेडिएशन|रेडियोथेरेपी|कीमो\w*|सर्जरी|ऑपरेशन",)),
    },
    "more_info": {
        "please_send": (
            0.55,
            (
                r"(?:भेज|भेजें|भेजिए|उपलब्ध करा|प्रदान|साझा|अपलोड|दीजिए|बताएं|बताएँ|बताइए)\w*",
                r"bhej\w*|send kar\w*|share kar\w*",
            ),
        ),
        "we_need": (
            0.55,
            (r"ज़?रूरत|चाहिए|आवश्यक\w*|ज़?रूरी|कमी है|नहीं मिल\w*|अधूर\w*|chahiye|zaroor\w*", r"jaroor\w*"),
        ),
    },
    "accept_for_review": {
        "will_review": (
            0.75,
            (
                (
                    r"(?:देखेंगे|देखेंगी|समीक्षा|विचार|चर्चा|जाँच करेंगे"
                    r"|जांच करेंगे|मूल्यांकन|रखा जाएगा|रखेंगे)"
                ),
                r"dekh(?:enge|egi|ega|kar)|discuss kar\w*|review kar\w*",
            ),
        ),
        "board_or_doctor": (0.2, (r"ट्यूमर बोर्ड|बोर्ड|डॉ\.?|डॉक्टर|doctor|board",)),
    },
    "ack": {
        "received": (0.6, (r"(?:प्राप्त|मिल (?:गई|गया|गए)|मिला)|mil gay[ai]|धन्यवाद|dhanyav\w*",)),
        "will_revert": (
            0.35,
            (
                r"(?:जवाब|उत्तर|सूचित|संपर्क).{0,12}(?:देंगे|करेंगे|दिया जाएगा)|jawab denge",
                r"bata(?:ya|enge)\w*",
            ),
        ),
    },
    "admission_date": {
        "admission": (
            0.9,
            (
                r"(?:भर्ती|ऑपरेशन|सर्जरी).{0,40}(?:तय|निश्चित|पक्की|कन्फर्म|पुष्टि)",
                r"(?:admission|operation).{0,30}(?:fix|confirm|pakka)\w*",
            ),
        )
    },
    "invitation_letter": {
        "letter": (
            0.9,
            (
                r"(?:निमंत्रण|आमंत्रण|वीज़ा|वीजा) ?पत्र.{0,40}(?:संलग्न|भेज|तैयार)",
                r"(?:संलग्न|साथ).{0,40}(?:निमंत्रण|आमंत्रण|वीज़ा|वीजा) ?पत्र",
            ),
        )
    },
    "redirect": {
        "write_to": (
            0.85,
            (
                r"\x00MAIL.{0,60}(?:लिख|संपर्क|भेज|likh|contact|bhej)\w*",
                r"(?:लिख|संपर्क|भेज|likh|contact)\w*.{0,60}\x00MAIL",
                r"(?:operate|dekhte|hota) nahi+n?|\x00MAIL.{0,20}(?:mail|par)|ab yahan se",
            ),
        )
    },
    "contacted_patient_directly": {
        "spoke": (
            0.9,
            (
                (
                    r"(?:मरीज़?|रोगी|परिवार|बेटे|बेटी|पति|पत्नी).{0,30}(?:बात (?:की"
                    r"|हुई|हो)|फ़?ोन|संपर्क किया|कॉल)"
                ),
                r"(?:mareez|patient|family|bete|beti).{0,30}baat",
            ),
        )
    },
    "data_deletion_confirmed": {
        "deleted": (
            0.92,
            (
                r"(?:दस्तावेज़?|डेटा|रिकॉर्ड|फ़?ाइल\w*|प्रतियां|प्रतियाँ).{0,40}(?:हटा|मिटा"
                r"|नष्ट|डिलीट)",
            ),
        )
    },
}
ITEMS: Mapping[str, str] = {
    "path_core": r"बायोप्सी|पैथोलॉजी|हिस्टो\w*",
    "receptors": r"रिसेप्टर|आईएचसी",
    "nodal_status": r"लिम्फ|गाँठ|नोड",
    "imaging_mammogram": r"मैमोग्रा\w*",
    "imaging_us": r"अल्ट्रासाउंड|सोनोग्राफी",
    "imaging_mri": r"एमआरआई|एम\.?आर\.?आई",
    "imaging_ct": r"सीटी|सी\.?टी",
    "staging_imaging": r"पेट स्कैन|पीईटी",
    "dicom": r"डाइकॉम|डायकॉम|सीडी(?![\u0900-\u097f])",
    "operation_note": r"ऑपरेशन नोट\w*|सर्जरी (?:नोट|रिपोर्ट)\w*",
    "radiotherapy_record": (r"(?:रेडिएशन|रेडियोथेरेपी|विकिरण).{0,12}(?:रिकॉर्ड|डोज़|डोज|रिपोर्ट|विवरण)"),
    "systemic_history": r"कीमो\w*|डिस्चार्ज",
    "labs": r"खून की जाँच|खून की जांच|ब्लड|रक्त",
    "tumour_markers": r"ट्यूमर मार्कर",
    "performance_status": r"ईसीओजी|सामान्य स्थिति",
    "medicines": r"दवा\w*|दवाइ\w*",
    "passport_copy": r"पासपोर्ट",
    "slides": r"स्लाइड\w*|ब्लॉक\w*",
    "cardiac_echo": r"इको|ईको",
    "ecg": r"ईसीजी",
    "anaesthesia_assessment": r"एनेस्थीसिया|बेहोशी",
    "colonoscopy": r"कोलोनोस्कोपी",
}
