"""The words that mail programs put around a quoted letter, in the languages they speak."""

import re
from typing import Final

_FROM = (
    "From|Von|De|Da|От|Від|Od|Van|Fra|Från|Lähettäjä|Kimden|Gönderen|发件人|发送者|寄件者"
    "|寄件人|差出人"
    "|送信者|보낸 ?사람|من|प्रेषक|Feladó|Expéditeur|Remitente|Mittente|Remetente|Từ|จาก|Dari|מאת"
    "|از"
)
_SENT = (
    "Sent|Date|Gesendet|Datum|Envoyé(?: le)?|Enviado(?: (?:el|em))?|Fecha|Data|Inviato|Отправлено"
    "|Дата|Надіслано|Wysłano|Verzonden|Sendt|Dato|Skickat|Lähetetty|Päivämäärä|Gönderildi|Tarih"
    "|Gönderme tarihi|发送时间|发送日期|日期|时间|寄件日期|傳送日期|送信日時|日時|날짜"
    "|보낸 ?날짜|تاريخ|التاريخ|أُرسلت"
    "|तारीख|दिनांक|Küldve|Dátum|Đã gửi|Ngày|วันที่|Tanggal|Dikirim|נשלח|תאריך"
)
_TO = (
    "To|An|À|Para|A|Кому|До|Do|Aan|Til|Till|Vastaanottaja|Kime|Alıcı|收件人|收件者|宛先"
    "|받는 ?사람"
    "|إلى|प्रति|सेवा में|Címzett|Destinataire|Destinatario|Đến|ถึง|Kepada|אל"
)
_CC = "Cc|CC|Kopie|Copie|Копия|抄送|副本|참조|نسخة|Bilgi|DW|Kopi|Kopia"
_SUBJECT = (
    "Subject|Betreff|Objet|Sujet|Asunto|Assunto|Oggetto|Тема|Temat|Onderwerp|Emne|Ämne|Aihe|Konu"
    "|主题|主旨|主題|件名|제목|الموضوع|विषय|Tárgy|Chủ đề|หัวข้อ|เรื่อง|Subjek|Perihal|נושא"
)
_ALSO = "Reply-To|Antwort an|Répondre à|Responder a|Risposta|Importance|Wichtigkeit|Attachments"
_END = r"[*_]{0,3}\s{0,3}[:：]"

SENDER_FIELD: Final = re.compile(rf"^[*_ \t]{{0,6}}(?:{_FROM}){_END}", re.IGNORECASE)
FIELD_KINDS: Final = tuple(
    re.compile(rf"^[*_ \t]{{0,6}}(?:{words}){_END}", re.IGNORECASE)
    for words in (_FROM, _SENT, _TO, _CC, _SUBJECT, _ALSO)
)
"""Fields of a quoted letter's head: from, sent, to, copies, subject, others."""

SEPARATOR: Final = re.compile(
    r"^[-_*=\s]{2,}\s*(?:(?:begin )?forwarded message|original (?:message|mail|e-?mail|nachricht)"
    r"|reply message|forwarded (?:by|mail)|ursprüngliche nachricht|original-?nachricht"
    r"|weitergeleitete nachricht|message (?:d.)?origin(?:e|al)|message transféré"
    r"|mensaje (?:original"
    r"|reenviado)|mensagem original|messaggio originale|исходное сообщение|оригинальное сообщение"
    r"|пересылаемое сообщение|пересланное сообщение|orijinal (?:mesaj|ileti)|özgün ileti"
    r"|wiadomość oryginalna|oorspronkelijk bericht|opprinnelig melding|originalmeddelande"
    r"|oprindelig meddelelse|原始邮件|原邮件|原始郵件|原始信件|转发邮件|回复的原邮件"
    r"|元のメッセージ|転送メッセージ"
    r"|원본 ?(?:메시지|메일)|الرسالة الأصلية|रिप्लाई|मूल संदेश).{0,40}$",
    re.IGNORECASE,
)
FRAMED: Final = re.compile(r"^\W{0,2}-{3,}\s?(?P<inside>[^\s-][^\n]{8,200}?)\s?-{3,}\W{0,2}$")
"""A line framed by dashes: "---- On Tue, ... wrote ----", as Zoho does."""

WROTE: Final = re.compile(
    r"(?:\bwrote|\bwrites|\bschrieb(?:en)?|\bgeschreven|\bschreef|a écrit|\bécrit|escribió"
    r"|escreveu"
    r"|ha scritto|napisa[łl](?:\(a\)|a)?|pisze|skrev|kirjoitti|írta|napsal\(?a?\)?|\bscris"
    r"|пишет|писал\(?а?\)?|написал\(?а?\)?|пише|написав|yazdı|写道|寫道|写了|书写|のメール"
    r"|書きました|作成|님이 ?작성"
    r"|작성|كتب(?:ت|ه)?|قال|लिखा|ने लिखा|đã viết|เขียน|menulis|כתב\w?|έγραψε|пісаў)",
    re.IGNORECASE,
)
STARTS: Final = re.compile(
    r"^(?:On|At|Am|Le|El|Em|Il|Op|Den|Dne|W dniu|Dnia|La|Ne|Pada|Vào|Στις|В|У|在|于|于是|في"
    r"|بتاريخ)\b"
    r"|^\d{1,4}\s?[./年-]\s?\d{1,2}|^\d{1,2}\.?\s\w{3,12}\.?,?\s\d{4}"
    r"|^(?:mon|tue|wed|thu|fri|sat|sun|пн|вт|ср|чт|пт|сб|вс|понедельник|вторник|среда|четверг"
    r"|пятница|суббота|воскресенье|pzt|sal|çar|per|cum|cmt|paz|周|星期|mo|di|mi|do|fr|sa"
    r"|so)\w{0,8}"
    r"[,.\s]",
    re.IGNORECASE,
)
ADDRESS: Final = re.compile(r"[<(\[\"]?[^<>@\s\"]{1,80}@[^<>@\s\"]{1,80}[>)\]\"]?")
MOMENT: Final = re.compile(
    r"\d{1,2}[:.]\d{2}|\b(?:19|20)\d{2}\b|\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}年|[๐-๙]{4}|[٠-٩]{4}"
)
TIME_OF_DAY: Final = re.compile(r"\b\d{1,2}[:.]\d{2}\b")
SENTENCE: Final = re.compile(
    r"\b(?:our|the|my|his|her|their|we|they|he|she|i|you|dr|prof|mr|mrs|ms|unser|der|die|das"
    r"|wir|notre"
    r"|le chirurgien|nuestro|el cirujano|наш|врач|我们|他)\b",
    re.IGNORECASE,
)
"""Words of a person's own sentence, which no mail program writes above a quoted letter."""
DEVICE: Final = re.compile(
    r"^[<(*_\s]{0,4}(?:sent (?:from|with|via|by)|get \W?outlook for|envoyé (?:de(?:puis)?"
    r"|à partir)|von mei?ne[mn]?|gesendet (?:von|mit)|diese nachricht wurde von mein"
    r"|enviado (?:desde"
    r"|do|a partir|con)|inviato da|отправлено (?:с|из)|надіслано з|wysłane z|verzonden (?:met"
    r"|vanaf)"
    r"|sendt fra|skickat från|lähetetty|(?:\S+ ){0,2}(?:telefonumdan|cihazımdan"
    r"|\S*umdan) gönderildi"
    r"|发自|發自|從我的|从我的|来自|보낸|내 iphone|أرسلت من|أُرسلت من|मेरे .{0,20}से भेजा"
    r"|dikirim dari|gửi từ"
    r"|ส่งจาก)\b.{0,80}$",
    re.IGNORECASE,
)
FORWARDED: Final = re.compile(
    r"^\s*(?:fwd?|wg|tr|rv|enc|i|ilt|i̇lt|doorst|pd|vs|vb|fs|转发|轉寄|пересл\w*|إعادة توجيه"
    r"|अग्रेषित)\s*[:：]",
    re.IGNORECASE,
)
"""The subject of a letter that is passed on, as mail programs mark it."""
