"""Letters whose character set is missing, wrong or too small."""

import pytest

from correspondence import parse_inbound
from tests.correspondence.mails import mail

LETTERS = {
    "gb18030": "费用约8万元，住院10天。",
    "big5": "費用約八萬元，我們將於會診後回覆。",
    "cp949": "안녕하세요. 환자 자료를 검토한 후 연락드리겠습니다.",
    "cp1251": "Добрый день! Мы рассмотрим случай и ответим до пятницы.",
    "koi8_r": "Добрый день! Мы рассмотрим случай и ответим до пятницы.",
    "cp1252": "Die Kosten betragen 14 800 €, für Sie zuständig: Dr. Müller.",
    "cp1254": "Toplam ücret 250.000 TL, hastanede kalış süresi 3 gün. Saygılarımızla",
    "cp1256": "السلام عليكم، تكلفة العملية تقريبا 9000 دولار",
    "cp932": "お世話になっております。費用は約120万円です。",
    "iso2022_jp": "メールを受け取りました。",
}


@pytest.mark.parametrize("charset", LETTERS)
@pytest.mark.parametrize("declared", ["text/plain", "text/plain; charset=us-ascii"])
def test_an_undeclared_set_is_read_and_said(charset: str, declared: str) -> None:
    raw = mail("PLACE", content_type=declared)
    letter = parse_inbound(raw.replace(b"PLACE", LETTERS[charset].encode(charset)))
    assert letter.text == LETTERS[charset]
    assert "charset" in letter.defects


def test_the_euro_sign_of_a_mislabelled_letter_is_kept() -> None:
    raw = mail("PLACE", content_type="text/plain; charset=iso-8859-1")
    letter = parse_inbound(raw.replace(b"PLACE", "14 800 €".encode("cp1252")))
    assert letter.text == "14 800 €"


@pytest.mark.parametrize("charset", ["gb18030", "cp1251", "cp949", "big5"])
def test_a_raw_subject_is_read_in_the_set_of_the_body(charset: str) -> None:
    words = LETTERS[charset]
    raw = mail(
        "PLACE", subject="[CFX-26-00002] PLACE", content_type=f"text/plain; charset={charset}"
    )
    letter = parse_inbound(raw.replace(b"PLACE", words.encode(charset)))
    assert letter.subject == f"[CFX-26-00002] {words}"
