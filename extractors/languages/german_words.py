"""German: the words that stand alone, those that join into compounds, and set phrases.

One line an English word, the German words before it without their endings. What is missing here is
unknown to the reading: a clause with such a word states nothing.
"""

WORDS = """
der, die, das, dem, den, deren, dessen = the
des = of the
ein, eine, einen, einem, einer, eines = a
und, sowie, u = and
oder, bzw, beziehungsweise = or
mit, mitsamt, samt, m = with
ohne = without
in, im, ins, innerhalb = in
am, an, ans = at
auf, aufs = on
aus = from
von, vom, v = of
zu, zum, zur = to
bei, beim, b = in
nach = toward
für = for
über = over
unter, unterhalb = under
oberhalb = above
durch, per, mittels = by
bis = up to
gegen, gegenüber = against
um = around
zwischen = between
neben = beside
entlang = along
wegen, aufgrund = because of
seit = since
vor = before
während = during
als = as
wie = as
falls, sofern, wenn = if
ob = whether
dass, daß = that
da, weil = because
aber, jedoch, allerdings, hingegen = but
nur, lediglich, allenfalls = only
auch, ebenfalls, gleichfalls, zudem, außerdem, zusätzlich, ferner, desweiteren, weiterhin = also
noch = still
weder = neither
sondern = but
nicht = not
kein, keine, keinen, keinem, keiner, keines, keinerlei = no
nie, niemals = never
ist = is
sind = are
war = was
waren = were
wird = is
werden = are
wurde = was
wurden = were
worden =
hat, besitzt, aufweist = has
haben, besitzen = have
hatte = had
kann, können, konnte, konnten = can
soll, sollte, sollten = should
muss, müssen = must
möglich = possible
möglicherweise, eventuell, evtl, eher, gegebenenfalls, ggf = possibly
wahrscheinlich, vermutlich, mutmaßlich = probably
scheint = appears
hier, hierbei, dabei, darin, hierin, hiervon, dort, darunter, darüber, daneben, dazu, hierzu, \
dafür, dadurch, dahinter, hierfür, dementsprechend, entsprechend, entspr = here
davon, wovon = of which
somit, damit, daher, folglich, demnach, also = thus
sich, selbst, so, etwas, dann, nun, nunmehr, jetzt, nämlich =
es = it
aufgrund, hinsichtlich, bezüglich, betreffend, zugehörig, hinaus, hinzu, rund, bereits, erneut, \
zunächst, anschließend, nachfolgend, folgend, folgende, folgenden, folgender, genannt, oben, unten, \
o, g, vorn, hinten, außen, innen, mittig, weit, lang, kurz, breit, hoch, tief, quer, \
insbesondere, überall, stellenweise, randlich, jeweilig, mitunter, \
typisch, charakteristisch, üblich, vergleichbar, ähnlich, gleichartig, identisch, ebenso, \
wobei, sodass, sowohl, obwohl, zwar, doch, bzgl, anhand, \
nachstehend, vorstehend, obig, hiermit, anbei, ihnen, ihm, \
vielen, dank, herzlich, freundlich, freundlichen, gruß, grüße, grüßen, hochachtungsvoll, gez =
einschließlich, inklusive, inkl, einbeziehend, miterfasst = including
außer, ausgenommen, abgesehen, ausnahme, exklusive, exkl = except
allseits, allseitig, ringsum, rundum = in all directions
gesamttumorgröße, gesamtgröße, gesamttumorausdehnung = total size
prozentsatz = percentage
umgeben = surrounded
kleiner, kleineren = smaller
männlich = male
weiblich = female
neuer, neue, neues, neuen = new
erläuterung, legende, bewertungsschema = legend of
gemeinsam = common
endokrin = endocrine
karzinomatös = carcinomatous
aktivität = activity
inflammatorisch = inflammatory
spindelzellig, spindelzell = spindle cell
negativität = negative
positivität = positive
unbekannt, ungewiss = unknown
lokal, lokoregionär, lokoregional = local
situation, zustand = status
gemischt, kombiniert = mixed
haupttumor = tumor
primär, primärtumor = primary tumor
sekundär = secondary
verifiziert, bestätigt, gesichert = confirmed
auffällig = conspicuous
fachabteilung, abteilung, institut, klinikum, klinik, krankenhaus, universität, zentrum, praxis, \
frauenklinik, brustzentrum, gemeinschaftspraxis = department
seite, blatt = page
teil = part
außerhalb = outside of
auflage, version = edition
uicc, tnm, ptnm = TNM
jahr, jahre, jahren, jährig, j = years
tag, tage, tagen, woche, wochen, monat, monate = days
datum, eingang, ausgang, eingegangen, eingesandt, übersandt, entnommen, erhalten, bezeichnet, \
beschriftet, gekennzeichnet, benannt, laufend, nummer = received
faden, fäden, fadenmarkiert, fadenmarkierung, clip, clipmarkiert, markiert, markierung, drahtmarkiert, \
draht, nadel, orientiert, orientierung, tuschemarkiert, farbmarkiert = marked
gewogen, schwer, wiegend = weighing
nativ, formalinfixiert, fixiert, formalin, unfixiert = fixed
lamelliert, lamellierend, lamellierung, schnittfläche, anschnitt, anschnitten = sectioned
grau, weiß, weißlich, gelb, gelblich, beige, bräunlich, braun, rötlich, rot, grauweiß, weißgrau, \
derb, fest, hart, weich, elastisch, unscharf, scharf, begrenzt, umschrieben, strahlig, sternförmig, \
spikuliert, rundlich, oval, unregelmäßig, regelmäßig, knotig, höckrig, glatt, homogen, inhomogen, \
glänzend, matt, trüb, zystisch, glasig, gallertig = firm
bild, bildgebung, aspekt, korrelat, korrelierend, passend, vereinbar, entsprechend, einhergehend = \
consistent with
wachstum, wachstumsmuster, wachsend, wächst, angeordnet, gelagert, aufgebaut, gebildet, \
ausgebildet = growth
übergreifend, übergreift, übergehend = extending
erstreckt = extends
misst, maß, gemessen = measuring
er, ihn = he
sie = she
ihr, ihre, ihrer = her
sein, seine = its
dieser, diese, dieses, diesem, diesen = this
welche, welcher, welches, welchem = which
jeweils, je, jede, jeder, jedes = each
alle, aller, allen, sämtlich = all
beide, beider, beiden, beides = both
mehrere = several
einzelne, vereinzelt = scattered
wenige = few
viele, zahlreich, multipel, multiple = multiple
teils, teilweise, partiell, anteilig = partly
überwiegend, vorwiegend, hauptsächlich = predominantly
vollständig, komplett, ganz, gänzlich = completely
unvollständig, inkomplett = incompletely
insgesamt, insg, gesamt = total
sehr, deutlich, ausgeprägt, erheblich, kräftig = marked
stark, intensiv = strong
schwach, gering, geringfügig = weak
mäßig, mittelgradig, mittel, mittelstark = moderate
gut = well
schlecht, wenig = poorly
größt, maximal, max, maxim, längst = greatest
kleinst, minimal, min, geringst, nächstgelegen, nächst, engst, knappst, kürzest = closest
groß, größer, messend = large
klein = small
ca, zirka, circa, etwa, ungefähr, annähernd, nahezu, fast = about
mind, mindestens = at least
höchstens = up to
mehr = more
weniger = less
eins = one
zwei = two
drei = three
vier = four
fünf = five
sechs = six
sieben = seven
acht = eight
neun = nine
zehn = ten
elf = eleven
zwölf = twelve
dreizehn = thirteen
vierzehn = fourteen
fünfzehn = fifteen
sechzehn = sixteen
siebzehn = seventeen
achtzehn = eighteen
neunzehn = nineteen
zwanzig = twenty
erste, erstes, ersten = first
zweite, zweites, zweiten, weitere, weiterer, weiterem, weiteren = second
dritte, drittes, dritten = third
zeigt, aufweisend, beinhaltet, enthält = shows
zeigen, enthalten = show
zeigte = showed
aufgewiesen =
finden, findet, fand, fanden, gefunden = found
besteht, bestehen, bestand = there is
liegt, liegen, lag, gelegen, befindet, befinden = lies
erreicht, erreichen, erreichend = reaches
reicht, reichen, reichend, heranreichend, heranreicht = extends
heran =
grenzt, angrenzend = adjacent
beträgt, betragen, misst, messen, gemessen = measures
handelt =
lässt, lassen = can
erfolgt, erfolgen = is done
erfolgte, durchgeführt, vorgenommen = was done
geplant, vorgesehen, beabsichtigt, avisiert = planned
empfohlen, empfehlen, angeraten, anzuraten = recommended
empfehlung = recommendation
erbeten, angefordert, veranlasst, beauftragt, gewünscht = ordered
bitte, erbitten = please
ausstehend, ausständig = pending
folgt, folgen, nachgereicht = to follow
abzuwarten = awaited
bekannt, vorbekannt = known
früher, vormals, ehemals, ehemalig, damals, vorangegangen, vorausgegangen, vorherig, vormalig = \
previous
auswärtig, auswärts, extern, externes = outside
anamnestisch, anamnese = history of
mutter, mütterlich, mütterlicherseits = mother
vater, väterlicherseits = father
schwester = sister
bruder = brother
tante = aunt
onkel = uncle
großmutter, oma = grandmother
großvater, opa = grandfather
tochter = daughter
cousine, cousin, nichte, neffe = cousin
familienanamnese, familiär, familie, verwandte = family history
verdacht = suspicion
verdächtig, suspekt = suspicious
fraglich, unklar, zweifelhaft, unsicher, strittig = questionable
grenzwertig = borderline
beurteilbar, auswertbar, bewertbar, bestimmbar, bestimmt, beurteilt, bewertet = assessed
untersucht, begutachtet, aufgearbeitet, eingebettet, präpariert = examined
übrig, restlich, sonstig, andere, anderen, verbleibend = other
endgültig, definitiv, abschließend = final
gilt, gelten = is considered
bewertung, interpretation = interpretation
ab = if >
wir, uns, unser, unsere, unserer = we
ausschluss, auszuschließen, ausschließen = to exclude
ausgeschlossen = excluded
nachgewiesen, nachweisbar, nachweisen, nachzuweisen, erkennbar, erkennen, erfassbar, erfasst, \
abgrenzbar, darstellbar, dargestellt, feststellbar, festgestellt, ersichtlich, gesehen, sichtbar, \
beobachtet, detektierbar, detektiert, auffindbar = identified
vorhanden, vorliegend, gegeben, bestehend = present
fehlt, fehlen, fehlend = absent
ja = yes
nein = no
entfällt = not applicable
sicher, eindeutig, zweifelsfrei, gesichert = definite
positiv, pos = positive
negativ, neg = negative
neg = negative
links, linke, linker, linkes, linken, linksseitig, li = left
rechts, rechte, rechter, rechtes, rechten, rechtsseitig, re = right
beidseits, beidseitig, bds, bilateral = bilateral
siehe, s, vgl, vergleiche = see
bitte = please
herr, herrn, frau, dame, damen, kollege, kollegin, kollegen, kolleginnen, kolleg =
uhr = o'clock
arztbrief, entlassbrief, arztbericht, ambulanzbrief = clinic letter
berichten, berichte, berichtet = report
stellte, vorstellung, vorgestellt, stellt = seen
brusterhaltend = breast-conserving
neu = neu
laut, lt, gemäß, analog = according to
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
randabstand, randsaum, tumorfreier randsaum, sicherheitsabstand, resektionsrandabstand, schnittrandabstand, sicherheitssaum, \
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
quadrantektomie, mammatumorektomie, tumorexstirpat, tumorexzision, tumorexzisat, lumpektomiepräparat, \
teilmastektomie, segmentresektat, segmentresektion, lumpektomie, tumorektomie, segmentektomie, \
quadrantenresektat, quadrantenresektion, bet, mammasegment, mammateilresektat, \
teilresektion = lumpectomy
mastektomie, ablatio, mastektomiepräparat, ablatiopräparat, ablat = mastectomy
biopsie, bioptisch, probeentnahme, probeexzision = biopsy
stanzbiopsie, stanze, stanzzylinder, stanz, gewebezylinder, stanzbiopsat = core needle biopsy
biopsat = biopsy
axilladissektion, axilladissektat, axilläre dissektion, axillarevision, lymphknotendissektion, lymphonodektomie, lymphadenektomie = \
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

PHRASES = """
mehr als, größer als, höher als = more than
weniger als, kleiner als, geringer als = less than
z n, zustand nach, st p, status post = status post
v a, verdacht auf, v a auf, dringender verdacht auf, hochgradiger verdacht auf = suspicious for
a v, dd, differentialdiagnostisch, am ehesten, am wahrscheinlichst = possibly
d h, das heißt =
z b, zum beispiel, u a, unter anderem =
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
wuerden, wäre, waere, wären, waeren, hätte, haette, hätten, haetten, müsste, muesste = might
größe, groesse, grösse = size
"""
"""Told from other words by their umlaut alone."""

HEADINGS = """
klinische angabe, klinische daten, klinische information, angabe zur klinik, klinik, \
klinische fragestellung, fragestellung, anamnese, klinische diagnose, \
vorgeschichte = clinical history
makroskopie, makroskopische beschreibung, makroskopischer befund = gross description
mikroskopie, mikroskopische beschreibung, mikroskopischer befund, histologie, histologische beschreibung = \
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
pathologischer befund, histologischer befund, histologischer befundbericht, pathologisch anatomische begutachtung, \
pathologisch anatomisches gutachten, histopathologischer befund, histologisches gutachten, \
histopathologischer befundbericht, pathologischer befundbericht, pathologiebefund, \
histologiebefund, histologie befund, pathologisch anatomischer befund = pathology report
eingesandtes material, material, untersuchungsmaterial, entnahmeort, präparat, art des materials, \
untersuchungsgut, einsendung = specimens
"""

CODES = frozenset(
    "Ki PgR Dako DAKO II III IV RX pCR Non HR ER PR PGR IRS NST DCIS LCIS EIC LVI FISH CISH SISH ISH DISH HER HPF TNM UICC WHO ASCO CAP ITC IHC HE "
    "CK MIB PNI BRCA AJCC ICD TNBC IDC ILC MRT CT PS IS SI PP CEP NEU FNCLCC CRM ISUP ADH UDH R L V N "
    "T M PN".split()
)
"""What is written in capitals and is the same in English."""

SAME_WORDS = frozenset(
    "allred remmele conserving surgery lumpectomy mastectomy biopsy estrogen progesterone receptor cancer "
    "grading specimen negative resection lymphovascular invasion amplified and asco b boost borderline breast c cap carcinoma cell cis clear close "
    "closest cm core d distance ductal e ellis elston equivocal erbb f fish free g grade gy "
    "her high i in intermediate invasive itc itcs ki l left like lobular low luminal "
    "lymph m margin margins max mib mild ml mm moderate mol n negative no node nodes nos not "
    "nottingham of or original p pn positive pt r right risk scan score situ size sn special "
    "status t triple tumor type v via with without x ypt ".split()
)
"""What is the same in English, and English that German reports use."""
