"""German words that join into compounds: organs, tumours, margins, nodes, receptors.

As in `german_words`; each may also stand alone.
"""

PARTS = """
klassisch = classic
umgebung = surroundings
brustdrüse = breast
rest = residual
plattenepithelial = squamous
tumorverdächtig, karzinomverdächtig = suspicious
paraffinmaterial, paraffin = paraffin
umgebend, umliegend = surrounding
bereich, areal, gebiet, zone = area
gegenseite = other side
definition = definition
nachweis, anhalt, anhaltspunkt, zeichen, hinweis = evidence
mamma, mamm, brust, mammae = breast
axilla, axill, axillär, axilar, achsel = axillary
karzinom, carcinom = carcinoma
adenokarzinom, adenocarcinom = adenocarcinoma
sarkom = sarcoma
liposarkom = liposarcoma
leiomyosarkom = leiomyosarcoma
tumor, tumoren, tumore, tumorös, neoplastisch, neoplasie, geschwulst = tumor
malignom, malignität, bösartigkeit = malignancy
maligne, malign, bösartig = malignant
benigne, benign, gutartig = benign
krebs = cancer
metastase, metastasen, metastas, filia, absiedlung, tochtergeschwulst, metastasierung = metastasis
makro = macro
mikro = micro
makrometastase, makrometastasen = macrometastasis
mikrometastase, mikrometastasen = micrometastasis
metastatisch, metastasiert = metastatic
isoliert = isolated
rezidiv, lokalrezidiv = recurrence
invasiv, infiltrativ = invasive
infiltrierend, infiltrier = infiltrating
infiltriert, tumorinfiltriert, durchsetzt = infiltrated
nichtinvasiv = non-invasive
invasion, einbruch, einbrüche, einbrechend, gefäßeinbruch, infiltration, einwachsen = invasion
duktal = ductal
lobulär, lobul = lobular
intraduktal = intraductal
muzinös, mucinös = mucinous
tubulär = tubular
tubulolobulär = tubulolobular
medullär = medullary
papillär = papillary
mikropapillär = micropapillary
kribriform, cribriform = cribriform
apokrin = apocrine
metaplastisch = metaplastic
neuroendokrin = neuroendocrine
plattenepithel = squamous cell
siegelringzellig, siegelringzell = signet ring cell
pleomorph = pleomorphic
solide, solid = solid
komedo = comedo
typ, subtyp = type
speziell, besonder = special
tubulus, tubuli = tubule
bildung = formation
kern = nuclear
kernpolymorphie, kernpleomorphie = nuclear pleomorphism
polymorphie, pleomorphie = pleomorphism
mitose, mitosen, mitosezahl, mitoserate, mitotisch = mitoses
rate, wachstumsfraktion, fraktion = rate
zahl, anzahl = number
index = index
summe, gesamtscore, summenscore, scoresumme, gesamtpunktzahl, gesamtsumme, punktsumme = total score
punkt = point
grad, grading, graduierung, malignitätsgrad, malignitätsgrading, differenzierungsgrad, \
tumorgrad, tumorgrading, malignitätsgraduierung, tumorgraduierung, histograding, stufe = grade
kerngrad, kerngrading = nuclear grade
hochgradig = high grade
niedriggradig, geringgradig = low grade
intermediär = intermediate
differenziert = differentiated
undifferenziert, entdifferenziert = undifferentiated
dedifferenziert = dedifferentiated
differenzierung = differentiation
stadium = stage
klassifikation, klassifizierung, formel = classification
größe = size
durchmesser = diameter
ausdehnung, gesamtausdehnung, ausmaß, erstreckung = dimension
länge = length
breite = width
dicke, tiefe = thickness
volumen = volume
gewicht = weight
lymphknoten, lymphknot, lymphknötchen, lk, lkn, lnn, lkk = lymph nodes
sentinel, wächter, schildwächter, wächterlymph = sentinel
sentinellymphknoten, sln, slk, snlk = sentinel lymph nodes
wächterlymphknoten, schildwächterlymphknoten, sentinelnode = sentinel lymph nodes
pforte = hilum
kapsel = capsule
kapselüberschreitend, kapseldurchbruch, kapselüberschreitung, kapseldurchbrechend, \
kapselruptur, extrakapsulär, extranodal = extranodal extension
lymphgefäß, lymphbahn, lymphspalt, lymphangio = lymphovascular
lymphovaskulär = lymphovascular
lymphangiosis, lymphangiose, lymphangiokarzinomatose = lymphovascular invasion
blutgefäß = blood vessel
hämangiosis, hämangioinvasion, hämangiose, angioinvasion = blood vessel invasion
gefäß = vascular
vene, venen, venös = venous
perineural = perineural
perineuralscheide, perineuralscheiden, nervenscheide, nervenscheiden, nerv = perineural
resektionsgrenze, schnittgrenze, präparatgrenze, exzisionsgrenze, abtragungsebene, präparatrand, \
inzisionsrand, schnittebene, schnittrandsituation, exzisionsebene, resektatgrenze = resection margin
rand, schnittrand, absetzungsrand, absetzungsränder, abtragungsrand, resektatrand, \
präparaterand, exzisionsrand, resektionsrand, absetzrand, tuscherand, randbereich, exzidatrand = \
resection margin
absetzungsebene, resektionsebene, absetzungsfläche, resektionsfläche, schnittfläche, \
abtragungsfläche, absetzungslinie, resektionslinie, präparateoberfläche = resection margin
randschnitt = margin section
randabstand, randsaum, tumorfreier randsaum, sicherheitsabstand, resektionsrandabstand, \
schnittrandabstand, sicherheitssaum, \
resektionsabstand = resection margin distance
mindestabstand, minimalabstand = closest distance
tumorrand, tumorränder = tumor margin
abstand, entfernung = distance
tusche, tuschemarkierung, farbmarkierung = ink
randbildend, schnittrandbildend, randständig = at the resection margin
frei = free
tumorfrei, karzinomfrei, tumorzellfrei = tumor-free
metastasenfrei, metastasefrei, filiafrei = free of metastasis
befallen, tumorbefallen, beteiligt, einbezogen = involved
unbefallen = uninvolved
ausläufer, tumorausläufer, tumorzapfen, karzinominfiltrat, tumorinfiltrat, tumorverband, \
tumorzellverband, karzinomverband, tumorgewebe, tumoranteil, karzinomanteil, karzinomausläufer, \
tumorzellkomplex, tumorkomplex, karzinomzelle, karzinomherd = tumor
tumorbefall = tumor involvement
befall, beteiligung, mitbeteiligung, einbeziehung = involvement
unauffällig, regelrecht, normal = unremarkable
tangiert, tangierend, berührt = touching
angeschnitten = transected
knapp, nah, nahe = closely
entfernt, exzidiert, reseziert, ausgeschnitten, exstirpiert = excised
nachresektat, nachresektion, nachresezat, nachexzisat, nachexzision, nachexzidat = \
re-excision specimen
resektat, präparat, exzidat, exzisat, gewebsprobe, op-präparat = specimen
resektion, resektions = resection
exzision, exzisions, pe = excision
quadrantektomie, mammatumorektomie, tumorexstirpat, tumorexzision, tumorexzisat, \
lumpektomiepräparat, mammaexzisat, mammaexzidat, \
teilmastektomie, segmentresektat, segmentresektion, lumpektomie, tumorektomie, segmentektomie, \
quadrantenresektat, quadrantenresektion, bet, mammasegment, mammateilresektat, \
teilresektion = lumpectomy
mastektomie, ablatio, mastektomiepräparat, ablatiopräparat, ablat = mastectomy
biopsie, bioptisch, probeentnahme, probeexzision = biopsy
stanzbiopsie, stanze, stanzzylinder, stanz, gewebezylinder, stanzbiopsat = core needle biopsy
biopsat = biopsy
axilladissektion, axilladissektat, axilläre dissektion, axillarevision, lymphknotendissektion, \
lymphonodektomie, lymphadenektomie = \
axillary dissection
sentinellymphknotenbiopsie, sentinelbiopsie, slnb, snb, sentinellymphonodektomie, \
sentinellymphknotenexstirpation, slne = sentinel lymph node biopsy
östrogen = estrogen
progesteron, gestagen = progesterone
rezeptor, rezeptoren = receptor
steroidhormon, hormon = hormone
androgen = androgen
färbung, kernfärbung, immunreaktion, reaktion, anfärbung, färbereaktion, reaktivität, \
immunreaktivität, immunfärbung = staining
gefärbt, angefärbt, reagierend = stained
färbeintensität, intensität = intensity
membran, membranös = membranous
überexpression, überexprimiert = overexpression
expression, expressions, exprimiert, exprimieren, exprimierend = expression
amplifikation, genamplifikation = amplification
amplifiziert = amplified
gen = gene
quotient, ratio = ratio
zelle, zellig = cells
tumorzelle, karzinomzelle = tumor cells
kerne, zellkern, zellkerne, nukleär = nuclei
tumorzellkern, tumorzellkerne = tumor cell nuclei
gewebe, gewebs = tissue
fettgewebe, fett = fat
haut, hautspindel, epidermis, dermis, kutis = skin
mamille, mamillen, mamillär, brustwarze = nipple
muskel, muskulatur, muskulär = muscle
faszie = fascia
parenchym, mastopathie, mastopathisch, fibrozystisch, adenose, hyperplasie, hyperplastisch, \
radiär, papillom, fibroadenom, drüsenparenchym, drüsenkörper, drüsen = parenchyma
stroma = stroma
nekrose, nekrotisch = necrosis
verkalkung, mikroverkalkung, mikrokalk, kalk = calcification
fibrose, fibrosiert, fibrös, vernarbung, narbig, narbe = fibrosis
entzündung, entzündlich = inflammation
mammographie, mammographisch, mammografie, mammografisch = mammography
sonographie, sonografie, sonographisch, ultraschall = ultrasound
operationsbericht, opbericht = operation report
tumorkonferenz, tumorboard, konferenz = tumor board
analyse, bestimmung, untersuchung, status, ergebnis, resultat, angabe, auswertung, \
hormonrezeptoranalyse = result
mikroinvasion = microinvasion
level = level
region = region
resttumor, tumorrest, residualtumor = residual tumor
manschette, kuppe, zipfel = part
herd, herdförmig, fokus, herde, tumorherd = focus
läsion, veränderung = lesion
knoten, rundherd, verhärtung = nodule
satellit, satelliten = satellite
fokal = focal
unifokal = unifocal
multifokal, mehrherdig = multifocal
multizentrisch = multicentric
ausgedehnt, extensiv = extensive
komponente, anteil = component
begleitend, assoziiert, angrenzend = associated
quadrant, oben = quadrant
außen, äußer = outer
innen, inner = inner
unten = lower
ober = upper
zentral = central
kranial, kran = cranial
kaudal, caudal, kaud = caudal
lateral = lateral
medial = medial
ventral, anterior = anterior
dorsal, posterior, thoraxwandseitig, pektoral, präpektoral = posterior
basal = basal
oberflächlich, subkutan, kutan = superficial
proximal = proximal
distal = distal
zirkumferentiell, zirkumferenziell, circumferentiell = circumferential
oral = oral
aboral = aboral
peripher = peripheral
proliferation, proliferations = proliferation
immunhistochemie, immunhistologie, immunhistochemisch, immunhistologisch = immunohistochemistry
histologie, histologisch, histol = histologic
makroskopie, makroskopisch = gross
mikroskopie, mikroskopisch = microscopic
diagnose, beurteilung = diagnosis
kommentar, anmerkung, bemerkung = comment
pathologie, pathologisch, histopathologie, histopathologisch = pathology
befund, befundbericht, bericht, gutachten = report
patient, patientin = patient
pankreas, bauchspeicheldrüse = pancreas
rektum, rektal, enddarm = rectum
kolon, dickdarm = colon
magen = stomach
retroperitoneal, retroperitoneum = retroperitoneal
chemotherapie, chemo = chemotherapy
radiochemotherapie, chemoradiotherapie = chemoradiotherapy
bestrahlung, radiatio, strahlentherapie, radiotherapie = radiotherapy
therapie, behandlung = therapy
neoadjuvant = neoadjuvant
systemtherapie = systemic therapy
vorbefund = prior report
nachbefund, nachbericht, zusatzbefund, ergänzungsbefund, nachtrag = addendum
probe, material, einsendung, entnahme, untersuchungsgut, einsendegut = specimen
block, paraffinblock = block
kontrolle, kontrollen, positivkontrolle, negativkontrolle, onslide = control
zentimeter = cm
millimeter = mm
prozent = %
prozentig = %
operation, op = operation
klinisch, klin = clinical
"""
