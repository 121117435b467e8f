"""Sending files: what the upload part of a page needs, and files that come without script."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request, UploadFile

from web.access import world_of
from web.languages import choose, translate
from web.pages.portal_hints import HINTS, hint_text
from workflows.engine.file_store import StoreFailed
from workflows.portal import upload_tickets, uploads
from workflows.portal.upload_room import room_of
from workflows.portal.uploads import Owner, UploadMissing, UploadRefused

_MEGABYTE = 1024 * 1024


class FilesRefused(ValueError):
    """The files were not taken, or not all of them; the message says why to their sender."""


def upload_values(request: Request, owner: Owner, files_address: str) -> dict[str, Any]:
    """Return what `portal_upload_part.html` needs on a page of this owner.

    `files_address` takes the files, as `files`, of browsers without script. Choose the language
    first.
    """
    world = world_of(request)
    waiting = uploads.listed(world, owner)
    return {
        "ticket": upload_tickets.ticket_for(world, owner),
        "waiting": waiting,
        "files_address": files_address,
        "hint_text": hint_text,
        "hint_codes": list(HINTS),
        "upload_refusals": refusals(request),
        "room": room_of(world, owner),
        "of_draft": owner.kind == "draft",
    }


def refusals(request: Request) -> dict[str, str]:
    """Return why a file is not taken, by code, in the language being read."""
    settings = world_of(request).settings
    largest = settings.document_max_bytes // _MEGABYTE
    spent = translate(
        "More has come today than this page takes in one day. All that came before is kept. Our "
        "coordinators were told and can let more come: look here again later, or tomorrow. Is it "
        "urgent? Call us: %(phone)s."
    ) % {"phone": settings.contact_phone}
    return {
        "too_large": translate("This file is too large. At most %(size)s MB, please.")
        % {"size": largest},
        "too_many": spent,
        "too_much": spent,
        "too_old": translate("This page was open for a long time. Please load it again."),
        "busy": translate("We could not keep the file just now. Please try again."),
    }


def take_files(request: Request, owner: Owner, files: Sequence[UploadFile] | None) -> int:
    """Take the files of a form without script, each whole; return how many; raise `FilesRefused`.

    Those before a refused one are kept. `UploadMissing` where no file may come any more.
    """
    world = world_of(request)
    named = [file for file in files or () if file.filename]
    for file in named:
        try:
            if (file.size or 0) > world.settings.document_max_bytes:
                raise UploadRefused("too_large")
            size, name = file.size or 0, file.filename or ""
            public_id = uploads.receive_whole(world, owner, name, size, file.file)
            uploads.look_at(world, owner, public_id)
        except UploadRefused as refused:
            choose(request)
            raise FilesRefused(refusals(request)[refused.code]) from None
        except StoreFailed:
            choose(request)
            raise FilesRefused(refusals(request)["busy"]) from None
    return len(named)


def remove_file(request: Request, owner: Owner, public_id: str) -> None:
    """Take a file back that is in no case's file yet; one that is gone is no error."""
    try:
        uploads.remove(world_of(request), owner, public_id)
    except UploadMissing:
        pass
    except StoreFailed:
        raise FilesRefused(refusals(request)["busy"]) from None
