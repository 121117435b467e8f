"""German words that stand alone: articles, verbs, quantities, and what denies, doubts or plans.

One line an English word, the German words before it without their endings. What is missing here,
in `german_parts` and in `german_phrases` is unknown: a clause with such a word states nothing.
"""

WORDS = """
der, die, das, dem, den, deren, dessen = the
des = of the
ein, eine, einen, einem, einer, eines = a
und, sowie, u = and
tripel = triple
oder = or
bzw, beziehungsweise = resp
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
sich, selbst, so, etwas, dann, nämlich =
nun, nunmehr, jetzt = now
es = it
aufgrund, hinsichtlich, bezüglich, betreffend, zugehörig, hinaus, hinzu, rund, bereits, erneut, \
zunächst, anschließend, nachfolgend, folgend, folgende, folgenden, folgender, genannt, oben, \
unten, \
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
intern = internal
pathogen = pathogenic
variante = variant
ergibt, ergeben, ergab, ergaben = shows
keimbahn, keimbahnmutation = germline mutation
mutation = mutation
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
faden, fäden, fadenmarkiert, fadenmarkierung, clip, clipmarkiert, markiert, markierung, \
drahtmarkiert, \
draht, nadel, orientiert, orientierung, tuschemarkiert, farbmarkiert = marked
gewogen, schwer, wiegend = weighing
nativ, formalinfixiert, fixiert, formalin, unfixiert = fixed
lamelliert, lamellierend, lamellierung, schnittfläche, anschnitt, anschnitten = sectioned
grau, weiß, weißlich, gelb, gelblich, beige, bräunlich, braun, rötlich, rot, grauweiß, weißgrau, \
derb, fest, hart, weich, elastisch, unscharf, scharf, begrenzt, umschrieben, strahlig, \
sternförmig, \
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
