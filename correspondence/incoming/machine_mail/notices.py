"""What a mail server says in plain words when a letter did not arrive.

No single sign decides: who writes, what the subject and the first lines say, a server's code and
the returned letter are counted together, so that a person who forwards such a notice, or writes
from a postmaster's address, stays a person.
"""

import email.utils
import re
from email.message import Message

from correspondence.incoming.machine_mail.case_words import OF_A_PATIENT, SAID, SENTENCE
from correspondence.incoming.machine_mail.reports import (
    STATUS,
    Report,
    id_in,
    original_id,
    own_parts,
    read_fields,
)
from correspondence.incoming.quote_words import FORWARDED
from correspondence.incoming.quoting import new_text
from correspondence.replies.kinds import ReplyKind
from correspondence.replies.rules import scores_of

_DAEMON = re.compile(
    r"^(?:mailer-?daemon|mail-?daemon|m?daemon|mail[-_.]?delivery|double-bounce)(?=@|$)",
    re.IGNORECASE,
)
_MAIL_SERVICE = re.compile(
    r"^(?:post_?master|bounces?|\w{0,20}(?:_smtp_mail_service|antivirus_for_smtp_gateways))(?=@"
    r"|$)",
    re.IGNORECASE,
)
_ROBOT = re.compile(
    r"^(?:no-?_?reply|imss|admin|system ?administrator|inetgw\d?|root|mail|smtp\w{0,6}"
    r"|notifications?)(?=@|$)",
    re.IGNORECASE,
)
_THING = r"(?:e-?mails?|mails?|messages?|letter)"
_NOT = r"(?:not|n't|unable|cannot|failed?|impossible)"
_FAILED = re.compile(
    rf"undeliver|returned {_THING}|delivery (?:status notification|failure|has failed|failed)"
    rf"|{_THING} (?:delivery )?(?:failure|error|failed|system error)|fail(?:ure|ed) (?:notice"
    rf"|deliver"
    rf"|{_THING})|non-?delivery|failure delivery|(?:un|not )?deliverable"
    rf"|(?:could|can|was|were|has|have|is|did)\W{{0,2}}{_NOT} (?:be )?(?:been )?(?:deliver"
    rf"|reach|sent)"
    rf"|cannot be delivered|(?:unable|not able|failed) to (?:deliver|send)|error (?:delivering"
    rf"|sending)"
    rf"|{_THING} (?:is )?(?:returned|rejected|blocked)|user unknown|unknown user|no such user"
    r"|(?:invalid|unknown) (?:user|recipient|address|mailbox)|mailbox (?:is )?(?:full"
    r"|unavailable)"
    r"|permanent (?:fatal )?error|did not reach|does not exist|delivery to the following"
    r"|processing error|permanent delivery|host unreachable|exceeded .{0,20}quota|over quota"
    r"|rejected by|account .{0,30}(?:disabled|inactive)|undeliverable"
    # German, French, Spanish, Portuguese, Italian, Turkish, Polish, Dutch
    r"|unzustellbar|nicht zugestellt|konnte nicht .{0,40}zugestellt"
    r"|zustellung .{0,30}fehlgeschlagen"
    r"|non remis|n'a pas pu .tre (?:d.livr|remis|achemin)|.chec de (?:la )?(?:remise"
    r"|distribution)"
    r"|no (?:se )?(?:ha )?(?:podido|pudo) .{0,20}entreg|no entregado|devuelto|n.o (?:foi"
    r"|p.de ser)"
    r" entregue|falha na entrega|mancato recapito|non (?:.|e) stato (?:possibile )?(?:consegna"
    r"|recapita)"
    r"|teslim edilemedi|iletilemedi|ulaşt.r.lamad|nie (?:została |można )?dostarcz"
    r"|niet (?:worden "
    r")?(?:bezorgd|afgeleverd)|onbestelbaar"
    # Russian, Chinese, Japanese, Korean, Arabic, Hindi
    r"|не (?:было )?(?:доставлен|может быть доставлен)|недоставлен|ошибка доставки"
    r"|退信|退回|无法送达|無法傳送|无法投递|無法投遞|投递失败|未能送达|发送失败|邮箱不存在"
    r"|配信できません|配信不能|送信できません|届けられません|メールエラー|宛先不明"
    r"|전송 ?실패|배달되지|반송|전달되지"
    r"|تعذر (?:تسليم|إرسال|توصيل)|لم يتم (?:تسليم|توصيل)|فشل (?:تسليم|توصيل|إرسال)|वितरित नहीं"
    r"|नहीं पहुँच",
    re.IGNORECASE,
)
_STILL_TRIES = re.compile(
    r"\bdelayed\b|still (?:being )?(?:retr|try)|will (?:be retried|continue to (?:try|attempt))"
    r"|continue to be made|continue trying|not yet been delivered|has been postponed"
    r"|retry until|will retry|(?:warning|this is only a).{0,60}not (?:need|have) to resend"
    r"|verzögert|weiterhin versuch|retardée?|повторн|задерж|延迟|稍后重试|gecik|متأخر",
    re.IGNORECASE,
)
_NO_MORE = re.compile(
    r"giving up|gave up|not going to try again|no further attempts|permanent|fatal", re.IGNORECASE
)
_COMPLAINT = re.compile(
    r"^\s*(?:e-?mail )?(?:abuse|complaint|feedback) (?:report|about|loop)|^spam report",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"(?<![\d.])([45]\d\d)(?: ?[ -] ?(?=[A-Za-z#\d<])(?!(?:usd|eur|inr|cny|rmb|euros?|dollars?|mg"
    r"|ml|mm|c?gy)\b)|:)",
    re.IGNORECASE,
)
"""A mail server's code; a sum of money and a dose are none."""
_RETURNED = re.compile(
    r"(?:original|returned|source|undelivered|unsent|failed) (?:message|mail)"
    r"|message headers? follow"
    r"|copy of (?:the|your) (?:message|mail)|header of the|below this line"
    r"|^(?:>\s?)?(?:Return-Path|Received|Message-ID):",
    re.IGNORECASE | re.MULTILINE,
)
_IN_QUOTES = re.compile(r"CFX-\d\d-\d{5}|\bsubject\b", re.IGNORECASE)
_ANSWERS: tuple[ReplyKind, ...] = (
    "offer", "admission_date", "opinion", "accept_for_review", "decline"
)  # fmt: skip
_HEAD = 2_500
_FIRST_WORDS = 1_200
_SERVER = 2
_OF_A_SERVER = 3
_ENOUGH = 5
_ENOUGH_OF_A_STRANGER = 6


def read_notice(message: Message, subject: str, text: str) -> Report | None:
    """Return the failure or delay that a server's letter reports in its text, or None.

    `subject` is decoded, `text` the readable text of the letter.
    """
    if FORWARDED.match(subject):
        return None
    found = _notice(message, subject, text)  # first: what a person says is costly to read
    own = found is not None and sender_weight(message) < _OF_A_SERVER
    return None if own and _is_somebodys(subject, text) else found


def _notice(message: Message, subject: str, text: str) -> Report | None:
    if (fields := read_fields(message, text)) is not None:
        return fields
    returned = _returned_part(message)
    if _COMPLAINT.match(subject) and returned:
        return Report("complaint", original_message_id=original_id(message))
    head = text[:_HEAD]
    sender = sender_weight(message)
    in_subject = bool(_FAILED.search(subject) or _STILL_TRIES.search(subject))
    own_words = _before_the_returned(head)[:_FIRST_WORDS]
    in_text = bool(_FAILED.search(own_words) or _STILL_TRIES.search(own_words))
    if sender >= _SERVER and not in_text:  # the letter it sends back may stand in between
        in_text = bool(_FAILED.search(head))
    code = STATUS.search(head) or _CODE.search(head)
    quotes = 2 * returned or int(bool(_RETURNED.search(head)))
    signs = 2 * in_subject + 2 * in_text + bool(code) + quotes
    if not (in_subject or in_text):
        return None
    if sender + signs < (_ENOUGH if sender else _ENOUGH_OF_A_STRANGER):
        return None
    return _report(message, subject, own_words, head)


def _report(message: Message, subject: str, own_words: str, head: str) -> Report:
    about = original_id(message) or id_in(head)
    said = f"{subject}\n{own_words}"
    if _STILL_TRIES.search(said) and not _NO_MORE.search(said):
        late = next((one for one in STATUS.findall(head) if one[0] == "4"), None)
        return Report("delayed", late, False, about)
    failed = [one for one in STATUS.findall(head) if one[0] != "2"]
    if failed:
        return Report("bounce", failed[0], failed[0].startswith("5"), about)
    code = _CODE.search(head)
    return Report("bounce", None, code.group(1).startswith("5") if code else None, about)


def sender_weight(message: Message) -> int:
    """Return how much the sender looks like a mail server: 3 by its name, 2 by its duty or because
    nobody is named, 1 a robot of some kind, 0 not at all.
    """
    written = [str(value) for value in message.get_all("From", [])]
    name, address = email.utils.parseaddr(written[0]) if written else ("", "")
    back = str(message.get("Return-Path", "")).strip().strip("<>")
    local = address.replace("\\", "@").strip('"')
    if any(_DAEMON.match(one) for one in (local, name, back)):
        return _OF_A_SERVER
    nobody = "@" not in address or str(message.get("Return-Path", "")).strip() == "<>"
    if nobody or any(_MAIL_SERVICE.match(one) for one in (local, name, back)):
        return _SERVER
    return 1 if _ROBOT.match(local) or re.match(r"system ?administrator", local) else 0


def _returned_part(message: Message) -> bool:
    kinds = {"message/rfc822", "text/rfc822-headers", "message/global", "multipart/report"}
    return any(part.get_content_type() in kinds for part in own_parts(message))


def _before_the_returned(head: str) -> str:
    """Return the server's own words: what stands before the letter it sends back."""
    found = re.search(
        r"^(?:>\s?)?(?:Return-Path|Received|From|Date|Subject):", head, re.IGNORECASE | re.MULTILINE
    )
    return head[: found.start()] if found and found.start() > 80 else head


def _is_somebodys(subject: str, text: str) -> bool:
    """Return whether a letter says what a person answers, beside what did not arrive.

    A server names the subject of what it could not deliver; that is ours.
    """
    above = new_text(_before_the_returned(text[:_HEAD]))
    bare = subject.rpartition(":")[2].strip()
    said = [
        one
        for one in SENTENCE.split(above)
        if not _FAILED.search(one) and not (bare and bare in one) and not _IN_QUOTES.search(one)
    ]
    scores, _ = scores_of("\n".join(said))
    if any(scores.get(kind, 0.0) >= SAID for kind in _ANSWERS):
        return True
    return any(OF_A_PATIENT.search(one) for one in said)
