"""German phrases and headings, and what German reports write as English ones do."""

PHRASES = """
mehr als, größer als, höher als = more than
weniger als, kleiner als, geringer als = less than
z n, zustand nach, st p, status post = status post
v a, verdacht auf, v a auf, dringender verdacht auf, hochgradiger verdacht auf = suspicious for
a v, dd, differentialdiagnostisch, am ehesten, am wahrscheinlichst = possibly
d h, das heißt =
z b, zum beispiel, u a, unter anderem =
siehe oben, s oben, wie oben, oben genannt, oben beschrieben, oben erwähnt, siehe unten, s unten, \
wie unten, unten genannt, unten beschrieben, weiter oben, weiter unten =
i s, im sinn von, im sinn ein, im sinn = consistent with
o n a, n n b, nicht näher bezeichnet = nos
ohne speziell typ, kein speziell typ, nicht speziell typ, ohne besonder typ, kein besonder typ, \
nicht besonder typ, ohn speziell typ, nicht spezifisch typ, unspezifisch typ, ohne speziell \
subtyp, kein spezifisch typ, ohne spezifisch typ = of no special type
no special type = no special type
im gesund, in gesund, in sano = in healthy tissue
non in sano, nicht in sano = not in healthy tissue
lässt sich, läßt sich, ließ sich = is
lassen sich, ließen sich = are
es finden sich, es zeigen sich, es liegen, es bestehen, finden sich, zeigen sich = there are
es findet sich, es zeigt sich, es liegt, es besteht, es ergibt sich, findet sich, zeigt sich, \
es fand sich, es fanden sich, es zeigte sich = there is
es handelt sich um = it is
steht aus, stehen aus, steht noch aus, stehen noch aus, noch ausstehend, in bearbeitung, \
in arbeit, wird nachgereicht, werden nachgereicht, noch nicht abgeschlossen = pending
noch nicht = not
sehr geehrt, lieber herr, liebe frau, lieb kollege, lieb kollegin = dear
mit freundlich grüßen, mit freundlich grüß, mit kollegial grüßen, freundliche grüße, \
mit best grüßen = kind regards
core cut, core biopsie = core needle biopsy
carcinoma in situ, karzinom in situ = carcinoma in situ
in situ = in situ
lymphangiosis carcinomatosa, lymphangiosis karzinomatosa, lymphangioinvasion = \
lymphovascular invasion
haemangiosis carcinomatosa, hämangiosis carcinomatosa = blood vessel invasion
elston und ellis, elston ellis, elston and ellis, bloom und richardson, bloom richardson = \
nottingham
östrogen und progesteron = estrogen and progesterone
her neu = HER2
ki = Ki
"""

SPELLED = """
könnte, koennte, könnten, koennten, dürfte, duerfte, dürften, duerften, würde, wuerde, würden, \
wuerden, wäre, waere, wären, waeren, hätte, haette, hätten, haetten, müsste, muesste = might ⁇
größe, groesse, grösse = size
äußere, äußeren, äußerer, äußeres, äußerem, äussere, äusseren, äusserer, aeussere, aeusseren, \
aeusserer = outer
"""
"""Told from other words by their umlaut alone; what only might be is doubted."""

HEADINGS = """
klinische angabe, klinische daten, klinische information, angabe zur klinik, klinik, \
klinische fragestellung, fragestellung, anamnese, klinische diagnose, \
vorgeschichte = clinical history
makroskopie, makroskopische beschreibung, makroskopischer befund = gross description
mikroskopie, mikroskopische beschreibung, mikroskopischer befund, histologie, histologische \
beschreibung = \
microscopic description
immunhistochemie, immunhistologie, immunhistochemische untersuchung, \
immunhistologische untersuchung, immunhistochemischer befund, ihc, rezeptorstatus, \
hormonrezeptorstatus, immunphänotyp, biomarker = immunohistochemistry
diagnose, beurteilung, pathologische diagnose, histologische diagnose, kritischer befund, \
kritische beurteilung, kritischer bericht, abschließende beurteilung, enddiagnose, \
abschlussdiagnose, \
zusammenfassung, zusammenfassende beurteilung, zusammenfassende diagnose, gesamtbeurteilung, \
befund und beurteilung, diagnosen = final diagnosis
schnellschnitt, schnellschnittbefund, schnellschnittdiagnose, schnellschnittuntersuchung, \
intraoperativer befund, intraoperativer schnellschnitt, gefrierschnitt = frozen section
pathologischer befund, histologischer befund, histologischer befundbericht, pathologisch \
anatomische begutachtung, \
pathologisch anatomisches gutachten, histopathologischer befund, histologisches gutachten, \
histopathologischer befundbericht, pathologischer befundbericht, pathologiebefund, \
histologiebefund, histologie befund, pathologisch anatomischer befund = pathology report
eingesandtes material, material, untersuchungsmaterial, entnahmeort, präparat, art des materials, \
untersuchungsgut, einsendung = specimens
"""

CODES = """
Ki PgR Dako DAKO II III IV RX pCR Non HR ER PR PGR IRS NST DCIS LCIS EIC LVI FISH CISH SISH ISH
DISH HER HPF TNM UICC WHO ASCO CAP ITC IHC HE CK MIB PNI BRCA AJCC ICD TNBC IDC ILC MRT CT PS IS
SI PP CEP NEU FNCLCC CRM ISUP ADH UDH R L V N T M PN
"""
"""What is written so and is the same in English."""

SAME_WORDS = """
allred amplified and asco b biopsy boost borderline breast c cancer cap carcinoma cell cis clear
close closest cm conserving core d distance ductal e ellis elston equivocal erbb estrogen f fish
free g grade grading gy her high i in intermediate invasion invasive itc itcs ki l left like
lobular low luminal lumpectomy lymph lymphovascular m margin margins mastectomy max mib mild ml
mm moderate mol n negative no node nodes nos not nottingham of or original p pn positive
progesterone pt r receptor remmele resection right risk scan score situ size sn special specimen
status surgery t triple tumor type v via with without x ypt
"""
"""What is the same in English, and English that German reports use."""
