"""Words of reports and letters in English and German, a to k, without accents."""

WORDS = """
aadhaar abbot abbreviated abbreviations abc abdomen abdominal abdomino abgeschlossen abgesehen
abgrenzbar ablatio ablatiopraparat able ablehn ablehnen abnormalit aboral aborted about above
abroad abs absagen abscess abschliessend abschliessende abschlussdiagnose absence absent
absetzrand absetzungsebene absetzungsflache absetzungslinie absetzungsrand absetzungsrander
absiedlung abstand abstract abteilung abtragungsebene abtragungsflache abtragungsrand abundant
abut abwesend abzuwarten accelerator accents accept acceptable accepted accepter accepts access
accession accommodate accommodation accompagnant accordance according account accounted accounts
accueill accueillir achemin achieve achieved acht achtzehn acinar ack acknowledg acknowledged
acompte acrobat across act action actions active activity acts actual actually actuellement adalah
adapter adapters added addenda addendum adding additional additionally address addressed addressee
addresses adds adeno adenocarcinom adenocarcinoma adenoid adenokarzinom adenoma adenose
adenosquamous adequate adipose adjacent adjusted adjuvant admettre admin administered administrat
administration administrator administrators admission admitted admixed adopted adresse advance
advanced advice advis advise advised advises advisories advisory aeussere aeusseren aeusserer
affected affirm affirmation affirmations affirmative affirmed affirms afgeleverd after afterloader
afterwards again against age aged aggregate ago agree agreed agreeing agrees ahead ahnlich aim
aimed aims aiosmtpd air airline airlines aksilla aktivitat alarm alarms alembic alerted algorithm
algorithms aliases aligned alignment alike alive alle allenfalls allerdings allergy
allgemeinzustand allow allowed allows allred allseitig allseits ally almost alone along alphabet
already als also alterations altered alternating alternations alternative alternatives although
altogether always amber ambiguous ambulance ambulant ambulanzbrief ambulatoire ameliyat amenable
amended amendment amid among amount amounts amplif amplification amplified amplifikation
amplifiziert ampulla ampullary amputation anaesthesia anaesthetist anal analyse analyses analysis
analyst analysts analyte analytes analytics anamnese anamnestisch anapath anaplastic anasthesie
anastomosis anatomic anatomische anatomischer anatomisches anatomo anatomy anbei anbieten
ancillary and anderem anderen androgen anestezi anesthesia anew anfarbung anfrage angabe angebot
angeboten angefarbt angefarbter angefordert angehangt angeordnet angeraten angerufen angeschnitten
angezeigt angio angioinvasion angiolymphatic angiolymphatics angiosarcoma angle angrenzend angular
anhaltspunkt anmerkung annahernd annehmen annotation annotations announce announced announcement
announces anonymise anonymised anonymize anonymized anonymous another anschliessend anschnitt
anschnitten ansicht anstelle answer answered answering answers ant anteilig anterior anti antibod
antibody anticipated anticoagul anticoagulant antigen antigens antrum antwoord antwort antworten
any anybody anything anywhere anzahlung anzuraten aortic apart apbi apocrine apokrin apostrophe
appareil apparent apparently appearance appearances appeared appears append appended appendix
appends applicable application applicator applicators applied applies apply appreciated approach
appropriate approval approvals approve approved approves approx approximately apr april arabic
arbeitsplatz arc architect architectur architectural architecture archive archived archives are
area areas aren arg argparse argument arguments arising arithmetic arm armpit around arrange
arrive arrived arrives arriving artefact artery article articles artifact artificial arztbericht
arztbrief ascendens ascending ascertain ascii asco aside ask asked asking asks aspirat assay
assert asserted assess assessable assessed assessment assessments assigned assignment assistant
associated association assoziiert assumed assuming astrocyt athologi atic ation ative atrophic
attach attached attachment attachments attempt attempts attendant attendants attending attente
attention attested attr attribute attributed attributes attribution atypia atypical auch audience
audit audited auf aufenthalt auffallig auffindbar aufgearbeitet aufgebaut aufgewiesen aufgrund
auflage aufnahme aufnahmetermin aufnehmen aufweisend aufweist aug august aunt aurions aurora aus
ausdehnung ausente ausgang ausgebildet ausgebucht ausgedehnt ausgedehnter ausgenommen ausgepragt
ausgeschlossen ausgeschnitten auslaufer ausnahme ausschliessen ausschluss aussen ausser ausserdem
aussere ausserem ausseren ausserer ausseres ausserhalb ausstandig ausstehend auswartig auswarts
auswertbar auswertung auszuschliessen authentic authentication authenticator author authorisation
authorities authority authorization authors authserv auto automated automatic automatica
automatically automatique automatisch automatische automatyczna autoreply autosvar aux avail
availab availability available avec average averaged averted avis avisiert avons await awaited
awaiting away axe axill axilla axilladissektat axilladissektion axillar axillare axillarem
axillaren axillarevision axillary babel babsage babsent back background backlog backup backups
backwards bad badditional baht bajcc baker balance ball baltogether ban banal band bands banner
banners bappear bar bare bars basal base based basis bat batch batches bauchspeicheldruse bauhin
baverage bbenign bblocks bborderline bbrca bbreast bbut bca bcancer bcardia bcarriers bcarries bcd
bcea bcect bcervix bchecklist bck bclosest bcompleted bconfirm bconsent bcontra bcores bcriteria
bcrm bct bdcis bdeclined bdelayed bdeposit bdetected bdevoid bdifferential bdiscrepan bdistance
bdr bds beabsichtigt beam beantwortung bear bearbeiten bearbeitung bears beauftragt bebrt became
because becg becog become becomes becoming bed bedauer bedauern beds been befallen befallene
befallenen befinden befindet before beforehand befund befundbericht befurwort began begin
beginning beginnings begins begleitend begleiterkrankung begleitperson begrenzt begrenzter begun
begutacht begutachtet begutachtung behandeln behandlung behind bei beic beidseitig beidseits
beigefugt beijing being beinhaltet beispiel bekannt bekg believe believed believes bell belong
belongs below bemergenc bemerkung benannt benchmark benchmarks beneath benefit benign benigne
benotig beobachtet ber beratung bereich bereits bericht berichte berichten berichtet berratum
beruhrt beschreibung beschrieben beschriftet beside besides besitzen besitzt besonder besprech
besproch best bestand bestatig bestatigt bestehen bestehend besteht bestguesspass bestimmbar
bestimmt bestimmte bestimmung bestrahl bestrahlung beteiligt beteiligung betracht betragen betragt
betreffend betrieb bett better between beurteilbar beurteilt beurteilung bevidence bewertbar
bewertet bewertung bewertungsschema bexcept bexpressed bexpression bextends bextension bextensive
beyond bez bezeichnet beziehungsweise bezorgd bezuglich bfavou bfish bflight bfragments bfrange
bfree bfrozen bfundus bfurther bgeboren bgender bgermline bgeschreven bgr bgrade bguarant
bguideline bher bhere bhowever bidc bien bif bifocal big bigger bihc bij bila bilan bilateral bilc
bild bilddaten bildgebung bildung bile bilirubin bill billing billion bin binascii bincomplete
bindend bindeterminate binding binds binfiltrat binfiltrating binstead bintact binterpret
binvasion binvasive binvitation binvoice bio biochemistry biological biologie biologique biomarker
biomarkers biops biopsat biopsie biopsies biopsy bioptisch bir bird birth births bis bisect bishop
bit bitcs bits bitte biyokimya biyopsi bki bkidney black blacked bladder blank blanked blanks
blcis bleading bleeding bleft blegend blessing bletter blevels blinded blindly block blocked
blockers blocking blockquote blocks blood bloom blotted blow blurred blutbild blutgefass
blutverdunner blutwerte blymphovascular bmargins bmccancer bmedullary bmetasta bmetastasis bmets
bmismatch bmoderate bmpnst bmr bmri bmutant bmutated bnarrow bneg bnegative bneither bno bnon
bnone bnormal bnot bnuclear bnumber bnumbers board boarding bodies body bof bold bond bone bonjour
book booked booking bookworm bool boost bor border borderline borders born bosartig bosartigkeit
both botocore bottleneck bottom bounce bounced bounces bound boundary bounds bowel bowen box boxed
boxes bpapillary bpassport bpathogenic bpathologist bpathology bper bperformance bperformed bpet
bpgr bpieces bplus bpm bpni bpos bpositive bpr bpresent bqualifies brachytherapy bracket bracketed
brackets brain brather brauchen braunlich brca breached breaches breactiv break breakage breakdown
breaks breast breastbone breasts breath breathing breathless breathlessness breceipt breceived
brecommended breport breported bresectable brespectively bresults brethless brevised bright
brightest bring brings broken broker brother brothers brought brown browser browsers brt brust
brustdruse brusterhaltend brusterhaltende brustwarze brustzentrum bsatellites bsbr bschreef
bscores bsecond bsections bsee bsentinel bsigmoid bsignals bsingle bslides bsln bsomatic bspecimen
bstaging bstations bstomach bsubject bsynoptic btestis bto btotal btoward btreated btumou bucket
buckets budget buffer buffered build buildah building builds built bulk bullet bullets bulunma
bunaffected bundefined bundle bundles bunfavou buninfiltrated buninvaded bunremarkable bunsuitable
bup bupfront burgent burkitt busg bush business busy but butler button buttons bvariants bversus
bvisa bwe bwhereas bwhether bwhile bwith bwithout bwle bwrites byinvasive byinvesive bypass
bystander byte bytecode bytes bzw cache cached cad cadherin cal calcification calcifications
calculator calendar calf calibration call called caller callers calling calls came camera can
canalaire canaries cancel cancelled cancels cancer cancers candidat candidate candidates cannot
canvas cap capabilities capability capable capacity capecitabine capital capitals caps capsular
capsule capsules carcincme carcino carcinoid carcinom carcinoma carcinomas carcinomatosa
carcinomatosis carcinomatous carcinome carcinosarcoma card cardia cardiac cardiaque cards care
careful caregiver carried carrier carriers carries carry carrying carter case cases cash cassette
cassettes cast catalog catalogue catalogues categories category caudal cause causing caution
cautionary cautions cavity ccession cecum ceiling celery celeste cell cells cellular cen cent
centimet centimetres centinela central centre centred centres centric cep cerrahi certain
certainly certainty certificate certificates certified cervical cevap cha chahiye chain chained
chains chance change changeable changed changes changing channel channels chapter char character
characteristic characteristics characters charakteristisch charge charged charges charity chars
charset charspace chart charts che cheap check checked checking checklist checkout checks checksum
chelsea chemo chemoradiation chemoradiotherapie chemoradiotherapy chemotherap chemotherapie
chemotherapy chest child children chinese chirurg chirurgical chirurgie chirurgien cho choice
choices cholangiocarcinoma choosable choose chooses chose chosen chromatin chromogranin chronology
chroot cid cidchar cidrange circa circle circles circumferential circumferentiell circumscribed
cirujano cis cish citations cites city claim claimed claims clamd clarified clarify class classes
classic classical classif classification classified classifies classmethod clause clauses clean
cleaned clear clearance clearances cleared clearly clerical cli click client clients clinic
clinical clinically clinician clinicians clinique clip clipmarkiert clock clocks clockwise clone
close closed closely closer closes closest closing closure cloud cls clusive cluster cnb cny code
codes coefficient coeliac cohesive colectomy colic collarbone colleague colleagues collected
collections collective collector colloid colloquial colo colon colonic colonoscop colonoscopie
colonoscopy colorectal coloscopie colour colours column columns com comb combination combinations
combined come comedo comes comfort comfortable coming comma command commands commas commenc
commence comment commented comments commit commits committed committee committing common commonly
communication communiqu community comorbid comorbidit companion companions company comparator
compare compared compares comparison comparisons compatible compiled compiler compiling complaint
complaints complet complete completed completely completeness completion complex complication
complications component components compose composed composite compound compounds compressed
compris comprises compromised compute computed computer computertomogra con concept concepts
concern concerned concerning concerns concertation conclud concluded concludes concluding
conclusion conclusions concordance condition conditional conditionally conditions conference
confidence confident confidential confidentiality configuration confined confirm confirmation
confirmed confirms conflict conflicts confusion connect connected connection connections
connective connects consegna conseill consensus consent conserving consider considered consistent
console conspicuous constant constitutes constraint consulate consultant consultation
consultations consumers contact contacted contacting contacts contain contained container
containers containing contains contaminated content contents context contextlib contiguous
continuation continue continued continues continuous contra contract contracture contradict
contradicted contradiction contradictions contradictory contradicts contraindication contralateral
contrast contributor control controller controls converted convinced convincing cook cookie cooper
coordinated coordinates coordinator coordinators copied copies copy coral core cores corners
corpus correct corrected correction corrections correlation correspondence corrupt cortical
cosmetic cost costs could count counted counter counters countersigned counting countries country
counts courant courier courriel course courses court cousin cousine cousins cover coverage covered
covers cranial craniotomy crash crawled create created creatinine cribriform criteria criterion
critical crm crooked crore crores cross crossed crosses cryptography crystal csv ctm cumulative
curative cure currency current currently cursors curvature cut cutaneous cuts cutting cycles cyst
cystadenocarcinoma cystectomy cystic cytochemistry cytokeratin cytolog cytology dadurch daha dahil
dahinter daily daisy dalam damaged dan daneben danger dangerous dank dans dargestellt dari dark
darkened darmspiegelung darstellbar daruber darunter das dash dashes data database dataclass
dataclasses dataset datasets date dated dateien daten dates datetime daughter daughters davon dawn
day daylight days dcis dead deadline deadlines deadlock dean dear death deaths debootstrap dec
deceased december decembre decide decided decides deciding decimal decision decisions decisive
declare declared declaring declin decline declined decoded decoder decodes decommissioned decrease
dedifferentiated dedifferenziert deep deeper deepest def default defaultdict defaults defects
deferred deficien deficient defined defines definit definite definitely definition definitiv
definitive degrees dei deidentified del delay delayed delete deleted deleterious deletes deletion
deletions deliver deliverable delivered deliveries delivering delivery della dem demande demands
dementsprechend demnach demo demonstr demonstrat demonstrate demonstrated demonstrates den dengan
denial denials denied denies dense dentate deny denying department departments departure depend
dependent depending depends deposit deposits depozito depth deputies der derajat derecha
derivations derived dermal dermale dermatitis dermis des descending descent described description
descriptor descriptors designated desired desk desks desmoid despite destination destroy destroyed
destroys desweiteren detail details detect detected detektierbar detektiert deterioration determin
determine determined deutlich deutliche dev developed developer device devices devis devoid
devuelto dezember dhanyav diabetes diagnose diagnosed diagnosen diagnoses diagnosis diagnostic
diagnostiziert dialect diameter diameters diatherm dice dickdarm dicom dict dictated dictation
dictionaries dictionary die died dies diese diesen diff differ differed difference differences
different differential differentiat differentiated differentiation differently differenziert
differenziertes differenzierung differenzierungsgrad differing differs difficult difflib diffuse
diffusely diffusion digest digit digital digits dikirim dimension dimensioni dimensions dimensiuni
din dingbat dingbats direct direction directions directly directory direita dirhams disabled
disabling disagree disagreements disagrees disc discarded discharge discharged disciplinary
disclaim disclaimer discontinued discordance discount discovery discrepanc discrete discuss
discussed discussion discuterons disease diseased diseases dish disk displaced displacement
display displayed disponib disponibilit disposer disposition disputed disregard dissect dissected
dissection dissektion distal distance distances distant distinct distribution diverticul divided
dkim dla dmarc dns dnspython dob docker docs docstrings docteur doctor doctors document
documentation documented documents dodatni does dollar dollars dolmetsch domain domains domicile
dominant done door doors doppler dorsal dorsalen dos dose dosisplan dossier dostarcz dot dots
double doubled doubt doubted doubtful doubts douleur down downgraded download downloaded
downstaged downstaging downwards dozen dpi draft drafted drafts drahtmarkiert drained dramatiq
draw drawing drawn draws drei dreizehn dringend dringender dritten drittes drivers drop dropped
drops drug drusenkorper drusenparenchym dual duct ductal ducts due duerfte duerften duke duktal
duktalem duktalen duktaler duktales duodenal duodenectomy duodenum duplicate duplicates
duplications duration durations durchgefuhrt durchmesser durchsetzt durften during duttale duty
dysplasia each earl earlier earliest early east ebenfalls ebrt ebx ecal ecg echo echocardio
echocardiogra echocardiogram echokardio ecog ectomy ecum edge edges edilemedi edit edited edition
effaced effect effected effective effects efficacy efficient ehefrau ehemalig ehemals ehemann
ehesten eic eigenwillig eight eighteen ein einbeziehend einbeziehung einbezogen einbrechend
einbruch einbruche eindeutig eindeutige eine einem einen einer eines eingang eingebettet
eingegangen eingesandt eingesandtes eingriff einhergehend einladung einschatzung einschliesslich
einsendegut einsendung einwachsen einzelne either ejection ekokardiyo eksternal elastic elastisch
elderly electrocardiogra electrocardiogram electrolytes electron electronic electronically
electrons eleven elif eligib eligible elimizde ellipse ellis else elsewhere elston email ematology
embedded emboli emergency emission emiyoruz emoglobin empfehl empfehle empfehlen empfehlung
empfohlen emptied empties emptiest empty emvi enabled encapsulated encased encircle enclosed
encoded encoding encodings encrypt encrypted end endclosing enddarm enddiagnose ended endfor
endgultig endif ending endings endless endmacro endocrine endokrin endokrine endometri endometrial
endometrioid endometrium endopening endoscop endoscopic endoscopy ends endsays endtells energy
enforced engine engineering english enhanced enhancing enlarged enough enquiries enquiry enregistr
enriched enrolled ent entdifferenziert entered enteritis enters entfallt entfernt entfernung
enthalt enthalten entire entirely entities entlang entlassbrief entnahme entnahmeort entnommen
entrapped entrega entregado entregue entries entry entspr entsprechend entspricht entzundlich
entzundung enum envelope enviado environ environment epidermis epikriz epitheli epithelium equal
equals equipment equivalence equivalent equivocal erase erased erases erasure erasures erative erb
erbeten erbitten erence erfassbar erfasst erfolgen erfolgt erfolgte erforderlich ergaben
erganzungsbefund ergeben ergebnis ergibt erhalten erheblich erineural erkennbar erkennen erkrankte
erlauterung ern erreichbar erreichen erreichend erreicht erreichte erroneous erroneously error
errors ersichtlich erstreckt erstreckung erwahnt erythema escaped escapes escreveu esign
esophageal esophagectomy esophagitis esophago especially esquerda essential est establish
established este esthe esthesia estimate estimated estimation estrogen estrogeni etc eur euro
euros evaluable evaluat evaluate evaluated evaluation evaluator even event events eventuell ever
every everybody everyday everything everywhere evet evidence evident evtl ewing exact exactly
examination examine examined examinerons examining example examples exceeded exceeding except
excepted exception exceptions excepts exci excis excised excision excisional exclud exclude
excluded excludes excluding exclusion exclusions exenteration exist existing exists exit exkl
exklusive exocrine expanded expands expect expectation expected expecting expects experience
experimental expert expired expires expiry explain explained explains explicit exploration
exponent export exported exporter exports exposure express expressed expression expressions
exprimieren exprimierend exprimiert exstirpiert extend extended extending extends extension
extensiv extensive extensively extent external externe externes extortionist extra extracapsular
extract extracted extraction extractor extractors extrakapsular extramural extranodal extremity
exzidat exzidatrand exzidiert exzisat exzision exzisions exzisionsebene exzisionsgrenze
exzisionsrand fachabteilung facility fact factor factors facts fadenmarkiert fadenmarkierung fail
failed failing fails failure failures fainter faith faithfully fall fallback fallopian falls
falsche false falsely familiar familie familienanamnese families famille family fand fanden far
farbeintensitat farbereaktion farbmarkiert farbmarkierung farbung fascia fast fastapi faster fat
fate father fatigue fatty faudrait faults favorable favored favou favour favourable favourably
favoured fax feasible feature features feb februar february feed feedback feeds feel feels fehlend
fehlgeschlagen fehlt fellow fellows female feminine fence festgelegt festgestellt feststellbar
fetched fetches fettgewebe fever fevrier few fewer fewest fhir fibro fibroadenom fibroadenoma
fibroadipose fibrocystic fibrofatty fibromatosis fibrosarcoma fibrose fibrosiert fibrosis fibrous
fibrozystisch fibrozystische fichiers fictitious field fields fifteen fifth fifty figure figures
file fileadmin files filiafrei fill filled fills filter filtered filters final finally finance
find findall finden findet finding findings finds fine fingerprint finished fires firm first fish
fisher fistula fit fitness fits five fixation fixative fixed fixiert flag flagged flags flank flap
flat flatbed flattened flattens flexure flight flights float flood floor florence flowing fluid
fluorescence flush flushed fly fmt fna fnclcc focal focality focally foci focus foi fokal folded
folder folders folfirinox folgen folgend folgende folgenden folgender folglich folgt follow
followed following follows followup font fontname fonts fontsize fonttools foot footnote for
forbid forbids forearm foreign foreseen forfait forged forget forgets forgetting forgiven
forgotten fork forked forks form formalin formalinfixiert format formataddr formation formats
former formerly forming forms formula formulas fortfuhren fortnight forty forward forwarded
forwarder forwarders forwards found foundation four fournir fourteen fourth fraction fractionated
fractions frage fragestellung fraglich fragmented fragments frais fraktion frame framed frames
framework frank franken frau fraudster frauenklinik free freed freezes frei french frequency
frequent frequently fresh freundlich freundliche freundlichen from front frontal frontend frozen
fruhest full fuller fullmatch fully function functional functions functools funds fundus funf
funfzehn fur further future gadolinium gain gallbladder gallertig ganglio ganglion ganglioni
ganglionnaire ganglions ganglios ganzlich gap gaps gastrectomy gastric gastritis gastro
gastrointestinal gate gateway gauche gave gbk geb gebildet geboortedatum geboren geburtsdatum
geceleme gecelik geehrte geehrter geeignet geen gefarbt gefasseinbruch gefrierschnitt gefunden
gegeben gegebenenfalls gegen gegenseite gegenuber gej gekennzeichnet gelagert gelblich gelegen
geloscht gelten gemcitabine gemeinsam gemeinsame gemeinschaftspraxis gemessen gemischt
genamplifikation genannt genannte gender gene general generally generate generated generation
generator generic genes genetic genetics genomic genuine geplant geplante geringer geringfugig
geringgradig geringst geringste geringster german germany germline gesamt gesamtausdehnung
gesamtbetrag gesamtbeurteilung gesamtgrosse gesamtpunktzahl gesamtscore gesamtsumme
gesamttumorausdehnung gesamttumorgrosse geschrieben geschwulst gesehen gesendet gesichert
gesprochen gestagen get gets gettext getting gewebebl gewebezylinder gewebsprobe gewicht gewogen
gewunscht giemsa gift gilt gist give given gives giving glad gland glands glandular glanzend
gleason gleichartig gleichfalls gli global glossaries glossary glued glyph glyphs goal goes going
gonderdim gonderildi gone good gorulme goruntuler goruntulere got government grace grad grade
graded grades grading gradings grado graduierung graft gram grammar grand grandfather grandmother
grant granted grateful grau grauweiss gray greater greatest green greeted greeting grenzwertig
grey greylisting greylists groesse groesste groove gross grosse grossen grosser grosses grossly
grossmutter grossten grosster grossvater ground grounds group groupby groups grow growing grown
grows growth grusse grussen guarantee guaranteed guardian guess guessed guesses guest guidance
guide guideline guidelines gun gunluk gut gutachten gutartig gutter guy gyna gynaecological
gynecologic haben habituel had haemangiosis haematoma haemogram haemostasis haetten haftung hakuna
half hamangioinvasion hamangiose hamangiosis hand handed handelt handles handling hands hangs
happen happened happening happens harbou hard harder hardfail hardly harm harmless hartmann
harvested has hash hashed hashes hashlib hasta hastane hasty hat hatte hauptsachlich haupttumor
hautspindel have hazaar hazar haziran hdr head header headers heading headings headless heads
healing health healthcheck healthy hear heard hearing hears heavier heaviest height heights held
help helps hemi hemicolectomy hemogram hemorrhage hemostasis hepatectomy hepatic hepatocellular
hepatoduodenal her heranreichend heranreicht herdformig here hereby hereditary herewith herr
herzecho herzlich herzultraschall hesitate het hexadecimal hidden hide hides hierbei hierfur
hiermit hiervon high higher highest highlights highly highs hill hindi hingegen hinsichtlich hint
hinten hints hinweis his hist histiocyt histiocytoma histiocytosis histo histograding histol
histolog histologic histological histologically histologie histologiebefund histologisch
histologische histologischem histologischer histologisches histology histopatholog
histopathological histopathologie histopathologisch histopathologischer historical history hit
hits hochachtungsvoll hochgradig hochgradiger hochlad hochstens hockrig hodgkin hold holds hole
holiday holidays holland home homogen hook hooks hope hoped hormon hormone hormones hormonrezeptor
hormonrezeptoranalyse hormonrezeptorstatus hospital hospitalisation hospitals host hostile hosts
hotel hotline hounsfield hour hours house houses how however hpf html http httpcore https hundred
hundreds hung hunter husband hybridisation hybridization hydronephrosis hydroureteronephrosis
hyperplas hyperplasia hyperplasie hyperplastic hyperplastisch hyphen hyphens hypoechoic hypothesis
hysterectomy ical icalendar ication ich idc idempotency identical identif identification
identified identifiers identify identisch identity idle ids ied ies ignore ignored ignores ihc
ihre ihtiyac ilc ile ileo iletildi iletilemedi ilettim ilgilenmiyor iliac illegible illisible
illness ilmekte ilmemekte image images imagetools imaging imap immediate immune immunfarbung
immunhisto immunhistochemie immunhistochemisch immunhistochemische immunhistochemischer
immunhistologie immunhistologisch immunhistologische immuno immunohisto immunohistochemi
immunohistochemical immunohistochemistry immunoreactive immunoreactivity immunostain immunostains
immunphanotyp immunreaktion immunreaktivitat impact implants implausible implied import imported
importing importlib imports impossible impression improves inactive ination inbound incapacitated
incelemeye incision incisional incisura includ include included includes including inclusion
inclusions incoming incomplet incomplete incompletely incorrect incorrectly increased indent
indented independent indeterminate index indexes indian indicat indicate indicated indication
indications indikation indirim indispensables indistinct indiziert induced ine inf infarction
infected infection inferior inferred infiltra infiltrant infiltrante infiltrat infiltrate
infiltrated infiltraten infiltrating infiltration infiltrativ infiltrative infiltrier
infiltrierend infiltriert inflamed inflammation inflammatorisch inflammatory inflected influence
info information informe informed ing ingestion ingress inherited inhomogen initial initially
injection ink inked inkl inklusive inkomplett inkompletter inline innen inner innerhalb innermost
inputs inquiries inquiry inr ins insbesondere inserted inserts insg insgesamt inside inspect
install installation installations installed installs instance instead institut institution
institutions insufficient insurance insured int intake integer integrated intend intended intends
intense intensitat intensity intensiv intercostal interested interests interface intermediar
intermediarer intermediate internal international internetshortcut interpret interpretable
interpretation interpreted interpreter interpreters interruptions interrupts interval intervals
intervention intestinal intestine into intra intrabeam intracystic intraductal intraduktal
intraduktaler intraepithelial intramammary intramural intramuscular intraoperative intraoperativer
intravenous inv inva invad invaded invades invading invalid invas invasi invasion invasiv invasive
invasivem invasiven invasiver invasives invasivo invented inventory inverse inverted
investigational investigator investigators inviato invisible invitation invoice invokes involv
involve involved involvement involves involving inzisionsrand ioert ion iort ipsilateral ireland
iris irradiat irradiated irradiation irregular irrtumlich ischemia ish islice isn iso isolated
isolation isoliert isolierte israel issue issued issuing ist istanbul istiyor istologi itc itcs
item itemgetter items itertools itive its itsdangerous itself ity ivy izquierda jack jamaoncology
jamasurgery jan january janvier jaundice javascript jean jedoch jejunal jest jeweilig jeweils job
jobs join joindre joined joins jordan joserfc jour journals journey journeys jours joy json judge
judged judging juillet jul jun junction june just justified kabul kanaatin kann kapazitat
kapseldurchbrechend kapseldurchbruch kapselruptur kapseluberschreitend kapseluberschreitung kar
karnofsky karzinom karzinomanteil karzinomatos karzinomatosa karzinomauslaufer karzinomfrei
karzinomherd karzinominfiltrat karzinomverband karzinomverdachtig karzinomzelle kasallik katika
kaud kaudal kaudalen kaution keep keepalive keepers keeps keimbahn keimbahnmutation kein keine
keinen keinerlei kelenjar kemoterapi kenya kept keratin kernel kernfarbung kerngrad kerngrading
kerning kernpleomorphie kernpolymorphie kernspin key keyboard keyed keyring keys kharcha kidney
kids kill killed kills kind kindly kinds king kirjoitti klassifikation klassifizierung klassisch
klassischer kleiner kleineren kleinerer kleinst klin klingon klinik klinikum klinisch klinische
knapp knappst knochenszinti knoten know knowledge known knows koennte koennten kollege kollegen
kollegial kollegialen kollegin kolleginnen kolonoskopi koloskopie kombiniert kommentar komplett
kompliziert komponente konferenz konnte konnten konseyde konsultasyon kontaktiert kontenjan
kontraindi kontrendike kontrolle kontrollen korrelat korrelierend kostenvoranschlag kraftig kran
kranial kraniale kranialen kranialer krankenhaus kribriform kritische kritischer kubectl
kubernetes kurz kurzest kushoto kutoka kwa
"""
