"""The journey's picture as numbers: where bars, marks and lines stand."""

from datetime import date, timedelta

from web.gantt import DAYS, NAMES, Chart, Item, gantt

TODAY = date(2027, 1, 10)


def picture(*items: Item, **marks: date | None) -> Chart:
    chart = gantt(items, TODAY, marks)
    assert chart is not None
    return chart


def test_a_bar_reaches_from_its_due_day_to_the_end_of_its_last_safe_day() -> None:
    long = Item("A", "long", "open", TODAY, TODAY + timedelta(days=9))
    short = Item("B", "short", "open", TODAY, TODAY + timedelta(days=4))
    a, b = picture(long, short).bars
    assert a.x == b.x
    assert abs(a.width - 2 * b.width) < 0.3, "ten days are twice as long as five"
    assert b.y - a.y == 24


def test_bars_stand_in_order_of_time_and_within_the_picture() -> None:
    items = [
        Item(str(n), "item", "open", TODAY + timedelta(days=n), TODAY + timedelta(days=n + 3))
        for n in range(0, 60, 7)
    ]
    chart = picture(*items, admission=TODAY + timedelta(days=80))
    starts = [bar.x for bar in chart.bars]
    assert starts == sorted(starts) and starts[0] > NAMES
    assert all(bar.x + bar.width <= NAMES + DAYS for bar in chart.bars)
    assert all(NAMES <= mark.x <= NAMES + DAYS for mark in chart.marks)
    assert 4 <= len(chart.ticks) <= 12


def test_today_and_the_days_it_turns_on_are_marked_and_unknown_days_are_not() -> None:
    item = Item("A", "a", "open", TODAY, TODAY)
    chart = picture(item, admission=TODAY + timedelta(days=20), discharge=None)
    assert [mark.code for mark in chart.marks] == ["today", "admission"]
    assert chart.marks[0].x == chart.bars[0].x
    assert chart.marks[1].label == "admission 30 Jan"


def test_labels_of_neighbouring_days_stand_on_different_lines() -> None:
    item = Item("A", "a", "open", TODAY, TODAY + timedelta(days=60))
    days = {"admission": TODAY + timedelta(days=30), "operation": TODAY + timedelta(days=31)}
    lines = {mark.code: mark.line for mark in picture(item, **days).marks}
    assert lines["admission"] != lines["operation"]


def test_an_item_is_led_in_from_the_day_its_last_prerequisite_is_due() -> None:
    first = Item("A", "a", "open", TODAY, TODAY + timedelta(days=2))
    second = Item("B", "b", "open", TODAY + timedelta(days=5), None, None, ["A"])
    third = Item("C", "c", "open", TODAY + timedelta(days=20), None, None, ["A", "B", "gone"])
    a, b, c = picture(first, second, third).bars
    assert a.lead == 0
    assert abs(b.x - b.lead - a.x) < 0.2
    assert abs(c.x - c.lead - b.x) < 0.2


def test_lines_join_open_items_only() -> None:
    done = Item("A", "a", "done", TODAY, TODAY, TODAY)
    late = Item("B", "b", "late", TODAY - timedelta(days=3), None, None, ["A"])
    later = Item("C", "c", "open", TODAY + timedelta(days=3), None, None, ["B"])
    assert len(picture(done, late, later).links) == 1


def test_an_item_without_a_date_is_named_and_has_no_bar() -> None:
    dated, undated = Item("A", "a", "open", TODAY), Item("B", "x" * 80, "open")
    chart = picture(dated, undated)
    assert chart.bars[1].width == 0 and chart.bars[1].name.endswith("…")
    assert chart.bars[1].words.endswith("no date yet")
    assert gantt([undated], TODAY, {}) is None
