"""Where a patient's clock stands: stated, or the only one that the country or the telephone allows.

A country with several clocks (Russia, the United States) says nothing about which is the reader's:
then it is not stated, a person is asked, and letters keep to hours that are day in all of them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

NOT_STATED = "UTC"
"""What stands as the time zone of whom nobody has stated one."""
ASK_ZONE = "state_time_zone"
"""The question to a person that stands open meanwhile."""
_CALLING = """
20 EG 27 ZA 30 GR 31 NL 32 BE 33 FR 34 ES 36 HU 39 IT 40 RO 41 CH 43 AT 44 GB 45 DK 46 SE 47 NO
48 PL 49 DE 51 PE 52 MX 53 CU 54 AR 55 BR 56 CL 57 CO 58 VE 60 MY 61 AU 62 ID 63 PH 64 NZ 65 SG
66 TH 81 JP 82 KR 84 VN 86 CN 90 TR 91 IN 92 PK 93 AF 94 LK 95 MM 98 IR 211 SS 212 MA 213 DZ 216
TN 218 LY 220 GM 221 SN 222 MR 223 ML 224 GN 225 CI 226 BF 227 NE 228 TG 229 BJ 230 MU 231 LR
232 SL 233 GH 234 NG 235 TD 236 CF 237 CM 238 CV 239 ST 240 GQ 241 GA 242 CG 243 CD 244 AO 245
GW 248 SC 249 SD 250 RW 251 ET 252 SO 253 DJ 254 KE 255 TZ 256 UG 257 BI 258 MZ 260 ZM 261 MG
263 ZW 264 NA 265 MW 266 LS 267 BW 268 SZ 269 KM 291 ER 350 GI 351 PT 352 LU 353 IE 354 IS 355
AL 356 MT 357 CY 358 FI 359 BG 370 LT 371 LV 372 EE 373 MD 374 AM 375 BY 376 AD 377 MC 378 SM
380 UA 381 RS 382 ME 385 HR 386 SI 387 BA 389 MK 420 CZ 421 SK 423 LI 501 BZ 502 GT 503 SV 504
HN 505 NI 506 CR 507 PA 509 HT 591 BO 592 GY 593 EC 595 PY 597 SR 598 UY 670 TL 673 BN 675 PG
676 TO 677 SB 678 VU 679 FJ 685 WS 850 KP 852 HK 853 MO 855 KH 856 LA 880 BD 886 TW 960 MV 961
LB 962 JO 963 SY 964 IQ 965 KW 966 SA 967 YE 968 OM 970 PS 971 AE 972 IL 973 BH 974 QA 975 BT
976 MN 977 NP 992 TJ 993 TM 994 AZ 995 GE 996 KG 998 UZ
"""
_WORDS = _CALLING.split()
CALLING: Mapping[str, str] = dict(zip(_WORDS[::2], _WORDS[1::2], strict=True))
"""Codes of the telephone that are one country's (ITU-T E.164); +1 and +7 are several's."""


def known_zone(told: str) -> str | None:
    """Return a zone of the tz database by its name, such as Asia/Muscat; None for anything else."""
    try:
        found = ZoneInfo(told.strip()).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return found if "/" in found and not found.startswith("Etc/") else None


def only_zone(country: str | None, phone: str | None, now: datetime) -> str | None:
    """Return the one zone of the country, of the telephone's where none is stated; else None."""
    zones = clocks_of(country or country_of(phone), now)
    return zones[0] if len(zones) == 1 else None


def country_of(phone: str | None) -> str | None:
    """Return the country whose code a telephone number begins with: +254..., 00254..."""
    number = "".join(sign for sign in phone or "" if sign.isdigit() or sign == "+")
    number = f"+{number[2:]}" if number.startswith("00") else number
    if not number.startswith("+"):
        return None
    codes = (number[1 : 1 + length] for length in (3, 2))
    return next((CALLING[code] for code in codes if code in CALLING), None)


def clocks_of(country: str | None, now: datetime) -> Sequence[str]:
    """Return a country's zones, one for each that shows another time within the coming year."""
    seen: dict[tuple[timedelta | None, ...], str] = {}
    for name in _zones().get(country or "", ()):
        zone = ZoneInfo(name)
        shown = tuple(
            (now + timedelta(days=14 * n)).astimezone(zone).utcoffset() for n in range(27)
        )
        seen.setdefault(shown, name)
    return tuple(seen.values())


@lru_cache(maxsize=1)
def _zones() -> Mapping[str, Sequence[str]]:
    """Return each country's zones of the tz database, that of most people first."""
    zones: dict[str, list[str]] = {}
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            zones.setdefault(country, []).append(zone)
    return zones
