"""What a person is sent to look at: pictures like photos, and ink by hand."""

import math

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from adapters.redaction.looks import looks_on

SIZE = (595.0, 842.0)


def page() -> Image.Image:
    picture = Image.new("RGB", (1240, 1754), "white")
    pencil = ImageDraw.Draw(picture)
    pencil.rectangle((100, 300, 1100, 500), outline=0, width=3)
    pencil.line((100, 400, 1100, 400), fill=0, width=3)
    pencil.line((500, 300, 500, 500), fill=0, width=3)
    pencil.text((120, 320), "Grade", font=ImageFont.load_default(34), fill=0)
    return picture


def signed(picture: Image.Image) -> Image.Image:
    turns = [
        (700 + 2 * at + 15 * math.sin(at / 5), 1300 + 30 * math.sin(at / 3) * math.cos(at / 17))
        for at in range(120)
    ]
    ImageDraw.Draw(picture).line(turns, fill=0, width=3)
    return picture


def with_photo(picture: Image.Image) -> Image.Image:
    noise = Image.effect_noise((300, 300), 90).filter(ImageFilter.GaussianBlur(12))
    picture.paste(noise.point(lambda level: min(255, max(0, (level - 128) * 6 + 128))), (600, 800))
    return picture


def test_a_form_without_ink_by_hand_needs_no_look() -> None:
    assert looks_on(page(), SIZE, [], []) == []


def test_a_signature_is_looked_at() -> None:
    ((box, why),) = looks_on(signed(page()), SIZE, [], [])
    assert why == "handwriting"
    assert box[0] < 345 < 400 < box[2]


def test_a_photo_is_looked_at() -> None:
    ((box, why),) = looks_on(with_photo(page()), SIZE, [], [])
    assert why == "photo"
    assert box[0] < 300 < 420 < box[2]
