"""Months, units of time and their numbers as letters write them, in eight languages."""

from collections.abc import Mapping
from typing import Final

_MONTH_LINES: Final = (
    "jan january januar jänner janvier enero янв января январь ocak janv يناير जनवरी",
    "feb february februar février fév févr fevrier фев февраля февраль şubat فبراير फरवरी फ़रवरी",
    "mar march märz mrz mars мар марта март mart مارس मार्च",
    "apr april avril avr апр апреля апрель nisan أبريل ابريل अप्रैल",
    "may mai мая май mayıs مايو मई",
    "jun june juni juin июня июнь haziran يونيو जून",
    "jul july juli juillet июля июль temmuz يوليو जुलाई",
    "aug august août aout авг августа август ağustos أغسطس اغسطس अगस्त",
    "sep sept september septembre сен сент сентября сентябрь eylül سبتمبر सितंबर सितम्बर",
    "oct october oktober okt octobre окт октября октябрь ekim أكتوبر اكتوبر अक्टूबर अक्तूबर",
    "nov november novembre ноя нояб ноября ноябрь kasım نوفمبر नवंबर नवम्बर",
    "dec december dezember dez décembre déc decembre дек декабря декабрь aralık ديسمبر दिसंबर"
    " दिसम्बर",
)
MONTHS: Final[Mapping[str, int]] = {
    name: number for number, line in enumerate(_MONTH_LINES, start=1) for name in line.split()
}

_DAY = """days day tage tagen tag jours jour дней дня день суток сутки gün günü günlük 天 日
 يوم أيام ايام يوما يومًا दिन दिनों din"""
_NIGHT = """nights night nächte nächten nacht nuits nuit ночей ночи ночь gece geceleme 晚
 夜 ليلة ليال ليالي रात रातें raat"""
_WEEK = """weeks week wks wk wochen woche semaines semaine недель недели неделя неделю hafta
 haftalık 周 週 星期 أسبوع أسابيع اسابيع सप्ताह हफ्ते हफ़्ते हफ्ता"""
UNIT_DAYS: Final[Mapping[str, int]] = {
    word: days
    for words, days in ((_DAY, 1), (_NIGHT, 1), (_WEEK, 7), ("fortnight", 14))
    for word in words.split()
}
"""Days in one of each unit."""
NIGHTS: Final = frozenset(_NIGHT.split())
NUMBER_WORDS: Final[Mapping[str, int]] = {
    word: number
    for number, words in enumerate(
        (
            "one a ein eine einem un une один одна одну bir 一 واحد एक",
            "two zwei deux два две двух iki 二 两 兩 اثنين दो",
            "three drei trois три трёх трех üç 三 ثلاثة ثلاث तीन",
            "four vier quatre четыре четырёх четырех dört 四 أربعة أربع चार",
            "five fünf cinq пять пяти beş 五 خمسة خمس पाँच पांच",
            "six sechs шесть altı 六 ستة ست छह छः",
            "seven sieben sept семь yedi 七 سبعة سبع सात",
            "eight acht huit восемь sekiz 八 ثمانية ثماني आठ",
            "nine neun neuf девять dokuz 九 تسعة تسع नौ",
            "ten zehn dix десять on 十 عشرة عشر दस",
        ),
        start=1,
    )
    for word in words.split()
    if word not in ("a", "un", "on", "one")
}
"""Numbers written out; words that mean other things as well are left out."""
