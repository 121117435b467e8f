"""The audit of one case: who looked at what and who did what, for the lead and administrators."""

from fastapi import Depends, Request
from starlette.responses import Response

from accounts.sessions import SignedIn
from views.case_audit import KINDS, audit_of
from web.access import only, world_of
from web.page_router import PageRouter
from web.pages.case import READS_AUDIT, tabs
from web.pages.sign_in import pages_of

readers = only(*READS_AUDIT)
router = PageRouter(access=readers, compress=True)
LAST_PAGE = 10_000


@router.get("/cases/{ref}/audit")
def audit_of_case(
    request: Request,
    ref: str,
    kind: str = "",
    actor: str = "",
    page: int = 1,
    who: SignedIn = Depends(readers),
) -> Response:
    """Show the audit of a case, a page at a time; it holds no personal data of the patient."""
    page = min(max(page, 1), LAST_PAGE)
    kind = kind if kind in KINDS else ""
    row, found = audit_of(world_of(request), ref, kind=kind, actor=actor[:40], page=page)
    values = {
        "row": row,
        "tabs": tabs(who),
        "tab": "audit",
        "found": found,
        "page": page,
        "kind": kind,
        "actor": actor,
    }
    return pages_of(request).show(request, "case_audit.html", values)
