"""Our own letter in an answer is never read as the answer, however it is quoted."""

import textwrap

import pytest

from correspondence import parse_inbound
from correspondence.classify import classify_reply
from correspondence.incoming.own_words import mark_ours
from correspondence.incoming.quoting import new_text
from tests.correspondence.mails import mail

OURS = """Dear International Department,

We are a patient-navigation service. With the patient's written permission we ask whether your team
would review this case for intraoperative radiation therapy.

We would be grateful for an answer to these points:
(1) Would you review the case? By whom and when?
(2) Could IORT be considered with your mobile accelerator, as the only radiation or as a boost?
(3) Which records are still missing? A surgical plan is not known to us.
(4) If you can treat: possible dates, length of stay, estimate in USD, deposit, validity.

With thanks
"""
NEW = "We will review the case on Thursday."


def wrapped(width: int) -> str:
    return "\n".join(textwrap.fill(line, width) for line in OURS.split("\n"))


HEADS = {
    "none": "",
    "unknown words": "2027-03-01 kl. 09.30, cases:\n",
    "georgian": "გამომგზავნი: cases@c.example\nთარიღი: 1 მარტი\nვის: ipd@h.example\n",
    "lotus": "cases@c.example\n01/03/2027 09:30\n\n",
    "zoho": "---- On Mon, 1 Mar 2027 09:30 +0530 Amina<cases@c.example> wrote ----\n",
    "tr": "Gönderen: cases@c.example\nTarih: 1 Mart 2027\nKime: ipd\nKonu: case\n",
    "ru": "Понедельник, 1 марта 2027, 9:30 +03:00 от Amina <cases@c.example>:\n",
}
STYLES = {
    "as it was": OURS,
    "wrapped anew": wrapped(46),
    "marked": "\n".join(f"> {line}" for line in OURS.split("\n")),
    "barred": "\n".join(f"| {line}" for line in OURS.split("\n")),
    "indented": textwrap.indent(wrapped(60), "    "),
    "spaced": OURS.replace(" ", "\N{NO-BREAK SPACE}").replace("\n", "\r\n"),
    "upper quotes": OURS.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}"),
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("head", HEADS)
def test_what_we_wrote_is_not_new_and_the_answer_is_kept(style: str, head: str) -> None:
    quoted = f"{NEW}\n\n{HEADS[head]}{STYLES[style]}"
    letter = parse_inbound(mail(quoted), [OURS])
    assert letter.new_text.startswith(NEW)
    assert "surgical plan" not in letter.new_text
    assert classify_reply(letter).reply_class == "accept_for_review"
    below = parse_inbound(mail(f"{STYLES[style]}\n\n{NEW}"), [OURS])
    assert NEW in below.new_text
    assert classify_reply(below).reply_class == "accept_for_review"


def test_answers_between_our_lines_are_kept_and_our_lines_are_not() -> None:
    lines = []
    for line in OURS.split("\n"):
        lines.append(line)
        if line.startswith("(1)"):
            lines.append("Yes.")
        if line.startswith("(3)"):
            lines.append("Please send the slides.")
    letter = parse_inbound(mail("\n".join(lines)), [OURS])
    assert letter.new_text.split("\n") == ["Yes.", "Please send the slides."]


def test_a_letter_that_only_sends_ours_back_says_nothing_new() -> None:
    letter = parse_inbound(mail(OURS), [OURS])
    assert letter.new_text == ""
    proposed = classify_reply(letter)
    assert (proposed.reply_class, proposed.confirm) == ("other", True)


def test_words_that_happen_to_stand_in_our_letter_are_still_theirs() -> None:
    said = "Yes\nIORT\nWe would review the slides first, a boost is possible."
    assert new_text(mark_ours(said, [OURS])) == said


CHASE = """A short line is enough:
1 will review by ...
2 need ...
3 not for us
4 please write to ...

Thank you.
"""


@pytest.mark.parametrize(
    "answer", ["3 not for us", "2 need the slides", "1 will review by 8 March"]
)
@pytest.mark.parametrize("order", ["{answer}\n\n{chase}", "{chase}\n{answer}", "{answer}"])
def test_an_answer_out_of_our_list_is_theirs_and_the_list_is_ours(answer: str, order: str) -> None:
    letter = parse_inbound(mail(order.format(answer=answer, chase=CHASE)), [CHASE])
    assert letter.new_text == answer


QUESTIONS = [line for line in OURS.split("\n") if line.startswith("(")]
ANSWERS = ("Yes, Dr. Rao on 9 March.", "No, we cannot treat.", "No slides are needed.", "8500 USD")
HEAD = "From: cases@c.example\nSent: Monday, 1 March 2027\nTo: IPD\nSubject: case\n\n"


def answered(how: str) -> str:
    """Return our letter with an answer to each question, as people write into a letter."""
    rows = []
    for line in OURS.split("\n"):
        if not line.startswith("("):
            rows.append(f"> {line}" if how.startswith("quoted") else line)
            continue
        said = ANSWERS[QUESTIONS.index(line)]
        rows += {
            "quoted, same line": [f"> {line} {said}"],
            "quoted, arrow": [f"> {line} ==> {said}"],
            "quoted, wrapped": [f"> {part}" for part in textwrap.wrap(f"{line} {said}", 60)],
            "quoted, next line": [f"> {line}", said],
            "bare, same line": [f"{line} {said}"],
            "bare, next line": [line, said],
            "table": [f"{line} | {said}"],
        }[how]
    return "\n".join(rows)


@pytest.mark.parametrize(
    "how",
    [
        "quoted, same line",
        "quoted, arrow",
        "quoted, wrapped",
        "quoted, next line",
        "bare, same line",
        "bare, next line",
        "table",
    ],
)
@pytest.mark.parametrize(
    "head",
    [
        "",
        "On Mon, 1 Mar 2027 at 09:30, Cases <cases@c.example> wrote:\n",
        HEAD,
        f"-----Original Message-----\n{HEAD}",
        f"____________\n{HEAD}",
        f"________________________________\n{HEAD}",
        f"-----Ursprüngliche Nachricht-----\n{HEAD}",
    ],
)
def test_answers_inside_our_letter_are_never_lost(how: str, head: str) -> None:
    letter = parse_inbound(mail(f"Answers below.\n\n{head}{answered(how)}"), [OURS])
    flat = " ".join(letter.new_text.split())
    assert [one for one in ANSWERS if one not in flat] == []
    assert "patient-navigation" not in flat


@pytest.mark.parametrize("sign", ["✔", "✓", "👍", "☑", "+", "√"])
def test_a_sign_alone_below_our_question_is_an_answer(sign: str) -> None:
    text = OURS.replace("when?", f"when?\n{sign}")
    assert parse_inbound(mail(text), [OURS]).new_text == sign


@pytest.mark.parametrize(
    "answer",
    [
        "Cost: 8500 USD\nDate: 12 March 2027",
        "Q1: yes\nQ2: as boost",
        "Stay: 5 days\nDoctor: Dr. Rao\nMail: rao@h.example",
        "费用: 80000\n住院: 5天",
    ],
)
@pytest.mark.parametrize("head", ["", HEAD, f"-----Original Message-----\n{HEAD}"])
def test_an_answer_in_fields_is_no_heading_of_our_letter(answer: str, head: str) -> None:
    quoted = "\n".join(f"> {line}" for line in OURS.split("\n"))
    for below in (f"{head}{OURS}", *([quoted] if not head else [])):
        assert parse_inbound(mail(f"{answer}\n\n{below}"), [OURS]).new_text == answer
