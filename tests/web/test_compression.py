"""What is compressed, what is not, and how long a browser keeps files."""

import re
from collections.abc import Callable

from tests.web.parts import TOKEN, Visitor
from tests.workflows.playing import Play

Visit = Callable[..., Visitor]


def test_pages_of_the_console_are_compressed_and_those_with_secrets_are_not(
    visit: Visit, play: Play
) -> None:
    play.open()
    visitor = visit("lead")
    case = f"/cases/{play.case.ref}"
    for path in ("/", "/cases", f"{case}/timeline", f"{case}/overview", "/charts",
                 "/static/console.css"):  # fmt: skip
        headers = visitor.get(path).headers
        assert headers.get("content-encoding") == "gzip", path
        assert "accept-encoding" in headers["vary"].lower()
    for path in ("/portal/", "/account", "/login"):
        assert "content-encoding" not in visitor.get(path).headers, path


def test_the_length_of_the_same_page_differs_from_time_to_time(visit: Visit, play: Play) -> None:
    play.open()
    visitor = visit("lead")
    seen = {
        len(visitor.get(f"/cases/{play.case.ref}/overview").headers["x-padding"]) for _ in range(12)
    }
    assert len(seen) > 1 and max(seen) <= 128


def test_a_browser_that_takes_no_gzip_gets_none(visit: Visit, play: Play) -> None:
    play.open()
    visitor = visit("lead")
    answer = visitor.client.get("/cases", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers and play.case.ref in answer.text


def test_the_form_token_is_another_text_every_time_and_is_taken(visit: Visit) -> None:
    visitor = visit("lead")
    tokens = {found for _ in range(3) for found in TOKEN.findall(visitor.get("/account").text)}
    assert len(tokens) == 3
    answer = visitor.client.post("/logout", data={"csrf": tokens.pop()})
    assert answer.status_code == 303


def test_a_token_that_is_not_ours_is_refused(visit: Visit) -> None:
    visitor = visit("lead")
    real = visitor.token("/account")
    for token in ("", "x", "00", "0" * 64, real[:-1] + ("0" if real[-1] != "0" else "1")):
        assert visitor.client.post("/logout", data={"csrf": token}).status_code in (403, 422), token


def test_files_are_kept_for_a_year_under_their_version_only(visit: Visit) -> None:
    visitor = visit("lead")
    page = visitor.get("/cases").text
    links = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert links and all("?v=" in link for link in links)
    for link in links:
        answer = visitor.get(link)
        assert answer.status_code == 200, link
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    plain = visitor.get("/static/console.css").headers
    assert plain["cache-control"] == "no-cache" and plain["etag"]
    again = visitor.client.get("/static/console.css", headers={"if-none-match": plain["etag"]})
    assert again.status_code == 304
