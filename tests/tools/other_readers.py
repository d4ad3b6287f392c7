"""Compares what our reader reads of arbitrary spreadsheets with what other readers read, cell by cell.

    python3 tests/tools/other_readers.py GRID FOLDER_OR_FILE ... [--libreoffice] [--keep FOLDER] [--show N] [--json FILE] [--whole]

GRID is the built example (cargo build --example grid). .xlsx, .xlsm and their templates are compared with openpyxl; with
--libreoffice every file is also saved as .xlsx by LibreOffice, many files a start, and compared with what it saved.
--keep FOLDER keeps what was read, so that a second run is quick. A cell that differs, or that only one side has, is a
difference, unless our reader says itself that the cell, its sheet or a part of the file could not be read.

Another program does not only read: it computes formulas anew, draws pivot tables anew, leaves out covered cells. Whether it
did is decided by a third reading: what is stored in the file, taken from its XML by lxml (.xlsx, .ods, .fods), by xlrd
(.xls), by pyxlsb (.xlsb) or by Python's csv module. A difference has a word of KNOWN only where our value is the one that
is stored **and** the sign of the word is there; everything else is printed with `!` and ends in 1. With --whole (all of a
corpus is read) a word of KNOWN that no longer occurs ends in 1 too.

Refusals are no differences: a refused file is a finding. They are listed with `?`, so that one can see whether they are meant.
The end is a summary by class. Needs openpyxl, lxml, xlrd, pyxlsb, msoffcrypto-tool.

Known and meant, and why:
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import hashlib
import io
import json
import os
import pickle
import posixpath
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections import Counter
from pathlib import Path

import openpyxl
from lxml import etree
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries
from openpyxl.utils.datetime import to_excel

warnings.simplefilter("ignore")
ENDS = set(".xlsx .xlsm .xltx .xltm .xlam .xls .xlt .xla .xlw .xlsb .ods .ots .fods .csv .tsv .slk .dif .dbf".split())
BY_OPENPYXL = (".xlsx", ".xlsm", ".xltx", ".xltm")
BATCH = 60

KNOWN: dict[str, str] = {
    "computed": "a formula, which the other program computed anew (another version, another language, random numbers, today)",
    "no result": "a formula without a stored result; ours says that there is none, the other computes it",
    "pivot": "inside a sheet with a pivot table, which LibreOffice draws anew in its own words and order",
    "covered": "under a merged cell: stored, and left out by openpyxl",
    "first days": "a date before 1 March 1900: Excel has a 29 February in that year, OpenDocument counts days without it",
    "blanks": "blanks in OpenDocument text that count once (OpenDocument 1.2, 6.1.2); LibreOffice 7.4 keeps all",
    "unmarked": "blanks at the end of a run that are not marked to be kept: Excel leaves them out, others keep them",
    "fields": "a field in OpenDocument text (name of the sheet, date); LibreOffice drops its text when it saves .xlsx",
    "no time": "a time-value that is no duration; ours is the text that is shown, LibreOffice reads 0",
    "beyond": "a cell beyond column XFD or row 1048576, which ours tells without its place",
    "truth": "a truth value, of which LibreOffice makes a formula (TRUE()) with a result of its own",
    "cache": "a sheet that LibreOffice adds for the source of a pivot table that lies in another file",
    "before": "a date before our era; LibreOffice counts no year 0",
    "csv": "text that Python's csv module cuts as ours; LibreOffice cuts differently around quotation marks and is not told of a line sep=;",
    "draft": "the name space of a draft of 2006 or a value in the wrong element, which others pass over",
    "link": "openpyxl's own reading gives the cell's address of a link for its value, or leaves it out",
}
"""Differences that are known and meant: a word for each, and why it is none of ours. `known` has the sign of each."""


def text(value: str) -> str:
    """A text without what programs change: line ends, blanks at either end that are not marked to be kept."""
    return value.replace("\r\n", "\n").replace("\r", "\n").strip(" \t\n")


def decoded(value):
    """A text of an .xlsx with its control characters, which are written as _x000D_."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), value) if isinstance(value, str) else value


def plain(value, epoch=None):
    """A value of either side as something to compare."""
    if isinstance(value, dict):
        return value.get("date", value.get("error"))
    if isinstance(value, bool):
        return value
    if isinstance(value, (dt.datetime, dt.date, dt.time, dt.timedelta)):
        return to_excel(value, epoch) if epoch else to_excel(value)
    if isinstance(value, str):
        return text(value)
    return value


def same(a, b) -> bool:
    """Whether two values are the same; dates to a tenth of a second, because openpyxl rounds them."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a == b or (isinstance(a, (int, float)) and isinstance(b, (int, float)) and float(a) == float(b))
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) <= max(2e-6, 1e-12 * abs(a))
    # A serial past the year 9999 or below zero is no date to openpyxl.
    if b == "#VALUE!" and isinstance(a, float) and not 0 <= a <= 2958465:
        return True
    return a == b or (a in ("", None) and b in ("", None))


def by_openpyxl(path: Path) -> dict:
    """What openpyxl reads; raises what openpyxl raises."""
    wb = openpyxl.load_workbook(path, data_only=True)
    out = []
    for ws in wb.worksheets:
        cells = {}
        for (row, col), cell in ws._cells.items():  # noqa: SLF001  (iter_rows walks the whole rectangle)
            link = cell.hyperlink.target if cell.hyperlink else None
            # openpyxl gives an empty cell the address of its link as a value.
            if cell.value is not None and cell.value != link:
                cells[cell.coordinate] = plain(cell.value, wb.epoch)
        out.append((ws.title, cells))
    return {"sheets": out, "computed": set()}


def by_libreoffice(path: Path) -> dict:
    """What stands in a workbook that LibreOffice saved, and which cells have a formula there."""
    book = of_package(path.read_bytes())
    return {"sheets": [(s["name"], {at: value for at, (value, _) in s["cells"].items() if value is not None}) for s in book],
            "computed": {(s["name"], at) for s in book for at, (_, formula) in s["cells"].items() if formula}}


def stored(path: Path) -> list[dict]:
    """The third reading: what is stored in the file, sheet by sheet: {name, cells: {A1: (value, formula)}, pivot, merged, ...}."""
    data, end = path.read_bytes(), path.suffix.lower()
    if end in (".csv", ".tsv"):
        return of_csv(path)
    if data[:4] == b"\xd0\xcf\x11\xe0":
        inner = without_password(data)
        if inner is None:
            return of_xls(data)
        data = inner
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as z:
            names = set(z.namelist())
            if "content.xml" in names:
                return of_open_document(z.read("content.xml"))
            if "xl/workbook.bin" in names:
                return of_xlsb(data)
        return of_package(data)
    return of_open_document(data)


def parsed(data: bytes):
    """The root of a part; nothing outside it is loaded."""
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, recover=True))


def local(e) -> str:
    """The name of an element without its space."""
    return e.tag.rsplit("}", 1)[-1] if isinstance(e.tag, str) else ""


def by_local(e, name: str):
    """An attribute by its name without its space."""
    return next((v for k, v in e.attrib.items() if k.rsplit("}", 1)[-1] == name), None)


def cells_of(ref: str):
    """The cells of a range, where it is no larger than a sheet of a test."""
    try:
        left, top, right, bottom = range_boundaries(ref.replace("$", ""))
    except (ValueError, TypeError):
        return
    if None in (left, top, right, bottom) or (right - left + 1) * (bottom - top + 1) > 1_000_000:
        return
    for row in range(top, bottom + 1):
        for col in range(left, right + 1):
            yield f"{get_column_letter(col)}{row}"


def of_package(data: bytes) -> list[dict]:
    """An .xlsx by its XML."""
    out = []
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        names = {n.replace("\\", "/").lower(): n for n in z.namelist()}

        def part(name: str):
            name = names.get(name.lstrip("/").lower())
            return parsed(z.read(name)) if name else None

        def related(name: str) -> list[tuple]:
            folder, file = posixpath.split(name.lstrip("/"))
            rels = part(f"{folder}/_rels/{file}.rels" if folder else f"_rels/{file}.rels")
            join = lambda t: posixpath.normpath(t if t.startswith("/") else posixpath.join("/", folder, t)).lstrip("/")  # noqa: E731
            return [(r.get("Id"), (r.get("Type") or "").rsplit("/", 1)[-1], join((r.get("Target") or "").replace("\\", "/"))) for r in (rels if rels is not None else []) if r.get("TargetMode") != "External" and isinstance(r.tag, str)]

        book_name = next((t for _, kind, t in related("") if kind == "officeDocument"), "xl/workbook.xml")
        book = part(book_name)
        relations = related(book_name)
        strings = []
        sst = next((t for _, kind, t in relations if kind == "sharedStrings"), None)
        if sst and part(sst) is not None:
            strings = [rich(si) for si in part(sst) if local(si) == "si"]
        for sheet in book.iter():
            if local(sheet) != "sheet":
                continue
            target = next((t for i, _, t in relations if i == by_local(sheet, "id")), "")
            root, cells, unmarked, merged, arrays = part(target), {}, {}, set(), []
            if root is None or local(root) != "worksheet":
                continue
            row, col, odd = 0, 0, set()
            for e in root.iter():
                if local(e) == "row":
                    row, col = int(e.get("r") or row + 1), 0
                elif local(e) == "mergeCell":
                    merged.update(list(cells_of(e.get("ref", "")))[1:])
                elif local(e) == "c":
                    at = (e.get("r") or f"{get_column_letter(col + 1)}{row}").replace("$", "").upper()
                    col = column_index_from_string(re.match("[A-Z]+", at)[0])
                    value, formula, whole = of_cell(e, strings)
                    cells[at] = (value, formula)
                    if whole is not None:
                        unmarked[at] = whole
                    arrays += [f.get("ref") for f in e if local(f) == "f" and f.get("t") in ("array", "dataTable") and f.get("ref")]
                    if not root.tag.startswith("{http://schemas.openxmlformats.org/") and not root.tag.startswith("{http://purl.oclc.org/") or any(v.get("t") for v in e if local(v) == "v"):
                        odd.add(at)
            for ref in arrays:
                for at in cells_of(ref):
                    cells[at] = (cells.get(at, (None, True))[0], True)
            kinds = [kind for _, kind, _ in related(target)]
            out.append({"name": sheet.get("name"), "cells": cells, "merged": merged, "pivot": "pivotTable" in kinds, "odd": odd, "unmarked": unmarked, "links": {e.get("ref") for e in root.iter() if local(e) == "hyperlink"}})
    return out


class Trimmed(str):
    """A text from which unmarked blanks were left out, with the text as it stands."""

    whole: str


def rich(si) -> str:
    """The text of a string without its furigana, and without the blanks at either end of a run that are not marked to be kept."""
    hidden = {t for r in si.iter() if local(r) == "rPh" for t in r.iter()}
    runs = [(t.text or "", t.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve") for t in si.iter() if local(t) == "t" and t not in hidden]
    value = Trimmed(decoded("".join(run if kept else run.strip(" \t\r\n") for run, kept in runs)))
    value.whole = decoded("".join(run for run, _ in runs))
    return value


def of_cell(c, strings: list[str]) -> tuple:
    """Value, whether a formula, and the text with its unmarked blanks where that is another."""
    kind = c.get("t", "n")
    formula = any(local(f) == "f" for f in c)
    value = next((v.text for v in c if local(v) == "v"), None)
    inline = next((i for i in c if local(i) == "is"), None)
    if inline is not None:
        value = rich(inline)
    elif kind in ("str", "inlineStr"):
        value = decoded(value)
    if value is None or kind not in ("str", "inlineStr") and not value.strip():
        return None, formula, None
    try:
        if kind == "s":
            value = strings[int(value)]
        elif kind == "b":
            value = value.strip() in ("1", "true")
        elif kind == "d":
            value = to_excel(dt.datetime.fromisoformat(value.strip().removesuffix("Z")))
        elif kind == "n":
            value = float(value)
    except (ValueError, IndexError):
        pass
    whole = text(value.whole) if isinstance(value, Trimmed) else None
    value = plain(value)
    return value, formula, None if whole == value else whole


def of_open_document(data: bytes) -> list[dict]:
    """An OpenDocument spreadsheet by its XML."""
    out = []
    for table in parsed(data).iter("{*}table"):
        if any(local(a) in ("table", "shapes", "tracked-changes") for a in table.iterancestors()):
            continue
        cells, notes, arrays, row = {}, {}, [], 0
        for line in table.iter("{*}table-row"):
            if next(line.iterancestors("{*}table")) is not table:
                continue
            times, col, used = int(by_local(line, "number-rows-repeated") or 1), 0, []
            for c in line:
                if local(c) not in ("table-cell", "covered-table-cell"):
                    continue
                wide = int(by_local(c, "number-columns-repeated") or 1)
                value, formula, note = of_open_cell(c)
                if value is not None or formula:
                    used += [(col + i, value, formula, note) for i in range(min(wide, 16_384))]
                    array = int(by_local(c, "number-matrix-columns-spanned") or 0), int(by_local(c, "number-matrix-rows-spanned") or 0)
                    if all(array):
                        arrays.append((row, col, *array))
                col += wide
            for i in range(min(times, 1_048_576) if used else 0):
                for c, value, formula, note in used:
                    at = f"{get_column_letter(c + 1)}{row + i + 1}" if c < 16_384 else "beyond"
                    cells[at] = (value, formula)
                    if note:
                        notes[at] = note
            row += times
        for top, left, width, height in arrays:
            for r in range(top, top + height):
                for c in range(left, left + width):
                    at = f"{get_column_letter(c + 1)}{r + 1}"
                    cells[at] = (cells.get(at, (None, True))[0], True)
        pivots = any(local(e) == "data-pilot-table" for e in table.getroottree().iter())
        out.append({"name": by_local(table, "name"), "cells": cells, "pivot": pivots, "notes": notes})
    return out


def of_open_cell(c) -> tuple:
    """Value, whether a formula, and what is odd about it: `fields`, `no time`, `early` or nothing."""
    own = {k.rsplit("}", 1)[-1]: v for k, v in c.attrib.items() if "calcext" not in k}
    kind, note = own.get("value-type"), ""
    lines = []
    for p in c:
        if local(p) == "p":
            lines.append(paragraph(p))
            note = note or ("fields" if any(local(e) in ("sheet-name", "date", "time", "title", "file-name", "page-number", "page-count") for e in p.iter()) else "")
    shown = "\n".join(lines)
    value = shown or None
    try:
        if kind in ("float", "percentage", "currency"):
            value = float(own["value"])
        elif kind == "boolean":
            flag = own["boolean-value"].strip()
            value = flag == "true" if flag in ("true", "false") else float(flag)
        elif kind == "date":
            value = days(own["date-value"])
            note = "before" if own["date-value"].startswith("-") else "early" if value < 61 else note
        elif kind == "time":
            value, note = duration(own["time-value"]), note
        elif kind == "string" and own.get("string-value"):
            value = own["string-value"]
    except (KeyError, ValueError):
        note = "no time" if kind == "time" else note
    formula = "formula" in own
    if formula and re.match(r"(#[A-Z/0!?]+|Err:\d+)$", shown):
        value = shown
    return plain(value), formula, note


def paragraph(p) -> str:
    """The text of a paragraph with every blank that is there."""
    out = p.text or ""
    for e in p:
        name = local(e)
        if name == "s":
            out += " " * min(int(by_local(e, "c") or 1), 65_536)
        elif name in ("tab", "line-break"):
            out += "\t" if name == "tab" else "\n"
        elif name not in ("ruby-text", "annotation", "note", ""):
            out += paragraph(e)
        out += e.tail or ""
    return out


def days(value: str) -> float:
    """The serial of a date of OpenDocument as Excel counts."""
    m = re.match(r"(-?\d{4,})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d(?:\.\d+)?))?)?", value.strip())
    if not m:
        raise ValueError(value)
    year, month, day = int(m[1]), int(m[2]), int(m[3])
    # Days since 1899-12-30 in the calendar that goes back for ever, without a limit of years.
    y, mo = (year - 1, month + 12) if month <= 2 else (year, month)
    n = 365 * y + y // 4 - y // 100 + y // 400 + (153 * (mo - 3) + 2) // 5 + day - 1 - 693_899
    seconds = (int(m[4] or 0) * 60 + int(m[5] or 0)) * 60 + float(m[6] or 0)
    return (n if n >= 61 else n - 1) + seconds / 86_400


def duration(value: str) -> float:
    """The serial of a duration."""
    m = re.fullmatch(r"(-?)P(?:(\d+)D)?T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?", value.strip())
    if not m:
        raise ValueError(value)
    n = float(m[2] or 0) + (float(m[3] or 0) * 3600 + float(m[4] or 0) * 60 + float(m[5] or 0)) / 86_400
    return -n if m[1] else n


def without_password(data: bytes) -> bytes | None:
    """The package inside a file that Excel encrypts with its own password; None where there is none."""
    import msoffcrypto

    office, out = msoffcrypto.OfficeFile(io.BytesIO(data)), io.BytesIO()
    if office.format != "ooxml":
        return None
    office.load_key(password="VelvetSweatshop")
    office.decrypt(out)
    return out.getvalue()


def of_xls(data: bytes) -> list[dict]:
    """An .xls by xlrd; which cells have formulas is told by the numbers of its records."""
    import xlrd

    out = []
    book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO(), ragged_rows=True, on_demand=True)
    for number, sheet in enumerate(book.sheets()):
        cells = {}
        formulas = formulas_of(book.mem, book._sh_abs_posn[number])  # noqa: SLF001
        for row in range(sheet.nrows):
            for col, cell in enumerate(sheet.row(row)):
                at = f"{get_column_letter(col + 1)}{row + 1}"
                if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                    continue
                value = {xlrd.XL_CELL_BOOLEAN: bool, xlrd.XL_CELL_ERROR: xlrd.error_text_from_code.get}.get(cell.ctype, lambda v: v)(cell.value)
                cells[at] = (plain(value), at in formulas)
        cells.update({at: (None, True) for at in formulas if at not in cells})
        out.append({"name": sheet.name, "cells": cells})
    return out


def formulas_of(mem: bytes, at: int) -> set[str]:
    """The cells with a formula of the sheet that begins there, by its records (FORMULA, ARRAY, TABLE)."""
    out, depth = set(), 0
    while at + 4 <= len(mem):
        kind, length = struct.unpack_from("<HH", mem, at)
        data = bytes(mem[at + 4 : at + 4 + length])
        at += 4 + length
        if kind & 0xFF == 0x09:
            depth += 1
        elif kind == 0x0A:
            depth -= 1
            if depth <= 0:
                break
        elif depth == 1 and kind in (0x06, 0x206, 0x406) and length >= 4:
            row, col = struct.unpack_from("<HH", data)
            out.add(f"{get_column_letter(col + 1)}{row + 1}")
        elif depth == 1 and kind in (0x221, 0x21, 0x236, 0x36) and length >= 6:
            top, bottom, left, right = struct.unpack_from("<HHBB", data)
            out.update(cells_of(f"{get_column_letter(left + 1)}{top + 1}:{get_column_letter(right + 1)}{bottom + 1}"))
    return out


XLSB_ERRORS = {"0x0": "#NULL!", "0x7": "#DIV/0!", "0xf": "#VALUE!", "0x17": "#REF!", "0x1d": "#NAME?", "0x24": "#NUM!", "0x2a": "#N/A"}


def of_xlsb(data: bytes) -> list[dict]:
    """An .xlsb by pyxlsb, which tells no formulas; and whether its sheets have pivot tables."""
    import pyxlsb

    out = []
    with zipfile.ZipFile(io.BytesIO(data)) as z:
        pivot = any("pivotTables/" in n for n in z.namelist())
    with pyxlsb.open_workbook(io.BytesIO(data)) as book:
        for name in book.sheets:
            with book.get_sheet(name) as sheet:
                error = lambda v: XLSB_ERRORS.get(v, v) if isinstance(v, str) else v  # noqa: E731
                cells = {f"{get_column_letter(c.c + 1)}{c.r + 1}": (plain(error(c.v)), None) for row in sheet.rows(sparse=True) for c in row if c.v is not None}
            out.append({"name": name, "cells": cells, "pivot": pivot})
    return out


def csv_text(path: Path) -> str:
    """A text file decoded: by its mark, its escapes or its zero bytes, as UTF-8, else in the encodings of Japan."""
    data = path.read_bytes()
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    if b"\x1b$" in data and data.isascii():
        return data.decode("iso2022_jp", "replace")
    if b"\0" in data and len(data) % 2 == 0:
        return data.decode("utf-16-be" if data[::2].count(0) > data[1::2].count(0) else "utf-16-le", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        # Japanese in EUC reads as half-width kana in the code page of Windows.
        shift, euc = data.decode("cp932", "replace"), data.decode("euc_jp", "replace")
        kana = lambda t: len(re.findall("[\uff61-\uff9f]", t))  # noqa: E731
        return euc if "\ufffd" not in euc and ("\ufffd" in shift or kana(shift) > 2 * kana(euc) + 4) else shift


def of_csv(path: Path) -> list[dict]:
    """Text with commas or tabs by Python's csv module."""
    text = csv_text(path)
    first = re.split(r"[\r\n]", text, maxsplit=1)[0]
    columns = next((line for line in re.split(r"[\r\n]", text) if "\t" in line or "," in line), ",")
    separator = "\t" if path.suffix.lower() == ".tsv" or "," not in columns else ","
    if re.fullmatch('sep=[^"]', first):
        separator, text = first[4], re.sub(r"^[^\r\n]*(\r\n|\r|\n)?", "", text, count=1)
    csv.field_size_limit(10**8)
    cells = {}
    for row, fields in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator)):
        for col, value in enumerate(fields):
            if value and col < 16_384:
                cells[f"{get_column_letter(col + 1)}{row + 1}"] = (plain(value), False)
    return [{"name": path.stem, "cells": cells}]


def saved_by_libreoffice(files: list[Path], folder: Path) -> dict[Path, Path]:
    """Each file saved as .xlsx by LibreOffice, where it can read it. Many files a start; where the program dies or hangs,
    the file at which it did is left out and the rest goes on."""
    target = folder / "out"
    target.mkdir(parents=True, exist_ok=True)
    names = {path: key(path) for path in files}
    waiting = [p for p in files if not (target / f"{names[p]}.xlsx").is_file() and not (target / f"{names[p]}.none").is_file()]
    # All fields of text as text, in UTF-8: numbers are not guessed.
    columns = "/".join(f"{i}/2" for i in range(1, 257))
    groups = [[p for p in waiting if p.suffix.lower() not in (".csv", ".tsv")]]
    groups += [[p for p in waiting if p.suffix.lower() == end] for end in (".csv", ".tsv")]
    for group, separator in zip(groups, (None, 44, 9)):
        while group:
            batch, group = group[:BATCH], group[BATCH:]
            with tempfile.TemporaryDirectory() as temp:
                copies = []
                for path in batch:
                    copies.append(Path(temp) / f"{names[path]}{path.suffix.lower()}")
                    if separator:
                        copies[-1].write_text(csv_text(path), "utf-8", newline="")
                    else:
                        shutil.copyfile(path, copies[-1])
                filters = [f"--infilter=Text - txt - csv (StarCalc):{separator},34,76,1,{columns},0,false,false"] if separator else []
                command = ["soffice", f"-env:UserInstallation=file://{temp}/profile", "--headless", *filters, "--convert-to", "xlsx", "--outdir", str(target)]
                office = subprocess.Popen([*command, *map(str, copies)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
                try:
                    office.wait(timeout=60 + 10 * len(copies))
                except subprocess.TimeoutExpired:
                    os.killpg(office.pid, signal.SIGKILL)
                    office.wait()
            done = [(target / f"{names[p]}.xlsx").is_file() for p in batch]
            last = max((i for i, d in enumerate(done) if d), default=-1)
            # Files are saved in order: those before the last one saved were refused, the one behind it may have ended the run.
            refused = [p for i, p in enumerate(batch) if not done[i] and i <= last + 1]
            for path in refused:
                (target / f"{names[path]}.none").touch()
            group = batch[last + 2 :] + group
    return {p: target / f"{n}.xlsx" for p, n in names.items() if (target / f"{n}.xlsx").is_file()}


def key(path: Path) -> str:
    """A name for the bytes of a file of that kind."""
    return hashlib.sha256(path.suffix.lower().encode() + path.read_bytes()).hexdigest()[:24]


def remembered(keep: Path, name: str, read):
    """What `read` gives (or how it failed), from the folder where it was read before."""
    at = keep / "read" / name
    if at.is_file():
        return pickle.loads(at.read_bytes())  # noqa: S301  (written below)
    try:
        value = read()
    except Exception as e:  # noqa: BLE001  (whatever it cannot read is no second reading)
        value = f"{type(e).__name__}: {str(e)[:80]}"
    at.parent.mkdir(parents=True, exist_ok=True)
    at.write_bytes(pickle.dumps(value))
    return value


def ours_of(grid: str, files: list[Path], keep: Path) -> Path:
    """Has our reader read the files; gives the folder, by the bytes of the reader, where a line for each is kept."""
    keep = keep / f"ours-{hashlib.sha256(Path(grid).read_bytes()).hexdigest()[:16]}"
    keep.mkdir(parents=True, exist_ok=True)
    waiting = [f for f in files if not (keep / key(f)).is_file()]
    while waiting:
        batch = waiting[:50]
        done = subprocess.run([grid, *map(str, batch)], capture_output=True, text=True, check=False)
        lines = done.stdout.splitlines()
        for path, line in zip(batch, lines):
            (keep / key(path)).write_text(line)
        if done.returncode != 0:
            print(f"! {batch[len(lines)]}: the reader stopped: {done.stderr[-300:]}")
            lines.append("")
        waiting = waiting[max(1, len(lines)) :]
    return keep


def difference(ours: dict, other: dict) -> list[tuple]:
    """(sheet, its number, cell, ours, theirs) where the sides differ."""
    out = []
    told = " ".join(ours["problems"])
    sheets = ours["sheets"]
    names = [s["name"] for s in sheets]
    for i, (name, cells) in enumerate(other["sheets"]):
        own = next((s for s in sheets if s["name"] == name), sheets[i] if len(other["sheets"]) == len(sheets) else None)
        if own is None:
            if name not in told:
                out.append((name, i, "", names, "sheet missing"))
            continue
        if any(f"{kind} {own['name']}" in told for kind in ("SheetDamaged", "SheetMissing")):
            continue
        for at in sorted(set(cells) | set(own["cells"])):
            a, b = plain(own["cells"].get(at)), cells.get(at)
            # openpyxl decodes _x005F_ in shared strings and nothing else.
            if not same(a, b) and not same(a, plain(decoded(b))) and f"!{at} " not in told:
                out.append((name, i, at, a, b))
    return out


def known(path: Path, reader: str, ours: dict, other: dict, third, found: tuple) -> str | None:
    """The word of KNOWN for a difference, if it has one: our value must be what is stored, and its sign must be there."""
    name, i, at, a, b = found
    end = path.suffix.lower()
    m = re.match(r"([A-Z]+)(\d+)$", at)
    if m and (int(m[2]) > 1_048_576 or column_index_from_string(m[1]) > 16_384) and any(p.startswith("OutOfGrid") for p in ours["problems"]):
        return "beyond"
    if b == "sheet missing" and reader == "LibreOffice" and name.startswith("DPCache_"):
        return "cache"
    if isinstance(third, str):
        # pyxlsb does not read the draft either; its strings stand in the file as they are.
        draft = end == ".xlsb" and isinstance(a, str) and b is None
        return "draft" if draft and a.encode("utf-16-le") in zipfile.ZipFile(path).read("xl/sharedStrings.bin") else None
    sheet = next((s for s in third if s["name"] == name), third[i] if len(third) == len(other["sheets"]) else None)
    if sheet is None or not at:
        return None
    value, formula = sheet["cells"].get(at, (None, False))
    note = sheet.get("notes", {}).get(at)
    formula = formula or formula is None and (name, at) in other["computed"]
    own = next((s["cells"] for s in ours["sheets"] if s["name"] == sheet["name"]), {})
    if formula and at in own and own[at] is None and value is None:
        return "no result"
    collapse = lambda v: re.sub(r"[ \t\r\n]+", " ", v).strip() if isinstance(v, str) else v  # noqa: E731
    if note == "no time" and a == value:
        return "no time"
    if end in (".ods", ".ots", ".fods") and isinstance(a, str) and isinstance(b, str) and collapse(a) == collapse(b) == collapse(value):
        return "blanks"
    if end in (".ods", ".ots", ".fods") and not formula and note == "fields" and collapse(a) == collapse(value):
        return "fields"
    # The third reading of text keeps every blank.
    if not same(a, value) and not (end in (".ods", ".ots", ".fods") and collapse(a) == collapse(value)):
        return None
    if at in sheet.get("unmarked", {}) and sheet["unmarked"][at] == b:
        return "unmarked"
    if formula and reader == "LibreOffice":
        return "computed"
    if note == "before":
        return note
    if isinstance(value, bool) and (name, at) in other["computed"]:
        return "truth"
    if note == "early" and isinstance(b, float) and b == a + 1:
        return "first days"
    if reader == "LibreOffice" and sheet.get("pivot"):
        return "pivot"
    if reader == "openpyxl" and b is None and at in sheet.get("merged", ()):
        return "covered"
    if b is None and at in sheet.get("odd", ()):
        return "draft"
    if reader == "openpyxl" and at in sheet.get("links", ()):
        return "link"
    if end in (".csv", ".tsv"):
        return "csv"
    return None


def main() -> None:
    """Reads the command line."""
    words = "\n".join(f"- {word}: {why}" for word, why in KNOWN.items())
    parser = argparse.ArgumentParser(description=__doc__ + words, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("grid")
    parser.add_argument("roots", nargs="+", type=Path)
    parser.add_argument("--libreoffice", action="store_true")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--show", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--whole", action="store_true")
    args = parser.parse_args()
    files = sorted({f for r in args.roots for f in ([r] if r.is_file() else r.rglob("*")) if f.is_file() and f.suffix.lower() in ENDS})
    with tempfile.TemporaryDirectory() as temp:
        compare(args, files, args.keep or Path(temp))


def refusal(told: str) -> str:
    """The kind of a refusal without its numbers."""
    detail = re.search(r'"([^"]*)"', told)
    return re.match(r"\w+", told)[0] + (f" {detail[1]}" if detail else "")


def compare(args: argparse.Namespace, files: list[Path], keep: Path) -> None:
    """Compares and prints."""
    read = ours_of(args.grid, files, keep)
    saved = saved_by_libreoffice(files, keep) if args.libreoffice else {}
    count: Counter = Counter()
    meant: Counter = Counter()
    meant_files: dict[str, set] = {}
    rows = []
    for path in files:
        line = read / key(path)
        ours = json.loads(line.read_text()) if line.is_file() else None
        for reader in ("openpyxl", "LibreOffice"):
            if reader == "openpyxl":
                if path.suffix.lower() not in BY_OPENPYXL:
                    continue
                other = remembered(keep, key(path) + ".openpyxl3", lambda: by_openpyxl(path))
            else:
                if path not in saved:
                    continue
                other = remembered(keep, key(path) + ".libreoffice3", lambda: by_libreoffice(saved[path]))
            if isinstance(other, str):
                count["refused by the other"] += 1
                print(f"- {path}: {reader} refuses ({other}); ours: {(ours or {}).get('refused') or 'read'}")
                continue
            if ours is None:
                count["wrong"] += 1
                print(f"! {path}: our reader gave nothing")
                continue
            if ours["refused"]:
                full = sum(len(c) for _, c in other["sheets"])
                count["refused by ours"] += 1
                print(f"? {path}: {reader} reads {full} cells; ours: {ours['refused'][:100]}")
                rows.append({"file": str(path), "reader": reader, "refused": ours["refused"], "cells": full})
                continue
            count["comparisons"] += 1
            count["cells"] += sum(len(c) for _, c in other["sheets"])
            found = []
            differences = difference(ours, other)
            third = remembered(keep, key(path) + ".stored5", lambda: stored(path)) if differences else []
            for one in differences:
                word = known(path, reader, ours, other, third, one)
                if word:
                    meant[word] += 1
                    meant_files.setdefault(word, set()).add(path)
                else:
                    found.append(one)
            count["wrong"] += len(found)
            count["files that differ"] += bool(found)
            for sheet, _, at, a, b in found[: args.show]:
                print(f"! {path} [{reader}] {sheet}!{at}: ours {a!r:.80}, theirs {b!r:.80}")
            if len(found) > args.show:
                print(f"  … and {len(found) - args.show} more")
            if found and isinstance(third, str):
                print(f"  no third reading: {third}")
            for told in ours["problems"][:2] if found else []:
                print(f"  told: {told[:120]}")
            if found:
                rows.append({"file": str(path), "reader": reader, "differences": [list(map(str, f)) for f in found[:200]], "n": len(found)})
    if args.json:
        args.json.write_text(json.dumps(rows, ensure_ascii=False, indent=0))
    print("refused by ours, readings by kind:")
    for kind, n in Counter(refusal(r["refused"]) for r in rows if "refused" in r).most_common():
        print(f"  {n}: {kind}")
    for word, n in meant.most_common():
        print(f"known and meant: {n} cells in {len(meant_files[word])} files: {word}: {KNOWN[word]}")
    gone = sorted(set(KNOWN) - set(meant)) if args.whole else []
    for word in gone:
        print(f"! {word}: is known, but no longer occurs")
    print(f"{len(files)} files, {count['comparisons']} comparisons, {count['cells']} cells, {count['refused by the other']} refused by the other, "
          f"{count['refused by ours']} refused by ours, {sum(meant.values())} differences known and meant, "
          f"{count['wrong']} differences in {count['files that differ']} readings")
    sys.exit(1 if count["wrong"] or gone else 0)


if __name__ == "__main__":
    main()
