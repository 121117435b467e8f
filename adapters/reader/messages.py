"""What the sender of a file is told, in plain words and without personal data."""

from adapters.reader.types import ReadStatus

EMPTY_FILE = "The file is empty. Please send it again."
NO_PAGES = "The document has no pages. Please export or scan it again."
ENCRYPTED = (
    "The document is locked with a password. Please send the password, or a copy without one."
)
WRONG_PASSWORD = "The password does not open the document. Please check it and send it again."  # noqa: S105
CORRUPT = (
    "The file is damaged and could not be opened. Please send it again, or a new scan or photo."
)
NOT_A_DOCUMENT = (
    "The file is not a document that we can read. Please send it as PDF, photo (JPEG, PNG, HEIC), "
    "Word document or plain text."
)
OLD_WORD = (
    "The file is an old Word document (.doc). Please save it as PDF or .docx and send it again."
)
SPREADSHEET = "The file is a spreadsheet. It is kept; please send the report itself as PDF."
NO_TEXT = (
    "No readable text was found. If it is a photo, please take it again: flat, in good light, "
    "the whole page, without flash."
)
DICOM_KEPT = "Imaging files (DICOM) are kept with the case. Please also send the written report."
ARCHIVE_ENCRYPTED = (
    "The archive is locked with a password. Please send its files one by one, or without one."
)
ARCHIVE_OF_OTHER_KIND = (
    "The file is an archive of a kind that is not opened here. It is kept; please send the files "
    "in it one by one, or as a ZIP archive."
)
ARCHIVE_LIMITS = (
    "The archive holds too many or too large files to be unpacked. "
    "Please send its files in smaller parts."
)
ARCHIVE_DEPTH = (
    "The file holds files inside files; what lies deeper than {depth} levels was not opened. "
    "Please send those files directly."
)
MEMBER_DAMAGED = (
    "This file is damaged inside the archive that it came in. The others are not affected. "
    "Please send it again."
)
MEMBER_LOCKED = (
    "This file is locked with a password inside the archive that it came in. "
    "Please send it again without one."
)
MEMBER_TOO_LARGE = (
    "This file is too large to be unpacked from the archive that it came in. "
    "Please send it by itself, or in parts."
)
PAGES_APP = (
    "The file was made with Apple Pages, Numbers or Keynote, which cannot be opened here. "
    "Please export it as PDF and send that."
)
MOVING = (
    "The file is a moving picture; only its first picture was looked at. "
    "If it shows a report, please send it as PDF or as a photo."
)
XFA_FORM = (
    "The file is a form that only Adobe Reader shows. Please open it there, print it to a PDF or "
    "on paper, and send that."
)
NO_OCR = (
    "Pages that are pictures were not read: the OCR program cannot be started here. Nothing is "
    "wrong with the file. `./iort doctor` says more."
)
OUT_OF_LIMITS = (
    "The file takes too much time or memory to be read. It is kept; a coordinator will look at it. "
    "A new scan or a copy saved as PDF may help."
)
SOME_PAGES_FAILED = "{failed} of {total} pages could not be read. Please send those pages again."
CUT_OFF = (
    "The document seems to be cut off: {read} of {stated} pages could be read. "
    "Please send it again."
)
RESCUED = (
    "The file is damaged, probably cut off while it was sent. {read} pages could still be read, "
    "others may be missing. Please send it again."
)
BLANK = "The pages are empty. Please check the file and send it again."
TOO_MANY_PAGES = (
    "The document has more than {limit} pages; the first {limit} were read. "
    "Please send only the medical reports."
)
TOO_LARGE = "The file is larger than {limit} MB. Please send it in smaller parts."


def too_large(limit_bytes: int) -> str:
    """Return the message for a file above the size limit."""
    return TOO_LARGE.format(limit=limit_bytes // (1024 * 1024))


def member_lost(status: ReadStatus) -> str:
    """Return the message for a file that could not be taken out of its archive."""
    return {"encrypted": MEMBER_LOCKED, "too_large": MEMBER_TOO_LARGE}.get(status, MEMBER_DAMAGED)


_CODES = {
    "empty": (EMPTY_FILE, NO_PAGES),
    "blank": (BLANK,),
    "encrypted": (ENCRYPTED,),
    "wrong_password": (WRONG_PASSWORD,),
    "corrupt": (CORRUPT,),
    "unsupported": (NOT_A_DOCUMENT,),
    "old_word": (OLD_WORD,),
    "spreadsheet": (SPREADSHEET,),
    "pages_app": (PAGES_APP,),
    "xfa_form": (XFA_FORM,),
    "no_text": (NO_TEXT,),
    "archive_locked": (ARCHIVE_ENCRYPTED,),
    "archive_kind": (ARCHIVE_OF_OTHER_KIND,),
    "archive_limits": (ARCHIVE_LIMITS,),
    "archive_depth": (ARCHIVE_DEPTH,),
    "member_damaged": (MEMBER_DAMAGED,),
    "member_locked": (MEMBER_LOCKED,),
    "member_too_large": (MEMBER_TOO_LARGE,),
    "moving": (MOVING,),
    "out_of_limits": (OUT_OF_LIMITS,),
    "some_pages": (SOME_PAGES_FAILED,),
    "cut_off": (CUT_OFF,),
    "rescued": (RESCUED,),
    "too_many_pages": (TOO_MANY_PAGES,),
    "too_large": (TOO_LARGE,),
}
CODES = frozenset(_CODES)
"""What can be wrong with a file; letters have words for each in their own language."""
_STARTS = {
    message.partition("{")[0]: code
    for code, texts in _CODES.items()
    for message in texts
    if message[0] != "{"
}


def code_of(status: ReadStatus, message: str) -> str:
    """Return the code of a message that this module made: letters say it in other words.

    Empty when nothing is wrong. A message of somebody else gets the code of its status.
    """
    if not message:
        return ""
    if SOME_PAGES_FAILED.partition("}")[2].partition("}")[2] in message:
        return "some_pages"
    found = [start for start in _STARTS if message.startswith(start)]
    if found:
        return _STARTS[max(found, key=len)]
    return "" if status == "read" else {"too_large": "out_of_limits"}.get(status, status)


def fallback(status: ReadStatus) -> str:
    """Return a message for a status that came without one."""
    return {
        "read": "",
        "encrypted": ENCRYPTED,
        "corrupt": CORRUPT,
        "empty": EMPTY_FILE,
        "too_large": OUT_OF_LIMITS,
        "unsupported": NOT_A_DOCUMENT,
        "too_many_pages": ARCHIVE_LIMITS,
        "no_text": NO_TEXT,
    }[status]
