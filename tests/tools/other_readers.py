"""Compares what our reader reads of arbitrary spreadsheets with what other readers read, cell by cell.

    python3 tests/tools/other_readers.py GRID FOLDER_OR_FILE ... [--libreoffice] [--keep FOLDER] [--show N] [--json FILE]

GRID is the built example (cargo build --example grid). .xlsx, .xlsm and their templates are compared with openpyxl; with
--libreoffice every file is also saved as .xlsx by LibreOffice, many files a start, and compared with what it saved.
--keep FOLDER keeps what the others read, so that a second run is quick. A cell that differs, or that only one side has, is
printed, unless our reader says itself that the cell, its sheet or a part of the file could not be read. Formulas are
compared with openpyxl's stored results only: LibreOffice computes anew. Ends with 1 where something differs.

Refusals are no differences: a refused file is a finding. They are listed with `?`, so that one can see whether they are meant.

Known and meant, and why (KNOWN says which sign each has):
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
from openpyxl.utils.datetime import to_excel

warnings.simplefilter("ignore")
ENDS = set(".xlsx .xlsm .xltx .xltm .xlam .xls .xlt .xla .xlw .xlsb .ods .ots .fods .csv .tsv .slk .dif .dbf".split())
BY_OPENPYXL = (".xlsx", ".xlsm", ".xltx", ".xltm")
BATCH = 60

KNOWN: dict[str, str] = {}
"""Differences that are known and meant: a word for each, and why it is none of ours."""


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
    """What stands in a workbook that LibreOffice saved; its .xlsx are regular, and numbers stay as they are stored."""
    with zipfile.ZipFile(path) as z:
        names = set(z.namelist())
        strings = []
        if "xl/sharedStrings.xml" in names:
            for si in ElementTree.fromstring(z.read("xl/sharedStrings.xml")):
                strings.append("".join(t.text or "" for t in si.iter() if t.tag.endswith("}t") and t not in phonetic(si)))
        relations = {r.get("Id"): r.get("Target") for r in ElementTree.fromstring(z.read("xl/_rels/workbook.xml.rels"))}
        sheets, computed = [], set()
        for sheet in ElementTree.fromstring(z.read("xl/workbook.xml")).iter():
            if not sheet.tag.endswith("}sheet"):
                continue
            target = relations[next(v for k, v in sheet.attrib.items() if k.endswith("}id"))]
            name, cells = sheet.get("name"), {}
            for _, c in ElementTree.iterparse(z.open("xl/" + target.lstrip("/").removeprefix("xl/"))):
                if not c.tag.endswith("}c"):
                    if c.tag.endswith("}row"):
                        c.clear()
                    continue
                at, kind = c.get("r"), c.get("t", "n")
                value = next((v.text for v in c if v.tag.endswith("}v")), None)
                if any(f.tag.endswith("}f") for f in c):
                    computed.add((name, at))
                if kind == "inlineStr":
                    value = "".join(t.text or "" for t in c.iter() if t.tag.endswith("}t"))
                if value is None:
                    continue
                if kind == "s":
                    value = strings[int(value)]
                elif kind == "b":
                    value = value == "1"
                elif kind == "n":
                    value = float(value)
                cells[at] = plain(value)
            sheets.append((name, cells))
    return {"sheets": sheets, "computed": computed}


def phonetic(si) -> set:
    """The furigana of a shared string."""
    return {t for r in si.iter() if r.tag.endswith("}rPh") for t in r.iter()}


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


def ours_of(grid: str, files: list[Path]) -> dict[Path, dict]:
    """What our reader reads, by file."""
    read = {}
    waiting = list(files)
    while waiting:
        batch = waiting[:50]
        done = subprocess.run([grid, *map(str, batch)], capture_output=True, text=True, check=False)
        told = [json.loads(line) for line in done.stdout.splitlines()]
        read.update({Path(t["file"]): t for t in told})
        if done.returncode != 0:
            print(f"! {batch[len(told)]}: the reader stopped: {done.stderr[-300:]}")
            told.append(None)
        waiting = waiting[max(1, len(told)) :]
    return read


def difference(ours: dict, other: dict, reader: str) -> list[tuple]:
    """(sheet, cell, ours, theirs) where the sides differ."""
    out = []
    told = " ".join(ours["problems"])
    sheets = ours["sheets"]
    names = [s["name"] for s in sheets]
    for i, (name, cells) in enumerate(other["sheets"]):
        own = next((s for s in sheets if s["name"] == name), sheets[i] if len(other["sheets"]) == len(sheets) else None)
        if own is None:
            if name not in told:
                out.append((name, "", names, "sheet missing"))
            continue
        if any(f"{kind} {own['name']}" in told for kind in ("SheetDamaged", "SheetMissing")):
            continue
        for at in sorted(set(cells) | set(own["cells"])):
            a, b = plain(own["cells"].get(at)), cells.get(at)
            if same(a, b) or (name, at) in other["computed"] or f"!{at} " in told:
                continue
            if reader == "LibreOffice" and at in own["cells"] and own["cells"][at] is None:
                continue
            out.append((name, at, a, b))
    return out


def known(path: Path, reader: str, ours: dict, found: tuple) -> str | None:
    """The word of KNOWN for a difference, if it has one."""
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
    args = parser.parse_args()
    files = sorted({f for r in args.roots for f in ([r] if r.is_file() else r.rglob("*")) if f.is_file() and f.suffix.lower() in ENDS})
    with tempfile.TemporaryDirectory() as temp:
        compare(args, files, args.keep or Path(temp))


def compare(args: argparse.Namespace, files: list[Path], keep: Path) -> None:
    """Compares and prints."""
    ours_by_file = ours_of(args.grid, files)
    saved = saved_by_libreoffice(files, keep) if args.libreoffice else {}
    count: Counter = Counter()
    meant: Counter = Counter()
    rows = []
    for path in files:
        ours = ours_by_file.get(path)
        for reader in ("openpyxl", "LibreOffice"):
            if reader == "openpyxl":
                if path.suffix.lower() not in BY_OPENPYXL:
                    continue
                other = remembered(keep, key(path) + ".openpyxl", lambda: by_openpyxl(path))
            else:
                if path not in saved:
                    continue
                other = remembered(keep, key(path) + ".libreoffice", lambda: by_libreoffice(saved[path]))
            if isinstance(other, str):
                print(f"- {path}: {reader} refuses ({other}); ours: {(ours or {}).get('refused') or 'read'}")
                continue
            if ours is None:
                count["wrong"] += 1
                print(f"! {path}: our reader gave nothing")
                continue
            if ours["refused"]:
                full = sum(len(c) for _, c in other["sheets"])
                count["refused"] += 1
                print(f"? {path}: {reader} reads {full} cells; ours: {ours['refused'][:100]}")
                rows.append({"file": str(path), "reader": reader, "refused": ours["refused"], "cells": full})
                continue
            count["comparisons"] += 1
            count["cells"] += sum(len(c) for _, c in other["sheets"])
            found = []
            for one in difference(ours, other, reader):
                word = known(path, reader, ours, one)
                if word:
                    meant[word] += 1
                else:
                    found.append(one)
            count["wrong"] += len(found)
            count["files that differ"] += bool(found)
            for sheet, at, a, b in found[: args.show]:
                print(f"! {path} [{reader}] {sheet}!{at}: ours {a!r:.80}, theirs {b!r:.80}")
            if len(found) > args.show:
                print(f"  … and {len(found) - args.show} more")
            for told in ours["problems"][:2] if found else []:
                print(f"  told: {told[:120]}")
            if found:
                rows.append({"file": str(path), "reader": reader, "differences": [list(map(str, f)) for f in found[:200]], "n": len(found)})
    if args.json:
        args.json.write_text(json.dumps(rows, ensure_ascii=False, indent=0))
    for word, n in meant.most_common():
        print(f"known and meant: {n} cells: {word}")
    print(f"{len(files)} files, {count['comparisons']} comparisons, {count['cells']} cells, {count['refused']} refused by ours, "
          f"{count['wrong']} differences in {count['files that differ']} readings")
    sys.exit(1 if count["wrong"] else 0)


if __name__ == "__main__":
    main()
