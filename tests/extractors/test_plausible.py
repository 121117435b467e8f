"""Text that cannot be text, and languages that the reading was never scored in, state nothing."""

import pytest

from adapters.reader.engine import OcrWord, Recognised
from adapters.reader.placing import ocr_page
from adapters.reader.types import GreyImage
from extractors import extract, pages_from_text
from extractors.language import language_of, proposes_values
from extractors.languages.scored import SCORED
from extractors.pages import PlacedWord, RawPage, decide
from extractors.script import implausible

ENGLISH = (
    "SURGICAL PATHOLOGY REPORT\nLeft breast, lumpectomy: invasive ductal carcinoma, grade 2.\n"
    "Tumor size: 14 mm. Estrogen receptor: positive (95%)"
)
ARABIC = "ورم في الثدي الأيسر مع حواف سليمة والعقدة الليمفاوية الحارسة سلبية والمستقبلات إيجابية"
CHINESE = "病理报告：左乳浸润性导管癌，二级，肿瘤大小十四毫米，雌激素受体阳性，切缘阴性。"
RUSSIAN = "Опухоль левой молочной железы, край резекции свободен, рецепторы эстрогена положительны"
REPORTS = {
    "de": "Histologischer Befund: invasives duktales Karzinom der linken Mamma, Grading G2.\n"
    "Größe 14 mm. ER: positiv (95%). HER2: negativ (IHC 1+). pT1c pN0",
    "fr": "Compte rendu: carcinome canalaire infiltrant du sein gauche, grade 2, taille 14 mm.\n"
    "ER: positif (95%). HER2: négatif (IHC 1+). pT1c pN0",
    "es": "Informe: carcinoma ductal infiltrante, mama izquierda, grado 2, tamaño 14 mm.\n"
    "ER: positivo (95%). HER2: negativo (IHC 1+). pT1c pN0",
    "it": "Referto: carcinoma duttale infiltrante, mammella sinistra, grado 2, dimensioni 14 mm.\n"
    "ER: positivo (95%). HER2: negativo (IHC 1+). pT1c pN0",
    "pt": "Laudo: carcinoma ductal invasivo, mama esquerda, grau 2, margens livres, 14 mm.\n"
    "ER: positivo (95%). HER2: negativo (IHC 1+). pT1c pN0",
}


@pytest.mark.parametrize(
    "text",
    [
        ENGLISH,
        ARABIC,
        CHINESE,
        RUSSIAN,
        *REPORTS.values(),
        "Été à la fenêtre, élève très âgé, reçu près de l'hôpital; néoplasie mammaire délimitée",
        "Æðahnútar á hægri fæti; þétt æxli í brjósti, hæð þess á við sjö",
        "size 14 mm (≥ 2 & ≤ 5), 1+/2+; HER2/neu; #12345; a@b.org; <5 %; x=3",
    ],
)
def test_what_people_write_is_plausible(text: str) -> None:
    assert implausible(text) is None


@pytest.mark.parametrize(
    "text",
    [
        CHINESE.encode("gbk").decode("latin-1"),
        CHINESE.encode("big5", "ignore").decode("latin-1"),
        RUSSIAN.encode("cp1251").decode("latin-1"),
        RUSSIAN.encode("koi8-r").decode("latin-1"),
        RUSSIAN.encode().decode("latin-1"),
        "Été à l'hôpital, élève âgée, néoplasie délimitée".encode().decode("latin-1"),
        " ".join(word[::-1] for word in reversed(ARABIC.split())),
        "t#e pa$ent ha> an i@v as!ve c*rc in^ma o| th= le~t br<ast wi&h f#ee ma$gi ns an@d mo>re",
    ],
)
def test_what_only_wrong_bytes_make_is_not(text: str) -> None:
    assert implausible(text) is not None


@pytest.mark.parametrize("encoding", ["gbk", "cp1251"])
def test_a_page_of_wrong_letters_goes_to_ocr_and_not_to_the_reading(encoding: str) -> None:
    stored = (CHINESE if encoding == "gbk" else RUSSIAN).encode(encoding).decode("latin-1")
    words = [
        PlacedWord(text, (50.0, 20.0 * n, 200.0, 20.0 * n + 10), 0)
        for n, text in enumerate(stored.split())
    ]
    decision = decide(RawPage(1, 595.0, 842.0, words, [], characters=len(stored)))
    assert decision.method == "needs_ocr"
    assert decision.reason.startswith("text layer broken")


def test_what_ocr_only_guesses_is_unreadable() -> None:
    image = GreyImage(b"", 1000, 1000, 100)
    for sure, method in ((20.0, "unreadable"), (90.0, "ocr")):
        words = [
            OcrWord(f"RPT{n}", (10.0, 30.0 * n, 90.0, 30.0 * n + 20), sure, (1, 1, n))
            for n in range(20)
        ]
        page = ocr_page(1, 595.0, 842.0, "an image", Recognised(words, image, 0))
        assert page.method == method
        assert bool(page.text) == (method == "ocr")


# Languages


@pytest.mark.parametrize("language", sorted(set(REPORTS) - set(SCORED)))
def test_a_language_without_a_scored_set_proposes_nothing(language: str) -> None:
    extraction = extract(pages_from_text(REPORTS[language]), document_id="d")
    assert extraction.language == language
    assert not proposes_values(language)
    assert extraction.findings == () and extraction.questions == ()
    assert extraction.reason == "other_language"


@pytest.mark.parametrize("text", [
    ENGLISH,
    "Breast, left: IDC, G2, 14 mm, ER 95%, PR 60%, HER2 1+, pT1c pN0",
    "DIAGNOSIS: Mamma carcinoma of the left breast. Nottingham grade 2. ER positive.",
    "Hospital de la Mujer, Calle del Sol 3\n" + ENGLISH,
])  # fmt: skip
def test_english_reports_propose_values(text: str) -> None:
    assert proposes_values(language_of(text))
    assert extract(pages_from_text(text), document_id="d").findings


def test_text_that_cannot_be_text_proposes_nothing() -> None:
    wrong = RUSSIAN.encode("cp1251").decode("latin-1")
    text = f"{wrong}\n{wrong}\nbreast ER: positive (95%) HER2: negative (IHC 1+)"
    assert extract(pages_from_text(text), document_id="d").findings == ()
