"""Looks at every paper of a round as it is printed: LibreOffice makes PDF and PNG of every workbook and document, and
every sheet is held to what an office expects of it.

    gallery.py ROUND [--out FOLDER] [--update]     check; PDF and PNG are left in FOLDER
    gallery.py --self-test                         made-up bad papers: each fault must be found
    gallery.py ROUND --pictures docs/images        the pictures of the README, and nothing else (--second: those of the
                                                   round 令和4年11月末 that second_month.py makes)

Checked: pages per sheet (tests/gallery.toml, which --update writes anew for review), no ### for a number that does not
fit, no text cut off by its cell, fonts embedded, contrast of every letter to its ground at least 4.5:1, and that empty
cells of different tints differ in grey, so that a copy in black and white keeps them apart. Exits with 1 and says where.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unicodedata
import xml.etree.ElementTree as ET

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

EXPECTED = pathlib.Path(__file__).resolve().parent.parent / "gallery.toml"
CONTRAST = 4.5
GREY = 0.03  # difference of two tints, of black to white, that a copier keeps
DOT = 96 / 72  # pixels to the point


# ---- what there is

def papers(round_dir):
    """Every paper of the round: all of the results, and of what is issued the list, two divisions and the settings."""
    found = [round_dir / "調査設定.xlsx", round_dir / "配布" / "配布一覧.xlsx"]
    folders = sorted(p for p in (round_dir / "配布").glob("*") if p.is_dir() and list(p.glob("*.xlsx")))
    # The letters are one definition: one of the documents is enough.
    found += sorted((round_dir / "配布").glob("*/*.docx"))[:1]
    folders.sort(key=lambda p: -len(list(p.glob("*.xlsx"))))
    for folder in folders[:1] + folders[-1:]:
        found += sorted(folder.glob("*.xlsx"))
    results = round_dir / "結果"
    sent_back = []
    for path in sorted(results.rglob("*")):
        if "履歴" in path.parts or path.suffix not in (".xlsx", ".docx"):
            continue
        # Of the papers that go back to the divisions, two are enough: they are one definition.
        (sent_back if path.parent.name == "差戻し" else found).append(path)
    return [p for p in dict.fromkeys(found + sent_back[:2]) if p.exists()]


# ---- printing

# As on a Japanese office's machine: kanji have their Japanese shapes (戸, not 户), and no line begins with 「）」.
JAPANESE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Linguistic/General"><prop oor:name="DefaultLocale_CJK" oor:op="fuse"><value>ja-JP</value></prop></item>
<item oor:path="/org.openoffice.Setup/L10N"><prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>ja-JP</value></prop></item>
</oor:items>
"""


def pdf_of(path, out, number):
    profile = out / f"profile{number}"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(JAPANESE, encoding="utf-8")
    folder = out / f"pdf{number}"
    folder.mkdir(parents=True, exist_ok=True)
    kind = "pdf:writer_pdf_Export" if path.suffix == ".docx" else "pdf:calc_pdf_Export"
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", kind, "--outdir", folder, path],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600,
        env=os.environ | {"FONTCONFIG_FILE": str(pathlib.Path(__file__).resolve().parent / "fonts.conf")},
    )
    made = folder / (path.stem + ".pdf")
    if not made.exists():
        raise RuntimeError(f"LibreOffice made no PDF of {path}")
    return made


def text_of(pdf):
    return subprocess.run(["pdftotext", "-q", "-layout", pdf, "-"], check=True, capture_output=True, text=True).stdout


def page_count(pdf):
    info = subprocess.run(["pdfinfo", pdf], check=True, capture_output=True, text=True).stdout
    return int(re.search(r"Pages:\s+(\d+)", info)[1])


def pages_by_sheet(pdf):
    """How many pages each sheet takes, from the outline that LibreOffice writes: one entry per sheet."""
    total = page_count(pdf)
    xml = subprocess.run(["pdftohtml", "-xml", "-i", "-stdout", pdf], check=True, capture_output=True, text=True).stdout
    at = xml.find("<outline>")
    if at < 0:
        return {"": total}
    outline = ET.fromstring(xml[at:xml.find("</outline>", at) + len("</outline>")])
    starts = [(item.text, int(item.get("page"))) for item in outline.findall("item")]
    ends = [page for _, page in starts[1:]] + [total + 1]
    return {name: end - page for (name, page), end in zip(starts, ends)}


def fonts_not_embedded(pdf):
    lines = subprocess.run(["pdffonts", pdf], check=True, capture_output=True, text=True).stdout.splitlines()[2:]
    # The columns are counted from the right: embedded, subset, unicode, object, generation.
    return [line.split()[0] for line in lines if line.split()[-5] != "yes"]


# ---- what a cell shows

def em(ch):
    return 1.0 if unicodedata.east_asian_width(ch) in "WFA" else 0.55


def units(text):
    return sum(em(c) for c in text if unicodedata.category(c) not in ("Cc", "Mn"))


def lines_needed(text, room):
    """Lines of a text in a cell that is `room` ems wide, broken between characters but not inside a Latin word."""
    count = 0
    for line in text.split("\n"):
        used, count = 0.0, count + 1
        for piece in re.findall(r"[A-Za-z0-9,.:/_%-]+|.", line):
            wide = units(piece)
            if used and used + wide > room + 0.05:
                count, used = count + 1, 0.0
            # A word longer than the cell is broken anywhere.
            while wide > room + 0.05:
                count, wide = count + 1, wide - room
            used += wide
    return count


class Sheet:
    def __init__(self, sheet):
        self.sheet = sheet
        default = sheet.sheet_format.defaultColWidth or 8.43
        self.widths, self.hidden = {}, set()
        for dim in sheet.column_dimensions.values():
            for column in range(dim.min or 1, min(dim.max or 1, 16384) + 1):
                self.widths[column] = dim.width if dim.customWidth or dim.width else default
                if dim.hidden:
                    self.hidden.add(column)
        self.default = default
        self.merges = {(m.min_row, m.min_col): m for m in sheet.merged_cells.ranges}

    def pixels(self, first, last):
        shown = (c for c in range(first, last + 1) if c not in self.hidden)
        return sum(self.widths.get(c, self.default) * 7 + 5 for c in shown)

    def height(self, first, last):
        rows = [self.sheet.row_dimensions[r].height for r in range(first, last + 1)]
        # A row without a height of its own grows by itself, but not under a merged cell.
        return None if None in rows and first == last else sum(h or self.sheet.sheet_format.defaultRowHeight or 15 for h in rows)

    def empty(self, row, column):
        cell = self.sheet.cell(row, column)
        return cell.value in (None, "") and type(cell).__name__ != "MergedCell"

    def room_beside(self, row, column, step):
        """Pixels of empty cells that a text may run over, up to twenty columns."""
        room, column = 0, column + step
        while column >= 1 and abs(step) and self.empty(row, column) and room < 3000 and column < 400:
            room += self.pixels(column, column)
            column += step
        return room


def clipped(sheet_view, cell):
    """Why this text is cut off by its cell, or None."""
    text = cell.value
    if not isinstance(text, str) or text.startswith("=") or not text.strip():
        return None
    merge = sheet_view.merges.get((cell.row, cell.column))
    last_row, last_column = (merge.max_row, merge.max_col) if merge else (cell.row, cell.column)
    size = (cell.font.sz or 11) * DOT
    indent = (cell.alignment.indent or 0) * 9
    room = sheet_view.pixels(cell.column, last_column) - 4 - indent
    if room <= 0 or cell.alignment.shrink_to_fit:
        return None
    if cell.alignment.wrap_text or "\n" in text:
        height = sheet_view.height(cell.row, last_row)
        if height is None:
            return None
        lines = lines_needed(text, room / size)
        needed = (lines - 1) * size / DOT * 1.3 + size / DOT * 1.05
        return f"{lines} lines need {needed:.0f} pt of {height:.0f} pt" if needed > height + 1 else None
    needed = units(text) * size
    if cell.alignment.textRotation or needed <= room + 2:
        return None
    if merge is None:
        side = cell.alignment.horizontal
        if side in (None, "general", "left", "justify"):
            room += sheet_view.room_beside(cell.row, cell.column, 1)
        elif side == "right":
            room += sheet_view.room_beside(cell.row, cell.column, -1)
        else:
            room += 2 * min(sheet_view.room_beside(cell.row, cell.column, s) for s in (1, -1))
    return f"{needed:.0f} px of {room:.0f} px" if needed > room + 2 else None


# ---- colours

def rgb(colour, default):
    if colour is None:
        return default
    if colour.type == "rgb" and isinstance(colour.rgb, str):
        return tuple(int(colour.rgb[-6:][i:i + 2], 16) for i in (0, 2, 4)) if colour.rgb != "00000000" else default
    if colour.type == "theme":
        return {0: (255, 255, 255), 1: (0, 0, 0), 2: (231, 230, 230), 3: (68, 84, 106)}.get(colour.theme, default)
    if colour.type == "indexed":
        return {9: (255, 255, 255), 65: (255, 255, 255)}.get(colour.indexed, default)
    return default


def luminance(colour):
    parts = [c / 255 for c in colour]
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(a, b):
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def grey(colour):
    return (0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]) / 255


def ground(cell):
    fill = cell.fill
    return rgb(fill.fgColor, (255, 255, 255)) if fill is not None and fill.fill_type == "solid" else (255, 255, 255)


def hexed(colour):
    return "#%02X%02X%02X" % colour


def look(path, spared):
    """Faults of a workbook's cells: cut texts (but on the sheets that are spared), pale letters, tints alike in grey."""
    faults, pairs = [], {}
    for sheet in openpyxl.load_workbook(path).worksheets:
        if sheet.sheet_state != "visible":
            continue
        view, blank = Sheet(sheet), {}
        for row in sheet.iter_rows():
            for cell in row:
                if type(cell).__name__ == "MergedCell" or not cell.has_style and cell.value is None:
                    continue
                tint = ground(cell)
                if cell.value in (None, ""):
                    if cell.border.left.style and cell.border.top.style:
                        blank.setdefault(tint, cell.coordinate)
                    continue
                pairs.setdefault((rgb(cell.font.color, (0, 0, 0)), tint), f"{sheet.title}!{cell.coordinate}")
                cut = None if sheet.title in spared else clipped(view, cell)
                if cut:
                    faults.append(f"{sheet.title}!{cell.coordinate}: text cut ({cut}): {str(cell.value)[:40]!r}")
        for rules in sheet.conditional_formatting:
            for rule in rules.rules:
                if rule.dxf is not None:
                    fill = rule.dxf.fill
                    tint = rgb((fill.bgColor or fill.fgColor) if fill else None, (255, 255, 255))
                    letters = rgb(rule.dxf.font.color if rule.dxf.font else None, (0, 0, 0))
                    pairs.setdefault((letters, tint), f"{sheet.title}!{rules.sqref} (conditional)")
        tints = sorted(blank, key=grey)
        for a, b in zip(tints, tints[1:]):
            if grey(b) - grey(a) < GREY:
                faults.append(f"{sheet.title}: empty cells {blank[a]} {hexed(a)} and {blank[b]} {hexed(b)} are alike in grey")
    for (letters, tint), where in pairs.items():
        if contrast(letters, tint) < CONTRAST:
            faults.append(f"{where}: {hexed(letters)} on {hexed(tint)} is {contrast(letters, tint):.2f}:1")
    return faults


# ---- one paper

def examine(path, name, out, number, wanted, spared):
    """The faults of one paper, and its pages per sheet."""
    # A copy of what a division or a ministry sent, with marks or figures: how its cells are drawn is their own.
    ours = path.suffix == ".xlsx" and not path.stem.endswith("_朱書き") and "国様式" not in path.parts
    faults = look(path, spared) if ours else []
    pdf = pdf_of(path, out, number)
    if re.search(r"#{2,}", text_of(pdf)):
        faults.append("### stands for a number or a date that does not fit its cell")
    faults += [f"the font {font} is not embedded" for font in fonts_not_embedded(pdf)]
    pages = pages_by_sheet(pdf) if path.suffix == ".xlsx" else {"": page_count(pdf)}
    if wanted is not None:
        for sheet in sorted(set(pages) | set(wanted)):
            low, high = (wanted.get(sheet, 0),) * 2 if not isinstance(wanted.get(sheet), list) else wanted[sheet]
            if not low <= pages.get(sheet, 0) <= high:
                faults.append(f"{sheet or 'document'}: {pages.get(sheet, 0)} pages where {low if low == high else f'{low} to {high}'} are expected")
    subprocess.run(["pdftoppm", "-q", "-r", "50", "-png", pdf, out / f"{number:02}-{path.stem}"], check=True)
    return [f"{name}: {fault}" for fault in faults], pages


def check(round_dir, out, update):
    book = tomllib.loads(EXPECTED.read_text(encoding="utf-8"))
    wanted, spared = book["pages"], set(book["spared"])
    found = papers(round_dir)
    names = [p.relative_to(round_dir).as_posix() for p in found]
    known = [None if update else wanted.get(name, {}) for name in names]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(examine, p, n, out, i, w, spared) for i, (p, n, w) in enumerate(zip(found, names, known))]
        results = [job.result() for job in jobs]
    faults = [fault for some, _ in results for fault in some]
    if update:
        write_expected(book, dict(zip(names, (pages for _, pages in results))))
    total = sum(sum(pages.values()) for _, pages in results)
    sheets = sum(len(pages) for _, pages in results)
    for fault in faults[:80]:
        print(fault)
    print(f"{len(found)} papers, {sheets} sheets, {total} pages; {len(faults)} faults; pictures in {out}")
    return 1 if faults or not found else 0


def write_expected(book, pages):
    quoted = lambda s: '"' + s + '"'
    lines = [line for line in EXPECTED.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    lines += ["", "spared = [" + ", ".join(map(quoted, book["spared"])) + "]"]
    for name, sheets in sorted((book["pages"] | pages).items()):
        lines += ["", f"[pages.{quoted(name)}]"] + [f"{quoted(s)} = {n}" for s, n in sheets.items()]
    EXPECTED.write_text("\n".join(lines) + "\n", encoding="utf-8")


# ---- the README's pictures

PICTURES = [
    # name, file (its first match), sheet, width in pixels
    ("overview", "結果/取りまとめ.xlsx", "概要", 1100),
    ("gantt", "結果/取りまとめ.xlsx", "工程表", 1100),
    ("findings", "結果/取りまとめ.xlsx", "確認事項", 1100),
    ("settings", "調査設定.xlsx", "基本", 800),
    ("form", "配布/*/*計画書*.xlsx", None, 800),
    ("letter", "配布/*/依頼文.xlsx", None, 640),
    ("return", "結果/差戻し/*.xlsx", None, 800),
]

SECOND = [
    # of the second month that second_month.py makes
    ("form-second", "配布/*/*計画書*.xlsx", "介護保険", 800),
    ("changes", "結果/取りまとめ.xlsx", "前回との差", 1100),
    ("trend", "結果/取りまとめ.xlsx", "率の推移", 1100),
]


def pictures(round_dir, folder, out, which=PICTURES):
    folder.mkdir(parents=True, exist_ok=True)
    pdfs = {}
    for name, pattern, sheet, width in which:
        path = next(iter(sorted(round_dir.glob(pattern))), None)
        if path is None:
            print(f"{name}: no {pattern}")
            continue
        if path not in pdfs:
            pdfs[path] = pdf_of(path, out, len(pdfs))
        page = 1
        for title, n in pages_by_sheet(pdfs[path]).items():
            if sheet in (None, title):
                break
            page += n
        target = folder / name
        subprocess.run(["pdftoppm", "-png", "-singlefile", "-f", str(page), "-scale-to-x", str(width), "-scale-to-y", "-1", pdfs[path], target], check=True)
        # Sixteen greys and tints are enough for a printed sheet, and a quarter of the size.
        subprocess.run(["convert", f"{target}.png", "-strip", "+dither", "-colors", "24", "-define", "png:compression-level=9", "-define", "png:exclude-chunk=date,time", f"PNG8:{target}.png"], check=True)
    for png in sorted(folder.glob("*.png")):
        print(f"{png} {png.stat().st_size // 1024} kB")


# ---- the test of the test

def self_test():
    thin = Side("thin")
    ruled = Border(thin, thin, thin, thin)
    tint = lambda c: PatternFill("solid", fgColor=c)

    def book(draw):
        made = openpyxl.Workbook()
        made.active.title = "紙"
        made.active["A1"] = "見出し"
        draw(made.active)
        return made

    def cut_beside(s):
        s["A2"], s["B2"] = "この文は隣の列に続くはずですが続けません", "隣"

    def cut_low(s):
        s["A2"] = "折り返しても三行は要るのに一行の高さしかないところに書かれた文"
        s["A2"].alignment = Alignment(wrap_text=True)
        s.column_dimensions["A"].width, s.row_dimensions[2].height = 20, 15

    def cut_merge(s):
        s.merge_cells("A2:B2")
        s["A2"] = "結合したセルの中の文は隣が空いていても外に出られません"

    def hashes(s):
        s["A2"], s["A2"].number_format = 123456789012, "#,##0"
        s.column_dimensions["A"].width = 4

    def pale(s):
        s["A2"], s["A2"].font = "薄い字", Font(color="FFAAAAAA")

    def pale_on_tint(s):
        s["A2"], s["A2"].font, s["A2"].fill = "灰色に灰色", Font(color="FF808080"), tint("FFDDDDDD")

    def alike(s):
        for at, colour in (("A2", "FFF6D5D5"), ("B2", "FFD5E6D5")):
            s[at].border, s[at].fill = ruled, tint(colour)

    def long(s):
        for row in range(2, 200):
            s.cell(row, 1, "行")

    def good(s):
        s["A2"] = "この文は隣が空いているので続けて読めます"
        s["A3"], s["B3"] = "折り返す文は二行になっても行の高さがあります", "隣"
        s["A3"].alignment = Alignment(wrap_text=True)
        s.column_dimensions["A"].width, s.row_dimensions[3].height = 24, 46
        for at, colour in (("A4", "FFFFFFFF"), ("B4", "FFD0D0D0")):
            s[at].border, s[at].fill = ruled, tint(colour)

    cases = [
        (good, None), (cut_beside, "text cut"), (cut_low, "text cut"), (cut_merge, "text cut"), (hashes, "###"),
        (pale, ":1"), (pale_on_tint, ":1"), (alike, "alike in grey"), (long, "pages where 1 are expected"),
    ]
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder)
        for draw, said in cases:
            path = out / f"{draw.__name__}.xlsx"
            book(draw).save(path)
            faults, _ = examine(path, draw.__name__, out, 0, {"紙": 1}, set())
            if (said is None and faults) or (said and not any(said in f for f in faults)):
                wrong.append(f"{draw.__name__}: expected {said}, found {faults}")
        bare = out / "bare.pdf"
        bare.write_bytes(b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
                         b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Resources<</Font<</F 4 0 R>>>>>>endobj\n"
                         b"4 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
        if fonts_not_embedded(bare) != ["Helvetica"]:
            wrong.append(f"a font that is not embedded is not found: {fonts_not_embedded(bare)}")
    print("\n".join(wrong) or f"self-test: {len(cases)} made-up books and one PDF, every fault found")
    return 1 if wrong else 0


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("round", nargs="?", type=pathlib.Path)
    args.add_argument("--out", type=pathlib.Path)
    args.add_argument("--update", action="store_true")
    args.add_argument("--pictures", type=pathlib.Path)
    args.add_argument("--second", action="store_true", help="those of the second month")
    args.add_argument("--self-test", action="store_true")
    args = args.parse_args()
    if args.self_test:
        sys.exit(self_test())
    if args.round is None:
        sys.exit("a round's folder, or --self-test")
    out = args.out or pathlib.Path(tempfile.mkdtemp(prefix="gallery-"))
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    if args.pictures:
        pictures(args.round, args.pictures, out, SECOND if args.second else PICTURES)
        shutil.rmtree(out)
        return
    sys.exit(check(args.round, out.resolve(), args.update))


if __name__ == "__main__":
    main()
