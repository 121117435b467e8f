"""Raw mails as they come: written out, because the details are what the tests are about."""

from datetime import UTC, datetime
from email.utils import format_datetime

DATE = datetime(2027, 3, 2, 8, 0, tzinfo=UTC)
OURS = "<m1@coordination.example>"


def mail(
    text: str = "",
    *,
    sender: str = "Liu Min <liaison@jinjiang.example>",
    to: str = "cases@coordination.example",
    subject: str = "Re: [CFX-26-00017] IORT case review",
    extra: str = "",
    content_type: str = "text/plain; charset=utf-8",
) -> bytes:
    """Return a simple mail; `extra` are further header lines."""
    head = (
        f"From: {sender}\nTo: {to}\nSubject: {subject}\nDate: {format_datetime(DATE)}\n"
        f"Message-ID: <in1@jinjiang.example>\n{extra}"
        f"MIME-Version: 1.0\nContent-Type: {content_type}\nContent-Transfer-Encoding: 8bit\n\n"
    )
    return (head + text).encode()


BOUNCE = f"""Return-Path: <>
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: cases@coordination.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

<ipd@gone.example>: host mx.gone.example said: 550 5.1.1 User unknown

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ipd@gone.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--B
Content-Type: message/rfc822

From: cases@coordination.example
To: ipd@gone.example
Subject: [CFX-26-00017] IORT case review
Message-ID: {OURS}

Dear team
--B--
""".encode()

DELAYED = (
    BOUNCE.replace(b"Action: failed", b"Action: delayed")
    .replace(b"Status: 5.1.1", b"Status: 4.4.1")
    .replace(b"550 5.1.1 User unknown", b"421 4.4.1 timed out")
)

QMAIL_BOUNCE = b"""Return-Path: <>
From: MAILER-DAEMON@old.example
To: cases@coordination.example
Subject: failure notice

Hi. This is the qmail-send program at old.example.
<ipd@gone.example>:
550 No such user here

--- Below this line is a copy of the message.

Message-ID: <m1@coordination.example>
Subject: x
"""

OUTLOOK_AWAY = mail(
    "I am out of the office until 9 March 2027 with limited access to mail.\n"
    "For urgent matters please write to deputy@jinjiang.example.\n",
    subject="Automatic reply: [CFX-26-00017] IORT case review",
    extra="Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n",
)

OUTLOOK_HTML = mail(
    """<html><head><style>p {color: red}</style><title>x</title></head><body>
<p>Dear Amina,</p><p>We need the <b>slides</b> and&nbsp;a cardiac echo.</p>
<div><hr><p><b>From:</b> cases@coordination.example<br><b>Sent:</b> Monday, 1 March 2027<br>
<b>To:</b> IPD<br><b>Subject:</b> [CFX-26-00017] IORT case review</p>
<p>Would you review the case? We cannot treat here.</p></div></body></html>""",
    content_type="text/html; charset=utf-8",
)

GMAIL_HTML = mail(
    """<div dir="ltr">Yes, we will review by 12 March 2027.<br>Dr. Rao</div><br>
<div class="gmail_quote"><div class="gmail_attr">On Mon, 1 Mar 2027 at 09:30, IORT case
coordination &lt;cases@coordination.example&gt; wrote:<br></div>
<blockquote><div>We cannot treat. Please decline.</div></blockquote></div>""",
    content_type="text/html; charset=utf-8",
)

WITH_FILE = b"""From: IPD <ipd@sahyadri.example>
To: cases@coordination.example
Subject: =?gb2312?B?se28?= estimate
Date: Tue, 2 Mar 2027 08:00:00 +0530
Message-ID: <in2@sahyadri.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="B"

--B
Content-Type: multipart/alternative; boundary="C"

--C
Content-Type: text/plain; charset=utf-8

Please find the estimate attached.
--C
Content-Type: text/html; charset=utf-8

<p>HTML twin</p>
--C--
--B
Content-Type: application/pdf; name="../../etc/est\x69mate.pdf"
Content-Disposition: attachment; filename="../../etc/estimate.pdf"
Content-Transfer-Encoding: base64

JVBERi0xLjQK
--B--
"""
