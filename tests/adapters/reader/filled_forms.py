"""PDF forms made here: questions with text fields, lists, check boxes and radio buttons."""

import random
from dataclasses import dataclass, field

from tests.adapters.reader import files

BOX_FORM = files.stream(b"", b"/Type /XObject /Subtype /Form /BBox [0 0 12 12]")
TICK_FORM = files.stream(
    b"BT /ZaDb 10 Tf 2 2 Td (4) Tj ET",
    b"/Type /XObject /Subtype /Form /BBox [0 0 12 12] /Resources << /Font << /ZaDb "
    b"<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >> >> >>",
)


@dataclass(frozen=True)
class Asked:
    """A question of a form: its label, its answers with what each states, and which is given."""

    label: str
    answers: tuple[str, ...]
    given: int


@dataclass
class Form:
    """A page under construction: its printed lines, its widgets, its fields."""

    printed: list[bytes] = field(default_factory=list)
    objects: list[tuple[int, bytes]] = field(default_factory=list)
    widgets: list[int] = field(default_factory=list)
    fields: list[int] = field(default_factory=list)
    y: int = 740

    def add(self, body: bytes) -> int:
        number = 50_000 + len(self.objects)
        self.objects.append((number, body))
        return number

    def print(self, words: str, x: int = 72) -> None:
        escaped = words.replace("(", r"\(").replace(")", r"\)")
        self.printed.append(files.text(escaped, 11, x, self.y))

    def pdf(self, *, anew: bool) -> bytes:
        references = b" ".join(b"%d 0 R" % number for number in self.fields)
        form = b"/AcroForm << /Fields [%s] /NeedAppearances %s /DA (/F1 11 Tf) >>" % (
            references,
            b"true" if anew else b"false",
        )
        annotations = b" ".join(b"%d 0 R" % number for number in self.widgets)
        return files.by_hand(
            b" ".join(self.printed),
            catalog=form,
            page_entries=b"/Annots [%s]" % annotations,
            more=self.objects,
        )


def text_string(words: str, draw: random.Random) -> bytes:
    way = draw.randrange(3)
    if way == 0 or not words.isascii():
        return b"<%s>" % (b"\xfe\xff" + words.encode("utf-16-be")).hex().encode()
    if way == 1:
        return b"<%s>" % words.encode().hex().encode()
    return b"(%s)" % words.replace("(", r"\(").replace(")", r"\)").encode()


def rect(form: Form, x: int, width: int, height: int = 16) -> bytes:
    return b"/Rect [%d %d %d %d]" % (x, form.y - 4, x + width, form.y - 4 + height)


def typed(form: Form, asked: Asked, draw: random.Random) -> None:
    """A text field, perhaps over printed blanks; its value perhaps kept by its parent."""
    form.print(f"{asked.label}:" + (" ________________" if draw.random() < 0.4 else ""))
    value = text_string(asked.answers[asked.given], draw)
    entries = b"/FT /Tx /T (f%d) /V %s" % (len(form.objects), value)
    if draw.random() < 0.3:
        entries += b" /AP << /N %d 0 R >>" % form.add(BOX_FORM)
    _place(form, entries, rect(form, 230, 260), draw)


def chosen(form: Form, asked: Asked, draw: random.Random) -> None:
    """A list or combination box, with what it exports and shows."""
    form.print(f"{asked.label}:")
    shown = draw.random() < 0.5
    options = b" ".join(
        b"[(e%d) %s]" % (at, text_string(words, draw)) if shown else text_string(words, draw)
        for at, words in enumerate(asked.answers)
    )
    value = b"(e%d)" % asked.given if shown else text_string(asked.answers[asked.given], draw)
    combined = draw.random() < 0.5
    entries = b"/FT /Ch /T (f%d) /Ff %d /Opt [%s] /V %s" % (
        len(form.objects),
        1 << 17 if combined else 0,
        options,
        b"[%s]" % value if not combined and draw.random() < 0.5 else value,
    )
    if not combined and draw.random() < 0.5:  # a list's look shows all its entries
        words = " ".join(asked.answers).replace("(", "").replace(")", "").encode()
        look = form.add(files.form(b"BT /F1 9 Tf 2 4 Td (%s) Tj ET" % words))
        entries += b" /AP << /N %d 0 R >>" % look
    _place(form, entries, rect(form, 230, 260), draw)


def _place(form: Form, entries: bytes, place: bytes, draw: random.Random) -> None:
    """Add a field, as one object or as a parent with one widget."""
    widget = b"<< /Type /Annot /Subtype /Widget /F 4 %s" % place
    if draw.random() < 0.7:
        number = form.add(widget + b" " + entries + b" >>")
        form.fields.append(number)
    else:
        number = 50_000 + len(form.objects)
        form.add(widget + b" /Parent %d 0 R >>" % (number + 1))
        form.fields.append(form.add(b"<< %s /Kids [%d 0 R] >>" % (entries, number)))
    form.widgets.append(number)


def buttons(form: Form, asked: Asked, draw: random.Random, *, given: int | None) -> None:
    """Radio buttons or check boxes on one line or one below the other; `given` is ticked."""
    radio = draw.random() < 0.6
    below = draw.random() < 0.4
    looks = draw.choice(("none", "paths", "glyphs"))
    printed = draw.random() < 0.2
    stated_by = draw.choice(("both", "look") if looks == "none" else ("both", "look", "value"))
    parent = 50_000 + len(form.objects)
    form.add(b"")
    kids = []
    form.print(f"{asked.label}:")
    x = 230
    for at, words in enumerate(asked.answers):
        if below:
            form.y -= 18
        if printed:
            form.print("[ ]", x - 2)
        form.print(words, x + 18)
        kids.append(_button(form, parent, at, at == given, looks, stated_by, radio, x))
        x += 0 if below else 60 + 6 * len(words)
    form.widgets += kids
    form.fields += [parent] if radio else kids
    if radio:
        value = b"/V /a%d" % given if given is not None and stated_by != "look" else b""
        body = b"<< /FT /Btn /Ff 49152 /T (g%d) %s /Kids [%s] >>" % (
            parent, value, b" ".join(b"%d 0 R" % kid for kid in kids),
        )  # fmt: skip
    else:
        body = b"null"
    form.objects[parent - 50_000] = (parent, body)


def _button(
    form: Form, parent: int, at: int, on: bool, looks: str, stated_by: str, radio: bool, x: int
) -> int:
    name = b"/a%d" % at
    entries = rect(form, x, 12, 12) + b" /F 4"
    if looks != "none":
        normal = form.add(TICK_FORM if looks == "glyphs" else BOX_FORM)
        empty = form.add(BOX_FORM)
        entries += b" /AP << /N << %s %d 0 R /Off %d 0 R >> >>" % (name, normal, empty)
    if stated_by != "value":
        entries += b" /AS %s" % (name if on else b"/Off")
    if radio:
        entries += b" /Parent %d 0 R" % parent
    else:
        value = b"/V %s" % (name if on else b"/Off") if stated_by != "look" else b""
        entries += b" /FT /Btn /T (c%d) %s" % (len(form.objects), value)
    return form.add(b"<< /Type /Annot /Subtype /Widget %s >>" % entries)


QUESTIONS: dict[str, tuple[str, tuple[tuple[str, object], ...]]] = {
    "breast.er": (
        "Estrogen receptor (ER)",
        (("Positive", "positive"), ("Negative", "negative")),
    ),
    "breast.pr": (
        "Progesterone receptor (PR)",
        (("Negative", "negative"), ("Positive", "positive")),
    ),
    "breast.her2": (
        "HER2",
        (("Positive (3+)", "positive"), ("Equivocal (2+)", "equivocal"),
         ("Negative (1+)", "negative")),
    ),
    "breast.grade": (
        "Histologic grade",
        (("Grade 1", 1), ("Grade 2", 2), ("Grade 3", 3)),
    ),
    "breast.lvi": (
        "Lymphovascular invasion",
        (("Present", "present_nos"), ("Not identified", "absent")),
    ),
}  # fmt: skip


def made(draw: random.Random, *, ticks: bool = True) -> tuple[bytes, dict[str, object]]:
    """Return a form of several questions and what it states; without `ticks` nothing is ticked."""
    form = Form()
    form.print("SURGICAL PATHOLOGY REPORT")
    form.y -= 24
    form.print("Specimen: left breast, lumpectomy. Invasive ductal carcinoma.")
    stated: dict[str, object] = {}
    asked = draw.sample(sorted(QUESTIONS), draw.randint(2, 5))
    for name in asked:
        form.y -= 26
        label, answers = QUESTIONS[name]
        given = draw.randrange(len(answers))
        one = Asked(label, tuple(words for words, _ in answers), given)
        way = draw.choice(("typed", "chosen", "buttons", "buttons"))
        if way == "buttons":
            buttons(form, one, draw, given=given if ticks else None)
            if ticks:
                stated[name] = answers[given][1]
            continue
        (typed if way == "typed" else chosen)(form, one, draw)
        stated[name] = answers[given][1]
    return form.pdf(anew=draw.random() < 0.5), stated
