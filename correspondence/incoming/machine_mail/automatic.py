"""Automatic letters: an absence note, a ticket system's receipt, a list's mail.

Many help desks mark every mail as automatic, what their people write as well. So a mark alone does
not make a robot: a letter that answers, or brings files, is a person's whatever its headers say.
A letter with a mark that says neither is a robot's, and nobody's answer. People are away too: a
letter that speaks of a case is theirs unless its subject says that a program wrote it.
"""

import re
from email.message import Message
from typing import Literal

from correspondence.incoming.machine_mail.case_words import (
    ANSWERS,
    DEPUTY,
    OF_A_CASE,
    SAID,
    SENTENCE,
)
from correspondence.replies.kinds import ReplyKind
from correspondence.replies.rules import scores_of

_MARKED_SUBJECT = re.compile(
    r"^\s*(?:(?:automatic|auto|automated)[- ]?(?:reply|response|answer)|autoreply|out[- ]of[- ]"
    r"(?:the[- ])?office(?: (?:auto|automatic) ?reply)?|vacation(?: (?:reply|notice))?|on leave"
    r"|abwesenheit(?:snotiz|sassistent)?|abwesend|automatische (?:antwort|beantwortung)"
    r"|nicht im (?:büro|haus)|réponse automatique|absence du bureau|absent du bureau"
    r"|respuesta autom.tica|fuera de (?:la )?oficina|resposta autom.tica|risposta automatica"
    r"|fuori sede|otomatik (?:yan.t|cevap)|ofis d.ş.nda|автоматический ответ|автоответ"
    r"|вне офиса|отсутствую|自动回复|自動回覆|自動応答|不在通知|부재중|자동 ?회신|رد تلقائي"
    r"|الرد التلقائي"
    r"|خارج المكتب|स्वचालित उत्तर|स्वतः उत्तर|autosvar|automatisch antwoord|odpowiedź automatyczna)"
    r"\s*(?:[:：\-–—(\[!.]|$)",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"\b(?:i|we) (?:am|are|'m|will be|shall be)(?: currently| presently)? (?:away"
    r"|out of (?:the )?"
    r"(?:office|station|town)|on (?:\w+ )?(?:leave|holidays?|vacation)|travell?ing"
    r"|not in (?:the )?"
    r"office|unavailable)"
    r"|(?:i'm|i am) (?:currently )?(?:away|out of (?:the )?office|on (?:\w+ )?(?:leave|vacation))"
    r"|(?:currently|presently) (?:out of (?:the )?office|on (?:\w+ )?leave|away)|out of (?:the )?"
    r"office (?:until|till|from|and|with|between)|(?:limited|no) access to (?:my )?e-?mails?"
    r"|back (?:in|to|at) (?:the )?office"
    r"|(?:\b(?:i|we)\b[^.\n]{0,30}|i'll )\breturn(?:ing)? to (?:the )?office"
    r"|nicht (?:im (?:büro|haus|dienst)|erreichbar|am arbeitsplatz)|im urlaub"
    r"|bin (?:ich )?.{0,20}"
    r"(?:abwesend|im urlaub|verreist)|außer haus|(?:ab dem|am) .{0,30}wieder (?:erreichbar"
    r"|für sie da"
    r"|im (?:büro|haus))"
    r"|(?:je suis|actuellement|serai) .{0,20}(?:absent|en cong|en vacances|en déplacement)"
    r"|de retour le|(?:estoy|estaré) .{0,20}(?:fuera de|de vacaciones|ausente)"
    r"|\b(?:izinde(?:y|\b)|tatilde(?:y|\b)|ofis d.ş.nda|y.ll.k izin|raporluyum)|yurt d.ş.nday.m"
    r"|(?:я |нахожусь |буду )?(?:в отпуске|в командировке|на больничном)|отсутствую (?:на|до|в)"
    r"|休假|休年假|不在办公室|出差(?:中|期间)?|外出(?:中|期间)|将于.{0,20}(?:回来|返回|上班)"
    r"|في إجازة|خارج المكتب|أعود (?:في|إلى|يوم)|اجازة"
    r"|छुट्टी पर|अवकाश पर|कार्यालय से बाहर",
    re.IGNORECASE,
)
_RECEIPT = re.compile(
    r"(?:this is an? |please do not (?:reply|respond) to this )?(?:automat(?:ic|ed)(?:ally)?"
    r"(?: generated)?|auto-?generated) (?:e-?mail|mail|message|reply|response|acknowledg)"
    r"|(?:your|the) (?:e-?mail|mail|message|request|enquiry|inquiry|query|ticket"
    r"|case)[^.\n]{0,60}"
    r"(?:has|have) been (?:successfully )?(?:received|created|registered|logged|assigned|opened)"
    r"|(?:ticket|case|reference|request) (?:id|no\.?|number|#)|ticket ?#"
    r"|#\d{3,}\b.{0,40}(?:received"
    r"|created|opened)|(?:have|has) (?:well )?received your (?:e-?mail|mail|message|request"
    r"|enquiry"
    r"|inquiry|query)|we aim to (?:respond|reply)|do not reply to this"
    r"|ihre (?:anfrage|nachricht|e-?mail) .{0,60}(?:eingegangen|erhalten)|vorgangsnummer"
    r"|ticketnummer"
    r"|votre (?:demande|message|courriel) .{0,40}(?:bien )?(?:reçu|enregistr)|accus. de réception"
    r"|(?:mesaj|talep|başvuru|e-?posta)\w{0,10} .{0,40}(?:ulaşt|alınm|kayded|oluşturul)"
    r"|(?:ваше |ваш )?(?:обращени|запрос|письмо|заявк)\w{0,3} .{0,40}(?:получен|принят"
    r"|зарегистрир)"
    r"|номер (?:заявки|обращения)|您的(?:邮件|来信|咨询|请求|工单).{0,20}(?:收到|受理|创建)"
    r"|工单(?:号|编号)"
    r"|تم (?:استلام|تسجيل|فتح)|رقم (?:التذكرة|الطلب)|(?:संदेश|अनुरोध|ईमेल).{0,30}(?:प्राप्त|दर्ज)",
    re.IGNORECASE,
)
_TICKET = re.compile(
    r"\[?(?:ticket|case|request|ref|vorgang|заявка|工单|talep)\s?(?:id|no\.?|number"
    r"|nr\.?)?\s?[:#№]?\s?"
    r"[\w-]{0,6}\d{3,}\]?|\[#\w{0,4}\d{3,}\]",
    re.IGNORECASE,
)
_IN_ANY_SENTENCE: tuple[ReplyKind, ...] = ("offer", "admission_date", "data_deletion_confirmed")
_IN_ITS_OWN: tuple[ReplyKind, ...] = (
    "decline",
    "opinion",
    "invitation_letter",
    "contacted_patient_directly",
)
"""Classes whose words an absence note uses too: "I cannot help you until Monday"."""
_LOOKED_AT = 4_000


def automatic_kind(
    message: Message, subject: str, new_text: str, *, with_files: bool
) -> Literal["out_of_office", "auto_reply", "list"] | None:
    """Return which robot wrote a letter, or None for a person's.

    `subject` is decoded, `new_text` what was newly written; `with_files` says that the letter
    brings files other than pictures shown in its text.
    """
    text = new_text[:_LOOKED_AT]
    named = bool(_MARKED_SUBJECT.match(subject))
    marked = named or _has_mark(message)
    away = bool(_AWAY.search(text)) or (marked and bool(_AWAY.search(subject)))
    receipt = bool(_RECEIPT.search(text)) and (marked or bool(_TICKET.search(f"{subject} {text}")))
    if (marked or away or receipt) and not with_files and not _answers(text, named=named):
        if away:
            return "out_of_office"
        if marked or receipt:
            return "auto_reply"
    if message.get("List-Id") or _value(message, "Precedence") in {"bulk", "list", "junk"}:
        return "list"
    return None


def is_receipt(text: str) -> bool:
    """Return whether a letter says that ours was received, in the words of a ticket system."""
    return bool(_RECEIPT.search(text[:_LOOKED_AT]))


def _has_mark(message: Message) -> bool:
    """Return whether a header says that the letter was sent automatically (RFC 3834)."""
    submitted = _value(message, "Auto-Submitted").split(";")[0].strip()
    if submitted and submitted != "no":
        return True
    names = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-AutoReply-From")
    if any(message.get(name) for name in names):
        return True
    return _value(message, "Precedence") in {"auto_reply", "auto-reply"}


def _answers(text: str, *, named: bool) -> bool:
    """Return whether a letter says more than that somebody is away, or that ours arrived.

    `named` says that its subject names it automatic: then words of a case alone are not enough.
    """
    sentences = SENTENCE.split(text)
    rest = "\n".join(one for one in sentences if not _AWAY.search(one) and not _RECEIPT.search(one))
    if not named and any(_speaks_of_a_case(one) for one in sentences):
        return True
    whole, _ = scores_of(text)
    if any(whole.get(kind, 0.0) >= SAID for kind in _IN_ANY_SENTENCE):
        return True
    scores, signs = scores_of(rest)
    if any(scores.get(kind, 0.0) >= SAID for kind in _IN_ITS_OWN):
        return True
    return scores.get("more_info", 0.0) >= SAID and "names_items" in signs.get("more_info", ())


def _speaks_of_a_case(sentence: str) -> bool:
    if DEPUTY.search(sentence):
        return False
    return bool(OF_A_CASE.search(sentence) or ANSWERS.search(sentence.strip()))


def _value(message: Message, name: str) -> str:
    return str(message.get(name, "")).strip().lower()
