"""Resumable uploads by the tus protocol 1.0.0 (https://tus.io/protocols/resumable-upload).

Core, creation, termination, expiration and checksum. Every request carries the ticket of the page
it comes from in `Upload-Ticket`: no address opens an upload, and no other site can send the header.
Answers that need words carry a code; the page knows the words in the reader's language.
"""

import base64
import binascii
import hashlib
import hmac
import re
from email.utils import format_datetime
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from web.access import PUBLIC, UPLOAD_TICKET, world_of
from web.page_router import PageRouter
from web.pools import FILES, LOOKS, Crowded, in_pool
from web.refusals import note_refusal
from workflows.engine.file_store import StoreFailed
from workflows.engine.world import World
from workflows.portal import upload_tickets, uploads
from workflows.portal.uploads import OffsetConflict, Owner, Position, UploadMissing, UploadRefused

router = PageRouter(prefix="/portal/uploads", access=UPLOAD_TICKET)

VERSION = "1.0.0"
TICKET = "upload-ticket"
EXTENSIONS = "creation,expiration,termination,checksum"
ALGORITHMS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
PIECE_BYTES = 4 * 1024 * 1024
"""Larger bodies are kept in pieces of this size as they come."""
MAX_CHECKED_BYTES = 16 * 1024 * 1024
"""A body with a checksum is held in memory until it is known to be right."""
_FINGERPRINT = re.compile("[0-9a-f]{64}")
_TUS = {"tus-resumable": VERSION, "cache-control": "no-store"}


class _Answer(Exception):
    """The request is answered with this status and nothing else."""

    def __init__(self, status: int, code: str = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.response = _say(status, code, headers)


@router.options("", access=PUBLIC)
@router.options("/{public_id}", access=PUBLIC)
def abilities(request: Request) -> Response:
    """Say what this server can do."""
    headers = {
        "tus-version": VERSION,
        "tus-extension": EXTENSIONS,
        "tus-max-size": str(world_of(request).settings.document_max_bytes),
        "tus-checksum-algorithm": ",".join(ALGORITHMS),
    }
    return _say(204, headers=headers)


@router.post("")
def create(request: Request) -> Response:
    """Begin an upload; its address is in `Location`."""
    try:
        world, owner = _asked(request)
        metadata = _metadata(request.headers.get("upload-metadata", ""))
        fingerprint = metadata.get("fingerprint", "")
        position = uploads.begin(
            world,
            owner,
            length=_number(request, "upload-length"),
            file_name=metadata.get("filename", ""),
            fingerprint=fingerprint if _FINGERPRINT.fullmatch(fingerprint) else None,
        )
    except _Answer as answer:
        return answer.response
    except UploadMissing:
        return _missing(request)
    except UploadRefused as refused:
        return _say(413 if refused.code != "too_many" else 403, refused.code)
    location = f"{router.prefix}/{position.public_id}"
    return _say(201, headers={"location": location, **_standing(position)})


@router.head("/{public_id}")
def standing(request: Request, public_id: str) -> Response:
    """Say how far an upload is."""
    try:
        world, owner = _asked(request)
        position = uploads.where(world, owner, public_id)
    except _Answer as answer:
        return answer.response
    except UploadMissing:
        return _missing(request)
    return _say(200, headers=_standing(position))


@router.patch("/{public_id}")
async def receive(request: Request, public_id: str) -> Response:
    """Keep the bytes of the body, also those of a body that is cut off."""
    try:
        world, owner = await run_in_threadpool(_asked, request)
        return _say(204, headers=_standing(await _receive(request, world, owner, public_id)))
    except _Answer as answer:
        return answer.response
    except UploadMissing:
        return await run_in_threadpool(_missing, request)
    except OffsetConflict:
        return _say(409)
    except (StoreFailed, Crowded):
        return _say(503)


@router.delete("/{public_id}")
def give_up(request: Request, public_id: str) -> Response:
    """Forget an upload that is not in the case's file yet."""
    try:
        world, owner = _asked(request)
        uploads.remove(world, owner, public_id)
    except _Answer as answer:
        return answer.response
    except UploadMissing:
        return _missing(request)
    except StoreFailed:
        return _say(503)
    return _say(204)


@router.get("/{public_id}/look")
async def look(request: Request, public_id: str) -> Response:
    """Say, once the upload is here, whether a photo should be taken again.

    Nothing is said of it while many are looked at: a hint is never worth a wait.
    """
    try:
        world, owner = await run_in_threadpool(_asked, request, tus=False)
        hints = await in_pool(
            LOOKS, f"{owner.kind}:{owner.id}", lambda: uploads.look_at(world, owner, public_id)
        )
    except Crowded:
        return JSONResponse({"hints": []}, headers=_TUS)
    except _Answer as answer:
        return answer.response
    except UploadMissing:
        return await run_in_threadpool(_missing, request)
    except StoreFailed:
        return _say(503)
    return JSONResponse({"hints": hints}, headers=_TUS)


async def _receive(request: Request, world: World, owner: Owner, public_id: str) -> Position:
    if request.headers.get("content-type") != "application/offset+octet-stream":
        raise _Answer(415)
    offset = _number(request, "upload-offset")
    check = _Checksum(request.headers.get("upload-checksum"))
    position = await run_in_threadpool(uploads.where, world, owner, public_id)
    if offset != position.received:
        raise OffsetConflict
    room = position.length - offset
    waiting, taken, whole = bytearray(), 0, True
    try:
        async for part in request.stream():
            taken += len(part)
            if taken > room or (check.wanted and taken > MAX_CHECKED_BYTES):
                raise _Answer(413)
            waiting += part
            check.update(part)
            if len(waiting) >= PIECE_BYTES and not check.wanted:
                position = await _keep(world, owner, position, waiting)
                waiting = bytearray()
    except ClientDisconnect:
        whole = False
    if check.wanted and not (whole and check.holds()):
        raise _Answer(460)
    return await _keep(world, owner, position, waiting)


async def _keep(world: World, owner: Owner, position: Position, content: bytearray) -> Position:
    part = bytes(content)

    def keep() -> Position:
        return uploads.append(world, owner, position.public_id, position.received, part)

    return await in_pool(FILES, f"{owner.kind}:{owner.id}", keep)


class _Checksum:
    """The checksum that a body must have, if one is stated: "sha256 BASE64"."""

    def __init__(self, stated: str | None) -> None:
        self.wanted = b""
        self._digest: Any = None
        if stated is None:
            return
        name, _, value = stated.partition(" ")
        if name not in ALGORITHMS:
            raise _Answer(400)
        try:
            self.wanted = base64.b64decode(value, validate=True)
        except binascii.Error:
            raise _Answer(400) from None
        self._digest = ALGORITHMS[name](usedforsecurity=False)
        if len(self.wanted) != self._digest.digest_size:
            raise _Answer(400)

    def update(self, part: bytes) -> None:
        """Add bytes of the body."""
        if self._digest is not None:
            self._digest.update(part)

    def holds(self) -> bool:
        """Say whether the body has the checksum."""
        return hmac.compare_digest(self._digest.digest(), self.wanted)


def _missing(request: Request) -> Response:
    """Answer to an upload that is not there for this owner; written down, as any refusal."""
    note_refusal(request, "portal.refused")
    return _say(404)


def _asked(request: Request, *, tus: bool = True) -> tuple[World, Owner]:
    """Return the world and whose page asks; answer 412 to another protocol, 404 to a stranger."""
    if tus and request.headers.get("tus-resumable") != VERSION:
        raise _Answer(412, headers={"tus-version": VERSION})
    world = world_of(request)
    try:
        return world, upload_tickets.owner_of(world, request.headers.get(TICKET, ""))
    except upload_tickets.TicketRefused:
        note_refusal(request, "portal.refused")
        raise _Answer(404, "too_old") from None


def _number(request: Request, name: str) -> int:
    value = request.headers.get(name, "")
    if not (value.isascii() and value.isdigit() and len(value) <= 15):
        raise _Answer(400)
    return int(value)


def _metadata(header: str) -> dict[str, str]:
    """Return the pairs of an `Upload-Metadata` header; 400 when it is not one."""
    pairs = {}
    for item in header.split(",") if header else ():
        name, _, value = item.strip().partition(" ")
        try:
            pairs[name] = base64.b64decode(value, validate=True).decode("utf-8", "replace")
        except binascii.Error:
            raise _Answer(400) from None
    return pairs


def _standing(position: Position) -> dict[str, str]:
    headers = {"upload-offset": str(position.received), "upload-length": str(position.length)}
    if position.state == "receiving":
        headers["upload-expires"] = format_datetime(position.expires_at, usegmt=True)
    return headers


def _say(status: int, code: str = "", headers: dict[str, str] | None = None) -> Response:
    answer: Response = JSONResponse({"code": code}, status) if code else Response(None, status)
    answer.headers.update({**_TUS, **(headers or {})})
    return answer
