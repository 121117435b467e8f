"""One value against one limit, written down a second time (see `second_reading`)."""

from typing import Any


def compare(value: Any, op: str, p: dict[str, Any]) -> bool | None:
    if op == "stated":
        return True
    if op in ("ne", "not_in"):
        said = compare(value, {"ne": "eq", "not_in": "in"}[op], p)
        return None if said is None else not said
    if op == "in":
        parts = [compare(value, "eq", {"value": v}) for v in p["value"]]
        return True if True in parts else None if None in parts else False
    if op == "between":
        low = compare(value, "gt" if p.get("lo_open") else "ge", {"value": p["lo"]})
        high = compare(value, "le" if p.get("hi_closed") else "lt", {"value": p["hi"]})
        if low is False or high is False:
            return False
        return True if low and high else None
    limit = p["value"]
    if not isinstance(value, dict):
        tests = {"eq": value == limit}
        if op != "eq":
            tests = {
                "lt": value < limit,
                "le": value <= limit,
                "gt": value > limit,
                "ge": value >= limit,
            }
        return bool(tests[op])
    low, high = value.get("ge", value.get("gt")), value.get("le", value.get("lt"))
    if op == "eq":
        if low is not None and low == high:
            return bool(low == limit)
        under = high is not None and (high < limit or (high == limit and "lt" in value))
        over = low is not None and (low > limit or (low == limit and "gt" in value))
        return False if under or over else None
    if op in ("gt", "ge"):
        said = compare(value, {"gt": "le", "ge": "lt"}[op], p)
        return None if said is None else not said
    if high is not None and (high < limit or (high == limit and (op == "le" or "lt" in value))):
        return True
    if low is not None and (low > limit or (low == limit and (op == "lt" or "gt" in value))):
        return False
    return None
