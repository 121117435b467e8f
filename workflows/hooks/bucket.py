"""News of an S3-compatible store: which objects were created, in the shapes of AWS and MinIO.

Notifications come several times, late and in any order: an object is known by bucket, key and
version (or, where the bucket keeps none, by what its content was tagged with).
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from workflows.hooks.problems import HookRefused
from workflows.hooks.sources import StoreRules

LONGEST_KEY = 1024
MOST_RECORDS = 100
TEST = "s3:TestEvent"


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object that was created. `case_ref` is empty where its place is none that we take."""

    bucket: str
    key: str
    version: str
    tag: str
    case_ref: str
    file_name: str

    @property
    def name(self) -> str:
        """What it is known by; holds the sender's own words, so only its keyed hash is kept."""
        return "\0".join((self.bucket, self.key, self.version or f"tag {self.tag}"))


def read_store_news(rules: StoreRules, said: Any) -> tuple[StoredObject, ...]:
    """Return the created objects that a notification names, each once, in its order.

    Empty for a store's own test message and for news of other kinds. Raises `HookRefused`.
    """
    if not isinstance(said, dict):
        raise HookRefused("not_as_documented", ["Records"])
    if said.get("Event") == TEST:
        return ()
    records = said.get("Records")
    if isinstance(said.get("detail"), dict):
        found = [_of_event_bridge(rules, said)]
    elif isinstance(records, list) and len(records) <= MOST_RECORDS:
        found = [_of_record(rules, number, one) for number, one in enumerate(records)]
    else:
        raise HookRefused("not_as_documented", ["Records"])
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _of_record(rules: StoreRules, number: int, record: Any) -> StoredObject | None:
    place = f"Records.{number}"
    name = _text(record, place, "eventName")
    if not name.removeprefix("s3:").startswith("ObjectCreated:"):
        return None
    thing = _part(record, place, "s3", "object")
    bucket = _text(_part(record, place, "s3", "bucket"), f"{place}.s3.bucket", "name")
    raw = _text(thing, f"{place}.s3.object", "key")
    try:
        key = unquote_plus(raw, encoding="utf-8", errors="strict")
    except UnicodeDecodeError:
        raise HookRefused("not_as_documented", [f"{place}.s3.object.key"]) from None
    tag = _maybe(thing, "eTag") or _maybe(thing, "sequencer")
    return _object(rules, place, bucket, key, _maybe(thing, "versionId"), tag)


def _of_event_bridge(rules: StoreRules, said: dict[str, Any]) -> StoredObject | None:
    if said.get("detail-type") != "Object Created":
        return None
    detail, place = said["detail"], "detail"
    thing = _part(detail, place, "object")
    bucket = _text(_part(detail, place, "bucket"), "detail.bucket", "name")
    key = _text(thing, "detail.object", "key")  # here it is not encoded
    tag = _maybe(thing, "etag") or _maybe(thing, "sequencer")
    return _object(rules, place, bucket, key, _maybe(thing, "version-id"), tag)


def _object(
    rules: StoreRules, place: str, bucket: str, key: str, version: str, tag: str
) -> StoredObject:
    if not key or len(key.encode()) > LONGEST_KEY or "\0" in key or not (version or tag):
        raise HookRefused("not_as_documented", [f"{place}: key, versionId or eTag"])
    found = _pattern(rules.key).fullmatch(key) if bucket in rules.buckets else None
    case_ref, file_name = (found["case"].upper(), found["file"]) if found else ("", "")
    return StoredObject(bucket, key, version, tag, case_ref, file_name)


def _pattern(key: str) -> re.Pattern[str]:
    """Return how keys look: `in/{case}/{file}` has a reference and a name without slashes."""
    plain = re.escape(key).replace(r"\{case\}", "{case}").replace(r"\{file\}", "{file}")
    case = r"(?P<case>[A-Za-z]{3}-\d{2}-\d{5,9})"
    return re.compile(plain.replace("{case}", case).replace("{file}", "(?P<file>[^/]+)"))


def _part(said: Any, place: str, *steps: str) -> Any:
    for step in steps:
        said = said.get(step) if isinstance(said, dict) else None
    if not isinstance(said, dict):
        raise HookRefused("not_as_documented", [".".join((place, *steps))])
    return said


def _text(said: Any, place: str, name: str) -> str:
    found = said.get(name) if isinstance(said, dict) else None
    if not isinstance(found, str) or not found:
        raise HookRefused("not_as_documented", [f"{place}.{name}"])
    return found


def _maybe(said: dict[str, Any], name: str) -> str:
    """Return a text; blank where it is not there. Stores write "null" for no version."""
    found = said.get(name)
    return found.strip('"') if isinstance(found, str) and found != "null" else ""
