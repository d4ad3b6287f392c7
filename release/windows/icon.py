"""Draws torimatome.ico: several sheets that become one. Needs Pillow; run by hand when the picture is to change."""

import sys
from PIL import Image, ImageDraw

BLUE, PAPER, LINE, GREEN = (31, 78, 121, 255), (255, 255, 255, 255), (128, 148, 168, 255), (33, 115, 70, 255)


def picture(size: int) -> Image.Image:
    scale = 8
    n = size * scale
    unit = n / 32
    image = Image.new("RGBA", (n, n), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)

    def box(x, y, w, h, fill, outline=None, radius=1.0):
        at = [x * unit, y * unit, (x + w) * unit, (y + h) * unit]
        draw.rounded_rectangle(at, radius * unit, fill=fill, outline=outline, width=max(1, round(unit * 0.6)))

    box(0.5, 0.5, 31, 31, BLUE, radius=6)
    for y in (4, 12.5, 21):
        box(4, y, 8, 7, PAPER)
        draw.line([5.5 * unit, (y + 3.5) * unit, 10.5 * unit, (y + 3.5) * unit], fill=LINE, width=round(unit))
        draw.line([12.5 * unit, (y + 3.5) * unit, 16.5 * unit, 16 * unit], fill=PAPER, width=round(unit * 1.3))
    box(17, 7, 11, 18, PAPER)
    box(17, 7, 11, 4, GREEN)
    for y in (14, 17.5, 21):
        draw.line([19 * unit, y * unit, 26 * unit, y * unit], fill=LINE, width=round(unit))
    return image.resize((size, size), Image.LANCZOS)


sizes = [16, 24, 32, 48, 64, 128, 256]
pictures = [picture(s) for s in sizes]
pictures[-1].save(sys.argv[1], format="ICO", sizes=[(s, s) for s in sizes], append_images=pictures[:-1])
