"""Danger in a letter, whoever wrote it and however it came: everything a person may have said.

What is newly written counts; of a letter that is passed on all of it, and every message that hangs
on it. What we wrote ourselves says nothing: our letters to families name the signs.
"""

import re
from collections.abc import Iterator, Sequence

from correspondence import Danger, InboundLetter, parse_inbound
from correspondence.incoming.quote_words import FORWARDED
from workflows.cases.contacts import plain
from workflows.cases.red_flags import danger_in
from workflows.engine.world import World

PERSONS = (None, "list")
"""Letters that a person wrote, straight or through a list; their files are papers."""
DEEPEST, MOST_INSIDE = 4, 20
"""How deep messages hang on messages, and how many of them are read."""
PIECE = 9_000
"""Characters that are read at once; of a longer text the beginning and the end."""
_PASSED_ON = re.compile(
    r"^[\s>*_=-]{0,12}(?:(?:begin |start of )?forwarded (?:message|mail|by)\b"
    r"|(?:anfang der )?weitergeleitete[nr]? (?:nachricht|e-?mail)|(?:début du )?message transféré"
    r"|mensaje reenviado|mensagem encaminhada|messaggio inoltrato|doorgestuurd bericht"
    r"|(?:начало )?пере(?:сылаемо|сланно|адресованно)\w+ (?:сообщени|письм)\w+"
    r"|(?:i|İ|y)letilen (?:ileti|mesaj|posta)|yönlendirilen (?:ileti|mesaj)"
    r"|转发(?:的)?(?:邮件|信息|消息)|以下是转发|被转发的邮件|轉寄的?(?:郵件|訊息)"
    r"|الرسالة المعاد توجيهها"
    r"|رسالة (?:معاد توجيهها|مُعاد توجيهها|محولة)|अग्रेषित (?:संदेश|मेल|ईमेल))",
    re.IGNORECASE | re.MULTILINE,
)
"""A line by which mail programs begin what is passed on, whatever the subject says."""
_SERVER = re.compile(r"(?:mailer-?daemon|mail-?daemon|postmaster|mdaemon|no-?reply)\b")
_RETURNED = re.compile(
    r"^(?:>\s?)?(?:Return-Path|Received|From|Date|Subject|Message-ID|Final-Recipient):",
    re.IGNORECASE | re.MULTILINE,
)


def danger_of(world: World, letter: InboundLetter, ours: Sequence[str] = ()) -> Danger:
    """Return the signs of danger in all that a letter says; `ours` are texts of letters of ours.

    A mail server's report says nothing of its own; what a person wrote into one is heard.
    """
    signs: list[str] = []
    taken_back: list[str] = []
    soft = False
    for said in _said(letter, plain(world.settings.mail_from), ours):
        for piece in _pieces(said):
            found = danger_in(world, piece)
            signs += found.signs
            taken_back += found.taken_back
            soft = soft or found.soft
    there = tuple(dict.fromkeys(signs))
    back = tuple(one for one in dict.fromkeys(taken_back) if one not in there)
    return Danger(there, back, soft)


def _said(letter: InboundLetter, own: str, ours: Sequence[str]) -> Iterator[str]:
    yield _own_words(letter)
    waiting = [(letter, 1)]
    read = 0
    while waiting:
        outer, depth = waiting.pop()
        for name, media_type, content in outer.attachments:
            if not _is_message(name, media_type) or read >= MOST_INSIDE:
                continue
            read += 1
            inner = parse_inbound(content, ours)
            if plain(inner.from_address) != own:
                yield f"{inner.subject}\n{inner.theirs}"
            if depth < DEEPEST:
                waiting.append((inner, depth + 1))


def _own_words(letter: InboundLetter) -> str:
    """Return what the letter itself says, without what it only quotes."""
    if letter.report is not None:
        return _beside_report(letter)
    forwarded = bool(FORWARDED.match(letter.subject) or _PASSED_ON.search(letter.theirs))
    whole = letter.machine in PERSONS and (forwarded or not letter.new_text.strip())
    return f"{letter.subject}\n{letter.theirs if whole else letter.new_text}"


def _beside_report(letter: InboundLetter) -> str:
    """Return what a person may have written into what looks like a server's report."""
    name = letter.from_address.partition("@")[0].lower()
    if not name or _SERVER.match(name):
        return ""
    returned = _RETURNED.search(letter.new_text)
    return letter.new_text[: returned.start()] if returned else letter.new_text


def _is_message(name: str, media_type: str) -> bool:
    return media_type in ("message/rfc822", "message/global") or name.lower().endswith(".eml")


def _pieces(text: str) -> Iterator[str]:
    yield text[:PIECE]
    if len(text) > PIECE:
        yield text[max(PIECE, len(text) - PIECE) :]
