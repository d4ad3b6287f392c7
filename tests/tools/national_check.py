"""The ministry's workbooks of a round, filled by the program and opened by two other programs.

    python3 tests/tools/national_check.py PROGRAM [ROUND]        default: the sample round

The round is consolidated in a copy. Then, for each workbook in 結果/国様式/:

- openpyxl reads in every written cell the master's value as 照合 gives it (JSON), in every cell left alone what stood there
  before, and in every other cell what the workbook held as it came; a formula left for recalculation has no result, one
  that was computed has the new one;
- LibreOffice opens it, and once more with all stored results taken out, and shows the same values both times;
- the recalculated cells hold what Python computes of the master's values: totals, counts and means;
- of the sample round, completion rates and the portal's state are those of samples/tools/expected.py, which read the
  submissions on its own.

Exit 1 on any difference.
"""
import collections
import datetime as dt
import fractions
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import warnings
import zipfile

import openpyxl
from openpyxl.utils.datetime import to_excel

warnings.simplefilter("ignore")
ROOT = pathlib.Path(__file__).resolve().parents[2]
TODAY = "2022-11-14"


def cells(path):
    """Formulas and values of all cells that hold something: {(sheet, A1): (formula or None, value)}."""
    shown, written = openpyxl.load_workbook(path, data_only=True), openpyxl.load_workbook(path)
    out = {}
    for sheet in written.worksheets:
        for row in sheet.iter_rows():
            for c in row:
                if c.value is not None:
                    formula = c.value if c.data_type == "f" else None
                    out[sheet.title, c.coordinate] = (formula, shown[sheet.title][c.coordinate].value)
    return out


def plain(value):
    """A value as it is compared: dates as serials, nothing as None."""
    if isinstance(value, (dt.datetime, dt.date)):
        return float(to_excel(value))
    return None if value == "" else value


def meant(value):
    """What a cell must hold for a value of 照合: a fraction is its quotient, a day its serial, a share its number."""
    if isinstance(value, str):
        if re.fullmatch(r"\d+/\d+", value):
            return float(fractions.Fraction(value)) if not value.endswith("/0") else None
        if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            return float(to_excel(dt.date.fromisoformat(value)))
    return value


def alike(got, want):
    got, want = plain(got), plain(want)
    # A share is given with its decimals ("1.5") and stands there as a number; a text of digits (042021) stays text.
    if isinstance(got, (int, float)) and isinstance(want, str) and re.fullmatch(r"-?\d+\.\d+", want):
        want = float(want)
    if isinstance(got, (int, float)) and isinstance(want, (int, float)):
        return abs(got - want) <= 1e-12 * max(1, abs(want))
    return got == want


def bare(source, target):
    """The workbook without any result of a formula."""
    with zipfile.ZipFile(source) as book, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for info in book.infolist():
            data = book.read(info)
            if info.filename.startswith("xl/worksheets/sheet"):
                text = data.decode()
                text = re.sub(r"(<f\b[^>]*?(?:/>|>[^<]*</f>))\s*<v>[^<]*</v>", r"\1", text)
                data = text.encode()
            out.writestr(info, data)


def shown(source, folder, name):
    """What LibreOffice shows in each cell."""
    own = folder / f"{name}.xlsx"
    if own != source:
        own.write_bytes(source.read_bytes())
    command = ["soffice", f"-env:UserInstallation=file://{folder}/home", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", folder / "out", own]
    subprocess.run(command, check=True, capture_output=True)
    return {place: value for place, (_, value) in cells(folder / "out" / f"{name}.xlsx").items()}


def half_up(share):
    """One decimal of a share in per cent, half up."""
    return int(share * 1000 + fractions.Fraction(1, 2)) / 10


def computed(check, all_cells):
    """What the formulas of the sample's workbooks come to, from the master's values in 照合."""
    by = collections.defaultdict(dict)
    for c in check["cells"]:
        by[c["label"]][c["sheet"], c["cell"]] = c["master"]
    out = {}
    for place in check["recalculated"] + check["computed"]:
        key = (place["sheet"], place["cell"])
        formula = all_cells[key][0]
        column = re.match("[A-Z]+", place["cell"])[0]
        below = [meant(c["master"]) for c in check["cells"] if c["sheet"] == key[0] and c["written"] and re.fullmatch(column + r"\d+", c["cell"])]
        numbers = [m for m in below if isinstance(m, (int, float))]
        if formula.startswith("=SUM(") and key[0] != "集計":
            out[key] = sum(numbers)
        elif "AVERAGE" in formula:
            out[key] = sum(numbers) / len(numbers)
        elif "ROUND(" in formula:
            totals = {label: sum(v for v in cells.values() if isinstance(v, int)) for label, cells in by.items()}
            part = next(v for label, v in totals.items() if label.startswith("うちオンライン"))
            whole = next(v for label, v in totals.items() if label.startswith("手続総件数"))
            out[key] = half_up(fractions.Fraction(part, whole))
        elif "COUNTIF" in formula:
            word = all_cells[key[0], f"A{key[1][1:]}"][1]
            out[key] = sum(v == word for v in by["オンライン化状況"].values())
        elif key[0] == "集計":
            out[key] = sum(v in ("オンライン化済", "予定あり", "検討中", "未定", "予定なし") for v in by["オンライン化状況"].values())
        else:
            raise SystemExit(f"{key}: no figure for {formula}")
    return out


def independent(round_folder, told):
    """Differences from the figures that are worked out of the submissions alone."""
    sys.path.insert(0, str(ROOT / "samples/tools"))
    import expected

    figures = expected.figures(round_folder, dt.date.fromisoformat(TODAY))
    wrong, compared = [], 0
    progress = next(c for c in told["reconciliation"] if c["map"] == "progress")
    for c in progress["cells"]:
        if "進捗状況" in c["sheet"] and c["item"]:
            counts = figures["systems"].get(c["item"])
            # What was left open makes a range of the rate, and the cell must stay empty.
            want = f"{counts['done'] + counts['na']}/40" if counts and not counts["blank"] else None
            compared += 1
            if (c["master"] if c["written"] else None) != want:
                wrong.append(f"{c['sheet']}!{c['cell']}: {c['master']!r}, independently {want!r}")
    online = next(c for c in told["reconciliation"] if c["map"] == "procedures-31")
    for c in online["cells"]:
        if c["label"] == "オンライン化状況" and c["written"]:
            compared += 1
            own = figures["procedures"].get(c["item"])
            if (own or None) != c["master"]:
                wrong.append(f"{c['sheet']}!{c['cell']}: {c['master']!r}, independently {own!r}")
    return compared, wrong


def check(program, source, folder):
    work = folder / "round"
    shutil.copytree(source, work, ignore=shutil.ignore_patterns("expected", "結果"))
    done = subprocess.run([program, "consolidate", work, "--today", TODAY, "--format", "json"], capture_output=True)
    if done.returncode > 1:
        raise SystemExit(done.stderr.decode())
    told = json.loads(done.stdout)
    wrong = []
    for n, book in enumerate(told["reconciliation"]):
        before, after = work / book["file"], work / book["output"]
        old, new = cells(before), cells(after)
        wanted = {(c["sheet"], c["cell"]): c for c in book["cells"]}
        left, told_new = ({(c["sheet"], c["cell"]) for c in book[k]} for k in ("recalculated", "computed"))
        taken = folder / f"bare{n}.xlsx"
        bare(after, taken)
        seen = {"openpyxl": {p: v for p, (_, v) in new.items()}, "LibreOffice": shown(after, folder, f"filled{n}"), "LibreOffice, computed anew": shown(taken, folder, f"bare{n}")}
        results = computed(book, old)
        for who, values in seen.items():
            def differs(place, want):
                if not alike(values.get(place), want):
                    wrong.append(f"{book['file']} {place}: {who} reads {values.get(place)!r}, not {want!r}")

            for place, c in wanted.items():
                differs(place, meant(c["master"]) if c["written"] else old.get(place, (None, None))[1])
            for place in (old.keys() | values.keys()) - wanted.keys() - left - told_new:
                differs(place, old.get(place, (None, None))[1])
            for place in told_new:
                differs(place, results[place])
                if who == "openpyxl" and old[place][0] != new[place][0]:
                    wrong.append(f"{book['file']} {place}: the formula is another one")
            for place in left:
                if who == "openpyxl":
                    differs(place, None)
                    if old[place][0] != new[place][0]:
                        wrong.append(f"{book['file']} {place}: the formula is another one")
                else:
                    differs(place, results[place])
        print(f"{book['file']}: {sum(c['written'] for c in book['cells'])} written, {len(book['cells'])} mapped, {len(old.keys() | new.keys())} cells in all, {len(left)} recalculated, {len(told_new)} computed")
    compared = 0
    if source == ROOT / "samples/ishinomaki-r4-10":
        compared, more = independent(work, told)
        wrong += more
    print(f"{compared} figures compared with the independent ones, {len(wrong)} differences")
    return len(told["reconciliation"]), wrong


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    source = pathlib.Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else ROOT / "samples/ishinomaki-r4-10"
    with tempfile.TemporaryDirectory() as d:
        books, wrong = check(program, source, pathlib.Path(d))
    for line in wrong[:50]:
        print(f"  {line}")
    sys.exit(bool(wrong) or not books)


main()
