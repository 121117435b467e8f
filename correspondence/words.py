"""How codes are written in letters: sites as they may stand in a subject, techniques, age bands."""

from typing import Final

SITE_WORDS: Final = {
    "breast": "breast",
    "pancreas": "pancreas",
    "rectum_primary": "rectum",
    "pelvic_recurrence": "pelvis",
    "gyn_recurrence": "gynaecological",
    "stomach": "stomach",
    "retroperitoneum": "retroperitoneum",
}
TECHNIQUE_WORDS: Final = {
    "ioert": "electron IORT (IOERT)",
    "kv_iort": "low-energy X-ray IORT",
    "ebx": "electronic brachytherapy",
    "hdr_iort": "HDR brachytherapy IORT",
}
SEX_WORDS: Final = {"F": "woman", "M": "man"}


def age_band(age_years: int) -> str:
    """Return a five-year band ("55-59"); 90 and above is one band, as ages above 89 identify."""
    if age_years < 0:
        raise ValueError("an age is not negative")
    if age_years >= 90:
        return "90+"
    low = age_years - age_years % 5
    return f"{low}-{low + 4}"
