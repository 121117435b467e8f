"""Letters that came in: the original of each, as it came."""

from fastapi import Depends, HTTPException, Request
from starlette.responses import Response

from accounts.users import SignedIn
from views.files import FileMissing
from views.letter_in import original_letter
from web.access import only, world_of
from web.page_router import PageRouter

patients = only("coordinator", "clinician", "lead")
router = PageRouter(access=patients)


@router.get("/letters/{message_id}/original")
def original(request: Request, message_id: int, who: SignedIn = Depends(patients)) -> Response:
    """Return a letter's original bytes as a download: a browser never opens them on our site."""
    try:
        content = original_letter(world_of(request), message_id, who.ref)
    except FileMissing as missing:
        raise HTTPException(404, str(missing)) from None
    headers = {
        "content-disposition": f'attachment; filename="letter-{message_id}.eml"',
        "content-security-policy": "sandbox; default-src 'none'",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)
