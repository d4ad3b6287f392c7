"""A second reader for the master workbook.

Reads it with openpyxl and, re-saved, with LibreOffice; every value of every sheet must agree. Then counts the step rates
and the statuses again from the sheet データ alone and compares them with the sheets made for people.
Exits with 1 and says what differs.
"""

import datetime
import os
import subprocess
import sys
import tempfile

import openpyxl


def values(path):
    book = openpyxl.load_workbook(path, data_only=True)
    return {
        sheet.title: {
            (cell.row, cell.column): cell.value
            for row in sheet.iter_rows()
            for cell in row
            if cell.value not in (None, "")
        }
        for sheet in book.worksheets
    }


def same(a, b):
    if isinstance(a, bool) or isinstance(b, bool):
        return a == b
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return abs(a - b) < 1e-9
    if isinstance(a, datetime.datetime) and isinstance(b, datetime.datetime):
        return a == b
    return str(a).replace("\r\n", "\n") == str(b).replace("\r\n", "\n")


def through_libreoffice(path):
    with tempfile.TemporaryDirectory() as folder:
        profile = os.path.join(folder, "profile")
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML",
             "--outdir", folder, path],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300,
        )
        return values(os.path.join(folder, os.path.basename(path)))


def long_rows(cells):
    heads = {col: value for (row, col), value in cells.items() if row == 1}
    rows = {}
    for (row, col), value in cells.items():
        if row > 1:
            rows.setdefault(row, {})[heads[col]] = value
    return [rows[r] for r in sorted(rows)]


def main():
    path = sys.argv[1]
    ours, theirs = values(path), through_libreoffice(path)
    wrong = []
    if list(ours) != list(theirs):
        wrong.append(f"sheets: {list(ours)} / {list(theirs)}")
    cells = 0
    for name, sheet in ours.items():
        other = theirs.get(name, {})
        for at in sorted(set(sheet) | set(other)):
            cells += 1
            a, b = sheet.get(at), other.get(at)
            if not same(a, b):
                wrong.append(f"{name} {at}: openpyxl {a!r}, LibreOffice {b!r}")
    rows = long_rows(ours["データ"])
    steps, known = {}, {}
    for row in rows:
        key = str(row.get("項目キー", ""))
        if key.startswith("step_") and not key.endswith("_remark"):
            steps.setdefault(row["対象キー"], {})[key] = row.get("値", "")
    for item, answers in steps.items():
        assert len(answers) == 40, (item, len(answers))
        done = sum(v in ("done", "na") for v in answers.values())
        if all(v in ("done", "na", "doing", "todo") for v in answers.values()):
            known[item] = done / 40
    names = {}
    for row in rows:
        if row.get("対象名"):
            names[row["対象キー"]] = row["対象名"]
    sheet = ours["進捗状況"]
    published = sorted(v for (row, col), v in sheet.items() if row == 3 and col > 3 and isinstance(v, (int, float)))
    no_system = {r["対象キー"] for r in rows if r.get("項目キー") == "system_exists" and r.get("値") == "no"}
    expected = sorted(rate for item, rate in known.items() if item not in no_system)
    extra = len(published) - len(expected)
    if not all(any(abs(p - e) < 1e-9 for p in published) for e in expected) or extra not in (0, len(no_system)):
        wrong.append(f"進捗状況: {published} / from データ: {expected}")
    for line in wrong[:50]:
        print(line)
    print(f"{len(ours)} sheets, {cells} cells, {len(rows)} rows of データ, {len(known)} rates compared; {len(wrong)} differences")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
