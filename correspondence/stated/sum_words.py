"""Currencies and scales as letters write them, in the languages hospitals answer in."""

from collections.abc import Mapping
from typing import Final

CURRENCY_WORDS: Final[Mapping[str, str]] = {
    "INR": "inr ₹ rs. rs rupees rupee रु. रु रुपये रुपए रुपया rupaye rupay",
    "USD": "usd us$ $us u.s.$ $ us_dollars us_dollar dollars dollar dolar doları долларов_сша"
    " доллара_сша доллар_сша долл._сша долл. долларов доллара 美元 美金 دولار دولارًا دولارا"
    " دولار_أمريكي डॉलर 달러 米ドル",
    "EUR": "eur € euro euros avro евро 欧元 歐元 يورو यूरो 유로 ユーロ",
    "CNY": "cny rmb cn¥ ￥ ¥ yuan 元 人民币 人民幣 元人民币 元人民幣 юаней юаня يوان युआन kuai",
    "JPY": "jpy yen 日元 円 иен",
    "GBP": "gbp £ pounds pound_sterling sterlin фунтов 英镑 جنيه_استرليني",
    "RUB": "rub rur ₽ руб. руб рублей рубля рубль р. 卢布 روبل rubles roubles",
    "TRY": "try tl ₺ lira türk_lirası lirası лир ليرة 里拉",
    "AED": "aed dhs dhs. درهم_إماراتي",
    "MAD": "mad dh درهم_مغربي",
    "SAR": "sar riyals ريال_سعودي",
    "QAR": "qar ريال_قطري",
    "CHF": "chf sfr. franken francs_suisses 瑞士法郎",
    "KRW": "krw ₩ won 원 韩元 вон",
    "SGD": "sgd s$ sg$",
    "AUD": "aud a$ au$",
    "CAD": "cad c$ ca$",
    "HKD": "hkd hk$ 港币 港幣 港元",
    "TWD": "twd nt$ ntd 新台币 新臺幣",
    "THB": "thb baht ฿ บาท",
    "MYR": "myr rm ringgit",
    "IDR": "idr rp rp. rupiah",
    "KZT": "kzt ₸ тенге",
    "UZS": "uzs сум сўм",
    "UAH": "uah ₴ грн грн. гривен",
    "AZN": "azn ₼ manat манат",
    "GEL": "gel ₾ lari лари",
    "ILS": "ils ₪ nis shekels",
    "EGP": "egp جنيه_مصري",
    "JOD": "jod دينار_أردني",
    "KWD": "kwd دينار_كويتي",
    "OMR": "omr ريال_عماني",
    "BHD": "bhd دينار_بحريني",
    "VND": "vnd ₫ đồng",
    "PHP": "php ₱",
    "PKR": "pkr",
    "LKR": "lkr",
    "BDT": "bdt ৳ taka",
    "NPR": "npr",
    "PLN": "pln zł złotych",
    "CZK": "czk kč",
    "SEK": "sek",
    "NOK": "nok",
    "DKK": "dkk",
    "BRL": "brl r$ reais",
    "MXN": "mxn",
    "ZAR": "zar rand",
}
"""Words of each currency, apart by spaces; "_" stands for the space inside one."""

_WORDS_TOO = """try rub cad aud sar rm rp nis thb sek nok dkk php pkr lkr npr zar bdt gel egp jod
kwd mad dh omr bhd azn uzs uah vnd pln czk brl mxn twd ntd sgd hkd myr idr kzt ils qar jpy krw
chf tl"""
WRITTEN_LARGE: Final = frozenset(_WORDS_TOO.split())
"""Codes that are words or abbreviations too ("try 3 times", "CAD"): they count in capitals only."""
_SIGNS = "$ ¥ ￥ € £ ₹ ₺ ₽ ₩ rs rs. dollar dollars 元"
SIGNS: Final = frozenset(_SIGNS.split())
"""Signs of more than one currency: a code beside the sum wins over them."""

SCALE_WORDS: Final[Mapping[int, str]] = {
    1_000: "k thousand tsd. tsd tausend mille тыс. тыс тысяч тысячи тысяча bin 千 ألف آلاف الف"
    " हज़ार हजार hazar hazaar hajar",
    10_000: "万 萬 wan 만",
    100_000: "lakhs lakh lacs lac lks l लाख лакх",
    1_000_000: "million millions mn mio. mio millionen миллион миллиона миллионов млн. млн milyon"
    " 百万 مليون ملايين",
    10_000_000: "crores crore cr. cr करोड़ करोड",
}
_INDIAN, _CHINESE = "lakhs lakh lacs lac lks लाख crores crore करोड़ करोड", "万 萬 wan"
IMPLIED: Final[Mapping[str, str]] = {
    word: code for words, code in ((_INDIAN, "INR"), (_CHINESE, "CNY")) for word in words.split()
}
"""Scales that only one country of ours counts money in: its currency is meant if none is named."""
TO: Final = "-|–|—|~|～|〜|to|till|upto|and|bis|до|–|至|到|à|ile|ila|إلى|الى|حتى|से|se|a|--|و"
"""What stands between the two sums of a range, as a pattern's alternatives."""
