"""Words of reports and letters in English and German, l to z, without accents."""

WORDS = """
lab label labell labelled labels laborator laboratories laboratory labs lac lack lacking lacks
lacs lactation lactiferous lagenge lahetetty laid lakh lakhs lambda lamellierend lamelliert
lamellierung lames lane lang langer language languages laparoscopy lar large largely larger
largest laryngectomy las lassen lasst last lat late lateness later lateral laterale lateralen
laterality latest latin laufend lauren law lay layer layers layout layouts lcis lead leaders
leading leads leaflet leaking leaning learns lease least leave leaves leaving led ledger lediglich
lee left leg legal legative legend legende legends legible leider leiomyo leiomyosarcoma
leiomyosarkom len lend lenf length lengths les lesion lesions less lesser let lets letter lettered
letterhead letters letting leukemia levator level levels liaison libheif libraries library licence
lie liegedauer liegen liegt lies life lifecycle ligament ligature ligatures like likely likeness
lily limit limitations limited limites limits linac line linear lines linfonodi linfonodo
linfonodos lining linitis link linke linked linken linker links linksseitig lint linter lipo
lipomatous liposarcoma liposarkom lira list listed listens listesi listing lists literal
literature little live liver lives livres llerian lns load loaded loading loads lobe lobectomy
lobul lobulaeres lobular lobulare lobularen lobularer lobulares lobulated lobules local locale
locally located location lock locked locking locks log logging logic login logs logy lokalrezidiv
lokoregional lokoregionar london lone long longer longest look lookalikes looked looking looks
lookup loop loopback loose los lose loses loss lost love low lower lowered lowers lowest lows
luminal lump lumpect lumpectomy lumpektomie lumpektomiepraparat lung lupus lvi lvs lymfeklier
lymfeklieren lymph lymphadenectom lymphadenektomie lymphadenitis lymphangio lymphangioinvasion
lymphangiose lymphangiosis lymphatic lymphatics lymphbahn lymphgef lymphgefass lymphknot
lymphknotchen lymphknoten lymphknotendissektion lympho lymphoid lymphoma lymphonodektomie
lymphonodes lymphonodi lymphonodorum lymphonodul lymphonodulitis lymphovascular lymphovaskular
lymphovaskulare lymphspalt maalesef machine machinery machines macro macrometasta macrometastases
macrometastasis macroscopic macroscopically macroscopy made magnetic magnified mai mail mailbox
mailboxes mailgun mails main maintained maintenance major make maker makes makrometastase
makrometastasen makroskopie makroskopisch makroskopische makroskopischer male malformed
malheureusement malign malignan malignanc malignancies malignancy malignant maligne malignitat
malignitatsgrad malignitatsgrading malignitatsgraduierung malignom maliyet mallampati malware
mamillar mamille mamillen mamillenwarts mammae mammaexzidat mammaexzisat mammaglobin mammaire
mammakarzinom mammaprint mammary mammasegment mammateilresektat mammatumorektomie mammella
mammogra mammografie mammografisch mammogram mammographie mammographisch mammography mamogra man
managed management mancato manifest manifests mannlich mannlichen manschette mantle many manyetik
map mapping maps mar margens marges margin marginal marginally marginesy margini margins marginss
mark marked marker markers markiert markierung marks markupsafe marqueurs married marsh marshall
masked mason mass masses massig massive masson mastect mastectomie mastectomy mastektomie
mastektomiepraparat master mastopathie mastopathisch mastopathy match matched matches matching
material materials maternal matplotlib matrix matter matters mauvais max maxim maximal maximale
maximaler maximum may mbr mdt meals mean meaning means meant meantime meanwhile measur measure
measured measurements measures measuring med meddelelse medial mediale medialen median medians
mediastin medical medications medicine medicines medif medikamentenliste medikamentenplan
medikation medium medullar medullary meet meeting meetings meets megabytes mehr mehrere mehrherdig
meilleurs mein mekteyiz melanoma melding member members membership membran membranos membranous
memory men mend mended mending mensagem mensaje ment mention mentioned mentions menu menulis merci
mercy merged merhaba mermaid mesaj mesenter mesenteric mesocol mesocolic mesorect mesorectal
mesorectum mesothelio message messaged messages messaggio messaging messend met meta metaplasia
metaplastic metaplastisch metasta metastas metastase metastasefrei metastasen metastasenfrei
metastases metastasiert metastasierung metastasis metastatic metastatisch method methods methylat
methylation metric metrics mets mib micro microcalcifications microinvasion micrometasta
micrometastases micrometastasis micropapillary microscope microscopic microscopically microscopy
middle middleware midline might migrate migrates migration migrations mikroinvasion mikrokalk
mikrometastase mikrometastasen mikropapillar mikroskopie mikroskopisch mikroskopische
mikroskopischer mikroverkalkung mil mild miles miller millimet millimeter millimetres million
millionen millions milliseconds min mind mindestabstand mindestens minimal minimalabstand
minimalen minimaler minimum minor minute minutes mio misiniz mismatch misread miss missed missing
mission misspelled misst mistake mistaken mistakenly mit mitbeteiligung miterfasst mitos mitosen
mitoserate mitoses mitosezahl mitotic mitotisch mitsamt mittelgradig mittels mittelstark mitunter
mixed mixtures mobetron mod modality mode model models moderate moderately modified modifier
module modules moglich moglicherweise mol molecular moment moments mon money monkeypatch
monoclonal monotonic monsieur montant month monthly months moon more most mostly mother mount
mounted move moved moves moving mplified mpnst mri mrn mrs mrt muayene much mucigenous mucinos
mucinous muciparous mucocellular mucosal mucositis muesste multi multicentric multidisciplinary
multifocal multifocality multifokal multiline multimodal multipart multipel multiple multiplies
multizentrisch muscle muscles muscularis muskular muskulatur muss mussen must mutated mutation
mutational mutations mutmasslich mutterlich mutterlicherseits muzinos muzinoses mxn myoepithelial
myometri myometrial myxofibro myxofibrosarcoma myxoid nach nachbefund nachbericht nachbestrahlung
nachexzidat nachexzisat nachexzision nachfolgend nachgereicht nachgewiesen nachlass nachreich
nachresektat nachresektion nachresezat nachricht nachstehend nachstgelegen nachstgelegenen nacht
nachten nachtrag nachweis nachweisbar nachweisen nachzureichen nachzuweisen nacimiento nahezu nahi
naked name named names namespace namespaces naming namlich narkose narrow narrower narrowing
nascimento nascita national nationality native nature navigation nbreast near nearby nearer
nearest nearly necessary neck necrosis necrotic ned need needed needful needing needle needs neg
negat negated negatief negatif negativ negative negativem negatives negativi negativitat
negativity negativkontrolle negativo negativos neighbour neighbours nein neither nekrose
nekrotisch nel nendobj nendstream neo neoadjuvant neoadjuvante neoadjuvanter neoplas neoplasia
neoplasie neoplasm neoplasms neoplastic neoplastisch nephews nephrectomy nephrosis nerve
nervenscheide nervenscheiden nerves nesting netlink network networks neu neue neun neunzehn neural
neuroendocrine neuroendokrin neurological neuronal neuropathy never new newer newest newly news
next nicht nichtinvasiv nie niece nieces niedriggradig niemals niemanden niet night nightly nights
nil nine nineteen ninyolved nipple noble nobody noch nodal node nodes nodu nodule nodules nography
noise none nonidentified noninferior nonlocal nonsentinel nor normal normalen normalizer normally
north nos not notch notdetected note noted notes notfall nothing notice noticed notices
notidentified notification notifications notified notpresent notre notseen nottingham noun nous
nov november novembre now nowhere nrander nst nstartxref nucle nuclear nuclei nucleus nuestro nuit
nuklear null nullified number numbered numbers numbness numerous nummer nunmehr nunpack nurse
nutrition nvolved oben oberarzt oberflachlich oberhalb object objective objects objid obscured
observations observed obstacle obstruction obtain obtained obvious obviously occupied occurrence
ocr ocrmypdf oct october octobre odeme oder oesophagitis oestrogeenreceptor oestrogen offending
offer offered offers office officer offset offsets oficina often ographical ohne oinvasion oktober
olan olarak old older oldest olefile oleh oligo ology olumsuz omental omentum omosome onaylan
onbestelbaar once onceki oncogene oncolog oncologist oncology oncoprotein oncotype one onerilme
onermiyoruz ones online only onslide onto oophorectomy oorspronkelijk opacity opbericht opd open
opened opening opens opentelemetry operable operand operands operasyon operate operated operati
operation operations operationsbericht operationsplan operative operator operators operier opinion
opposite opposites opprinnelig oprindelig option optional options oral oratory oraz orchestrator
orchiectomy order ordered orders ordinals ordinary ordonnance organ organisation organs
orientation oriented orientiert orientierung origin original originale originally
originalmeddelande originals origins orijinal orthovoltage oryginalna ostrogen ostrogenrezeptor
other otherapy others otherwise otomatik oui our ours ous out outcome outcomes outer outermost
outline outlines outlive outlives outlook outpatient output outranks outreach outside outstanding
outweigh outweighs ovar ovarian ovaries ovary over overall overbooked overcome overexpress
overexpressed overexpression overlap overlaps overlook overlying override overrides oversigned
overtake overtook overview overwrite overwritten overwrote own owned owner ownership owns paciente
package packages packaging packed packets paclitaxel pada page pages paget pagina paid pain
painted pair pairs pairwise paket pale palliativ palliative palpabl palpation pan pancrea pancreas
pancreatectomy pancreatic pancreatico pancreato pancreatobiliary pancreatoduodenectomy panel
pankreas paper papers papillar papillary papillom papilloma par para paraffin paraffinbl
paraffinblock paraffine paraffinmaterial parafin paragraphs parallel parameter parameters
parametri parametrium parasternal parenchym parenchyma parenchymal parent parentheses parents
paris park parked parquet parser parsers parses part parted partial partially participating
particles particular particularly particulars partiell partitions partly partner partners parts
parvenir pas pasaport pass passed passend passenger passeport passes passing passive passkopie
passphrase passport passports password passwords past paternal path pathlib pathogen pathogene
pathogenic patholog pathologic pathological pathologie pathologiebefund pathologisch pathologische
pathologischer pathologist pathologists pathology paths pathway pathways patience patient patiente
patienten patientin patients patoloji pattern patterns pauschal pauschale pause pauses pay payer
payload payloads payment payudara paziente pdf pdfdownloads pdfmetrics pdfminer pdfplumber peak
pearl pectoral peer peers pektoral pelvi pelvic pelvis pen penalty pending penetration penny
pentru people per percent percentage percentages perforation perform performance performans
performed perhaps peri pericolic pericolonic perigastric perineal perineural perineurale
perineurally perineuralscheide perineuralscheiden perinodal peripancreatic peripher peripheral
perirectal perirenal peritoneal peritoneum perkutan permanent permeation permerror permission
permissions permit permitted permutations peroxidase persistent person personal personality
persons perspective pertinent pet petite peux pgbouncer pgr phase phenotype phone photo photograph
photographed photographs photos phrase phrases phyllodes physician physics pick picked picture
pictures piece pieces pitch pkgutil place placed placement places plain plainer plainest plainly
plan plane planlanan planned planner planning plans platelets platform plattenepithel
plattenepithelial plattenepithelialer playbook playbooks played plays playwright please pleased
pleasure pleomorph pleomorphi pleomorphic pleomorphie pleomorphism plumb plural plus pneumonectomy
pneumonitis pni pockets point pointless points polarity pole policies policy pollers polymorphie
polymorphism polymorphisms polyp polypectomy pool pools poor poorly population por port portal
porter portion pos posi posit positief positif positifs position positions positiv positive
positivem positiven positives positivi positivitat positivity positivkontrolle positivo positivos
positron possibile possibl possible possibly post posted posterior postgres postmaster postop
postponed potential potentially potter pour pourriez pouvoir power pozitif pozitiv practical
practically practice pramedikation praparat praparateoberflache praparaterand praparatgrenze
praparatrand prapariert prapektoral pratiqu pre precedence preceding precious precise precision
predict predicted predictive predictor predominantly preferred prefix prefixes prefork pregnancy
pregnant preliminary premedication prendre preop preoperative prep preparat prepare prepared
prepayment prepositions prepped prepyloric presacral prescription presence present presentation
presented presently preserved press presumably presumed preview previews previous previously price
primartumor primary primitive prince princess principal print printable printed prints prior
priority privacy private privileges probabl probable probably probe probeentnahme probeexzision
probes problem problems proc procedure procedures proceed process processed processes processing
processor processors procrastinate proctectomy proctocolectomy producing product production prof
professeur proficient profile profiles proforma prog progest progesteron progesterone
progesteronrezeptor prognostic program programm programme programs progress progressed progression
progressive project prolapse proliferation proliferations prometheus prominent promise promised
promises promoter proof properties property proportion propos proposal proposals propose proposed
proposer proposes propria prose prospective prostat prostate prostatectomy prostatic protected
protection protein protobuf protocol protocole protocols protokol prove proven proves provide
provided provider provisional provisionally proxies proximal proxy prozent prozentig prozentsatz
prudence przez pseudonym pseudonymise pseudonymous pseudonyms psql psycopg ptosis public
publication publish published publishes pulmonary punch punktsumme punycode pure puremagic
purified purpose pushing put puts putting pyarrow pydantic pylor pylorus pytest python qilingan
quadrant quadrantectomy quadrantektomie quadrantenresektat quadrantenresektion quadrants
quadrilaterals qualification qualified qualify quality quantitative quantities quarantine
quarantines quarter quasi que queried queries query question questionabl questionable questioned
questionnaire questions queue queued queues quick quickly quopri quota quotation quote quoted
quotes quotient quoting radi radial radiatio radiation radical radio radiochemotherapie
radiofisica radiolog radiologist radiology radiosensitivity radioth radiotherap radiotherapie
radiotherapy radius radyoterapi raise raised raises raising ral ran rand randabstand randbereich
randbildend randevu randlich random randomised randomly randsaum randschnitt randstandig range
ranges rank ranks rapor raporluyum rapport rare rate rather ratified ratio ratios raw ray rays
reach reached reaches reaching reaction reactiv reactiva reactive reactivity read readable reader
readers reading readings reads ready readyz reagieren reagierend reaktion reaktivitat real
rearrangements reason reasonable reasons reassessment rebuilt recalled recapita recapito receipt
receipts receive received receiver receivers receives receiving reception receptor receptores
receptori receptors receptory recettore recettori recevoir rechnung rechte rechten rechter rechtes
rechts rechtsseitig recipient recipients reckoned reclassified recognised recognized recommand
recommend recommendation recommendations recommended reconciled reconnect recontact record
recorded recorder recording records recover recovered recovery recruited rect rectal rectangle
rectangles recto rectosigmoid rectum recurren recurrence recurrences recurrent red redacted
reddedil redirect redis redness reduction reenviado reexcision ref refer reference references
referral referred referring referto refine refined reflect reflected reflects refus refusal refuse
refused refuses regard regarded regarding regardless regards regelmassig regelrecht regina region
regional regions register registered registers registration registries registry regression regret
regular regulation rehearsal reichen reichend reicht reirr reisepass rejected relapsed related
relation relative relatively relatives relaxed relay relayed release released releases relevant
reliable relied relief relieve remain remainder remaining remains remarks remember remind reminded
reminder reminders remise remission remittance remmele removable removal remove removed removes
removing renamed renaming render rendered rendering renderings renders rendu renew renewed
renumbered renzierten reopened reoperate repackaged repair repeat repeated repeating repeats
replace replaced replacement replaces replay replica replicas replied replies reply report
reported reporter reporting reportlab reports represent representative reproduc request requested
requests require required requirements requires requisition rescued research resect resectab
resectability resectable resected resection resektat resektatgrenze resektatrand resektion
resektions resektionsabstand resektionsebene resektionsflache resektionsgrenze resektionslinie
resektionsr resektionsrand resektionsrandabstand reseptor reseptoru reservation reserved reservier
reserviert reset reseziert residence resident residual residualtumor residue resolved resonance
resource resources resp respective respectively respond response responsibility resposta respuesta
rest restaging restart restarted restarts restated restatement restates restating restlich
restoration restore restored restores rests resttumor result resultat results resume retention
retirado retire retired retirement retracted retraction retried retries retrieved retroperiton
retroperitone retroperitoneal retroperitoneum retrospective retry return returned returning
returns reveal reveals reverse reversed reviendr review reviewed reviewing reviews revised revoked
reworded rewrap rewritten rewrote rezeksiyon rezeptor rezeptoren rezeptorstatus rezidiv rezonans
rice rich richardson richten rid right rightly rights ring ringed ringgit rings ringsum rises risk
risks risposta rival rivals rmb robot rocky role roles rolled roman room root rose rotate rotated
rotating rotation rotlich roubles round rounded rounding rounds route router routes routine row
rows rozmiar rozpoznanie rsa ruby ruckmeldung rule ruled rules run rundherd rundlich rung running
runs rupees rupture russian sacrum safe safeguards safety sage said salpingo salt salvage sambhav
same sample sampled samples sampling samtlich sandbox sandy sanguin sanitising sano sans sarcoma
sarcomas sasano sassistent sat satellit satellite satelliten satellites save saved saves saw say
sayfa saying sayings says sbr scale scales scaling scan scanned scanner scanners scans scarcely
scarff scarring scattered scells scenarios schedul schedule scheduled scheduler schedules
scheduling scheint schema schemas scheme schildwachter schlecht schlumprig schmerz schnellschnitt
schnellschnittbefund schnellschnittdiagnose schnitte schnittebene schnittflache schnittgrenze
schnittrand schnittrandabstand schnittrandbildend schnittrander schnittrandsituation schollig
schreiben schwach schwacher schweres schwester sciatic scintigra scleroderma sclerosing sclerotic
scope scopes score scored scores scoresumme scoring screen screened screening screens script
scripts scritto seal sealed sealers sealing seals search searched searches searching searchworks
seaweedfs seccomp sechs sechzehn second secondary seconds secret secreting secretory secrets
section sectioned sections secure security seed seeding seeds seeing seems seen segment segmental
segmentectomy segmentektomie segmentresektat segmentresektion segments sehr sein seite seizure
sekundar seldom selected selection selective selector self sem semaine semaines semicolons
seminoma sen send sender senders sending sends sensible sensitive sent sentence sentences sentinel
sentinelbiopsie sentinelle sentinellymphknoten sentinelnode sentinels senza sep separate separated
separately separates separator separators september septembre seq sequences sequencing sequential
series serious serous served server servers serves service session sessions set sets setting
settings settle settled settles settling seven seventeen seventy several sex sexes shade shall
shanghai shape shapes share shared shares sharp sharper sharpness shav shave shaved she sheath
sheet shekels shepherd shielded shielding shift shingle shingles short shorter shortest shortlist
shortly should shoulder show showed showing shown shows shrink shrinkage shut shuts shy sia
siblings sich sicher sicherheitsabstand sicherheitssaum sichtbar sick side sided sides sidewall
sideways sie sieben siebzehn siegelringzell siegelringzellig siehe sight sigma sigmoid sign
signals signature signatures signed signer signet significance significant signing signs silence
silent silicone silmapd simhash similar simple simpler simplest simplified simulation sin since
sincerely sind single sinistra sinnvoll sintigrafi sinus sinusoidal siologist sir sish sister
sisters site sites sits situ situation sitzung six sixteen sixth sixty size sizes skeletal
skelettszinti skickat skin skip skipped skull sla slanted slashes sleeps sliced slide slides
slightly slip sln slnb slonger slot slots slow slowest small smaller smallest smith smooth
smoothed smtp smudged snapshot snb snijvlakken snodes snuclear socket sockets sof sofern soft
softfail software solid solitary sollten some somebody someone something sometimes somit son
sondern sonogra sonografie sonographie sonographisch sonstig soon sor sorry sorts souhait
souhaitable source sources south sowie space spaces span spanning spans sparlichst speak speakers
speaking speaks special specialists specific specified specify specimen specimens speck specks
spelled spelling spellings spells speziell speziellen spezieller spezifisch spf spherical
spiculated spikuliert spindelzell spindelzellig spindle spine spleen splenic split spoiled spoils
spoke spoken spositivity spot spots spread spreading spreadsheet spreadsheets sql sqlalchemy
sqlmodel squamous square squares src sreliable sresection sschreiben sslrootcert sstatus stadium
staff stage staged stages staging stain stained staining stains stalker stamp stand standard
standardwebhooks standing stands stanzbefund stanzbiops stanzbiopsat stanzbiopsie stanzbioptisch
stanzzylinder star stark starker starlette start started starting starts starttls stat state
stated statement statements states staticmethod station stationar stations statistics status stay
stayed stays steatosis steht stella stellenweise stellt stellte stenosis step steps sterlin stern
sternformig sternformiger steroid steroidhormon still stock stomach stone stood stop stopped stops
storage store stored stores storiform story str straddles strahlen strahlentherapie strahlig
straight strands stranger strangers strata strategies stratum stray stream streamed streaming
streams strength strengths stretch stretched stretches strict strictly strike strikes striking
string strings strip stripped strittig stroke strokes stroma stromal strong stronger strongest
strongly struck structlog structure structured structures studies study style styles sub subcardia
subcutaneous subcutis subfascial subgroup subject subjective subkutan submitted submitting
subprocess subsequent subsequently subsite substring subtracted subtyp subtype subtypes success
successfully successor such suffers sufficient suffix suffixes suggest suggested suggesting
suggestion suggestive suggests suitability suitable suite suits sum summary summed summenscore
summer sums sun sunulacak sunuldu sup superficial superior supersede superseded supersedes
superuser supervisor supervisory supplementary support supported supports supraclav suprafascial
sur sure surely surface surgeon surgeons surgery surgical surname surrogate surrogateescape
surrogatepass surrounded surrounding surroundings survival survives survivors suspect suspected
suspekt suspekten suspicion suspicious sutured swapped swift switched switches sydney symbol
symbols symptom symptoms synaptophysin synchronous syndrome synopses synopsis synoptic synovial
synthetically system systemic systemtherapie tab table tables tablets tabs tag tage tagen taglich
tags tail taille take taken takes taking talep talk talked tamamla tamanho tampering tang
tangierend tangiert tap target targeted targets tarihi task tasks tausend tavsiye taxonomy taylor
team teams technique techniques teilmastektomie teilresektion teilweise telangiectasia telefoniert
telefonisch telefonumdan telephone tell telling tells temperature tempfile template templates
temporal ten tenfold tenth tercuman term termin terminal termine terminiert tesseract test tested
testing tests text texts textstate textwrap than thank thanks that the theatre theatres their
theirs them themselves then therap therapeutic therapie therapy there therefore thereof these they
thick thickness thigh thin thing things think thinners third thirteen thirty this thorax
thoraxwandseitig those though thought thousand thousandths thread threads threatened three
threshold thrombosis thrombus through throughput thus thyroid thyroidectomy tic tick ticked ticket
ticketnummer tickets ticks tidak tief tight till time timed timedelta timeline timelines timeout
timer times timestamp timestamps tin tiny tis tissue tissues title titles tmp tnm tochter
tochtergeschwulst today together token tokens told tolerance tolerances tolerant tolerated
tomografi tomography tomorrow tomosynthesis took tools top toplam topmost tops tore torn total
totally totals touch touched touches touching tourist toward town toxicit toxicity trace
tracemalloc traceparent traces traction traditional trailer trailing traitements traiter
transaction transcript transcription transected transecting transects transfer transfers
transforms transit transition translate translates translation translations translator transmett
transport transverse transversum travel travell traveller travelling travels treat treatable
treated treating treatment treatments treats tree triage trial trials trialsearch trickles tried
tries trigger triggers trimmed triple triples trong trouble trouver tru trucut true truly trust
trusted truth try trying tsd tubul tubular tubulares tubule tubules tubulolobular tubulus tumeur
tumor tumoral tumoranteil tumorauslaufer tumoraux tumorbefall tumorbefallen tumorboard
tumorektomie tumoren tumorexstirpat tumorexzisat tumorexzision tumorfrei tumorfreie tumorfreier
tumorgewebe tumorgrad tumorgrading tumorgraduierung tumorgrootte tumorgrosse tumorherd tumorii
tumorinfiltrat tumorinfiltriert tumorkomplex tumorkonferenz tumormarker tumoros tumorrand
tumorrander tumorrest tumorverband tumorverdachtig tumorzapfen tumorzelle tumorzellfrei
tumorzellkern tumorzellkerne tumorzellkomplex tumorzellverband tumou tumour tumours tuned tuple
turkish turkiye turn turned turner turning turns tuschemarkiert tuschemarkierung tuscherand twelve
twentieth twenty twice twin two tylectomy typ type typed typer types typically typing typisch
typographic uber uberall uberexpression uberexprimiert ubergehend ubergreifend ubergreift
uberlastet ubermittel ubernehmen ubersandt uberwiegend ubrigen uestion ufffd ulcerative ultra
ultraschall ultraso ultrasound uma umgeben umgebend umgebende umgebung umlaut umlauts umliegend
umschrieben una unable unaffected unambiguous unamplified unanswered unassessed unauffallig
unavailable unbefallen unbekannt unbound uncertain uncertainty unchanged uncinate uncle unclear
uncompressed unconfirmed unconscious uncorrected uncounted und undecided undecodable undefined
undeliver undeliverable undelivered under undergo undergone underline underscores understand
understands understate understood undertaken underwent undetectable undetected undetermined
undifferentiated undifferenziert undue une unequivoc unequivocal unfinished unfixiert unfolded
unfortunately ungefahr ungewiss ungultig unhealthy uni unicodedata unified unifocal unifokal
uniform uninvolved unique unit units universitat university unklar unknown unknowns unless
unlikely unpack unpacked unpainted unreachable unread unreadable unregelmassig unreliable
unremarkable unresectable unresected unresolved unresponsive uns unscharf unsealed unseen unser
unsere unserem unserer unsettled unshare unshown unsicher unsigned unspecified unspezifisch
unstained unstated unsubscribe unsuitable unsupported unsure unten unter unterhalb unterlagen
untersucht untersuchung untersuchungsgut untersuchungsmaterial untested until untouched untuk
untyped unusable unused unusual unusually unverified unvollstandig unwell unworked unzustellbar
update updated upfront upgrade upgraded upload uploads upper upright ups upstaged upwards ureter
ureteral uretero ureters urgency urgent urotheli ursprungliche usd use used user userfaultfd users
uses using ustlenemiyoruz usual usually uterus utf uvicorn uzgunuz uzulerek vacaciones vacances
vacation vaccination vacuum vacuumed vagina valable valid validate validation validity valkeylite
value values van vanished var variable variables variance variant variante variants varices
varying vascular vasorum vaterlicherseits veecular vein veloped venous ventilation ventral
ventralen veranderung veranlasst verb verbleibend verbs verdacht verdachtig verdict verdicts
vereinbar vereinzelt verfugbar verfugung vergeben vergleichbar vergleiche verhartung verified
verifiziert verify verkalkung vermutlich vernarbung vernichtet verreist versement version
versioned versioning versions verslag verstandnis versuch versus vertebra vertical vertretbar
verwandte verweildauer very verzogert verzonden vessel vessels veuillez vgl via viable victoria
video vielen vier vierzehn view viewer viewers views violet virtually virus viruses visa visible
visit visited visitor visitors visits vitales vitamin vocabularies vocabulary voiceless void
vollstandig volume volumen volumes vom vomiting von voor vor vorangegangen vorausgegangen
voraussichtlich vorauszahlung vorbefund vorbekannt vorbekannten vorbestrahlung vorgang
vorgangsnummer vorgenommen vorgeschichte vorgesehen vorgestellt vorhanden vorherig vorkasse
vorliegend vormalig vormals vorstehend vorstell vorstellung vorwiegend votes votre vous vowels
vulture vulva vus wachsend wachstum wachstumsfraktion wachstumsmuster wachter wachterlymph
wachterlymphknoten wahrend wahrscheinlich wahrscheinlichst wait waited waiting waits waived wakes
walker walks wall walls want wanted wants war ward waren warm warning was washing washings wasn
watch watchdog watches waters way ways weak weakly weakness weaver web webhook webhooks wechat
weed week weekdays weekend weeks wegen weiblich weigh weighed weighing weighs weight weighted
weights weissgrau weisslich weiter weitere weiterem weiteren weiterer weitergeleitete weiterhin
weiterverfolgen welchem welcher welches well wells weniger wenn went werden were werktage west
what whatever whatsapp wheel when whenever where whereas wherever whether which whichever while
whipple white who whoever whole whom whose why wide widened wider widespread widget width wie
wiegend wife wild will willing window windows wingdings wins winter wir wird wire wirsung wish
wishes with withdraw withdrawal withdrawals withdrawn withdraws withdrew withheld within without
wle wobbles woche wochen woman women won wood word worded worden wording wordings words wordspace
work worked worker workers workflow workflows working workload works worktree world worry worse
worst worth would wound wrap wrapped wrapping wrappings wright write writers writes writing
written wrong wrongly wrote wuerden wurde wurden xes yaml yang yatak year years yes yet yeterli
yield yields yok yonlendir yor you young your yours yourself yrp yuan zahlreich zamanda zaouss
zapfdingbats zehn zeichen zeigen zeigt zeigte zellkern zellkerne zentimeter zentral zentrum zero
zijn zipfile zirkumferentiell zirkumferenziell zonder zone zoneinfo zugehorig zugestellt zukommen
zum zunachst zur zusammenfassende zusammenfassung zusatzbefund zusatzlich zustand zustandig
zustellung zwanzig zwei zweifelhaft zweifelsfrei zweiten zweites zweitmeinung zwischen zygosity
zystisch
"""
