"""E-mail, web and network addresses, telephones, numbers, ages: told by how they look."""

import re
from collections.abc import Iterator

from deidentify.clinical import clinical_spans, is_clinical
from deidentify.folding import western_digits
from deidentify.spans import Span

_EMAIL = re.compile(
    r"[\w.+%-]+\s?(?:@|\(at\)|\[at\]|＠)\s?[\w-]+"
    r"(?:\.[\w-]+|\s?\.\s?(?:com|org|net|edu|gov|co|in|ru|cn|kz|de|uk|ng|ke|tr|gr)\b)+",
    re.IGNORECASE,
)
_URL = re.compile(
    r"(?:https?\s?:\s?//|ftp://|www\s?\.)\s?[^\s]+|(?<![\w@.-])[a-z][\w-]*(?:\.[a-z][\w-]*)*\.(?:com|org|net|in|ru|cn|kz|tr|gr|ae"
    r"|sa|eg|ke|ng|de|uk|us|eu|info|health|med|hospital|clinic|io|edu|gov)(?:\.[a-z]{2})?(?:/\S*)?(?![\w.])",
    re.IGNORECASE,
)
_IP = re.compile(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])|"
                 r"(?<![\w:])(?:[0-9a-f]{1,4}:){5,7}[0-9a-f]{1,4}(?!\w)",
                 re.IGNORECASE)  # fmt: skip
_PHONE = re.compile(r"(?<![\w.])(?:\+|00)\s?\d[\d\s().\-/–]{6,20}\d(?!\w)|"
                    r"(?<![\w./-])\(?0\d{1,5}\)?[\s./–-]?\d[\d\s./–-]{4,14}\d(?![\w/])"
                    r"|(?<![\w./-])\(\d{3}\)\s?\d{3}[-.\s]\d{4}(?!\w)|(?<![\w./-])\d{3}[-.]\d{3}[-.]\d{4}(?!\w)"
                    r"|(?<![\w./-])[6-9]\d{4}\s?\d{5}(?![\w/])")  # fmt: skip
_CODE = re.compile(
    r"(?<![\w.])(?=[\w/\-]*\d{3})[A-Z]{1,6}[-/ ]?\d{2,4}[-/]\d{2,8}(?:[-/]\w{1,6})?(?!\w)"
    r"|(?<![\w./])\d{1,6}\s?[-/]\s?[A-Z]{1,4}\s?[-/]\s?\d{2,6}(?!\w)"
    r"|(?<![\w.])\d{2}[-/]\d{4,8}(?![\w/])|(?<![\w./-])\d{4,8}[-/]\d{2,4}(?![\w/.-])"
    r"|(?<![\w.])[A-Z]{1,5}[-/]?\d{5,12}[A-Z]?(?![\w])"
    r"|(?<![\w.,/-])\d{7,20}(?![\w,]|\.\d)|(?<![\w.,/-])\d{4}[ -]\d{4}[ -]\d{4}(?![\w])"
    r"|(?<![\w-])\d{3}-\d{2}-\d{4}(?!\w)"
)
_PASSPORT_LINE = re.compile(r"[A-Z0-9]*(?:<+[A-Z0-9]*){2,}|[A-Z0-9<]{28,44}")
_AGE = re.compile(
    r"(?<!\d)(?P<n>9\d|1[0-2]\d)\s*(?:[- ]\s?)?(?:years?|yrs?|yr\.?|y/?o|y\b|jahre|jährige\w*|лет|"
    r"год\w*|वर्ष|साल|岁|歲|세|سنة|عام\w*|yaş\w*|ετών|ans|años)"
    r"|(?:\bage[d]?|\bалтер|\balter|возраст|العمر|आयु|उम्र|年龄|年齡|나이|연령|yaş[ıi]?|ηλικία)\s?[:：\-]?\s?(?P<n2>9\d|1[0-2]\d)(?!\d|\s?[%./])",
    re.IGNORECASE,
)


def marks_in(text: str) -> Iterator[Span]:
    """Yield what looks like an address of the net, a telephone, a number, a high age."""
    plain = western_digits(text)
    for found in _EMAIL.finditer(plain):
        yield Span(*found.span(), "email", True, "email")
    for found in _URL.finditer(plain):
        yield Span(*found.span(), "url", True, "web_address")
    for found in _IP.finditer(plain):
        if all(int(part) < 256 for part in re.findall(r"\d+", found[0])[:4]) or ":" in found[0]:
            yield Span(*found.span(), "ip", True, "network_address")
    for found in _PASSPORT_LINE.finditer(plain):
        yield Span(*found.span(), "number", True, "passport_line")
    for found in _AGE.finditer(plain):
        if int(found["n"] or found["n2"]) > 89:
            yield Span(*found.span(), "age", True, "age_over_89", ">89")
    kept = clinical_spans(plain)
    for found in _PHONE.finditer(plain):
        if 7 <= sum(map(str.isdigit, found[0])) <= 16 and not is_clinical(*found.span(), kept):
            yield Span(*found.span(), "phone", found[0][0] == "+", "like_a_phone")
    for found in _CODE.finditer(plain):
        if not is_clinical(*found.span(), kept):
            yield Span(*found.span(), "number", False, "like_a_number")
