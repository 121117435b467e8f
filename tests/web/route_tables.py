"""Every address there is, by who may open it: written down beside the pages, not read from them."""

OPEN = {
    "GET /static", "GET /health", "GET /healthz", "GET /readyz", "GET /login", "GET /login/code",
    "GET /login/openid", "GET /login/openid/back", "GET /portal", "GET /portal/",
    "GET /portal/new", "GET /portal/sign-in/link", "GET /set-password/{token}",
    "OPTIONS /portal/uploads", "OPTIONS /portal/uploads/{public_id}",
}  # fmt: skip
"""Anybody may; nothing about a case stands there."""

PLAIN = {
    "GET /", "GET /account", "GET /account/second-factor", "GET /api/alarms", "GET /api/cases",
    "GET /api/cases/{ref}/timeline", "GET /api/tasks", "GET /cases", "GET /cases/{ref}",
    "GET /cases/{ref}/audit", "GET /cases/{ref}/timeline", "GET /cases/{ref}/timeline/{seq}",
    "GET /charts", "GET /charts/{name}.csv", "GET /charts/{name}.svg", "GET /criteria",
    "GET /criteria/{set_id}", "GET /directory", "GET /directory/export.csv",
    "GET /directory/import", "GET /directory/{code}", "GET /directory/{code}/edit",
    "GET /find", "GET /partners", "GET /partners/out/{endpoint_id}", "GET /questions",
    "GET /questions/{name}", "GET /questions/{name}.csv", "GET /queues", "GET /rates",
    "GET /repair", "GET /restored", "GET /users", "GET /users/changes", "GET /views",
}  # fmt: skip
"""Signed in; no personal data, so nothing is written down."""

AUDITED = {
    "GET /cases/{ref}/documents", "GET /cases/{ref}/suitability",
    "GET /cases/{ref}/suitability/report.pdf", "GET /cases/{ref}/suitability/what-if",
    "GET /cases/{ref}/{tab}", "GET /documents/{document_id}",
    "GET /documents/{document_id}/original", "GET /documents/{document_id}/pages/{number}.{kind}",
    "GET /findings/{finding_id}/line.png", "GET /partners/in/{hook_id}", "GET /tasks/{task_id}",
}  # fmt: skip
"""Personal data: for who works with patients, and each look is written down."""
OF_NO_CASE = {"GET /letters"}  # looked at in tests/web/test_letter_places.py
FORMS = {
    "POST /account/email", "POST /account/password", "POST /account/recovery-codes",
    "POST /account/second-factor", "POST /account/second-factor/confirm",
    "POST /account/second-factor/remove",
    "POST /account/sessions/end", "POST /account/signer", "POST /cases/{ref}/assign",
    "POST /cases/{ref}/consent", "POST /cases/{ref}/red-flag",
    "POST /cases/{ref}/consent/withdraw", "POST /cases/{ref}/journey/{item_id}",
    "POST /cases/{ref}/links/revoke", "POST /cases/{ref}/photos",
    "POST /cases/{ref}/replies/{message_id}", "POST /criteria/{set_id}/approve",
    "POST /cases/{ref}/wishes",
    "POST /criteria/{set_id}/withdraw", "POST /directory/import", "POST /directory/import/apply",
    "POST /directory/{code}/confirm", "POST /directory/{code}/edit",
    "POST /documents/{document_id}/photos", "POST /findings/{finding_id}", "POST /login",
    "POST /login/code", "POST /logout",
    "POST /partners", "POST /partners/in/{hook_id}", "POST /partners/out/{endpoint_id}",
    "POST /portal/new", "POST /portal/sign-in/link", "POST /queues/resume", "POST /rates",
    "POST /repair/confirm", "POST /repair/settle", "POST /restored/let-go",
    "POST /set-password/{token}", "POST /tasks/{task_id}", "POST /users",
    "POST /users/changes/{change_id}", "POST /views", "POST /views/{view_id}",
}  # fmt: skip
"""They change something: taken from our own pages only."""
OWN_PAGES = ("", "/code", "/data", "/signs", "/withdraw")
BY_LINK = {f"GET /portal/{{token}}{page}" for page in OWN_PAGES}
"""The signed link is the key: another or a forged one opens nothing, which is written down."""

ACTS = ("", "/answer", "/consent", "/decide", "/message", "/signs", "/papers", "/data", "/withdraw",
        "/code", "/code/send", "/leave", "/renew")  # fmt: skip
BY_LINK_FORMS = {f"POST /portal/{{token}}{act}" for act in ACTS}
"""Both: our own form, and a genuine link."""

DESK = "/portal/desk/{token}"
BY_DESK = {
    f"GET {DESK}", f"GET {DESK}/sheet.pdf", f"GET {DESK}/records/{{part_id}}",
    f"GET {DESK}/records/{{part_id}}/file", f"GET {DESK}/records/{{part_id}}/{{number}}.webp",
}  # fmt: skip
"""A hospital's own link, and the code that went with it: see tests/web/test_desk.py."""
BY_DESK_FORMS = {f"POST {DESK}{act}" for act in ("/answer/{kind}", "/code", "/code/send", "/leave")}
BY_DRAFT = {
    "DELETE /portal/uploads/{public_id}", "GET /portal/new/{token}",
    "GET /portal/new/{token}/{code}", "GET /portal/uploads/{public_id}/look",
    "HEAD /portal/uploads/{public_id}", "PATCH /portal/uploads/{public_id}",
    "POST /portal/new/{token}/check", "POST /portal/new/{token}/files",
    "POST /portal/new/{token}/files/{public_id}/remove", "POST /portal/new/{token}/letter",
    "POST /portal/new/{token}/{code}", "POST /portal/uploads",
}  # fmt: skip
"""An inquiry being written, for who holds its key."""
SIGNED = {
    "POST /hooks/{source}", "POST /hooks/mail/{source}",
    "GET /portal/reminders/{token}", "POST /portal/reminders/{token}", "GET /metrics",
}  # fmt: skip
"""The body's signature decides, or a reminder's token, whose page tells nothing of the case."""

OWN_PROOF = SIGNED | {"POST /portal/uploads"}
OWN_PROOF |= {f"{method} /portal/uploads/{{public_id}}" for method in ("DELETE", "PATCH")}
"""They change something without our form: a signature, or the upload's ticket in a header."""
TICKETS_ASK = {"GET /portal/uploads/{public_id}/look", "HEAD /portal/uploads/{public_id}"}

ANY_FORM = {"act": "x", "user_name": "x", "kind": "x", "answer": "x", "csrf": "0" * 64,
            "sha256": "0" * 64, "standing": "0" * 32}  # fmt: skip

CLASSES = (
    OPEN, PLAIN, AUDITED, FORMS, BY_LINK, BY_LINK_FORMS, BY_DESK, BY_DESK_FORMS, BY_DRAFT, SIGNED,
)  # fmt: skip

NAMED = frozenset().union(*CLASSES)
SAFE = ("GET", "HEAD", "OPTIONS")
