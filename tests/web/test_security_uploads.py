"""Files with something active in them: stored as they came, never run in a reader's browser."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Dialog
from playwright.sync_api import Error as BrowserError
from sqlalchemy import select
from sqlmodel import Session, col

from accounts.signed_links import portal_link
from models import Document
from tests.web.browsing import watch
from tests.web.parts import Visitor, make_user
from tests.workflows.playing import Play
from web.app import create_app
from workflows.engine.world import World

Visit = Callable[..., Visitor]

_RUN = "window.canary=1;document.title='canary';fetch('http://canary.example/x');alert('canary')"
_HTML = f'<!doctype html><script>{_RUN}</script><img src=x onerror="{_RUN}">'.encode()
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9" '
    f'onload="{_RUN}"><script>{_RUN}</script>'
    '<image href="http://canary.example/i.png"/><foreignObject><iframe xmlns='
    '"http://www.w3.org/1999/xhtml" src="javascript:alert(1)"/></foreignObject></svg>'
).encode()
_PDF = (
    b"%PDF-1.5\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS"
    b"(app.alert\\('canary'\\);this.getURL\\('http://canary.example/p'\\))>>>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF"
)
FILES = {
    '"><script>window.canary=1</script>.html': _HTML,
    "picture.svg": _SVG,
    "report.pdf": _PDF,
    "both.pdf": _PDF + b"\n" + _HTML,
    "hidden.gif": b"GIF89a/*" + b"\0" * 20 + b"*/=1;" + _RUN.encode() + b"//" + _HTML,
    "page.xhtml": b'<?xml version="1.0"?><?xml-stylesheet href="http://canary.example/s.xsl" '
    b'type="text/xsl"?><html xmlns="http://www.w3.org/1999/xhtml"><script>'
    + _RUN.replace("&", "").encode()
    + b"</script></html>",
}


def sent_in(visit: Callable[[], Visitor], play: Play) -> dict[str, int]:
    """Send the files through the patient's own page; return the documents' ids by file name."""
    play.open()
    page = portal_link("", play.world.keys.ring, play.case_id)
    visitor = visit()
    answer = visitor.client.post(
        page,
        data={"csrf": visitor.token(page)},
        files=[("files", (name, content, "text/html")) for name, content in FILES.items()],
    )
    assert answer.status_code == 303, answer.text
    play.run()
    with Session(play.world.engine) as session:
        rows = session.scalars(select(Document).order_by(col(Document.id))).all()
        assert len(rows) == len(FILES)
        return {row.file_name: row.id for row in rows if row.id is not None}


def addresses(ref: str, documents: dict[str, int], world: World) -> list[str]:
    """Return every address that serves anything of these files."""
    from models import HumanTask

    paths = [f"/cases/{ref}/{tab}" for tab in ("documents", "overview", "timeline", "messages")]
    for number in documents.values():
        paths += [
            f"/documents/{number}",
            f"/documents/{number}/original",
            f"/documents/{number}/pages/1.png",
        ]
    with Session(world.engine) as session:
        tasks = session.scalars(select(col(HumanTask.id)).where(col(HumanTask.state) == "open"))
        return [*paths, *(f"/tasks/{task}" for task in tasks)]


def test_an_original_is_a_download_that_no_browser_opens_here(
    visit: Visit, play: Play, world: World
) -> None:
    documents = sent_in(visit, play)
    visitor = visit("coordinator")
    for name, number in documents.items():
        answer = visitor.get(f"/documents/{number}/original")
        assert answer.status_code == 200 and answer.content in FILES.values(), name
        headers = answer.headers
        assert headers["content-type"] == "application/octet-stream"
        assert headers["content-disposition"] == f'attachment; filename="document-{number}"'
        assert headers["content-security-policy"] == "sandbox; default-src 'none'"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"


def test_no_answer_carries_what_was_sent_as_markup(visit: Visit, play: Play, world: World) -> None:
    documents = sent_in(visit, play)
    visitor = visit("coordinator")
    for path in addresses(play.case.ref, documents, world):
        answer = visitor.get(path)
        kind = answer.headers["content-type"].split(";")[0]
        assert kind in ("text/html", "image/png", "image/webp", "application/octet-stream"), path
        if kind == "text/html":
            assert "<script>window.canary" not in answer.text, path
            assert "onerror=" not in answer.text or "onerror=&#34;" in answer.text, path
        if path.endswith(".png") and answer.status_code == 200:
            assert answer.content.startswith((b"\x89PNG", b"RIFF")), path


@pytest.mark.browser
def test_nothing_of_it_runs_in_a_coordinators_browser(
    browser: Browser, address: str, visit: Visit, play: Play, world: World
) -> None:
    documents = sent_in(visit, play)
    make_user(world, "coordinator")
    watched = watch(browser, address)
    watched.sign_in("coordinator")
    page = watched.page
    dialogs: list[str] = []
    saved: list[str] = []

    def dismissed(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismissed)
    page.on("download", lambda download: saved.append(download.url))
    for path in addresses(play.case.ref, documents, world):
        try:
            page.goto(f"{address}{path}", wait_until="load")
        except BrowserError as error:
            assert "Download is starting" in str(error) or "ERR_ABORTED" in str(error), path
        assert page.evaluate("window.canary") is None, path
        assert page.title() != "canary", path
    assert dialogs == []
    assert len(saved) == len(documents), "every original is saved, none is shown"
    assert watched.hosts == {urlsplit(address).netloc}, "another host was asked"


def test_the_app_offers_no_other_way_to_the_bytes(world: World) -> None:
    """Were an address added that serves files, it must be added to the tests above."""
    from tests.web.parts import routes

    serving = {r for r in routes(create_app(world)) if r.startswith("GET /documents/")}
    assert serving == {
        "GET /documents/{document_id}",
        "GET /documents/{document_id}/original",
        "GET /documents/{document_id}/pages/{number}.{kind}",
    }
