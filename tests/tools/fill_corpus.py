"""Fills other people's workbooks with the program and checks each of them without the program's own proof.

    python3 tests/tools/fill_corpus.py PROGRAM FOLDER… [--office 80] [--report FILE.json] [--only WORD]

For every .xlsx, .xlsm, .xltx and .xltm below the folders some cells of each sheet are chosen: one that has a value, a styled
blank, one that is missing in a row, a row that is missing, a cell of a merge that is not its anchor, a formula. They are
written with `torimatome fill`, and then, read with zipfile and lxml only:

- the zip holds the same entries in the same order; one that is not mapped has the same compressed bytes, time and fields;
- in a mapped sheet only the mapped cells differ (canonical XML), their style and other attributes are kept; besides, results
  of the formulas that the program lists as 再計算 are gone with their types, those listed as computed have a new one, the used range and `spans` may be wider;
- of the workbook part at most fullCalcOnLoad differs, of calcChain at most the entries of replaced formulas are gone;
- a formula is refused without --replace-formulas (exit 2, no file), and so is whatever cannot be filled;
- openpyxl reads what was written, where it reads the workbook at all.

With --office N, N of the filled workbooks are opened by LibreOffice: it must read the values written, and where all stored
results are taken out and computed anew, no formula may come to another value than in the filled workbook (a stale result),
unless it did so before. Exit 1 when anything is wrong. No workbook is copied into the repository.
"""
import argparse
import collections
import csv
import datetime as dt
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import warnings
import zipfile

import openpyxl
from lxml import etree
from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, to_excel

warnings.simplefilter("ignore")
ENDINGS = {".xlsx", ".xlsm", ".xltx", ".xltm"}
VALUES = [("number", "12345.5"), ("text", " 前後 <&> 𠮷\n2行目"), ("date", "2022-11-11"), ("number", "-7"), ("text", "=1+1"), ("blank", ""), ("text", "未定")]
# Refusals of single cells that are as designed.
CELL_WHY = {"数式が入っています": "formula", "共有している数式の先頭": "first of a shared formula", "配列数式": "array formula", "データテーブル": "data table", "ピボットテーブル": "pivot table", "テーブルの見出し": "table header", "同じセルに2つ": "twice", "同じセルが2つ": "doubled in the file", "シートの範囲の外": "outside"}
# Refusals of files that are as designed.
FILE_WHY = {"デジタル署名": "signed", "拡張子が、中身と合いません": "another ending than its content's", "文字コードがUTF-8でない": "not UTF-8", "ソフトごとに別の内容": "alternatives", "パスワードで保護": "encrypted", "壊れています": "damaged", "開きません": "dangerous", "ファイルが空": "empty", "大きすぎます": "too large", "には書き込めません。Excelブック": "another format", "ではありません（": "not a workbook", "どちらに書き込むか": "two sheets of one name", "表のシートではない": "not a worksheet"}


def local(e):
    return etree.QName(e).localname if isinstance(e.tag, str) else ""


def parse(data):
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, huge_tree=True, remove_blank_text=False))


def kids(e, name):
    return [k for k in e if local(k) == name] if e is not None else []


def kid(e, name):
    return next(iter(kids(e, name)), None)


def attr(e, name):
    return next((v for k, v in e.attrib.items() if etree.QName(k).localname == name), None)


def split(ref):
    m = re.fullmatch(r"\$?([A-Za-z]+)\$?(\d+)", ref.strip())
    return int(m[2]), column_index_from_string(m[1].upper())


def name_of(row, col):
    return f"{get_column_letter(col)}{row}"


def box(ref):
    a, _, b = ref.partition(":")
    (r1, c1), (r2, c2) = split(a), split(b or a)
    return min(r1, r2), min(c1, c2), max(r1, r2), max(c1, c2)


class Package:
    """A workbook by its parts, found through the relations."""

    def __init__(self, path):
        self.zip = zipfile.ZipFile(path)
        self.parts = {i.filename.replace("\\", "/").lstrip("/").lower(): i for i in self.zip.infolist()}
        main = next(t for k, t, _ in self.relations("") if k.endswith("/officeDocument"))
        self.main = main
        rels = {i: (k, t) for k, t, i in self.relations(main)}
        book = parse(self.read(main))
        self.date1904 = any(attr(p, "date1904") in ("1", "true") for p in kids(book, "workbookPr"))
        self.sheets = {}
        self.order = []
        for s in kids(kid(book, "sheets"), "sheet"):
            kind, part = rels.get(attr(s, "id"), ("", ""))
            self.order.append(attr(s, "name"))
            if kind.endswith("/worksheet") and part in self.parts:
                self.sheets[attr(s, "name")] = part
        self.chain = next((t for k, t in rels.values() if k.endswith("/calcChain")), None)

    def read(self, part):
        return self.zip.read(self.parts[part])

    def relations(self, part):
        folder, _, file = part.rpartition("/")
        rels = f"{folder}/_rels/{file}.rels".lstrip("/").lower()
        if rels not in self.parts:
            return []
        out = []
        for r in parse(self.read(rels)):
            target = attr(r, "Target") or ""
            if attr(r, "TargetMode") == "External":
                continue
            steps = [] if target.startswith("/") else [s for s in folder.split("/") if s]
            for step in target.replace("\\", "/").split("/"):
                if step == "..":
                    steps = steps[:-1]
                elif step not in ("", "."):
                    steps.append(step)
            out.append((attr(r, "Type") or "", "/".join(steps).lower(), attr(r, "Id")))
        return out

    def tables(self, part):
        out = []
        for kind, target, _ in self.relations(part):
            if kind.endswith("/table") and target in self.parts:
                t = parse(self.read(target))
                if attr(t, "headerRowCount") != "0":
                    out.append(box(attr(t, "ref")))
        return out


def cells_of(root):
    """Cells with their places, which may be left to be counted."""
    data = kid(root, "sheetData")
    row_no = 0
    for row in kids(data, "row"):
        row_no = int(attr(row, "r")) if attr(row, "r") else row_no + 1
        col = 0
        for c in kids(row, "c"):
            col = split(attr(c, "r"))[1] if attr(c, "r") else col + 1
            yield row_no, col, c, row


def rows_of(root):
    no = 0
    for row in kids(kid(root, "sheetData"), "row"):
        no = int(attr(row, "r")) if attr(row, "r") else no + 1
        yield no, row


def choose(package, sheet, part, say):
    """Cells to write on a sheet: {kind: A1}, and formulas that may be replaced."""
    root = parse(package.read(part))
    merges = [box(attr(m, "ref")) for m in kids(kid(root, "mergeCells"), "mergeCell")]
    heads = [(r1, c1, r1, c2) for r1, c1, r2, c2 in package.tables(part)]
    arrays, known, rows = [], {}, {}
    for r, c, e, row in cells_of(root):
        f = kid(e, "f")
        if f is not None and attr(f, "t") in ("array", "dataTable") and attr(f, "ref"):
            arrays.append(box(attr(f, "ref")))
        known[r, c] = e
    for no, row in rows_of(root):
        rows[no] = row
    inside = lambda boxes, r, c: any(a <= r <= b2 and b <= c <= d for a, b, b2, d in boxes)
    large = [m for m in merges if (m[2] - m[0] + 1) * (m[3] - m[1] + 1) > 1000]
    small = {(r, c) for m in merges if m not in large for r in range(m[0], m[2] + 1) for c in range(m[1], m[3] + 1)}
    free = lambda r, c: (r, c) not in small and not inside(large + heads + arrays, r, c)
    picks = {}
    plain = [(p, e) for p, e in known.items() if kid(e, "f") is None and free(*p)]
    full = [p for p, e in plain if kid(e, "v") is not None or kid(e, "is") is not None]
    if full:
        picks["value"] = full[0]
        picks["last value"] = full[-1]
        # What formulas most likely depend on.
        numbers = [p for p, e in plain if kid(e, "v") is not None and attr(e, "t") in (None, "n")]
        if numbers:
            picks["number"] = numbers[len(numbers) // 2]
    blank = [p for p, e in plain if kid(e, "v") is None and kid(e, "is") is None]
    if blank:
        picks["styled blank"] = blank[len(blank) // 2]
    columns = collections.defaultdict(set)
    for r, c in known:
        columns[r].add(c)
    for no in rows:
        cols = columns[no]
        gap = next((c for c in range(1, max(cols, default=0)) if c not in cols and free(no, c)), None)
        if gap:
            picks.setdefault("gap in a row", (no, gap))
        elif cols and max(cols) < 16000 and free(no, max(cols) + 2):
            picks.setdefault("behind a row", (no, max(cols) + 2))
        if "gap in a row" in picks and "behind a row" in picks:
            break
    last = max(rows, default=0)
    between = next((n for n in range(1, min(last, 5000)) if n not in rows and free(n, 2)), None)
    if between:
        picks["missing row"] = (between, 2)
    if last + 3 < 1048576 and free(last + 3, 3):
        picks["row behind the last"] = (last + 3, 3)
    for a, b, c, d in merges:
        if (c, d) != (a, b) and not inside(heads, a, b) and not inside(arrays, a, b) and (known.get((a, b)) is None or kid(known[a, b], "f") is None):
            picks["merged"] = (c, d)
            break
    formula = None
    for (r, c), e in known.items():
        f = kid(e, "f")
        if f is None or not free(r, c):
            continue
        if attr(f, "t") in (None, "normal") or attr(f, "t") == "shared" and not attr(f, "ref") and not f.text:
            formula = (r, c)
            break
    taken, out = set(), []
    for n, (kind, p) in enumerate(picks.items()):
        # A merge counts as its anchor.
        anchor = next(((a, b) for a, b, c, d in merges if a <= p[0] <= c and b <= p[1] <= d), p)
        if anchor not in taken:
            taken.add(anchor)
            if not (1 <= p[0] <= 1048576 and 1 <= p[1] <= 16384):
                continue
            out.append((kind, sheet, p, anchor, VALUES[n % len(VALUES)]))
            say[kind] += 1
    if formula and formula not in taken:
        say["formula"] += 1
        return out, ("formula", sheet, formula, formula, ("number", "3"))
    return out, None


def run(program, book, picks, out, folder, *more):
    listed = folder / "cells.csv"
    with listed.open("w", newline="", encoding="utf-8-sig") as f:
        csv.writer(f).writerows([["sheet", "cell", "value", "type"]] + [[s, name_of(*p), v, k] for _, s, p, _, (k, v) in picks])
    out.unlink(missing_ok=True)
    command = [program, "fill", book, "--set", listed, "--out", out, "--format", "json", *more]
    return subprocess.run(command, capture_output=True, timeout=120)


def raw(data, info):
    """The compressed bytes of an entry, by its local record."""
    at = info.header_offset
    name, extra = int.from_bytes(data[at + 26 : at + 28], "little"), int.from_bytes(data[at + 28 : at + 30], "little")
    start = at + 30 + name + extra
    return data[at + 4 : at + 30], data[start : start + info.compress_size]


def without(e):
    """Takes an element out, text behind it included where it is white space only."""
    parent, tail = e.getparent(), e.tail
    before = e.getprevious()
    parent.remove(e)
    if tail and tail.strip():
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail


def canonical(root):
    return etree.tostring(root, method="c14n")


def strip_sheet(root, anchors, stale, new_rows):
    for e in kids(root, "dimension"):
        e.attrib.pop("ref", None)
    for r, c, e, row in list(cells_of(root)):
        # A cell that says where it stands keeps it, the others are counted before any is taken out.
        e.set("was", f"{r}/{c}")
    for no, row in list(rows_of(root)):
        row.set("was", str(no))
        row.attrib.pop("spans", None)
        for c in kids(row, "c"):
            place = tuple(int(x) for x in c.get("was").split("/"))
            if place in stale:
                for v in kids(c, "v") + (kids(c, "is") if kid(c, "f") is not None else []):
                    without(v)
                # The type goes with the value that it was of.
                for name in ("t", "vm"):
                    c.attrib.pop(name, None)
                for k in c:
                    k.tail = None if not (k.tail or "").strip() else k.tail
            if place in anchors:
                without(c)
        if not kids(row, "c") and not (row.text or "").strip():
            row.text = None
        if no in new_rows and len(row) == 0:
            without(row)
    # White space between rows and cells says nothing, and what is inserted stands somewhere in it.
    data = kid(root, "sheetData")
    for e in [data, *kids(data, "row"), *(c for row in kids(data, "row") for c in kids(row, "c"))]:
        if local(e) != "c" and e.text and not e.text.strip():
            e.text = None
        if e is not data and e.tail and not e.tail.strip():
            e.tail = None
    return canonical(root)


ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


def held(c):
    """What a written cell holds: (kind, value)."""
    t, v, i = attr(c, "t"), kid(c, "v"), kid(c, "is")
    if kid(c, "f") is not None:
        return "formula", None
    if i is not None:
        text = "".join(x.text or "" for x in i.iter() if local(x) == "t")
        return "text" if t == "inlineStr" else f"t={t}", ESCAPE.sub(lambda m: chr(int(m[1], 16)), text)
    if v is None:
        return ("blank", None) if t is None else (f"t={t}", None)
    return ("number", float(v.text)) if t is None else (f"t={t}", v.text)


def wanted(value, date1904):
    kind, text = value
    if kind == "date":
        day = dt.datetime.fromisoformat(text)
        return "number", float((day - (dt.datetime(1904, 1, 1) if date1904 else dt.datetime(1899, 12, 30))).days)
    return kind, {"text": text, "number": float(text) if kind == "number" else None, "blank": None}[kind]


def row_style(row):
    return attr(row, "s") or "0" if row is not None and attr(row, "customFormat") in ("1", "true") else None


def compare(before_path, after_path, picks, said):
    """Every difference that is not allowed, in words."""
    wrong = []
    before, after = Package(before_path), Package(after_path)
    a, b = before_path.read_bytes(), after_path.read_bytes()
    old, new = before.zip.infolist(), after.zip.infolist()
    if [i.orig_filename for i in old] != [i.orig_filename for i in new]:
        return ["entries differ"]
    if before.zip.comment != after.zip.comment:
        wrong.append("comment of the zip")
    mapped, stale, replaced = collections.defaultdict(dict), collections.defaultdict(set), collections.defaultdict(set)
    for kind, sheet, _, anchor, value in picks:
        mapped[sheet][anchor] = value
        if kind == "formula":
            replaced[sheet].add(anchor)
    known = collections.defaultdict(set)
    for c in said["recalculated"] + said["computed"]:
        stale[c["sheet"]].add(split(c["cell"]))
    for c in said["computed"]:
        known[c["sheet"]].add(split(c["cell"]))
    may = {before.sheets[s] for s in list(mapped) + list(stale)} | {before.main}
    may |= {before.chain} if any(replaced.values()) and before.chain else set()
    for i, j in zip(old, new):
        fields = lambda x: (x.date_time, x.compress_type, x.create_system, x.create_version, x.extract_version, x.internal_attr, x.external_attr, x.extra, x.comment)
        name = i.filename.replace("\\", "/").lstrip("/").lower()
        if name not in may:
            if raw(a, i) != raw(b, j) or fields(i) != fields(j) or i.flag_bits != j.flag_bits:
                wrong.append(f"{i.filename}: bytes or fields")
        elif i.date_time != j.date_time or i.external_attr != j.external_attr:
            wrong.append(f"{i.filename}: time or attributes")
        after.zip.read(j)
    for sheet in set(mapped) | set(stale):
        part = before.sheets[sheet]
        x, y = parse(before.read(part)), parse(after.read(part))
        at = lambda root: {(r, c): (e, row) for r, c, e, row in cells_of(root)}
        cx, cy = at(x), at(y)
        rx = {no: row for no, row in rows_of(x)}
        columns = [(int(attr(c, "min")), int(attr(c, "max")), attr(c, "style")) for cs in kids(x, "cols") for c in kids(cs, "col")]
        for place, value in mapped[sheet].items():
            want = wanted(value, before.date1904)
            if place not in cy:
                if want[0] != "blank" or place in cx:
                    wrong.append(f"{sheet}!{name_of(*place)} is not there")
                continue
            got = held(cy[place][0])
            if got != want:
                wrong.append(f"{sheet}!{name_of(*place)} holds {got}, not {want}")
            others = lambda e: {k: v for k, v in e.attrib.items() if k not in ("t", "cm", "vm")}
            own = others(cy[place][0])
            if place in cx:
                if own != others(cx[place][0]):
                    wrong.append(f"{sheet}!{name_of(*place)}: attributes {own}")
                continue
            row = rx.get(place[0])
            style = row_style(row) or next((s for lo, hi, s in columns if lo <= place[1] <= hi), None)
            if (own.get("s") or "0") != (style or "0") or own.keys() - {"r", "s"}:
                wrong.append(f"{sheet}!{name_of(*place)}: a new cell has {own}, style {style} expected")
        # An array formula stands in its first cell and fills the others.
        arrays = [f.get("ref") for c, *_ in cx.values() if (f := kid(c, "f")) is not None and f.get("t") in ("array", "dataTable")]
        arrays = [range_boundaries(ref) for ref in arrays if ref]
        filled = lambda p: any(r1 <= p[0] <= r2 and c1 <= p[1] <= c2 for c1, r1, c2, r2 in arrays)
        for place in stale[sheet]:
            if place in known[sheet]:
                if place not in cy or kid(cy[place][0], "v") is None or "vm" in cy[place][0].attrib:
                    wrong.append(f"{sheet}!{name_of(*place)}: no result, or a mark of the one before")
            elif place in cy and (kid(cy[place][0], "v") is not None or {"t", "vm"} & set(cy[place][0].attrib)):
                wrong.append(f"{sheet}!{name_of(*place)}: a result or its type stays")
            if place not in cx or kid(cx[place][0], "f") is None and not filled(place):
                wrong.append(f"{sheet}!{name_of(*place)} is listed as 再計算 and is no formula")
        order = [(r, c) for r, c, _, _ in cells_of(y)]
        if [(r, c) for r, c, _, _ in cells_of(x)] == sorted(cx) and order != sorted(set(order)):
            wrong.append(f"{sheet}: cells out of order")
        new_rows = {p[0] for p in mapped[sheet]} - set(rx)
        if strip_sheet(x, mapped[sheet], stale[sheet], new_rows) != strip_sheet(y, mapped[sheet], stale[sheet], new_rows):
            wrong.append(f"{sheet}: differs elsewhere ({part})")
    x, y = parse(before.read(before.main)), parse(after.read(before.main))
    had = bool(kids(x, "calcPr"))
    for root in (x, y):
        for e in kids(root, "calcPr"):
            e.attrib.pop("fullCalcOnLoad", None)
            if not had and not e.attrib:
                without(e)
    if canonical(x) != canonical(y):
        wrong.append("workbook part differs in more than fullCalcOnLoad")
    if before.chain in may:
        ids = {attr(s, "name"): attr(s, "sheetId") for s in kids(kid(parse(before.read(before.main)), "sheets"), "sheet")}
        names = {(ids[s], name_of(*p)) for s in replaced for p in replaced[s]}
        if [c for c in links(before) if c[:2] not in names] != links(after):
            wrong.append("calcChain")
    return wrong


def links(package):
    """The entries of the calculation chain, each with its sheet, which an entry may leave to the one before it."""
    sheet, out = None, []
    for c in kids(parse(package.read(package.chain)), "c"):
        sheet = attr(c, "i") or sheet
        out.append((sheet, attr(c, "r"), {k: v for k, v in c.attrib.items() if k not in ("i", "r")}))
    return out


def openpyxl_reads(before, after, picks, date1904):
    """What openpyxl reads otherwise; None where it does not read the workbook as it was."""
    try:
        old = openpyxl.load_workbook(before, data_only=True)
    except Exception:
        return None
    try:
        new = openpyxl.load_workbook(after, data_only=True)
    except Exception as e:
        return [f"openpyxl opens the original, and of the filled one says {e!r}"]
    if old.sheetnames != new.sheetnames or not any(s in old.sheetnames and hasattr(old[s], "_cells") and old[s]._cells for s in {p[1] for p in picks}):
        return None
    wrong = []
    for _, sheet, _, anchor, value in picks:
        if sheet not in new.sheetnames:
            continue
        got, want = new[sheet].cell(*anchor).value, wanted(value, date1904)[1]
        epoch = CALENDAR_MAC_1904 if date1904 else CALENDAR_WINDOWS_1900
        if isinstance(got, (dt.datetime, dt.time, dt.timedelta, dt.date)):
            got = to_excel(got, epoch)
        same = abs(got - want) < 1e-6 if isinstance(got, (int, float)) and isinstance(want, float) else got == want
        if not same and not (isinstance(got, str) and got.startswith("#VALUE")):
            wrong.append(f"openpyxl {sheet}!{name_of(*anchor)}: {got!r}, not {want!r}")
    return wrong


def drop_results(source, target):
    """The workbook without any stored result, so that it is computed from nothing."""
    package = Package(source)
    parts = set(package.sheets.values())
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for info in package.zip.infolist():
            data = package.zip.read(info)
            if info.filename.replace("\\", "/").lstrip("/").lower() in parts:
                root = parse(data)
                for _, _, c, _ in cells_of(root):
                    if kid(c, "f") is not None:
                        for v in kids(c, "v"):
                            without(v)
                data = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
            out.writestr(info.filename, data)


def convert(files, folder, home):
    """Converts many files with one call; those on which LibreOffice stops are tried alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(0, len(files), 20):
        todo = [f for f in files[n : n + 20]]
        for group in [todo] + [[f] for f in todo]:
            group = [f for f in group if not (folder / f"{f.stem}.xlsx").exists()]
            if not group:
                continue
            command = ["soffice", f"-env:UserInstallation=file://{home}", "--headless", "--norestore", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", folder, *group]
            try:
                subprocess.run(command, capture_output=True, timeout=60 + 10 * len(group))
            except subprocess.TimeoutExpired:
                pass


def values(path):
    try:
        book = openpyxl.load_workbook(path, data_only=True)
    except Exception:
        return None
    return {(s.title, c.row, c.column): c.value for s in book.worksheets for row in s.iter_rows() for c in row if c.value is not None}


def alike(a, b):
    number = lambda x: to_excel(x) if isinstance(x, (dt.datetime, dt.time, dt.timedelta, dt.date)) else x
    a, b = number(a), number(b)
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) <= 1e-7 * max(1, abs(a), abs(b))
    norm = lambda x: "" if x is None else str(x).replace("\r\n", "\n")
    return norm(a) == norm(b)


def office(chosen, folder):
    """LibreOffice on the filled workbooks, the originals, and both without stored results."""
    wrong, opened, recalculated = [], 0, 0
    kinds = {k: folder / k for k in ("old", "old-bare", "new", "new-bare")}
    for k in kinds.values():
        k.mkdir()
    for n, (book, filled, picks, said) in enumerate(chosen):
        name = f"{n:04}{book.suffix}"
        (kinds["old"] / name).write_bytes(book.read_bytes())
        (kinds["new"] / name).write_bytes(filled.read_bytes())
        for bare, source in (("old-bare", book), ("new-bare", filled)):
            drop_results(source, kinds[bare] / name)
    for k, d in kinds.items():
        convert(sorted(d.iterdir()), folder / f"{k}-out", folder / "home")
    for n, (book, filled, picks, said) in enumerate(chosen):
        got = {k: values(folder / f"{k}-out" / f"{n:04}.xlsx") for k in kinds}
        if got["old"] is None:
            continue
        if got["new"] is None:
            wrong.append((book, "LibreOffice opens the original and not the filled one"))
            continue
        opened += 1
        date1904 = Package(filled).date1904
        sheets = {s for s, _, _ in got["new"]}
        for _, sheet, _, anchor, value in picks:
            want, value_read = wanted(value, date1904)[1], got["new"].get((sheet, *anchor))
            if isinstance(value_read, (dt.datetime, dt.time, dt.timedelta, dt.date)):
                value_read = to_excel(value_read, CALENDAR_MAC_1904 if date1904 else CALENDAR_WINDOWS_1900)
            if sheet in sheets and not alike(value_read, want):
                wrong.append((book, f"LibreOffice {sheet}!{name_of(*anchor)}: {value_read!r}, not {want!r}"))
        if got["new-bare"] is None or got["old-bare"] is None:
            continue
        recalculated += len(said["recalculated"]) + len(said["computed"])
        for place in got["new"].keys() | got["new-bare"].keys():
            now, anew = got["new"].get(place), got["new-bare"].get(place)
            was, was_anew = got["old"].get(place), got["old-bare"].get(place)
            if not alike(now, anew) and alike(was, was_anew):
                wrong.append((book, f"stale {place[0]}!{name_of(*place[1:])}: {now!r}, computed anew {anew!r}"))
    return opened, recalculated, wrong


def traits(path):
    """What makes a workbook complicated, by its parts."""
    names = [n.lower() for n in zipfile.ZipFile(path).namelist()]
    known = {"macros": "vbaproject", "pivot": "pivottable", "chart": "charts/chart", "drawing": "drawings/drawing", "external link": "externallink", "comments": "comments", "threaded comments": "threadedcomment", "table": "tables/table", "vml": "vmldrawing", "controls": "ctrlprops", "ole": "embeddings/", "query": "querytable", "slicer": "slicer", "custom xml": "customxml/", "printer": "printersettings", "activex": "activex", "connections": "connections.xml", "chart sheet": "chartsheets/", "calc chain": "calcchain", "phonetics": "phonetic"}
    found = [k for k, w in known.items() if any(w in n for n in names)]
    z = zipfile.ZipFile(path)
    for n in z.namelist():
        if "worksheets/" in n and n.endswith(".xml"):
            text = z.read(n)
            for k, w in {"conditional format": b"conditionalFormatting", "validation": b"dataValidation", "strict": b"purl.oclc.org", "prefixed": b":sheetData", "sparkline": b"sparkline", "array formula": b't="array"', "shared formula": b't="shared"', "protection": b"sheetProtection"}.items():
                if w in text and k not in found:
                    found.append(k)
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("folders", type=pathlib.Path, nargs="+")
    parser.add_argument("--office", type=int, default=0)
    parser.add_argument("--report", type=pathlib.Path)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    program = args.program.resolve()
    books = sorted(p for f in args.folders for p in ([f] if f.is_file() else f.rglob("*")) if p.suffix.lower() in ENDINGS and p.is_file() and args.only in str(p))
    count, say, wrong, report, for_office = collections.Counter(), collections.Counter(), [], [], []
    with tempfile.TemporaryDirectory() as d:
        folder = pathlib.Path(d)
        for n, book in enumerate(books):
            out = folder / f"filled-{n}{book.suffix}"
            try:
                result, bad, picks, said = one(program, book, out, folder, say)
            except Exception as e:
                result, bad, picks, said = "checker", [f"the checker itself: {type(e).__name__} {e}"], [], None
            count[result] += 1
            wrong += [(book, b) for b in bad]
            entry = {"file": str(book), "result": result, "wrong": bad, "cells": len(picks)}
            if result == "filled":
                entry |= {"traits": traits(book), "recalculated": len(said["recalculated"]), "computed": len(said["computed"])}
                for_office.append((book, out, picks, said))
            else:
                out.unlink(missing_ok=True)
            report.append(entry)
            if n % 50 == 49:
                print(f"{n + 1} of {len(books)}", file=sys.stderr, flush=True)
        if args.office:
            # Those with most to go wrong first.
            by = sorted((f for f in for_office if f[0].stat().st_size < 400_000), key=lambda f: (-min(len(f[3]["recalculated"]), 5) - len(traits(f[0])), str(f[0])))
            opened, recalculated, bad = office(by[: args.office], folder)
            print(f"LibreOffice: {opened} of {min(args.office, len(by))} opened, {recalculated} formulas computed anew, {len(bad)} differ")
            wrong += bad
            count["opened by LibreOffice"] = opened
    print(f"{len(books)} workbooks: " + ", ".join(f"{v} {k}" for k, v in count.most_common()))
    print("cells: " + ", ".join(f"{v} {k}" for k, v in say.most_common()))
    for book, what in wrong:
        print(f"WRONG {book}: {what}")
    if args.report:
        args.report.write_text(json.dumps(report, ensure_ascii=False, indent=1))
    sys.exit(bool(wrong))


def refusal(code, err, out):
    """The kind of a refusal of the whole file, and what is wrong with it."""
    bad = []
    if code != 2:
        bad.append(f"exit {code}: {err[-300:]}")
    if "panicked" in err or "RUST_BACKTRACE" in err:
        bad.append(f"a panic: {err[-300:]}")
    if out.exists():
        bad.append("refused, and a file is there")
    why = next((v for k, v in FILE_WHY.items() if k in err), None)
    if why is None:
        bad.append(f"refused for no known reason: {err[:300]}")
    return why, bad


def one(program, book, out, folder, say):
    try:
        package = Package(book)
        sheets = list(package.sheets.items())[:8]
        if not sheets:
            raise ValueError("no sheets")
        chosen = [choose(package, s, part, say) for s, part in sheets]
    except Exception:
        # What Python cannot read is tried all the same.
        picks = [("value", "Sheet1", (1, 1), (1, 1), VALUES[0])]
        done = run(program, book, picks, out, folder)
        err = done.stderr.decode()
        if done.returncode == 0:
            return "filled though Python cannot read it", [], picks, json.loads(done.stdout)
        names = re.search("このブックにあるのは「(.*?)」", err)
        if names:
            picks = [("value", names[1], (1, 1), (1, 1), VALUES[0])]
            done = run(program, book, picks, out, folder)
            err = done.stderr.decode()
            if done.returncode == 0:
                return "filled though Python cannot read it", [], picks, json.loads(done.stdout)
        why, bad = refusal(done.returncode, err, out)
        return f"refused: {why}", bad, picks, None
    picks = [p for cells, _ in chosen for p in cells]
    formulas = [f for _, f in chosen if f]
    bad = []
    if formulas:
        done = run(program, book, picks + formulas[:1], out, folder)
        err = done.stderr.decode()
        if done.returncode != 2 or out.exists() or "panicked" in err:
            bad.append(f"a formula was not refused: exit {done.returncode} {err[-200:]}")
    picks += formulas
    done = run(program, book, picks, out, folder, "--replace-formulas")
    err = done.stderr.decode()
    listed = re.findall(r"「(.*?)」!([A-Z]+\d+): (.*)", err)
    if done.returncode == 2 and listed:
        for sheet, cell, why in listed:
            kind = next((v for k, v in CELL_WHY.items() if k in why), None)
            if kind is None:
                bad.append(f"{sheet}!{cell} refused: {why}")
            say[f"refused ({kind})"] += 1
        gone = {(s, split(c)) for s, c, _ in listed}
        picks = [p for p in picks if (p[1], p[2]) not in gone]
        done = run(program, book, picks, out, folder, "--replace-formulas")
        err = done.stderr.decode()
    if done.returncode != 0:
        why, more = refusal(done.returncode, err, out)
        return f"refused: {why}", bad + more, picks, None
    said = json.loads(done.stdout)
    bad += compare(book, out, picks, said)
    read = openpyxl_reads(book, out, picks, package.date1904)
    say["read by openpyxl"] += read is not None
    return "filled", bad + (read or []), picks, said


main()
