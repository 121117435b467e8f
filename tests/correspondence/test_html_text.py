"""The visible text of HTML letters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from correspondence.incoming.html_text import html_to_text
from tests.fixtures.growth import must_stay_linear


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ("one<br>two<BR/>three", "one\ntwo\nthree"),
        ("<b>bold</b> and <i>plain</i>", "bold and plain"),
        ("a &lt; b &amp; c &eacute; &#20013;&nbsp;x", "a < b & c é 中 x"),
        ("<style>p {color: red}</style><script>if (a < b) x()</script>text", "text"),
        ("<TITLE>t</TITLE>text", "text"),
        ("before<!-- <p>hidden</p> -->after", "beforeafter"),
        ("<!DOCTYPE html><?xml version='1.0'?>text", "text"),
        ("size < 20 mm and 3 <4", "size < 20 mm and 3 <4"),
        ("<p>mine</p><blockquote>theirs<br>more</blockquote><p>mine too</p>",
         "mine\n\n> theirs\n> more\n\nmine too"),
        ("<table><tr><td>INR</td><td>450000</td></tr></table>", "INR 450000"),
        ("text<!-- never closed", "text"),
        ("text<a never closed", "text"),
        ("text<script>never closed", "text"),
        ("</blockquote>text", "text"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_a_reader_sees(source: str, text: str) -> None:
    assert html_to_text(source) == text


@given(st.text())
def test_no_text_whatever_raises(source: str) -> None:
    html_to_text(source)


@given(st.text(st.characters(codec="utf-8", exclude_characters="<>&")))
def test_text_without_tags_is_itself(text: str) -> None:
    assert html_to_text(text) == " ".join(text.split())


@pytest.mark.parametrize(
    "bit",
    ["<a ", "<", "</a", "<!--", "<?", "&", "<![CDATA[", "<script>", "<style></", "<blockquote>",
     "<p>", "<a b='", "</blockquote><blockquote>x"],
)  # fmt: skip
def test_no_text_takes_long(bit: str) -> None:
    must_stay_linear(lambda size: html_to_text(bit * (size // len(bit))), 100_000)
