"""Invented people: one spelling that is known of them, and others that reports have."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

Spellings = tuple[str, ...]
"""The spelling of the script first, then Latin ones."""

GIVEN: dict[str, list[Spellings]] = {
    "latin": [
        ("Amara",), ("Wanjiru",), ("José Luis", "Jose Luis"), ("Zoë", "Zoe"), ("Nkechi",),
        ("Małgorzata", "Malgorzata"), ("Ayşe", "Ayse"), ("Grace",),
        ("Thandiwe",), ("Jürgen", "Juergen"),
    ],
    "cyrillic": [
        ("Мария", "Mariya", "Maria"), ("Елена", "Elena", "Yelena"), ("Ольга", "Olga"),
        ("Айгерим", "Aigerim", "Aygerim"), ("Светлана", "Svetlana"), ("Юлия", "Yuliya", "Julia"),
        ("Дмитрий", "Dmitriy", "Dmitry"),
    ],
    "arabic": [
        ("فاطمة", "Fatima", "Fatimah"), ("عائشة", "Aisha", "Aysha"), 
        ("محمد", "Mohammed", "Muhammad"),
        ("خديجة", "Khadija", "Khadeeja"), ("يوسف", "Yusuf", "Youssef"), 
        ("مريم", "Maryam", "Mariam"),
    ],
    "devanagari": [
        ("प्रिया", "Priya"), ("सुनीता", "Sunita", "Suneeta"), ("लक्ष्मी", "Lakshmi", "Laxmi"),
        ("कविता", "Kavita", "Kavitha"), ("रमेश", "Ramesh"), ("मीनाक्षी", "Meenakshi", "Minakshi"),
    ],
    "chinese": [
        ("小明", "Xiaoming", "Xiao Ming"), ("丽华", "Lihua", "Li-Hua"), ("秀英", "Xiuying"),
        ("建国", "Jianguo", "Jian-Guo"), ("雪梅", "Xuemei"),
    ],
    "greek": [
        ("Μαρία", "Maria"), ("Ελένη", "Eleni"), ("Γεώργιος", "Georgios", "Giorgos"),
        ("Κατερίνα", "Katerina"), ("Δήμητρα", "Dimitra", "Demetra"),
    ],
}  # fmt: skip
FAMILY: dict[str, list[Spellings]] = {
    "latin": [
        ("Okoye",), ("Kamau",), ("García Márquez", "Garcia Marquez"), ("Müller", "Mueller"),
        ("Nguyen",),
        ("Wójcik", "Wojcik"), ("Yılmaz", "Yilmaz"), ("Stern",), ("O'Brien", "OBrien"),
        ("Adeyemi-Bello",),
    ],
    "cyrillic": [
        ("Иванова", "Ivanova"), ("Кузнецова", "Kuznetsova", "Kuznetzova"),
        ("Щербакова", "Shcherbakova", "Scherbakova"), ("Жумабаева", "Zhumabayeva", "Zhumabaeva"),
        ("Чернышёва", "Chernysheva", "Chernyshova"), ("Ткаченко", "Tkachenko"),
    ],
    "arabic": [
        ("المنصوري", "Al-Mansouri", "Almansoori"), ("القحطاني", "Al-Qahtani", "Alqahtani"),
        ("حسين", "Hussein", "Hussain"), ("الخطيب", "Al Khatib", "Alkhateeb"), 
        ("درويش", "Darwish", "Darwich"),
    ],
    "devanagari": [
        ("शर्मा", "Sharma"), ("चौधरी", "Chaudhary", "Choudhury"), ("वर्मा", "Verma", "Varma"),
        ("श्रीवास्तव", "Srivastava", "Shrivastav"), ("पटेल", "Patel"),
    ],
    "chinese": [
        ("王", "Wang"), ("李", "Li"), ("张", "Zhang"), ("陈", "Chen"), ("欧阳", "Ouyang"),
    ],
    "greek": [
        ("Παπαδόπουλος", "Papadopoulos"), ("Γεωργίου", "Georgiou"), ("Νικολαΐδης", "Nikolaidis"),
        ("Καραγιάννης", "Karagiannis", "Karayannis"), ("Οικονόμου", "Oikonomou", "Economou"),
    ],
}  # fmt: skip
SCRIPTS = tuple(GIVEN)
_STREETS = ("Palm Grove Road", "Lake View Street", "Gandhi Marg", "Hospital Lane", "Acacia Avenue")
_CITIES = ("Lekki", "Nakuru", "Karaganda", "Indore", "Larissa", "Suzhou", "Irbid", "Tamale")


@dataclass(frozen=True)
class Person:
    """Somebody: names in all their spellings (first known), and what else is known of them."""

    script: str
    given: Spellings
    family: Spellings
    born: date
    phone: str
    email: str
    street: str
    city: str
    record: str
    passport: str
    lab: str

    def known(self, chance: random.Random) -> tuple[str, ...]:
        """Spellings of the name that the case has: Latin, or the script's too."""
        given = chance.choice(self.given[1:] or self.given)
        latin = f"{given} {chance.choice(self.family[1:] or self.family)}"
        if self.script == "latin" or chance.random() < 0.4:
            return (latin,)
        return (latin, self.native())

    def native(self) -> str:
        """The name in its script, in the order of its language."""
        if self.script == "chinese":
            return self.family[0] + self.given[0]
        return f"{self.given[0]} {self.family[0]}"


def drawn_person(script: str, chance: random.Random) -> Person:
    """Somebody whose names are of a script."""
    given, family = chance.choice(GIVEN[script]), chance.choice(FAMILY[script])
    born = date(1936, 1, 1) + timedelta(days=chance.randrange(22_000))
    digits = f"{chance.randrange(10**9, 10**10)}"
    user = "".join(sign for sign in (family[-1] + given[-1]).lower() if "a" <= sign <= "z")
    return Person(
        script, given, family, born,
        f"+{chance.choice((7, 20, 30, 86, 91, 234, 254))} {digits[:3]} {digits[3:6]} {digits[6:]}",
        f"{user}{chance.randrange(10, 99)}@example.org",
        f"{chance.randrange(2, 300)} {chance.choice(_STREETS)}", chance.choice(_CITIES),
        f"{chance.randrange(10**6, 10**7)}",
        f"{chance.choice('ABKNPZ')}{chance.randrange(10**7, 10**8)}",
        f"{chance.choice(('S', 'H', 'SP', 'HP'))}-{chance.randrange(21, 27)}"
        f"-{chance.randrange(1000, 99999)}",
    )  # fmt: skip


def spelled(person: Person, chance: random.Random) -> str:
    """The name as some report has it; broken lines and labels are the sheet's."""
    given, family = chance.choice(person.given), chance.choice(person.family)
    in_script = given == person.given[0] and person.script != "latin"
    if in_script or (family == person.family[0] and person.script != "latin"):
        return _in_script(person, chance)
    ways = [
        f"{given} {family}", f"{family} {given}", f"{family}, {given}", 
        f"{given.upper()} {family.upper()}",
        f"{given[0]}. {family}", f"{family} {given[0]}.", f"Mrs. {family}",
        f"{family.upper()}, {given[0]}.",
        f"{given}-{family}", _misread(f"{given} {family}", chance),
    ]  # fmt: skip
    return chance.choice(ways)


def _in_script(person: Person, chance: random.Random) -> str:
    given, family = person.given[0], person.family[0]
    if person.script == "chinese":
        ways = [
            family + given,
            f"{family} {given}",
            f"{family}女士",
            f"{family}{given}",
            " ".join(family + given),
        ]
        ways.append((family + given).replace("张", "張").replace("陈", "陳").replace("丽", "麗"))
        return chance.choice(ways)
    ways = [f"{given} {family}", f"{family} {given}"]
    if person.script == "cyrillic":
        ways += [_declined(family, chance) + " " + _declined(given, chance), 
                 f"{given[0]}. {_declined(family, chance)}",
                 f"{family.upper()} {given.upper()}"]  # fmt: skip
    if person.script == "arabic":
        ways += [f"{chance.choice('ولب')}{given} {family}", given, family]
    if person.script == "devanagari":
        ways += [f"श्रीमती {family}", f"{given}जी", given]
    if person.script == "greek":
        ways += [
            f"{family.upper()} {given[0]}.",
            f"{family[:-1]}υ {given}" if family.endswith("ος") else family,
        ]
    return chance.choice(ways)


def _declined(name: str, chance: random.Random) -> str:
    if name.endswith("ия"):
        return name[:-1] + chance.choice("ию")
    if name.endswith("ова") or name.endswith("ева") or name.endswith("ёва"):
        return name[:-1] + chance.choice(("ой", "у"))
    if name.endswith("а"):
        return name[:-1] + chance.choice(("ы", "е", "у", "ой"))
    if name.endswith("ий"):
        return name[:-2] + chance.choice(("ия", "ию", "ием"))
    return name


def _misread(name: str, chance: random.Random) -> str:
    """One letter as OCR confuses it, in a name long enough to bear it."""
    pairs = [("o", "0"), ("l", "1"), ("m", "rn"), ("i", "l"), ("e", "c"), ("a", "o"), ("n", "u")]
    fitting = [(old, new) for old, new in pairs if old in name[1:]]
    if not fitting or min(map(len, name.split())) < 5:
        return name
    old, new = chance.choice(fitting)
    return name[0] + name[1:].replace(old, new, 1)
