"""In which language a document is written, and whether its values can be read in it.

The patterns of the reading are English. A report in another language shares words and numbers with
English (pT1c, Ki-67, HER2), so that halves of its statements would be taken for whole ones: without
a glossary and a scored set of its own (`extractors.languages`) it proposes nothing, and the reader
says why.
"""

import re

from extractors.languages.scored import PATTERNS, SCORED
from extractors.script import guess_language, script_of

# Words of reports that belong to one of these languages; short reports have hardly others. What
# several share (carcinoma, tumor, negative) says nothing and is left out.
_REPORT_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and with from for are is was were by this that which not to at as on "
        "breast left right size margin margins grade lymph node nodes specimen received diagnosis "
        "report positive negative greatest dimension closest identified present absent examined "
        "gross invasion stage tumour patient name date birth history clinical findings "
        "resection biopsy excision colon rectum stomach pancreas free seen cells",
        "de": "der die das und mit ist nicht ein eine ohne im von zu den dem des auf für bei nach "
        "befund befundbericht mamma brust links rechts linke rechte karzinom mammakarzinom "
        "tumorgröße größe lymphknoten resektionsrand schnittrand schnittränder abstand "
        "östrogenrezeptor progesteronrezeptor östrogen progesteron rezeptoren positiv negativ "
        "diagnose patientin geburtsdatum nachweis kein keine invasives duktales "
        "gut mäßig schlecht differenziert differenziertes grading entnahme wächterlymphknoten",
        "fr": "le la les des du une un avec est pour sans et au aux dans par sur il de pas compte "
        "rendu sein gauche droit droite tumeur taille marges ganglion ganglions récepteurs "
        "récepteur oestrogènes positif positifs négatif négatifs patiente infiltrant canalaire "
        "exérèse limites née",
        "es": "el los las del una con por para sin y es se al en que la lo informe mama izquierda "
        "derecha tamaño márgenes bordes ganglio ganglios receptores receptor estrógenos estrógeno "
        "positivo positivos negativo negativos paciente grado infiltrante centinela nacimiento",
        "pt": "os as uma um com por para sem não dos das ao na no da do em laudo mama esquerda "
        "direita tamanho margens linfonodo linfonodos receptores receptor estrogênio positivo "
        "positivos negativo negativos grau tumoral nascimento",
        "it": "il lo gli della dei del una con per senza di che non nel alla referto mammella "
        "sinistra destra dimensioni margini linfonodo linfonodi recettori recettore estrogeni "
        "positivo positivi negativo negativi grado paziente nascita infiltrante",
        "nl": "de het een en van met is niet geen zonder voor op aan bij te zijn verslag borst "
        "linker rechter tumorgrootte snijvlakken lymfeklier lymfeklieren oestrogeenreceptor "
        "positief negatief graad patiënt geboortedatum",
        "tr": "ve bir ile için olan bu olarak değil yok var sol sağ meme rapor raporu tümör boyutu "
        "cerrahi sınır sınırlar lenf nodu reseptörü pozitif negatif derece hasta tarihi",
        "pl": "na do nie jest bez oraz się od po dla przez są piersi lewej prawej guza "
        "rozmiar marginesy węzeł węzły receptory dodatni ujemny stopień rozpoznanie",
        "ro": "și în cu de la nu este fără pentru din sân stâng drept tumorii dimensiuni margini "
        "ganglioni receptori pozitiv negativ grad diagnostic",
        "id": "yang dan dengan tidak pada dari untuk ini ke adalah oleh dalam payudara kiri kanan "
        "ukuran batas kelenjar getah bening reseptor positif negatif derajat pasien",
        "vi": "của và không có các được là trong với cho bệnh nhân vú trái phải kích thước hạch "
        "âm dương tính thụ thể độ",
        "sw": "na ya wa kwa ni katika la za hakuna bila cha hii kutoka titi kushoto kulia",
    }.items()
}
_WORD = re.compile(r"[^\W\d_]{2,}")
_FEWEST_WORDS = 3
# A line of findings has hardly a word that is not one of these compounds.
_GERMAN = re.compile(
    r"karzinom|lymphknoten|rezeptoren?\b|resektionsr|schnittr[aä]|befund\b|lymphgef|tumorfrei",
    re.IGNORECASE,
)
# Where the words do not tell the languages of a script apart.
_COMMONEST = {"Cyrl": "ru"}


def language_of(text: str) -> str:
    """Return a BCP 47 tag; "und" when the text has too few words to tell."""
    script = script_of(text)
    if script not in ("Latn", "Zyyy"):
        guessed = guess_language(text, script)
        return _COMMONEST.get(script, guessed) if guessed == "und" else guessed
    words = _WORD.findall(text.lower())
    if sum(map(len, words)) < 12:
        return "und"
    counts = {tag: sum(map(known.__contains__, words)) for tag, known in _REPORT_WORDS.items()}
    best = max(counts, key=lambda tag: counts[tag])
    if not counts["en"] and _GERMAN.search(text):
        return "de"
    if counts[best] < _FEWEST_WORDS or best == "en":
        return "en"
    return best if counts["en"] < counts[best] else "en"


def proposes_values(language: str, organ: str | None = None) -> bool:
    """Say whether documents in a language (BCP 47) propose values: those with a scored set.

    With `organ`, whether those about it do.
    """
    if language in {PATTERNS, "und"}:
        return True
    score = SCORED.get(language)
    return score is not None and score.passes and (organ is None or organ in score.organs)
