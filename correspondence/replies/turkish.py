"""The signs of each reply class in Turkish."""

from collections.abc import Mapping

from correspondence.replies.kinds import Rules

RULES: Rules = {
    "decline": {
        "cannot_take": (
            0.85,
            (
                (
                    r"(?:maalesef|ne yazık ki|üzülerek|üzgünüz)\b.{0,160}(?:\w*[ae]m[iı]yor\w*"
                    r"|\w*[ae]may\w*|\w*m[ıi]yor\w*|yok\w*|değil\w*"
                    r"|mümkün)"
                ),
                r"kabul ed(?:emiyoruz|emeyeceğiz|ilmemekte\w*|emiyor)|alamıyoruz|alamayacağız",
                r"üstlenemiyoruz|yapamıyoruz|yapamayacağız",
                r"reddedil\w*|olumsuz (?:yanıt|cevap|sonuç)",
                r"kabul edemi\w*|kabul edemey\w*",
            ),
        ),
        "not_suitable": (
            0.85,
            (
                r"uygun (?:değil\w*|bulunma\w*|görülme\w*|olmad\w*)|önerilme\w*|önermiyoruz",
                r"kontrendike",
            ),
        ),
        "no_device": (
            0.85,
            (
                (
                    r"(?:cihaz\w*|ünite\w*|iort)\b.{0,60}(?:arıza\w*"
                    r"|bakım\w*|yok\w*|bulunma\w*|hizmet vermi\w*)"
                ),
            ),
        ),
        "no_capacity": (
            0.8,
            (
                r"(?:yer|yatak|kontenjan|randevu)\w* (?:yok\w*|dolu\w*|kalma\w*|bulunma\w*)",
                r"yoğunluk\w*|programımız dolu",
                r"yoğunlu\w+",
            ),
        ),
    },
    "offer": {
        "price_word": (
            0.35,
            (
                r"ücret\w*|fiyat\w*|maliyet\w*|tutar\w*|teklif\w*|paket\w*|bedel\w*",
                r"toplam|ön ödeme",
            ),
        )
    },
    "opinion": {
        "advice": (
            0.5,
            (
                r"öner(?:iyoruz|ilir|ilmekte\w*|ilmiştir|imiz|mekteyiz)|tavsiye ed\w*",
                r"kanaatin\w*|görüşümüz|konsey kararı",
            ),
        ),
        "therapy": (0.2, (r"iort|radyoterapi\w*|kemoterapi\w*|cerrahi\w*|rezeksiyon",)),
    },
    "more_info": {
        "please_send": (
            0.55,
            (
                (
                    r"(?:gönder|ilet|paylaş|ulaştır|yükle|tamamla"
                    r"|temin ed)\w*(?:iniz|ınız|unuz|ünüz|ir misiniz"
                    r"|abilir misiniz|ebilir misiniz|meniz\w*|manız\w*"
                    r"|mesi\w*|ması\w*)"
                ),
                r"rica ed\w*",
            ),
        ),
        "we_need": (
            0.55,
            (
                r"gerek(?:iyor|li|mekte|ir)\w*|ihtiyac\w*|ihtiyaç\w*|eksik\w*|istiyor\w*",
                r"talep ed\w*|lazım",
            ),
        ),
    },
    "accept_for_review": {
        "will_review": (
            0.75,
            (
                r"değerlendir(?:il|eceğiz|ecek|ilecek|mek)\w*",
                r"incele(?:necek|yecek|yeceğiz|nmekte|niyor)\w*|görüşülecek\w*|ele alınacak\w*",
                r"sunulacak\w*|konsey\w*",
                r"değerlendirmeye (?:aldık|alındı\w*)|görüntülere bak\w*",
                r"incelemeye (?:aldık|alındı\w*)",
                (
                    r"(?:ilettim|iletildi|sunuldu|gönderdim)\b.{0,80}(?:görüşül"
                    r"|değerlendir|incele)\w*"
                ),
            ),
        ),
        "board_or_doctor": (0.2, (r"konsey\w*|prof\.?|doç\.?|hocamız|dr\.",)),
    },
    "ack": {
        "received": (
            0.6,
            (
                r"(?:alınmıştır|aldık|ulaştı\w*|ulaşmıştır|teşekkür ed\w*)",
                r"(?:ulaş|alın)m[ıi]şt[ıi]r|bize ulaştı",
            ),
        ),
        "will_revert": (
            0.35,
            (r"dön(?:üş|eceğiz|ülecek)\w*|en kısa (?:sürede|zamanda)|bilgi ver\w*",),
        ),
    },
    "admission_date": {
        "admission": (
            0.9,
            (
                (
                    r"(?:yatış\w*|ameliyat\w*|operasyon\w*)\b.{0,60}(?:onaylan\w*"
                    r"|planlan(?:dı|mıştır)\w*|kesinleş\w*|ayrıl(?:dı"
                    r"|mıştır)\w*|alın(?:dı|mıştır)\w*)"
                ),
            ),
        )
    },
    "invitation_letter": {
        "letter": (
            0.9,
            (
                r"davet (?:mektub|yazı)\w*\b.{0,80}(?:ek|hazır|gönder|ilet)\w*",
                r"ek\w*\b.{0,60}davet (?:mektub|yazı)\w*",
            ),
        )
    },
    "redirect": {
        "write_to": (
            0.85,
            (
                r"\x00MAIL .{0,60}(?:yaz|iletişim|başvur|gönder|ilet|ulaş)\w*",
                r"(?:yaz|iletişim|başvur|yönlendir|adres)\w*\b.{0,80}\x00MAIL",
                r"artık (?:ilgilenmiyor|bakmıyor|çalışmıyor)\w*|yanlış birim",
            ),
        )
    },
    "contacted_patient_directly": {
        "spoke": (
            0.9,
            (
                (
                    r"(?:hasta\w*|aile\w*|kız\w*|oğl\w*|eşi\w*)\b.{0,60}(?:aradık"
                    r"|görüştük|konuştuk|ulaştık|yazdık|arandı"
                    r"|görüşüldü|iletişime geç\w*)"
                ),
            ),
        )
    },
    "data_deletion_confirmed": {
        "deleted": (
            0.92,
            (
                (
                    r"(?:veri\w*|belge\w*|dosya\w*|evrak\w*|kopya\w*)\b.{0,60}(?:silin(?:di"
                    r"|miştir)|sildik|imha edil\w*|yok edil\w*)"
                ),
            ),
        )
    },
}
ITEMS: Mapping[str, str] = {
    "path_core": r"patoloji\w*|biyopsi\w*",
    "receptors": r"reseptör\w*|immün?ohisto\w*|\bihk\b|her-?2",
    "nodal_status": r"lenf nod\w*|sentinel|aksilla\w*",
    "imaging_mammogram": r"mamogra\w*",
    "imaging_us": r"ultraso\w*|\busg\b",
    "imaging_mri": r"\bmr\b|\bmrg?\b|manyetik rezonans|emar",
    "imaging_ct": r"\bbt\b|tomografi\w*",
    "staging_imaging": r"\bpet\b|pet-?ct|sintigrafi\w*",
    "dicom": r"dicom|\bcd\b|görüntüler\w*",
    "operation_note": r"ameliyat (?:not|rapor)\w*|epikriz\w*",
    "radiotherapy_record": (
        r"(?:radyoterapi|ışın)\w* (?:doz|plan|rapor|kayıt|bilgi)\w*|önceki radyoterapi"
        r"|doz bilgi\w*"
    ),
    "systemic_history": r"kemoterapi (?:şema|protokol|rapor|bilgi)\w*|kemoterapi\w*",
    "labs": r"kan (?:tahlil|sonuç|sayım)\w*|hemogram|biyokimya|tahlil\w*",
    "tumour_markers": r"tümör (?:belirteç|marker)\w*|ca ?19-9|\bcea\b",
    "performance_status": r"\becog\b|performans|genel durum\w*|ek hastalık\w*",
    "medicines": r"ilaç (?:listesi|lar)\w*|kullandığı ilaç\w*|kan sulandırıcı\w*",
    "surgical_plan": r"ameliyat plan\w*|cerrahi plan\w*|planlanan ameliyat",
    "passport_copy": r"pasaport\w*",
    "slides": r"\blam\w{0,3}\b|parafin\w*|blok\w*|preparat\w*",
    "cardiac_echo": r"\beko\b|ekokardiyo\w*",
    "ecg": r"\bekg\b",
    "anaesthesia_assessment": r"anestezi\w*",
    "colonoscopy": r"kolonoskopi\w*",
}
