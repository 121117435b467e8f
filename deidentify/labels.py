"""Labels of forms in the languages that come, and what stands behind them."""

import re

from deidentify.folding import as_read, fold, looks_like
from deidentify.types import Kind

_NAME = """patient's name|patients name|patient name|name of the patient|name of patient
pt\\.? name|patient|name|full name|surname|last name|first name|given names?|family name
middle name|maiden name|nom|prénom|nom du patient|nombre|apellidos?|paciente
nombre del paciente|vorname|nachname|name des patienten|patientin|geburtsname|фио
ф\\.\\s?и\\.\\s?о\\.?|пациент|пациентка|фамилия|имя|отчество|больной|больная|имя пациента
اسم المريض|اسم المريضة|الاسم|اسم|الاسم الكامل|المريض|المريضة|اللقب|नाम|मरीज का नाम
रोगी का नाम|रोगी|मरीज|मरीज़|姓名|患者姓名|病人姓名|患者|病人|名字|姓|名|hasta adı
hastanın adı|ad soyad|adı soyadı|adı|soyadı|hasta|ad[ıi] ?/ ?soyad[ıi]|όνομα|επώνυμο
ονοματεπώνυμο|ασθενής|όνομα ασθενούς|이름|성명|환자명|환자|환자 성명|성함|client name|client
insured|policy holder|subscriber|account holder"""
_RELATIVE = """husband's name|father's name|mother's name|spouse|husband|father|mother
guardian|next of kin|nok|attendant|emergency contact|contact person|companion|informant
brother|sister|son|daughter|wife|s/o|d/o|w/o|c/o|h/o name|relative|father/husband name
f/h name|caregiver|муж|жена|отец|мать|сын|дочь|сестра|брат|родственник|представитель
контактное лицо|الزوج|الأب|الأم|ولي الأمر|المرافق|पति|पिता|माता|पति का नाम|पिता का नाम|परिजन
家属|联系人|父亲|母亲|丈夫|妻子|配偶|陪护|eşi|baba adı|anne adı|yakını|refakatçi|σύζυγος
πατέρας|μητέρα|συνοδός|보호자|남편|아내|아버지|어머니|ehemann|ehefrau|angehörige[rn]?
ansprechpartner"""
_CLINICIAN = """referred by|ref\\.? by|ref\\.? doctor|ref\\.? dr\\.?|refd\\.? by
referring (?:physician|doctor|clinician|consultant)|consultant|consulting doctor|physician
doctor|surgeon|treating doctor|attending(?: physician)?|pathologist|reporting pathologist
reported by|signed by|verified by|authori[sz]ed by|approved by|electronically signed(?: by)?
e-?signed(?: by)?|signed|validated by|dictated by|transcribed by|typed by|grossed by
prepared by|technologist|technician|radiologist|requesting (?:physician|doctor|clinician)
ordering (?:physician|provider)|submitting (?:physician|doctor)|provider|signature
copies? to|cc|врач|лечащий врач|направил|врач-патологоанатом|заключение дал|подпись|хирург
الطبيب|الطبيب المعالج|الطبيب المحيل|التوقيع|डॉक्टर|चिकित्सक|रेफर|हस्ताक्षर|医师|医生
送检医师|送检医生|报告医师|报告医生|审核医师|主治医师|签名|签字|doktor|hekim|isteyen hekim
imza|ιατρός|παραπέμπων|υπογραφή|의사|담당의|의뢰의|판독의|서명|arzt|ärztin|einsender
unterschrift|überweisender arzt|zuweiser"""
_NUMBER = """mrn|mr no|m\\.?r\\.? ?no|medical record(?: number| no)?|uhid(?: no| number)?
uid(?: no)?|hospital (?:no|number|id)|patient (?:id|no|number)|pid|pat\\.? id
reg(?:istration|n|d)?\\.? ?(?:no|number|id)|ip ?(?:no|number|id)|op ?(?:no|number|id)
ipd ?(?:no|number)?|opd ?(?:no|number)?|ip/op no|inpatient (?:no|number)
lab ?(?:no|number|id|ref)|laboratory (?:no|number)|accession(?: ?(?:no|number|#|id))?
acc\\.? ?(?:no|#)|specimen (?:no|number|id|#)|sample (?:no|number|id)
case (?:no|number|id|ref|#)|biopsy (?:no|number)|hpe? ?(?:no|number)
histo(?:logy|pathology)? (?:no|number)|path(?:ology)? ?(?:no|number|#)|slide (?:no|number)
report (?:no|number|id)|bill (?:no|number)|invoice (?:no|number)|receipt (?:no|number)
visit (?:id|no|number)|encounter(?: (?:id|no|number))?|episode (?:no|number)
order (?:no|number|id)|request (?:no|number|id)|requisition (?:no|number)|barcode(?: no)?
passport(?: ?(?:no|number))?|aadhaar(?: ?(?:no|number))?|aadhar(?: ?(?:no|number))?
national id(?: ?(?:no|number))?|id (?:no|number|card)|identity (?:no|number)|civil id
emirates id|iqama(?: no)?|nhs (?:no|number)|ssn|social security(?: ?(?:no|number))?
insurance (?:no|number|id)|policy (?:no|number)|member (?:id|no|number)
account(?: ?(?:no|number))|acct(?: ?(?:no|#))?|licen[cs]e (?:no|number)|driving licen[cs]e
registration|vehicle (?:no|number)|serial (?:no|number)|s/n|device (?:id|no|serial)
certificate (?:no|number)|file (?:no|number)|ward/bed|bed(?: no)?|room(?: no)?|fin|csn
dicom id|study (?:id|uid)|pan(?: no)?|voter id|abha(?: no| number| id)?|our ref(?:erence)?
your ref(?:erence)?|ref(?:erence)?\\.? ?(?:no|number|#)|номер истории болезни
история болезни|медкарта|медицинская карта|№ карты|номер|№|полис|снилс|паспорт
регистрационный номер|номер исследования|иин|инн|رقم الملف|رقم المريض|رقم الهوية|رقم الجواز
رقم السجل|رقم العينة|رقم المختبر|الرقم|الرقم الطبي|पंजीकरण संख्या|पंजीकरण|मरीज संख्या|संख्या
आधार|पासपोर्ट|क्रमांक|住院号|门诊号|病理号|病案号|床号|编号|标本号|检查号|登记号|身份证号?
护照号?码?|条码号?|医保号?|影像号|protokol no|hasta no|dosya no|tc kimlik no
t\\.c\\. kimlik no|kimlik no|barkod no|pasaport no|rapor no|αμκα|αρ\\.? ?πρωτοκόλλου|αριθμός
αρ\\. ?μητρώου|διαβατήριο|등록번호|환자번호|병록번호|주민등록번호|접수번호|검체번호|여권번호
fallnummer|patientennummer|pat\\.?-?nr\\.?|patienten-?id|auftragsnummer|eingangs-?nr\\.?
journal-?nr\\.?|e-?nr\\.?|versicherten-?nr\\.?|versichertennummer|aufnahmenummer
fall-?nr\\.?"""
_PHONE = """phone(?: ?(?:no|number))?|ph(?: ?no)?|tel|telephone|mobile(?: ?(?:no|number))?
mob(?: ?no)?|cell|contact(?: ?(?:no|number))?|whatsapp|wechat|телефон|тел|моб|هاتف|الهاتف
جوال|الجوال|رقم الهاتف|موبايل|फोन|मोबाइल|फ़ोन|दूरभाष|संपर्क|电话|手机|联系电话|电话号码
telefon|cep tel|gsm|τηλέφωνο|τηλ|κιν|전화|전화번호|휴대폰|연락처|handy|telefonnummer"""
_FAX = """fax|facsimile|факс|فاكس|फैक्स|传真|faks|φαξ|팩스"""
_ADDRESS = """address|residence|residing at|resident of|r/o|home address|permanent address
location of residence|адрес|место жительства|прописка|العنوان|عنوان|السكن|محل الإقامة|पता
निवास|निवासी|地址|住址|家庭住址|现住址|籍贯|adres|adresi|ikamet|διεύθυνση|κατοικία|주소
anschrift|adresse|wohnort|wohnhaft|domicilio|dirección|zip(?: code)?|postal code|pin ?code
postcode|plz|邮编"""
_EMAIL = """e-?mail|эл\\.? почта|البريد الإلكتروني|ईमेल|邮箱|电子邮箱|e-?posta|이메일"""
_BIRTH = """date of birth|dob|d\\.o\\.b\\.?|birth ?date|born(?: on)?|birthday|дата рождения
д\\.?р\\.?|г\\.р\\.|تاريخ الميلاد|तारीख|जन्म तिथि|जन्मतिथि|出生日期|出生年月|生日
doğum tarihi|d\\.tarihi|ημερομηνία γέννησης|ημ\\. γέννησης|생년월일|geburtsdatum
geb\\.?(?: am)?|geboren(?: am)?|date de naissance|né\\(?e?\\)? le|fecha de nacimiento"""
_PLACE = """place of birth|birth ?place|место рождения|मूल स्थान|出生地|doğum yeri
τόπος γέννησης|geburtsort|مكان الميلاد|출생지"""

KINDS: tuple[tuple[Kind, str, str], ...] = (
    ("name", "names", _NAME), ("relative", "names", _RELATIVE), ("clinician", "names", _CLINICIAN),
    ("number", "number", _NUMBER), ("phone", "digits", _PHONE), ("fax", "digits", _FAX),
    ("address", "rest", _ADDRESS), ("address", "rest", _PLACE), ("email", "word", _EMAIL),
    ("birth", "date", _BIRTH),
)  # fmt: skip
"""Kind, form of the value, labels as patterns."""

BARE = frozenset(
    [
        "mrn",
        "uhid",
        "passport",
        "aadhaar",
        "aadhar",
        "ssn",
        "snils",
        "снилс",
        "иин",
        "accession",
        "姓名",
        "患者姓名",
        "住院号",
        "门诊号",
        "病理号",
        "病案号",
        "成명",
        "이름",
        "성명",
        "등록번호",
        "生日",
        "s/o",
        "d/o",
        "w/o",
        "c/o",
    ]
)
"""Labels that need no colon."""
_STOPS = """age|sex|gender|age ?/ ?sex|sex ?/ ?age|date|collected|received|reported|specimen
sample|site|diagnosis|clinical history|clinical|history|grade|type|procedure|test|tests|ward
department|dept|hospital|nationality|country|language|occupation|marital status|religion
status|impression|comment|stage|size|side|возраст|пол|дата|диагноз|материал|العمر|الجنس
التاريخ|التشخيص|आयु|उम्र|लिंग|तारीख|दिनांक|निदान|年龄|性别|科室|科别|日期|诊断|临床诊断|标本
送检|民族|职业|婚姻|yaş|cinsiyet|tarih|tanı|ηλικία|φύλο|ημερομηνία|διάγνωση|나이|연령|성별
날짜|진단|과|alter|geschlecht|datum|diagnose|material|klinik"""


def _joined(labels: str) -> str:
    parts = [part for line in labels.splitlines() for part in _top_level(line)]
    return "|".join(sorted(parts, key=len, reverse=True))


def _top_level(line: str) -> list[str]:
    parts, depth, begin = [], 0, 0
    for at, sign in enumerate(line):
        depth += (sign in "([") - (sign in ")]")
        if sign == "|" and depth == 0:
            parts.append(line[begin:at])
            begin = at + 1
    return [part.strip() for part in (*parts, line[begin:]) if part.strip()]


ALL_LABELS = _joined("\n".join(labels for _, _, labels in KINDS) + "\n" + _STOPS)
ANY_LABEL = re.compile(
    rf"(?<![^\W_])(?:{ALL_LABELS})(?:\s?(?:no|number|नंबर)\.?)?\s*\.?\s?[:：#=]", re.IGNORECASE
)
"""Any label with its colon: where a value ends."""
HAN_LABEL = re.compile(
    r"(?:姓名|性别|年龄|科室|科别|住院号|门诊号|病理号|病案号|床号|日期|诊断|标本|电话|地址|联系人|身份证)"
)
_FOREIGN = re.compile("[\u0370-\u03ff\u1f00-\u1fff\u0400-\u04ff]{5,}")
MISREAD: tuple[tuple[Kind, str, str], ...] = tuple(
    (kind, form, as_read(looks_like(fold(word))))
    for kind, form, labels in KINDS
    for word in _FOREIGN.findall(labels)
)
"""Kind, form of the value, and how English OCR reads a Greek or Cyrillic label."""
LABELS: tuple[tuple[Kind, str, "re.Pattern[str]"], ...] = tuple(
    (kind, form, re.compile(
        rf"(?<![^\W_])(?P<label>{_joined(labels)})(?![^\W_])\.?\s*(?P<sign>[:：#=]|[-–—]+(?=\s)|\.{{2,}}|\t|(?=\S)|$)",
        re.IGNORECASE,
    ))
    for kind, form, labels in KINDS
)  # fmt: skip
