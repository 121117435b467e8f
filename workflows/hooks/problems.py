"""Why a delivery is not taken, and what its sender does about it: problem documents (RFC 9457).

A problem's text is fixed and its places are names of our own fields: nothing that was sent comes
back in an answer, a log or a page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NEW_ID = "Mend it and send it under a new webhook-id."


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of refusal: the HTTP status, what is wrong, and what to do."""

    status: int
    title: str
    do: str


PROBLEMS: Mapping[str, Problem] = {
    "not_genuine": Problem(
        401,
        "The sender could not be verified",
        "Check the source's name, its secret, the clock (five minutes at most) and where the call "
        "comes from. The body must be signed byte for byte as it is sent.",
    ),
    "too_many": Problem(
        429, "Too many calls", "Send again after the seconds that Retry-After names."
    ),
    "too_large": Problem(
        413, "The body is too large", "Send less in one delivery: one document each, for example."
    ),
    "not_now": Problem(
        503, "It could not be kept just now", "Nothing was taken. Send the same again."
    ),
    "id_too_long": Problem(
        400, "The webhook-id is longer than 256 characters", "Send it under a shorter id."
    ),
    "other_body": Problem(
        409,
        "This webhook-id came before with another body",
        "The first one counts; this one is kept and a person looks at it. If it is another "
        "message, send it under a new webhook-id.",
    ),
    "compressed": Problem(
        415, "The body is compressed", "Send it plain: without Content-Encoding."
    ),
    "not_json_type": Problem(
        415, "The content type is not JSON", "Send Content-Type: application/json."
    ),
    "not_form_type": Problem(
        415,
        "The content type is not one that this source sends",
        "Send the body as the documentation of this source says.",
    ),
    "wrong_charset": Problem(
        415, "The body is not UTF-8", "Send UTF-8 without a byte order mark. " + NEW_ID
    ),
    "not_json": Problem(400, "The body is not JSON", NEW_ID),
    "twice_named": Problem(
        400, "A name stands twice in one object", f"Each name may stand once. {NEW_ID}"
    ),
    "too_deep": Problem(400, "The body is nested too deeply", f"Sixteen levels at most. {NEW_ID}"),
    "not_text": Problem(
        400,
        "A text has a character that is no text",
        f"Leave out NUL (\\u0000) and halves of surrogate pairs. {NEW_ID}",
    ),
    "not_a_number": Problem(
        400, "A number is not one that JSON knows", f"No NaN, no Infinity, no exponent. {NEW_ID}"
    ),
    "unknown_type": Problem(
        422, "The type is not one that we take", f"The documentation lists them. {NEW_ID}"
    ),
    "type_not_allowed": Problem(
        403,
        "This source may not send this type",
        "Ask the coordination office to allow it, then send it under a new webhook-id.",
    ),
    "not_as_documented": Problem(422, "The body is not as documented", NEW_ID),
    "not_base64": Problem(422, "A document's content is not base64", NEW_ID),
    "no_such_case": Problem(
        422,
        "You have opened no case with that reference",
        "A source adds to cases that it opened itself. Check case_ref. " + NEW_ID,
    ),
    "no_rehearsal": Problem(
        422, "Rehearsal cases are not taken here", f"Leave rehearsal out. {NEW_ID}"
    ),
    "no_such_object": Problem(
        422, "The object is not in the store", "Store it again: that sends a new notification."
    ),
    "other_bucket": Problem(
        422, "We take nothing from this bucket or folder", "The source's file lists what is taken."
    ),
    "object_too_large": Problem(422, "The object is too large", "Store it in parts."),
    "no_mail": Problem(
        422, "There is no raw message in it", "Let the provider send the raw MIME message."
    ),
}


class HookRefused(ValueError):
    """Genuine, but not something we take. `code` is one of PROBLEMS, `places` are our own names."""

    def __init__(self, code: str, places: Sequence[str] = ()) -> None:
        self.problem = PROBLEMS[code]
        super().__init__(self.problem.title)
        self.code = code
        self.places = tuple(places)


def document(refused: HookRefused) -> dict[str, Any]:
    """Return the problem document of a refusal, as its body stands in the answer."""
    problem = refused.problem
    told: dict[str, Any] = {
        "type": f"urn:iort:hook-problem:{refused.code.replace('_', '-')}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.do,
    }
    if refused.places:
        told["places"] = list(refused.places)
    return told
