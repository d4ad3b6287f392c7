"""Fills the fixtures of tests/fixtures/fill/ with the program and reads them with openpyxl and LibreOffice.

    python3 tests/tools/fill_check.py path/to/torimatome [WORKBOOK…]

openpyxl must read the written values and everything else as before. LibreOffice must show the same, results of formulas
included, as it does of a workbook in which openpyxl wrote the same cells: that one holds no stored results at all.
"""
import csv
import json
import datetime as dt
import pathlib
import subprocess
import sys
import tempfile
import warnings

import openpyxl
from openpyxl.cell.cell import MergedCell

warnings.simplefilter("ignore")
FIXTURES = pathlib.Path(__file__).parents[1] / "fixtures/fill"
GOOD = ["nasty.xlsx", "macros.xlsm", "template.xltx", "streamed.xlsx", "prefixed.xlsx", "date1904.xlsx", "openpyxl.xlsx", "office.xlsx", "pivot.xlsx"]
CELLS = [("J1", "text", "=1+1"), ("J2", "text", "_x0041_ <&> 𠮷"), ("B2", "number", "12.5"), ("C3", "number", "41"), ("J40", "date", "2022-11-11"), ("B3", "number", "7"), ("L5", "text", " 前後 ")]


def typed(kind, text):
    return {"text": str, "number": float, "date": lambda t: dt.datetime.fromisoformat(t)}[kind](text)


def cells(path, **options):
    """All cells that hold something, by sheet and reference."""
    book = openpyxl.load_workbook(path, **options)
    return {(s.title, c.coordinate): c.value for s in book.worksheets for row in s.iter_rows() for c in row if c.value is not None}


def shown(path, folder, name):
    """What LibreOffice makes of it, computed where no result is stored."""
    source = folder / f"{name}.xlsx"
    source.write_bytes(path.read_bytes())
    home = f"-env:UserInstallation=file://{folder}/home"
    subprocess.run(["soffice", home, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", folder / "out", source], check=True, capture_output=True)
    return cells(folder / "out" / f"{name}.xlsx", data_only=True)


def alike(a, b):
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) <= 1e-9 * max(1, abs(a))
    return str(a) == str(b) or {a, b} <= {None, ""}


def check(program, path, folder):
    before = openpyxl.load_workbook(path, keep_vba=path.suffix == ".xlsm")
    sheet = before.worksheets[0]
    formula = lambda a1: isinstance(sheet[a1].value, str) and sheet[a1].value.startswith("=") or sheet[a1].data_type == "f"
    usable = [c for c in CELLS if not isinstance(sheet[c[0]], MergedCell) and not formula(c[0])]
    listed, out = folder / "cells.csv", folder / f"filled{path.suffix}"
    with listed.open("w", newline="", encoding="utf-8-sig") as f:
        csv.writer(f).writerows([["sheet", "cell", "value", "type"]] + [[sheet.title, a1, text, kind] for a1, kind, text in usable])
    said = subprocess.run([program, "fill", path, "--set", listed, "--out", out, "--format", "json"], check=True, capture_output=True)
    left = {(c["sheet"], c["cell"]) for c in json.loads(said.stdout)["recalculated"]}

    wrong = []
    old, new = cells(path), cells(out)
    for place, value in new.items():
        want = next((typed(k, t) for a1, k, t in usable if place == (sheet.title, a1)), old.get(place))
        if isinstance(want, dt.datetime) and not isinstance(value, dt.datetime):
            value = openpyxl.utils.datetime.from_excel(value, before.epoch)
        if isinstance(want, float) and isinstance(value, dt.datetime):
            value = openpyxl.utils.datetime.to_excel(value, before.epoch)
        # openpyxl keeps the escapes of inline text as they stand.
        value = value.replace("_x005F_", "_") if isinstance(value, str) else value
        if not alike(str(want) if isinstance(want, str) else want, value) and not hasattr(value, "text"):
            wrong.append(f"openpyxl {place}: {value!r}, not {want!r}")
    wrong += [f"openpyxl: {place} is gone" for place in old.keys() - new.keys() - left]

    for a1, kind, text in usable:
        cell = sheet[a1]
        style = cell.number_format
        cell.value = typed(kind, text)
        cell.number_format = style
        if kind == "text":
            cell.data_type = "s"
    plain = folder / "plain.xlsx"
    before.template = False
    before.save(plain)
    ours, theirs = shown(out, folder, "ours"), shown(plain, folder, "theirs")
    for place in sorted(ours.keys() | theirs.keys()):
        a, b = ours.get(place), theirs.get(place)
        if place[1] != "A14" and not alike(a, b):
            wrong.append(f"LibreOffice {place}: {a!r}, computed anew {b!r}")
    return len(usable), len(ours), wrong


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    paths = [pathlib.Path(p) for p in sys.argv[2:]] or [FIXTURES / n for n in GOOD]
    bad = 0
    for path in paths:
        with tempfile.TemporaryDirectory() as d:
            written, compared, wrong = check(program, path, pathlib.Path(d))
        print(f"{path.name}: {written} written, {compared} cells compared, {len(wrong)} differ")
        for line in wrong:
            print(f"  {line}")
        bad += len(wrong)
    sys.exit(bad > 0)


main()
