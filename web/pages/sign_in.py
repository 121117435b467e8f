"""Signing in and out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from web.access import check_form, is_https, session_cookie, signed_in, world_of
from web.render import Pages
from workflows import accounts
from workflows.accounts import SignedIn, SignInRefused

router = APIRouter()


def pages_of(request: Request) -> Pages:
    """Return the application's page renderer."""
    pages: Pages = request.app.state.pages
    return pages


@router.get("/login")
def login_form(request: Request) -> Response:
    """Show the form."""
    return pages_of(request).show(request, "login.html", {"user_name": ""})


@router.post("/login")
def login(
    request: Request,
    user_name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    csrf: Annotated[str, Form()] = "",
) -> Response:
    """Open a session under a fresh token, whatever cookie came with the request."""
    check_form(request, csrf)
    world = world_of(request)
    address = request.client.host if request.client else ""
    try:
        token = accounts.sign_in(
            world.engine, world.secret, user_name=user_name, password=password, address=address
        )
    except SignInRefused as refused:
        values = {"user_name": user_name, "refusal": str(refused)}
        status = 429 if refused.throttled else 401
        return pages_of(request).show(request, "login.html", values, status)
    response = RedirectResponse("/", 303)
    response.set_cookie(
        session_cookie(world), token, httponly=True, samesite="lax", secure=is_https(world),
        path="/",
    )  # fmt: skip
    return response


@router.post("/logout")
def logout(
    request: Request,
    csrf: Annotated[str, Form()] = "",
    who: SignedIn = Depends(signed_in),
) -> Response:
    """End the session for good."""
    check_form(request, csrf)
    world = world_of(request)
    accounts.sign_out(world.engine, who)
    response = RedirectResponse("/login", 303)
    response.delete_cookie(session_cookie(world), path="/")
    return response
