"""Invented reports in six scripts with planted identifiers: words, each with what it is.

In a template `{key}` is planted, `[[ ]]` is clinical and has to stay, a tab begins a cell.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta

from benchmarks.deidentification_people import Person, drawn_person, spelled
from deidentify import Identity

_DOCTORS = {
    "latin": ("Dr. Tunde Bakare", "Dr Helen Whitcombe", "Prof. Dr. Uwe Lindqvist"),
    "cyrillic": ("Петров А. В.", "Д-р Сергеев", "Ким Л. Н."),
    "arabic": ("د. سامي العلي", "د. هدى ناصر"),
    "devanagari": ("डॉ. अनिल गुप्ता", "डॉ. रेखा जोशी"),
    "chinese": ("赵志强", "周敏"),
    "greek": ("Ι. Δημητρίου", "Α. Σταύρου"),
}
_MONTHS = {
    "latin": "January February March April May June July August September October November"
    " December",
    "cyrillic": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "arabic": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "devanagari": "जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
    "greek": "Ιανουαρίου Φεβρουαρίου Μαρτίου Απριλίου Μαΐου Ιουνίου Ιουλίου Αυγούστου Σεπτεμβρίου"
    " Οκτωβρίου Νοεμβρίου Δεκεμβρίου",
}
_DIGITS = {"arabic": "٠١٢٣٤٥٦٧٨٩", "devanagari": "०१२३४५६७८९"}

_SHEETS: dict[str, list[list[str]]] = {
    "latin": [
        [
            "CITY HISTOPATHOLOGY LABORATORY\tTel: {phone2}\twww.{site}",
            "Patient Name : {name}\tAge/Sex : {age} / F\tLab No : {lab}",
            "DOB: {birth}\tMRN: {record}\tPassport No: {passport}",
            "Address: {address}\tMobile: {phone}",
            "Referred by: {doctor}\tCollected: {date} 10:35",
            "[[Specimen: left breast, wide local excision]]",
            "[[Diagnosis: invasive ductal carcinoma, Nottingham grade 2 (3+2+2=7/9)]]",
            "[[Tumour size 18 x 15 x 12 mm, pT1c pN0 (sn) 0/3 nodes, R0]]",
            "[[ER 95 % (Allred 8/8), PR 80 %, HER2 1+, Ki-67 14 %, clones SP1, 1E2, 4B5]]",
            "{name} was informed on {date}. Contact {email}.",
            "[[Closest margin 4 mm (medial). No lymphovascular invasion. ICD-O 8500/3]]",
            "Husband {relative} collected the slides. {other} was told too.",
            "[[Block A1-A6, B1-B3; H&E, CK5/6, p63 and E-cadherin were seen]]",
            "Electronically signed by {doctor}, {date}",
            "Page 1 of 1 {name} {record}",
        ],
        [
            "DISCHARGE SUMMARY\tUHID {record}\tIP No: {lab}",
            "Name:{name}\tDate of birth {birth}",
            "W/o {relative}\tPhone {phone}",
            "[[This lady presented with a lump of 2.1 cm in the upper outer quadrant]]",
            "Mrs {name} underwent [[lumpectomy with sentinel node biopsy, 2 nodes, none positive]]",
            "on {date} under {doctor}. [[She received letrozole 2.5 mg once daily.]]",
            "[[BP 130/80 mmHg, Hb 12.4 g/dl, creatinine 0.9 mg/dl, weight 68 kg, ECOG 1]]",
            "{name}'s accession number is {lab}; mail {email}",
            "[[Stage IIA, T2 N0 M0. Gleason, Stern and Roman numerals are not used here.]]",
            "Review on {date} with {name}. Her daughter {relative} will come.",
        ],
    ],
    "cyrillic": [
        [
            "ГОРОДСКАЯ БОЛЬНИЦА № 4\tТелефон: {phone2}",
            "ФИО: {name}\tДата рождения: {birth}",
            "История болезни: {record}\tАдрес: {address}",
            "Направил: {doctor}\tДата: {date}",
            "[[Материал: левая молочная железа, секторальная резекция]]",
            "[[Заключение: инвазивный протоковый рак, степень злокачественности 2]]",
            "[[Размер опухоли 18 х 15 мм, pT1c pN0, край резекции 4 мм]]",
            "[[РЭ 95 %, РП 80 %, HER2 1+, Ki-67 14 %]]",
            "Пациентке {name} результат сообщён {date}. Муж {relative} забрал стёкла.",
            "Исследование {lab}, паспорт {passport}, почта {email}",
            "Invasive carcinoma of {name}, [[grade 2, size 18 mm]]",
            "Врач: {doctor}",
        ]
    ],
    "arabic": [
        [
            "مختبر الأنسجة\tهاتف: {phone2}",
            "اسم المريض: {name}\tتاريخ الميلاد: {birth}",
            "رقم الملف: {record}\tرقم الجواز: {passport}",
            "الطبيب: {doctor}\tالتاريخ: {date}",
            "[[التشخيص: سرطان قنوي غازي، الدرجة 2، حجم الورم 18 مم]]",
            "[[ER 95 % PR 80 % HER2 1+ Ki-67 14 %]]",
            "تم إبلاغ المريضة {name} بالنتيجة في {date}",
            "Report of {name}, accession {lab}, e-mail {email}",
            "[[Invasive ductal carcinoma, grade 2, 18 mm, margins clear 4 mm]]",
        ]
    ],
    "devanagari": [
        [
            "जिला अस्पताल\tफोन: {phone2}",
            "मरीज का नाम: {name}\tजन्म तिथि: {birth}",
            "पंजीकरण संख्या: {record}\tआधार: {aadhaar}",
            "चिकित्सक: {doctor}\tदिनांक: {date}",
            "[[निदान: आक्रामक डक्टल कार्सिनोमा, ग्रेड 2, ट्यूमर 18 मिमी]]",
            "[[ER 95 % PR 80 % HER2 1+ Ki-67 14 %]]",
            "रोगी {name} को {date} को बताया गया। पति {relative} साथ थे।",
            "Report of {name}, lab no {lab}, mobile {phone}",
            "[[Invasive ductal carcinoma, grade 2, 18 mm, margins clear 4 mm]]",
        ]
    ],
    "chinese": [
        [
            "市第一人民医院病理科\t电话: {phone2}",
            "姓名: {name}\t性别: 女\t年龄: {age}",
            "病理号: {lab}\t住院号: {record}\t出生日期: {birth}",
            "送检医师: {doctor}\t日期: {date}",
            "[[诊断: 左乳浸润性导管癌，组织学2级，肿瘤大小18毫米]]",
            "[[ER 95% PR 80% HER2 1+ Ki-67 14%]]",
            "{name} {date} 复诊，家属 {relative} 陪同。",
            "Report of {name}, passport {passport}, e-mail {email}",
            "[[Invasive ductal carcinoma, grade 2, 18 mm, margins clear 4 mm]]",
            "地址: {address}\t手机: {phone}",
        ]
    ],
    "greek": [
        [
            "ΠΑΘΟΛΟΓΟΑΝΑΤΟΜΙΚΟ ΕΡΓΑΣΤΗΡΙΟ\tΤηλ: {phone2}",
            "Ονοματεπώνυμο: {name}\tΗμερομηνία γέννησης: {birth}",
            "Αρ. Πρωτοκόλλου: {lab}\tΑΜΚΑ: {aadhaar}",
            "Ιατρός: {doctor}\tΗμερομηνία: {date}",
            "[[Διάγνωση: διηθητικό πορογενές καρκίνωμα, βαθμός 2, μέγεθος 18 mm]]",
            "[[ER 95 % PR 80 % HER2 1+ Ki-67 14 %]]",
            "Η ασθενής {name} ενημερώθηκε στις {date}. Διεύθυνση: {address}",
            "Report of {name}, MRN {record}, e-mail {email}",
            "[[Invasive ductal carcinoma, grade 2, 18 mm, margins clear 4 mm]]",
        ]
    ],
}
_PIECE = re.compile(r"\{(\w+)\}|\[\[(.*?)\]\]|(\t)|([^{\[\t]+|.)")


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of a line: `kind` is of what was planted, "clinical", or "" for labels and the like."""

    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page: its lines of pieces (a tab stands alone), whose it is, and what is known of them."""

    script: str
    lines: tuple[tuple[Piece, ...], ...]
    identity: Identity = field(repr=False)
    person: Person = field(repr=False)


def drawn_sheet(script: str, chance: random.Random) -> Sheet:
    """One page of a report with its identifiers drawn anew."""
    person, relative = drawn_person(script, chance), drawn_person(script, chance)
    identity = Identity(
        names=person.known(chance),
        others=relative.known(chance),
        births=(person.born,),
        phones=(person.phone,),
        emails=(person.email,),
        addresses=(f"{person.street}, {person.city}",),
        numbers=(person.record, person.passport, person.lab),
    )
    template = chance.choice(_SHEETS[script])
    lines = []
    for line in template:
        pieces: list[Piece] = []
        for key, clinical, tab, plain in _PIECE.findall(line):
            if key:
                pieces.append(_planted(key, script, person, relative, chance))
            elif clinical:
                pieces.append(Piece(clinical, "clinical"))
            else:
                pieces.append(Piece(tab or plain, ""))
        lines.append(tuple(pieces))
    return Sheet(script, tuple(lines), identity, person)


def _planted(
    key: str, script: str, person: Person, relative: Person, chance: random.Random
) -> Piece:
    day = date(2026, 1, 1) + timedelta(days=chance.randrange(330))
    if key == "age":
        old = chance.randrange(35, 97)
        return Piece(f"{old}Y", "age" if old > 89 else "")

    def digits() -> int:
        return chance.randrange(100, 1000)

    ways: dict[str, Callable[[], str]] = {
        "name": lambda: spelled(person, chance),
        "relative": lambda: spelled(relative, chance),
        "other": lambda: f"Her sister {chance.choice(('Ngozi', 'Brigitte', 'Otilia'))}",
        "birth": lambda: _day(person.born, script, chance),
        "date": lambda: _day(day, script, chance),
        "phone": lambda: chance.choice((person.phone, "0" + person.phone.split(" ", 1)[1])),
        "phone2": lambda: f"+{chance.randrange(1, 90)} {digits()}7 {digits()}{digits()}",
        "site": lambda: "citylab-example.com",
        "email": lambda: person.email,
        "address": lambda: f"{person.street}, {person.city}",
        "record": lambda: person.record,
        "passport": lambda: person.passport,
        "lab": lambda: chance.choice((person.lab, person.lab.replace("-", "/"))),
        "aadhaar": lambda: f"{digits()}2 {digits()}3 {digits()}4",
        "doctor": lambda: chance.choice(_DOCTORS[script]),
    }  # fmt: skip
    return Piece(ways[key](), key)


def _day(day: date, script: str, chance: random.Random) -> str:
    ways = [
        f"{day.day:02d}/{day.month:02d}/{day.year}",
        f"{day.day:02d}.{day.month:02d}.{day.year}",
        day.isoformat(),
    ]
    if script == "chinese":
        ways = [
            f"{day.year}年{day.month}月{day.day}日",
            day.isoformat(),
            f"{day.year}.{day.month}.{day.day}",
        ]
    else:
        month = _MONTHS[script].split()[day.month - 1]
        ways.append(f"{day.day} {month} {day.year}")
        if script == "latin":
            ways += [
                f"{month[:3]} {day.day}, {day.year}",
                f"{day.day:02d}-{month[:3].upper()}-{day.year % 100:02d}",
            ]
    text = chance.choice(ways)
    if script in _DIGITS and chance.random() < 0.5:
        text = text.translate(str.maketrans("0123456789", _DIGITS[script]))
    return text
