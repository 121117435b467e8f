"""The patient's pages: the inquiry form, and a page behind a signed link to send more files."""

import re
from datetime import date
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from starlette.responses import RedirectResponse, Response

from adapters.storage import StorageError
from models.case import SITES
from web.access import check_form, world_of
from web.pages.sign_in import pages_of
from workflows.intake import IntakeRefused, NewCase, NewPatient
from workflows.links import LinkRefused, portal_link
from workflows.lookup import RowNotFound
from workflows.portal import STATUS_WORDS, Upload, case_of_link, receive_files, receive_inquiry

router = APIRouter()

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_TRY_AGAIN = "We could not store the files just now; nothing was taken. Please try again."
MOST_FILES = 50


class _Refused(ValueError):
    """What the form says back to the sender."""


@router.get("/portal/")
@router.get("/portal")
def inquiry_form(request: Request) -> Response:
    """Show the inquiry form."""
    return pages_of(request).show(request, "portal_new.html", {"given": {}, "sites": SITES})


@router.post("/portal/")
def inquire(
    request: Request,
    csrf: Annotated[str, Form()] = "",
    name: Annotated[str, Form(max_length=200)] = "",
    birth_date: Annotated[str, Form(max_length=10)] = "",
    sex: Annotated[str, Form(max_length=10)] = "",
    email: Annotated[str, Form(max_length=254)] = "",
    phone: Annotated[str, Form(max_length=40)] = "",
    country: Annotated[str, Form(max_length=2)] = "",
    site: Annotated[str, Form(max_length=30)] = "",
    message: Annotated[str, Form(max_length=5000)] = "",
    files: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:
    """Open a case from the form and go to its page."""
    check_form(request, csrf)
    world = world_of(request)
    given = {"name": name, "birth_date": birth_date, "sex": sex, "email": email, "phone": phone,
             "country": country, "site": site, "message": message}  # fmt: skip
    try:
        new = _new_case(given)
        uploads = _uploads(files, world.settings.document_max_bytes)
        case = receive_inquiry(world, new, uploads)
    except (_Refused, IntakeRefused, StorageError) as refused:
        text = _TRY_AGAIN if isinstance(refused, StorageError) else str(refused)
        values = {"given": given, "sites": SITES, "refusal": text}
        return pages_of(request).show(request, "portal_new.html", values, 422)
    assert case.id is not None
    link = portal_link("", world.secret, case.id)
    return RedirectResponse(f"{link}?sent={len(uploads)}", 303)


@router.get("/portal/{token}")
def portal_page(request: Request, token: str, sent: int | None = None) -> Response:
    """Show where the case stands, and the form for more files."""
    return _page(request, token, sent=sent)


@router.post("/portal/{token}")
def send_files(
    request: Request,
    token: str,
    csrf: Annotated[str, Form()] = "",
    files: Annotated[list[UploadFile] | None, File()] = None,
) -> Response:
    """Add files to the case of the link."""
    check_form(request, csrf)
    world = world_of(request)
    try:
        case = case_of_link(world, token)
        uploads = _uploads(files, world.settings.document_max_bytes)
        if not uploads:
            raise _Refused("Choose at least one file.")
        assert case.id is not None
        receive_files(world, case.id, uploads)
    except (_Refused, StorageError) as refused:
        text = _TRY_AGAIN if isinstance(refused, StorageError) else str(refused)
        return _page(request, token, refusal=text)
    except (LinkRefused, RowNotFound):
        return _page(request, token)
    return RedirectResponse(f"/portal/{token}?sent={len(uploads)}", 303)


def _page(
    request: Request, token: str, *, sent: int | None = None, refusal: str | None = None
) -> Response:
    try:
        case = case_of_link(world_of(request), token)
    except (LinkRefused, RowNotFound):
        return pages_of(request).show(request, "portal_ended.html", {}, 404)
    values = {"case": case, "status": STATUS_WORDS[case.stage], "sent": sent, "refusal": refusal}
    return pages_of(request).show(request, "portal.html", values, 422 if refusal else 200)


def _new_case(given: dict[str, str]) -> NewCase:
    if not _EMAIL.fullmatch(given["email"].strip()):
        raise _Refused("Please give an e-mail address, so that we can answer.")
    if not given["name"].strip():
        raise _Refused("Please give the patient's name as in the medical records.")
    try:
        born = date.fromisoformat(given["birth_date"]) if given["birth_date"] else None
    except ValueError:
        raise _Refused("Please give the date of birth as year-month-day.") from None
    country = given["country"].strip().upper()
    if country and not re.fullmatch("[A-Z]{2}", country):
        raise _Refused("Please give the country as two letters, such as KE.")
    patient = NewPatient(
        name=given["name"].strip(),
        birth_date=born,
        sex=given["sex"] or None,
        email=given["email"].strip(),
        phone=given["phone"].strip() or None,
        intake={"message": given["message"]} if given["message"] else {},
    )
    return NewCase(
        patient=patient, site=given["site"] or None, source="web", residence_country=country or None
    )


def _uploads(files: list[UploadFile] | None, max_bytes: int) -> list[Upload]:
    named = [file for file in files or [] if file.filename]
    if len(named) > MOST_FILES:
        raise _Refused(f"At most {MOST_FILES} files at a time, please.")
    uploads = []
    for number, file in enumerate(named, 1):
        if (file.size or 0) > max_bytes:
            raise _Refused(f"File {number} is too large: at most {max_bytes // 1_000_000} MB.")
        uploads.append(Upload(file.filename or "", file.file.read()))
    return uploads
