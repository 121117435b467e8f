"""The code that lets a browser read and decide on the patient's page: asked for, entered, ended."""

from typing import Annotated

from fastapi import Depends, Form, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from web.access import LINK, world_of
from web.page_router import PageRouter
from web.pages.portal_own import ask_code, browser_of, keep_browser, opened_by, posted
from workflows.portal import codes
from workflows.portal.access import BY_CODE
from workflows.portal.codes import CodeRefused, NoCodeSent

router = PageRouter(prefix="/portal", access=LINK, order=2)
ACTS = ("consent", "withdraw", "decide", "data", "answer")
"""What is gone on with after a code, by the end of its address."""


@router.get("/{token}/code")
def before_code(request: Request, token: str) -> Response:
    """Say what the code is for, and offer to send it."""
    case = opened_by(request, token)
    if isinstance(case, Response):
        return case
    if case.came_by == BY_CODE:
        return RedirectResponse(f"/portal/{token}", 303)
    return ask_code(request, token)


@router.post("/{token}/code/send")
def send_code(
    request: Request,
    token: str,
    to: Annotated[str, Form(max_length=20)] = "",
    form: FormData = Depends(posted),
) -> Response:
    """Send a code to the patient's address; it works in this browser alone."""
    case = opened_by(request, token)
    if isinstance(case, Response):
        return case
    browser = browser_of(request) or codes.new_browser()
    refusal = ""
    try:
        codes.ask(world_of(request), case, token, browser)
    except NoCodeSent as refused:
        refusal = f"code_{refused.why}"
    asked = refusal in ("", "code_browser")
    response = ask_code(request, token, form, to=to, asked=asked, refusal=refusal)
    keep_browser(request, response, browser)
    return response


@router.post("/{token}/code")
def enter_code(
    request: Request,
    token: str,
    code: Annotated[str, Form(max_length=80)] = "",
    to: Annotated[str, Form(max_length=20)] = "",
    form: FormData = Depends(posted),
) -> Response:
    """Take the code, and go on with what was asked for: the same form is sent there once more."""
    case = opened_by(request, token)
    if isinstance(case, Response):
        return case
    go_on = RedirectResponse(f"/portal/{token}", 303)
    if to in ACTS:
        go_on = RedirectResponse(f"/portal/{token}/{to}", 307)
    if case.came_by == BY_CODE:  # pressed twice, or by the way back
        return go_on
    try:
        browser = codes.enter(world_of(request), case, browser_of(request), code)
    except CodeRefused:
        return ask_code(request, token, form, to=to, asked=True, refusal="code")
    keep_browser(request, go_on, browser)
    return go_on


@router.post("/{token}/leave")
def leave(request: Request, token: str) -> Response:
    """End what this browser may do: its reader is done, or it is somebody else's."""
    case = opened_by(request, token)
    if isinstance(case, Response):
        return case
    codes.leave(world_of(request), case, browser_of(request))
    return RedirectResponse(f"/portal/{token}?done=left", 303)
