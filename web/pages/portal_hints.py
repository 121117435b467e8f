"""What patients are told about a photo or file that should be sent again, by code."""

from web.languages import N_, translate

HINTS = {
    "too_small": N_("The photo is too small to read. Please move closer and take it again."),
    "too_dark": N_("The photo is too dark. Please take it again by daylight, near a window."),
    "too_faint": N_("The writing can hardly be seen. Please take it again in good light."),
    "blurred": N_("The photo looks blurred. Please hold still, in good light, and take it again."),
    "cut_off": N_("The page seems to be cut off. Please take it again with all four corners."),
    "damaged": N_("The file could not be opened. Please send it again."),
    "empty": N_("The file is empty. Please send it again."),
    "no_text": N_(
        "We could not read any text. Please take the photo again: flat, sharp, all of it."
    ),
    "locked": N_("The file is locked with a password. Please send a copy without password."),
    "not_a_document": N_("We cannot open this kind of file. A PDF or a photo is best."),
    "too_heavy": N_("The file took too long to read. Please send it in smaller parts."),
}


def hint_text(code: str) -> str:
    """Return the hint of a code of `uploads.hints_for` in the language being read."""
    return translate(HINTS[code]) if code in HINTS else ""
