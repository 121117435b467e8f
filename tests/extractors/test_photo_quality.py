"""Hints about photos: poor ones are noticed, good ones are left in peace."""

import pytest
from PIL import Image

from extractors.photo_quality import LONG_SIDE, hints
from tests.extractors.photos import EXAMPLES, a_page, a_photo, blurred, darker, fainter


def seen(picture: Image.Image) -> tuple[str, ...]:
    long_side = max(picture.size)
    small = picture.convert("L")
    small.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.BOX)
    return hints(small.tobytes(), small.width, small.height, long_side)


@pytest.mark.parametrize("name", EXAMPLES)
def test_good_photos_and_scans_are_left_in_peace(name: str) -> None:
    assert seen(a_photo(name)) == ()
    assert seen(blurred(a_photo(name), 1)) == ()
    assert seen(darker(a_photo(name), 0.6)) == ()
    for dpi in (110, 150, 300):
        assert seen(a_page(name, dpi)) == (), f"a scan with {dpi} dpi"


@pytest.mark.parametrize("name", EXAMPLES)
def test_poor_photos_are_noticed(name: str) -> None:
    for radius in (3, 4, 6):
        assert seen(blurred(a_photo(name), radius)) == ("blurred",)
    for share in (0.3, 0.15):
        assert seen(darker(a_photo(name), share)) == ("too_dark",)
    assert seen(fainter(a_page(name), 0.12)) == ("too_faint",)
    assert "too_small" in seen(a_page(name, 70))
    assert "blurred" in seen(darker(blurred(a_photo(name), 4), 0.3)), "dark and blurred"


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_photo_that_cuts_through_the_lines_is_noticed(name: str) -> None:
    page = a_page(name)
    left = page.crop((page.width // 4, 0, page.width, page.height))
    assert seen(left) == ("cut_off",)
    margin = page.crop((50, 60, page.width - 50, page.height - 60))
    assert seen(margin) == (), "only the white margin is missing"


def test_a_photo_of_nothing_is_no_error() -> None:
    assert "blurred" not in seen(Image.new("L", (1400, 1000), 250))
    assert "too_dark" in seen(Image.new("L", (1400, 1000), 0))
