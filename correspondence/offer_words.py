"""What stands beside a sum, a date or a span in an offer and says what it is; eight languages."""

import re
from typing import Final


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


DEPOSIT: Final = _any(
    r"бронь|押金|to be paid at (?:the time of )?admission|payment is to be made",
    r"deposit\w*|advance|down ?payment|pre-?pay\w*|upfront|up front|token amount",
    r"anzahlung|vorauszahlung|vorkasse|kaution|acompte|arrhes|dépôt|avance|versement",
    r"предоплат\w*|аванс\w*|задат\w*|депозит\w*|押金|预付|預付|定金|订金|预交|预缴",
    r"kapora|ön ?ödeme|depozito|peşinat|avans|عربون|دفعة (?:مقدمة|أولى)|مقدم|تأمين|अग्रिम|एडवांस"
    r"|जमा",
)
FEE: Final = _any(
    r"budget\w*|genannte\w* betrag|(?:family|patient) (?:has|have|can|offers?|pays?)"
    r"|бюджет\w*|预算|الميزانية",
    r"bütçe\w*|बजट",
    r"opinion (?:charges|fees?|is charged)|online|会诊费|video",
    r"no-?show|cancel\w*|consult(?:ation|ing)|registration|second opinion|opinion fee"
    r"|interpret\w*",
    r"\bvisa\b|transfer|pick-?up|ambulance|translation|attendant|companion|courier|file opening",
    r"administrat\w*|handling|penalt\w*|late fee|storno\w*|beratung\w*|zweitmeinung|dolmetsch\w*",
    r"begleitperson|консультац\w*|второе мнение|переводчик\w*|неявк\w*|会诊费|翻译费|挂号|陪护",
    r"téléconsultation|avis médical|interprète|frais de dossier|accompagnant|konsültasyon"
    r"|muayene",
    r"ikinci görüş|refakatçi|tercüman|استشارة|مرافق|ترجمة|إلغاء|परामर्श|ओपीडी|opd",
)
PER_UNIT: Final = _any(
    r"per (?:day|night|session|fraction|week|person|km)|/\s?(?:day|night|session|fraction|tag"
    r"|nacht)",
    r"\ba day\b|each (?:day|night|session)|daily|pro (?:tag|nacht|sitzung)|täglich|par (?:jour"
    r"|nuit)",
    r"за (?:сутки|день|ночь|сеанс)|в (?:сутки|день)|每[天日晚次]|/\s?[天晚次]|günlük|gecelik"
    r"|seans başı",
    r"يوميا|لليوم|في اليوم|لكل (?:يوم|ليلة|جلسة)|प्रति ?दिन|प्रतिदिन|प्रति रात",
)
LATER_RADIATION: Final = _any(
    r"external|\bebrt\b|supplementary|additional radi\w*|further radi\w*|whole[- ]breast"
    r"|\bwbrt\b",
    r"later radi\w*|post-?op(?:erative)? radi\w*|fractionated|weeks of radi\w*|linac sessions",
    r"perkutan\w*|externe\w* (?:bestrahlung|strahlen\w*)|nachbestrahlung|radiothérapie externe",
    r"дистанционн\w*|ДЛТ|внешн\w* луч\w*|外照射|体外放疗|全乳照射|术后放疗|eksternal|harici"
    r"|dış(?:tan)? ışın",
    r"الإشعاع الخارجي|العلاج الإشعاعي الخارجي|बाहरी (?:विकिरण|रेडिएशन)|बाह्य",
)
WITHOUT: Final = _any(
    r"\bwithout|\bw/o\b|\bexcl\w*|\bohne\b|\bexkl\w*|\bsans\b|\bhors\b|\bбез\b|не включая",
    r"不含|不包括|\bhari[çc]\b|بدون|غير شامل|बिना",
)
"""Words that leave out what follows them."""
TOGETHER: Final = _any(
    r"\bwith\b|\bincl\w*|\bmit\b|\binkl\w*|\bavec\b|y compris|\bс\b|включая|包括|含|\bdahil\b",
    r"شامل|सहित",
)
WITHDRAWN: Final = _any(
    r"неверн\w*|в прошлом письме|list price|regular price",
    r"was wrong|disregard|instead of|earlier quot\w*|previous(?:ly)?|formerly|old (?:price"
    r"|quot\w*)",
    r"no longer valid|not \S{0,5}$|rather than|in error|by mistake|mistaken\w*|superseded"
    r"|withdrawn",
    r"statt|anstelle|irrtümlich|ungültig|bisher\w*|вместо|ошибочн\w*|раньше|ранее|прежн\w*"
    r"|недействит\w*",
    r"原报价|作废|有误|之前|此前|au lieu d|annul\w*|erroné\w*|précédent\w*|yerine|yanlış|önceki"
    r"|hatalı",
    r"بدلا من|بدلًا من|خطأ|السابق|के बजाय|गलत|पहले",
)
DISCOUNT: Final = _any(
    r"discount\w*|rebate|reduction|less\b|saving\w*|off\b|rabatt|nachlass|скидк\w*|优惠|折扣"
    r"|减免|remise|réduction",
    r"indirim\w*|خصم|تخفيض|छूट",
)
TOTAL: Final = _any(
    r"\btotal\w*|altogether|all[- ]?in(?:clusive)?\b|overall|grand|package|in all\b"
    r"|sums? (?:up )?to",
    r"complete (?:treatment|cost)|whole treatment|entire|gesamt\w*|insgesamt|pauschal\w*"
    r"|komplett\w*",
    r"итого|всего|общ\w* (?:стоимость|сумма)|пакет|под ключ|合计|总计|总共|总费用|总价|一共"
    r"|共计|全部费用|套餐",
    r"au total|forfait\w*|montant global|coût global|toplam\w*|paket\w*|hepsi dahil"
    r"|her şey dahil",
    r"الإجمالي\w*|إجمالي\w*|المجموع|الكلية|شامل\w*|باقة|कुल|पैकेज|संपूर्ण|सम्पूर्ण",
)
EQUIVALENT: Final = _any(
    r"equivalent|equals?|approx\w*|\bi\.?e\.?\b|about|around|ca\.|circa|entspricht|или|или же"
    r"|约|约合|折合",
    r"soit|environ|yaklaşık|أي|ما يعادل|حوالي|यानी|लगभग|≈|=|~|\($",
)
VALID: Final = _any(
    r"valid\w*|effective (?:until|till)|gilt (?:bis|noch)|offer (?:expires|stands|holds)"
    r"|hold\w* (?:good )?(?:until|till|for)|expir\w*"
    r"|gültig\w*",
    r"bindend|binding|действ\w*|актуальн\w*|有效|valable\w*|validité|geçerli\w*|صالح\w*|ساري\w*"
    r"|صلاحية",
    r"मान्य|वैध|price (?:is )?(?:fixed|guaranteed)",
)
ADMISSION: Final = _any(
    r"приехать|办理入院|住院部|let the patient come|الدخول|دخول",
    r"admi(?:ssion|t)\w*|availab\w*|earliest|surger\w*|operati\w*|slots?|possible date|theatre"
    r"|from\b",
    r"come\b|arriv\w*|aufnahme\w*|termin\w*|frühest\w*|op-|приня\w*|госпитализ\w*|операци\w*"
    r"|приём|с$",
    r"入院|手术|最早|床位|安排|admettre|accueill\w*|hospitalisation|disponib\w*|intervention"
    r"|au plus tôt",
    r"yatış\w*|kabul|ameliyat\w*|en erken|randevu|دخول|استقبال|موعد|العملية|أقرب|भर्ती|ऑपरेशन"
    r"|सर्जरी|तारीख",
)
AHEAD_OF: Final = _any(
    r"^\W{0,3}(?:\d+\W{1,3})?(?:working |business |calendar )?(?:days?|weeks?|nights?)\W{1,3}"
    r"(?:before|prior|in advance|ahead|after receipt|from receipt)",
    r"^\W{0,3}(?:werktage?n?|tagen?|wochen?)\W{1,3}(?:vor\b|im voraus)|^\W{0,3}(?:jours?|semaines?)"
    r"\W{1,3}avant",
    r"^\W{0,3}(?:дн\w*|недел\w*)\W{1,3}до\b|^\W{0,3}(?:天|日|周)\W{0,2}(?:前|之前|内)|^\W{0,3}gün\W{1,3}önce",
)
"""Behind a number of days: they lie before something, and nobody stays for them."""
CITY: Final = _any(
    r"stay in (?:japan|korea|china|india|turkey|russia|moscow|seoul|tokyo|istanbul|beijing"
    r"|shanghai|dubai)",
    r"stay(?:ing)? in (?!(?:the |our |your )?(?:hospital|ward|clinic|icu|unit|single|room))",
    r"в (?:москве|петербурге|россии)|本市|shehar|शहर",
    r"city|in (?:india|china|the country|town|turkey|germany|korea|istanbul|delhi|mumbai)"
    r"|total stay",
    r"outpatient|local(?:ly)?|hotel|nearby|guest ?house|accommodation outside|after discharge"
    r"|remain",
    r"in der (?:stadt|nähe)|hotel|ambulant\w*|aufenthalt in|в (?:городе|стране|гостинице)"
    r"|амбулаторн\w*",
    r"市内|当地|酒店|附近|出院后|国内停留|sur place|en ville|hôtel|ambulatoire|şehirde|otel\w*"
    r"|türkiye'de",
    r"في المدينة|الفندق|الإقامة في|शहर|होटल|भारत में",
)
HOSPITAL_STAY: Final = _any(
    r"hospital\w*|in-?patient|ward|length of stay|\bstay\b|admission|admitted|package|room"
    r"|nights?\b",
    r"stationär\w*|krankenhaus\w*|klinik\w*|liegedauer|verweildauer|aufenthalt\w*|госпитализ\w*",
    r"стационар\w*|койко|в клинике|в больнице|пребыван\w*|住院|病房|留院|hospitalisation"
    r"|hospitalisé\w*",
    r"séjour|clinique|hastane\w*|yatış\w*|yatak|kalış\w*|المستشفى|التنويم|الإقامة|अस्पताल|भर्ती"
    r"|हॉस्पिटल",
)
PERCENT: Final = re.compile(
    r"(?<![\d.,])(\d{1,3})\s?(?:%|per ?cent|процент\w*|yüzde|फीसदी|प्रतिशत|٪)"
)
FULL_AMOUNT: Final = _any(
    r"(?:full|total|entire|whole) (?:amount|sum|payment|cost)|100 ?%|full prepayment|全款|全额"
    r"|полн\w* предоплат",
    r"gesamtbetrag|totalité|tamamı|كامل المبلغ|पूरी राशि",
)
