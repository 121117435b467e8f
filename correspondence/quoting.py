"""What a person newly wrote, without the letters quoted below it.

Line by line and in linear time: a mail is a stranger's text, and the pattern-based libraries
tried here took 19 seconds for 20 kB of empty lines.
"""

import re

_LONGEST_HEADER = 300
_WROTE = re.compile(
    r"(?:wrote|schrieb|a écrit|escribió|escreveu|ha scritto|napisał\(a\)|пишет|написала?|写道|寫道"
    r"|كتب)[^:：]{0,80}[:：]$",
    re.IGNORECASE,
)
_WROTE_START = re.compile(
    r"^(?:On|Am|Le|El|Em|Il|W dniu|Dnia|في|在|于)\b|^\d{1,4}[./年-]|^(?:пн|вт|ср|чт|пт|сб|вс)[,. ]"
    r"|<[^<>@\s]{1,80}@[^<>@\s]{1,80}>",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"^[*_ ]{0,4}(?:From|Sent|Date|To|Cc|Subject|Von|Gesendet|An|Betreff|De|Envoyé|À|Objet|Enviado"
    r"|Para|Asunto|От|Отправлено|Кому|Тема|Дата|发件人|发送时间|日期|收件人|抄送|主题|寄件者|收件者"
    r"|主旨)[*_ ]{0,4}[:：]",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(
    r"^(?:-{2,}|_{2,})\s*(?:Original Message|Forwarded message|Ursprüngliche Nachricht"
    r"|Message d'origine|Исходное сообщение|原始邮件|原邮件|原始郵件)\b.{0,40}$",
    re.IGNORECASE,
)
_RULE = re.compile(r"^[_-]{20,}$")
_SIGNATURE = re.compile(r"^--\s?$")
_SENT_FROM = re.compile(r"^(?:Sent from my|Get Outlook for|Отправлено с|发自我的)", re.IGNORECASE)
_SMALL_PRINT = re.compile(
    r"^\W{0,4}(?:disclaimer|confidentiality notice|confidential(?:ity)?\s*:|legal notice"
    r"|this (?:e-?mail|message)(?: and any attachments?)? (?:is|are|may|contains?)"
    r"|the information (?:contained )?in this (?:e-?mail|message))",
    re.IGNORECASE,
)


def new_text(text: str) -> str:
    """Return what the sender wrote now: no quoted letters, no signature block, no small print.

    Answers written between quoted lines are kept. When nothing else is there (an answer that is
    all quotation), the result is empty and the whole text has to be looked at.
    """
    lines = [line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept: list[str] = []
    position = 0
    while position < len(lines):
        line = lines[position].strip()
        if line.startswith((">", "＞")):
            position += 1
            continue
        attribution = _attribution(lines, position)
        if attribution:
            # Answers may stand between the quoted lines; without ">" all below is the old letter.
            if not _quoted_below(lines, position + attribution):
                break
            position += attribution
            continue
        if _SEPARATOR.match(line) or _header_block(lines, position):
            break
        if _RULE.match(line) and _header_block(lines, position + 1):
            break
        if _SIGNATURE.match(lines[position].lstrip()) or _SMALL_PRINT.match(line):
            break
        if not _SENT_FROM.match(line):
            kept.append(lines[position])
        position += 1
    return _squeezed(kept)


def _attribution(lines: list[str], position: int) -> int:
    """Return how many lines an "On ... wrote:" takes at this position (0: none)."""
    joined = ""
    for count in range(1, 4):
        if position + count > len(lines):
            return 0
        part = lines[position + count - 1].strip()
        if not part or part.startswith(">"):
            return 0
        joined = f"{joined} {part}".strip()
        if len(joined) > _LONGEST_HEADER:
            return 0
        if _WROTE.search(joined[-120:]) and _WROTE_START.search(joined):
            return count
    return 0


def _quoted_below(lines: list[str], position: int) -> bool:
    """Say whether the next line with text on it is quoted with ">"."""
    for line in lines[position : position + 5]:
        if line.strip():
            return line.lstrip().startswith((">", "＞"))
    return False


def _header_block(lines: list[str], position: int) -> bool:
    """Say whether the block of fields that Outlook puts above a quoted letter starts here."""
    window = [line.strip() for line in lines[position : position + 8] if line.strip()]
    if not window or not _FIELD.match(window[0][:_LONGEST_HEADER]):
        return False
    return sum(bool(_FIELD.match(line[:_LONGEST_HEADER])) for line in window[:6]) >= 3


def _squeezed(lines: list[str]) -> str:
    result: list[str] = []
    for line in lines:
        if line.strip() or (result and result[-1].strip()):
            result.append(line)
    return "\n".join(result).strip()
