"""What people and their programs do to a form on its way back: inserted rows and columns, other orders, other files."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import itertools
import re
import shutil
import subprocess
import tempfile
import zipfile
from copy import copy
from pathlib import Path
from unittest import mock

import msoffcrypto.method.container.ecma376_encrypted as container
import msoffcrypto.method.ecma376_agile as agile
import openpyxl
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from workbook import Table, freeze, save, spot


def _shifted(area: CellRange, at: int, rows: bool) -> CellRange:
    """A range after one row or column was inserted before `at`."""
    a = copy(area)
    low, high = ("min_row", "max_row") if rows else ("min_col", "max_col")
    a_low, a_high = getattr(a, low), getattr(a, high)
    if a_high >= at:
        setattr(a, high, a_high + 1)
    if a_low >= at:
        setattr(a, low, a_low + 1)
    return a


REFERENCE = re.compile(r"('(?:[^']|'')+'|[^\s'!\"&=<>+*/(),;:-]+)!(\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)")


def _everywhere(wb: openpyxl.Workbook, change) -> None:
    """Changes every formula of a workbook that may name another sheet: cells, names, checks, conditional formats."""
    for ws in wb.worksheets:
        for row in ws.iter_rows():
            for cell in row:
                if cell.data_type == "f" and isinstance(cell.value, str):
                    cell.value = change(cell.value)
        for rule in ws.data_validations.dataValidation:
            rule.formula1, rule.formula2 = (f and change(f) for f in (rule.formula1, rule.formula2))
        for area in ws.conditional_formatting:
            for rule in area.rules:
                rule.formula = [change(f) for f in rule.formula]
        for name in ws.defined_names.values():
            name.attr_text = change(name.attr_text)
    for name in wb.defined_names.values():
        name.attr_text = change(name.attr_text)


def rename(ws: Worksheet, title: str) -> None:
    """Renames a sheet as Excel does: every formula that names it follows."""
    old, ws.title = ws.title, title
    new = "'" + title.replace("'", "''") + "'"

    def follow(found: re.Match) -> str:
        named = found[1].strip("'").replace("''", "'")
        return f"{new}!{found[2]}" if named == old else found[0]

    _everywhere(ws.parent, lambda text: REFERENCE.sub(follow, text))


def _references_follow(ws: Worksheet, at: int, rows: bool) -> None:
    """Formulas elsewhere that name cells of the sheet follow an inserted row or column."""
    def moved(end: str) -> str:
        found = re.fullmatch(r"(\$?)([A-Z]+)(\$?)(\d+)", end)
        column, row = openpyxl.utils.column_index_from_string(found[2]), int(found[4])
        row, column = (row + (row >= at), column) if rows else (row, column + (column >= at))
        return f"{found[1]}{get_column_letter(column)}{found[3]}{row}"

    def follow(found: re.Match) -> str:
        named = found[1].strip("'").replace("''", "'")
        return f"{found[1]}!{':'.join(map(moved, found[2].split(':')))}" if named == ws.title else found[0]

    _everywhere(ws.parent, lambda text: REFERENCE.sub(follow, text))


def insert(ws: Worksheet, at: int, rows: bool) -> None:
    """Inserts a row or a column as Excel does: merges, drop-downs, sizes, print area and repeated rows move along."""
    printed = ws.print_area and CellRange(ws.print_area.split("!")[-1].replace("$", ""))
    titles = ws.print_title_rows and [int(n) for n in ws.print_title_rows.replace("$", "").split(":")]
    merges = [CellRange(str(m)) for m in ws.merged_cells.ranges]
    for m in merges:
        ws.unmerge_cells(str(m))
    if rows:
        heights = {r: d.height for r, d in ws.row_dimensions.items() if d.height}
        ws.insert_rows(at)
        for r in heights:
            ws.row_dimensions[r].height = None
        for r, h in heights.items():
            ws.row_dimensions[r + (r >= at)].height = h
    else:
        # One entry may stand for several columns; two that overlap are no workbook that Excel would write.
        known = [(d.min, d.max, d.width, d.hidden) for d in ws.column_dimensions.values() if d.min]
        ws.insert_cols(at)
        for letter in list(ws.column_dimensions):
            del ws.column_dimensions[letter]
        for first, last, width, hidden in known:
            for c in range(first, min(last, ws.max_column) + 1):
                one = ws.column_dimensions[get_column_letter(c + (c >= at))]
                one.width, one.hidden = width, hidden
    for m in merges:
        ws.merge_cells(str(_shifted(m, at, rows)))
    for rule in ws.data_validations.dataValidation:
        for area in list(rule.sqref.ranges):
            moved = _shifted(area, at, rows)
            rule.sqref.remove(area.coord)
            rule.sqref.add(moved.coord)
    if printed:
        ws.print_area = _shifted(printed, at, rows).coord
    if titles and rows:
        ws.print_title_rows = ":".join(str(n + (n >= at)) for n in titles)
    _references_follow(ws, at, rows)
    # The colours that guide the typist are left out: their formulas would have to move as well.
    ws.conditional_formatting = type(ws.conditional_formatting)()


def swap_rows(ws: Worksheet, a: int, b: int) -> None:
    """Swaps what stands in two rows."""
    for c in range(1, ws.max_column + 1):
        x, y = ws.cell(a, c), ws.cell(b, c)
        if type(x) is type(y) and hasattr(x, "number_format") and not x.__class__.__name__.startswith("Merged"):
            x.value, y.value = y.value, x.value
            x.number_format, y.number_format = y.number_format, x.number_format


def rework(wb: openpyxl.Workbook) -> None:
    """The residents' division: a renamed sheet, a note in an inserted row, milestones and steps in another order."""
    first = wb.worksheets[1]
    rename(first, "住基")
    at = spot(first, "3　工程の予定と実績").row
    insert(first, at, rows=True)
    first.cell(at, 1).value = "※ 住基と印鑑は同じベンダのため、まとめて移行する予定です（市民課）"
    first.cell(at, 1).font = Font(color="FFC00000", size=10)
    second = wb.worksheets[2]
    table = Table(second, "工程", "予定時期", "実績日")
    swap_rows(second, table.row("工程", "移行完了（運用開始）"), table.header + 1)
    third = wb.worksheets[3]
    table = Table(third, "番号", "工程名", "進捗状況")
    for a, b in [(4, 39), (5, 40)]:
        swap_rows(third, table.header + a, table.header + b)


def add_column(ws: Worksheet, before: str, label: str, text: str) -> None:
    """A column of the division's own, in the middle of the table."""
    table = Table(ws, "番号", "手続名", "実施の有無")
    at = table.column(before)
    insert(ws, at, rows=False)
    head, answer = ws.cell(table.header, at), ws.cell(table.header + 2, at)
    head._style = copy(ws.cell(table.header, 1)._style)
    answer._style = copy(ws.cell(table.header + 2, 2)._style)
    ws.merge_cells(start_row=table.header, end_row=table.header + 1, start_column=at, end_column=at)
    ws.column_dimensions[get_column_letter(at)].width = 16
    head.value, answer.value = label, text


def hide_column(ws: Worksheet, label: str) -> None:
    """Hides a column, answers and all."""
    table = Table(ws, "番号", "手続名", "実施の有無")
    ws.column_dimensions[get_column_letter(table.column(label))].hidden = True


def soffice(data: bytes, kind: str, suffix: str) -> bytes:
    """A workbook as LibreOffice saves it."""
    with tempfile.TemporaryDirectory() as temp:
        source = Path(temp) / "in.xlsx"
        source.write_bytes(data)
        out = Path(temp) / "out"
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{temp}/profile", "--headless", "--convert-to", kind, "--outdir", str(out), str(source)],
            check=True, capture_output=True,
        )
        return (out / f"in{suffix}").read_bytes()


def resave(path: Path, saved: dt.datetime) -> None:
    """Opens and saves a file with LibreOffice."""
    path.write_bytes(freeze(soffice(path.read_bytes(), "xlsx:Calc MS Excel 2007 XML", ".xlsx"), saved))


def old_excel(path: Path) -> None:
    """Saves a file as Excel 97 did."""
    path.with_suffix(".xls").write_bytes(soffice(path.read_bytes(), "xls:MS Excel 97", ".xls"))
    path.unlink()


def open_document(path: Path, before: Path, saved: dt.datetime) -> None:
    """Saves a file as .ods. LibreOffice never writes the same bytes twice, so the file of `before` is kept while it was made
    of the same workbook: a part of the package says of which."""
    source = path.read_bytes()
    mark = hashlib.sha256(source).hexdigest()
    target = path.with_suffix(".ods")
    path.unlink()
    if before.is_file() and zipfile.ZipFile(before).comment.decode() == mark:
        shutil.copyfile(before, target)
        return
    data = freeze(soffice(source, "ods", ".ods"), saved)
    buffer = io.BytesIO(data)
    with zipfile.ZipFile(buffer, "a") as package:
        package.comment = mark.encode()
    target.write_bytes(buffer.getvalue())


def lock(path: Path, password: str) -> None:
    """Puts a password on a file as Excel does (Agile encryption). What would be random is taken from the file itself and no
    time is noted, so that the same file gives the same bytes; nobody should protect anything but a sample in this way."""
    source = path.read_bytes()
    drawn = itertools.count()
    chance = lambda size: hashlib.sha512(source + bytes([next(drawn)])).digest()[:size]  # noqa: E731
    out = io.BytesIO()
    with mock.patch.object(agile, "_random_buffer", chance), mock.patch.object(container, "datetime2filetime", lambda _: 0):
        OOXMLFile(io.BytesIO(source)).encrypt(password, out)
    path.write_bytes(out.getvalue())


class ShiftJisName(zipfile.ZipInfo):
    """An entry whose name stands in CP932 without a word about it, as the mail systems of offices write it."""

    def _encodeFilenameFlags(self):
        return self.filename.encode("cp932"), self.flag_bits & ~0x800


def pack(path: Path, inner: str, saved: dt.datetime) -> None:
    """Packs a file into an archive of its own name."""
    entry = ShiftJisName(inner, saved.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path.with_suffix(".zip"), "w") as archive:
        archive.writestr(entry, path.read_bytes())
    path.unlink()


# What last year's form calls things; the columns of the years are those of last year, too.
LAST_YEAR = {"概要": "事業概要", "位置付け": "位置づけ", "公表用の説明文": "説明文", "進捗評価": "進捗", "課題": "課題・対応"}


def last_year(wb: openpyxl.Workbook) -> None:
    """Turns a form of this year into the one of the year before: edition, day and headings. The answers stay where they are."""
    for ws in wb.worksheets[:3]:
        for row in ws.iter_rows(max_row=20):
            for cell in row:
                text = cell.value
                if not isinstance(text, str):
                    continue
                if text.startswith("様式ID"):
                    cell.value = re.sub(r"版([:：])\S+", r"版\g<1>0", text).replace("2022-10-31", "2021-10-31")
                elif text.startswith("令和4年10月末"):
                    cell.value = "令和3年10月末（令和3年10月31日現在）"
                elif year := re.fullmatch(r"(KPI（)?(R|令和)(\d)(年度)?(）)?", text):
                    # Answers of years stand in answer cells too; headings are bold or tinted, answers are unlocked.
                    if cell.protection.locked:
                        cell.value = text.replace(year[3], str(int(year[3]) - 1))
                elif cell.protection.locked:
                    cell.value = LAST_YEAR.get(text, text)


def owner_file(path: Path) -> None:
    """The file that Excel leaves beside a workbook while somebody has it open."""
    name = "見本"
    path.write_bytes(bytes([len(name)]) + name.encode("cp932").ljust(54, b" ") + len(name).to_bytes(2, "little")
                     + name.encode("utf-16le").ljust(108, b" "))


def other_form(path: Path, saved: dt.datetime, mark: str) -> None:
    """A workbook of quite another survey."""
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "備品購入計画"
    ws.append([mark])
    ws.append(["令和5年度 備品購入計画"])
    ws.append([])
    ws.append(["品名", "数量", "設置場所", "購入予定月"])
    for row in [("事務用机", 2, "1階", "令和5年6月"), ("書庫", 1, "2階", "令和5年9月"), ("掲示板", 1, "1階", "令和5年6月")]:
        ws.append(row)
    for column, width in zip("ABCD", (24, 8, 14, 14)):
        ws.column_dimensions[column].width = width
    save(wb, path, saved)


def pdf(path: Path, mark: str) -> None:
    """A page that somebody sent instead of the form; its only words are the mark of the sample."""
    words = mark.encode("utf-16be").hex().upper()
    page = f"BT /F1 18 Tf 60 780 Td <{words}> Tj ET"
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(page)} >>\nstream\n{page}\nendstream",
        "<< /Type /Font /Subtype /Type0 /BaseFont /HeiseiKakuGo-W5 /Encoding /UniJIS-UCS2-H /DescendantFonts [6 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /HeiseiKakuGo-W5 /FontDescriptor 7 0 R"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 2 >> >>",
        "<< /Type /FontDescriptor /FontName /HeiseiKakuGo-W5 /Flags 4 /FontBBox [-92 -250 1010 922] /ItalicAngle 0"
        " /Ascent 752 /Descent -221 /CapHeight 737 /StemV 114 >>",
        f"<< /Title <FEFF{words}> >>",
    ]
    body, offsets = "%PDF-1.4\n", []
    for n, part in enumerate(parts, 1):
        offsets.append(len(body))
        body += f"{n} 0 obj\n{part}\nendobj\n"
    start = len(body)
    body += f"xref\n0 {len(parts) + 1}\n0000000000 65535 f \n" + "".join(f"{o:010} 00000 n \n" for o in offsets)
    body += f"trailer\n<< /Size {len(parts) + 1} /Root 1 0 R /Info {len(parts)} 0 R >>\nstartxref\n{start}\n%%EOF\n"
    path.write_bytes(body.encode("ascii"))
