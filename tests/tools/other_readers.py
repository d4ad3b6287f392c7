"""Compares what our reader reads of arbitrary spreadsheets with what other readers read, cell by cell.

    python3 tests/tools/other_readers.py GRID FOLDER_OR_FILE ... [--libreoffice] [--show N]

GRID is the built example (cargo build --example grid). .xlsx and .xlsm are compared with openpyxl; with --libreoffice
every file is also saved as .xlsx by LibreOffice, read again by openpyxl and compared. A cell that differs, or that only one side has, is printed, unless our
reader says itself that the cell, its sheet or a part of the file could not be read. Formulas are compared with openpyxl's
stored results only: LibreOffice computes anew. Ends with 1 where something differs.

Known and meant, with LibreOffice: pivot tables are drawn anew, CSV is taken for Western text, times in .ods are computed.
Known and meant: openpyxl cannot read strict OOXML, prefixed names and rows out of order; files it refuses are counted, not compared.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

import openpyxl
from openpyxl.utils.datetime import to_excel

warnings.simplefilter("ignore")
ENDS = {".xlsx", ".xlsm", ".xltx", ".xls", ".xlsb", ".ods", ".csv"}



def text(value: str) -> str:
    """A text without what programs change: line ends, control characters as _x000D_ or themselves, blanks at either end
    that are not marked to be kept."""
    value = re.sub(r"_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), value)
    return value.replace("\r\n", "\n").replace("\r", "\n").strip(" \t\n")


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
        return a == b or (isinstance(a, (int, float)) and isinstance(b, (int, float)) and int(a) == int(b))
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) <= max(2e-6, 1e-12 * abs(a))
    # A serial past the year 9999 or below zero is no date to openpyxl.
    if b == "#VALUE!" and isinstance(a, float) and not 0 <= a <= 2958465:
        return True
    return a == b or (a in ("", None) and b in ("", None))


def by_openpyxl(path: Path):
    """Sheets of a workbook: name → {cell: value}; raises what openpyxl raises."""
    wb = openpyxl.load_workbook(path, data_only=True)
    out = []
    for ws in wb.worksheets:
        cells = {}
        for row in ws.iter_rows():
            for cell in row:
                link = cell.hyperlink.target if cell.hyperlink else None
                # openpyxl gives an empty cell the address of its link as a value.
                if cell.value is not None and cell.value != link:
                    cells[cell.coordinate] = plain(cell.value, wb.epoch)
        out.append((ws.title, cells))
    return out


def formulas(path: Path) -> set[tuple[str, str]]:
    """Cells with formulas, by openpyxl."""
    out = set()
    for ws in openpyxl.load_workbook(path).worksheets:
        for row in ws.iter_rows():
            out |= {(ws.title, c.coordinate) for c in row if c.data_type == "f"}
    return out


def saved_by_libreoffice(files: list[Path], folder: Path) -> dict[Path, Path]:
    """Each file saved as .xlsx by LibreOffice, where it can read it."""
    out = {}
    with tempfile.TemporaryDirectory() as profile:
        for n, path in enumerate(files):
            named = folder / f"{n:05}{path.suffix}"
            shutil.copyfile(path, named)
            target = folder / "out"
            subprocess.run(["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", "xlsx", "--outdir", str(target), str(named)],
                           capture_output=True, timeout=120, check=False)
            saved = target / f"{n:05}.xlsx"
            if saved.is_file():
                out[path] = saved
    return out


def difference(ours: dict, other, skip: set, computed: bool) -> list[tuple]:
    """(sheet, cell, ours, theirs) where the sides differ."""
    out = []
    told = " ".join(ours["problems"])
    sheets = ours["sheets"]
    names = [s["name"] for s in sheets]
    for i, (name, cells) in enumerate(other):
        own = next((s for s in sheets if s["name"] == name), sheets[i] if len(other) == len(sheets) else None)
        if own is None:
            if name not in told:
                out.append((name, "", names, "sheet missing"))
            continue
        for at in sorted(set(cells) | set(own["cells"])):
            a, b = plain(own["cells"].get(at)), cells.get(at)
            if same(a, b) or (name, at) in skip or f"!{at} " in told or f"SheetDamaged {own['name']}" in told or f"SheetMissing {own['name']}" in told:
                continue
            if computed and at in own["cells"] and own["cells"][at] is None:
                continue
            out.append((name, at, a, b))
    return out


def main() -> None:
    """Reads the command line."""
    args = [a for a in sys.argv[1:] if not a.startswith("--")]
    show = 20
    if "--show" in sys.argv:
        show = int(args.pop(-1))
    grid, roots = args[0], [Path(a) for a in args[1:]]
    files = sorted({f for r in roots for f in ([r] if r.is_file() else r.rglob("*")) if f.is_file() and f.suffix.lower() in ENDS})
    read = {}
    for i in range(0, len(files), 50):
        done = subprocess.run([grid, *map(str, files[i : i + 50])], capture_output=True, text=True, check=False)
        for line in done.stdout.splitlines():
            told = json.loads(line)
            read[Path(told["file"])] = told
        if done.returncode != 0:
            print(f"the reader stopped: {done.stderr[-300:]}")
    cells = compared = wrong = 0
    with tempfile.TemporaryDirectory() as temp:
        saved = saved_by_libreoffice(files, Path(temp)) if "--libreoffice" in sys.argv else {}
        for path in files:
            ours = read.get(path)
            for reader in ("openpyxl", "LibreOffice"):
                skip: set = set()
                try:
                    if reader == "openpyxl":
                        if path.suffix.lower() not in (".xlsx", ".xlsm", ".xltx"):
                            continue
                        other = by_openpyxl(path)
                    else:
                        if path not in saved:
                            continue
                        other, skip = by_openpyxl(saved[path]), formulas(saved[path])
                except (Exception,) as e:  # noqa: BLE001  (whatever it cannot read is no second reading)
                    print(f"- {path}: {reader} refuses ({type(e).__name__}: {str(e)[:60]}); ours: {(ours or {}).get('refused') or 'read'}")
                    continue
                if ours is None:
                    print(f"! {path}: our reader gave nothing")
                    wrong += 1
                    continue
                if ours["refused"]:
                    full = sum(len(c) for _, c in other)
                    print(f"? {path}: {reader} reads {full} cells; ours: {ours['refused'][:100]}")
                    continue
                compared += 1
                cells += sum(len(c) for _, c in other)
                found = difference(ours, other, skip, reader == "LibreOffice")
                wrong += len(found)
                for sheet, at, a, b in found[:show]:
                    print(f"! {path} [{reader}] {sheet}!{at}: ours {a!r:.80}, theirs {b!r:.80}")
                if len(found) > show:
                    print(f"  … and {len(found) - show} more")
                for told in ours["problems"][:2] if found else []:
                    print(f"  told: {told[:120]}")
    print(f"{len(files)} files, {compared} comparisons, {cells} cells, {wrong} differences")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
