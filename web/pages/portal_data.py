"""What a patient may ask about their data on their own page: a copy, or the deletion."""

from typing import Annotated

from fastapi import Depends, Form, Query, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from web import home_words as words
from web.access import LINK, world_of
from web.page_router import PageRouter
from web.pages.portal_own import ask_code, opened_by, page_of, posted
from workflows.portal.access import note_act
from workflows.portal.acts import ActRefused, CodeNeeded, ask_for_data

router = PageRouter(prefix="/portal", access=LINK, order=2)
TEMPLATE = "portal_data.html"


@router.get("/{token}/data")
def data(
    request: Request, token: str, asked: Annotated[str, Query(max_length=10)] = ""
) -> Response:
    """Say what is held, until when, and what may be asked."""
    return _show(request, token, done=words.DONE.get(f"data_{asked}", ""))


@router.post("/{token}/data")
def ask(
    request: Request,
    token: str,
    what: Annotated[str, Form(max_length=10)] = "",
    sure: Annotated[str, Form(max_length=5)] = "",
    form: FormData = Depends(posted),
) -> Response:
    """Take the request; a person makes certain first who asks."""
    if what == "erasure" and sure != "yes":
        return _show(request, token, refusal="confirm")
    case = opened_by(request, token)
    if isinstance(case, Response):
        return case
    try:
        ask_for_data(world_of(request), case, what)
    except CodeNeeded:
        return ask_code(request, token, form)
    except ActRefused:
        return _show(request, token, refusal="act")
    note_act(world_of(request), case, f"data_{what}")
    return RedirectResponse(f"/portal/{token}/data?asked={what}", 303)


def _show(request: Request, token: str, *, done: str = "", refusal: str = "") -> Response:
    values = {"done": done, "refusal": words.REFUSALS.get(refusal, "")}
    return page_of(request, token, TEMPLATE, values, 422 if refusal else 200)
