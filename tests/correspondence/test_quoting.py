"""What was newly written, and nothing of what was quoted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correspondence.incoming.quoting import new_text
from tests.fixtures.growth import must_stay_linear

NEW = "Yes, we will review by 12 March."
OLD = "We cannot treat this case."


@pytest.mark.parametrize(
    "text",
    [
        f"{NEW}\n\nOn Mon, 1 Mar 2027 at 09:30, Amina <cases@c.example> wrote:\n> {OLD}\n> more",
        f"{NEW}\n\nOn Mon, 1 Mar 2027 at 09:30, IORT case coordination\n"
        f"<cases@c.example> wrote:\n\n> {OLD}",
        f"{NEW}\n\nOn 1 March 2027 Amina wrote:\n\n{OLD}",
        f"{NEW}\n\n-----Original Message-----\nFrom: Amina\nSent: Monday\nTo: IPD\n\n{OLD}",
        f"{NEW}\n\n________________________________\nFrom: Amina <c@c.example>\nSent: Monday\n"
        f"To: IPD\nSubject: case\n\n{OLD}",
        f"{NEW}\n\nFrom: Amina <c@c.example>\nSent: Monday\nTo: IPD\nSubject: case\n\n{OLD}",
        f"{NEW}\n\n*From:* Amina\n*Date:* Monday\n*To:* IPD\n\n{OLD}",
        f"{NEW}\n\n发件人： Amina\n发送时间： 2027年3月1日\n收件人： IMD\n主题： case\n\n{OLD}",
        f"{NEW}\n\n------------------ 原始邮件 ------------------\n发件人: Amina\n\n{OLD}",
        f"{NEW}\n\n在 2027年3月1日，Amina <c@c.example> 写道：\n> {OLD}",
        f"{NEW}\n\nпн, 1 мар. 2027 г. в 09:30, Amina <c@c.example>:\n> {OLD}",
        f"{NEW}\n\nAm 01.03.2027 um 09:30 schrieb Amina <c@c.example>:\n> {OLD}",
        f"{NEW}\n\nLe lun. 1 mars 2027 à 09:30, Amina <c@c.example> a écrit :\n> {OLD}",
        f"> {OLD}\n{NEW}",
        f"{NEW}\n-- \nDr Rao\n{OLD}",
        f"{NEW}\n\nSent from my iPhone\n\nOn 1 March 2027 Amina wrote:\n> {OLD}",
        f"{NEW}\n\nCONFIDENTIALITY NOTICE: {OLD}",
        f"{NEW}\n\nThis e-mail and any attachments are confidential. {OLD}",
    ],
)
def test_the_quoted_letter_is_left_out(text: str) -> None:
    stripped = new_text(text)
    assert NEW in stripped
    assert "cannot treat" not in stripped


def test_answers_between_quoted_lines_are_kept() -> None:
    text = (
        "Please see below.\n\nOn Mon, 1 Mar 2027, Amina <c@c.example> wrote:\n"
        "> (1) Would you review the case?\nYes, by 12 March.\n"
        "> (2) Could IORT be considered?\nAs a boost.\n> (3) Which records are missing?\nNone.\n"
    )
    assert new_text(text) == "Please see below.\n\nYes, by 12 March.\nAs a boost.\nNone."


@pytest.mark.parametrize(
    "text",
    [
        "We wrote: nothing new.",
        "To: whom it may concern\nwe accept.",
        "- slides\n- cardiac echo",
        "From: our side all is fine.\n\nRegards",
        "On Monday the board meets.",
        "1: yes\n2: no",
    ],
)
def test_ordinary_lines_are_not_mistaken_for_quotes(text: str) -> None:
    assert new_text(text) == text


def test_an_answer_that_is_all_quotation_leaves_nothing() -> None:
    assert new_text("> one\n> two\n") == ""


@given(st.text())
def test_what_is_left_was_there(text: str) -> None:
    normal = text.replace("\r\n", "\n").replace("\r", "\n")
    known = {line.strip() for line in normal.split("\n")}
    assert all(line.strip() in known for line in new_text(text).split("\n") if line.strip())


@pytest.mark.parametrize("bit", ["\n", "On ", "On a\n", "From: x\n", ">", "<a@", "-", "a wrote "])
def test_no_text_takes_long(bit: str) -> None:
    must_stay_linear(lambda size: new_text(bit * (size // len(bit))), 50_000)
