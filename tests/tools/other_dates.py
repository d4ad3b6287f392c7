"""A round whose settings say other days and other years than the sample's: no paper may still speak of the old ones.

    python3 tests/tools/other_dates.py PROGRAM

Sets the deadlines, the counts' year and the years that forms list in a copy of the sample round, issues, consolidates and
makes the meeting's papers, and reads every text of forms, master and document. Answers keep what the divisions wrote; headings, notes and names of rates
must follow the settings. Exits with 1 and says what does not.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import openpyxl

ROOT = Path(__file__).resolve().parents[2]
NEW = {"令和8年3月31日": "令和11年9月30日", "令和5年3月31日": "令和6年12月20日"}
OLD = re.compile(r"令和[47]年度末(（20\d\d年|（令和|に対する|と比べ)|・令和4年度末）|令和3年度(（件）|の件数)")
# Which of the program's books must say the new ones, and how often at least.
WANTED = {"令和11年9月末に対する判定": 3, "令和6年12月20日に対する判定": 3, "令和2年度（件）": 1, "令和2年度の件数": 2, "令和8年度": 60, "令和10年度": 30}
# The years that forms and the master list: the plans' costs from the first to the last, the initiatives' year by year.
COSTS = ("令和8年度", "令和10年度")
PLANNED = [(2026, "令和8年度", "R8"), (2027, "令和9年度", "R9")]
# A row or a column that stands for a year of the sample's, where it is no example of a date and no month of the calendar.
YEAR = re.compile(r"(令和[4-7]年度|R[4-7])")
DATED = re.compile(r"記入例|記入要領|工程表|期限")


def changed(round_):
    path = round_ / "調査設定.xlsx"
    book = openpyxl.load_workbook(path)
    touched = 0
    for row in book["期限"].iter_rows():
        for cell in row:
            if cell.value in NEW:
                cell.value, touched = NEW[cell.value], touched + 1
    for row in book["基本"].iter_rows():
        for cell in row:
            if cell.value == "令和3年度":
                cell.value, touched = "令和2年度", touched + 1
    for row in book["対象年度"].iter_rows(max_col=8):
        values = [cell.value for cell in row]
        if "cost-years" in values:
            at = values.index("cost-years")
            row[at + 2].value, row[at + 3].value = COSTS
            touched += 1
        for cell in row:
            if cell.value in ("2022", "2023", "2024", "2025"):
                place = int(cell.value) - 2022
                new = PLANNED[place] if place < len(PLANNED) else (None,) * 3
                for n, value in enumerate(new):
                    row[cell.column - 1 + n].value = None if value is None else str(value)
                touched += 1
                break
    book.save(path)
    return touched


def texts(path):
    if path.suffix == ".docx":
        xml = zipfile.ZipFile(path).read("word/document.xml").decode()
        yield from ((path.name, "", re.sub("<[^>]+>", "", p)) for p in xml.split("</w:p>"))
        return
    for sheet in openpyxl.load_workbook(path, read_only=True).worksheets:
        for row in sheet.iter_rows(values_only=True):
            yield from ((path.name, sheet.title, value) for value in row if isinstance(value, str))


def main(program):
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        round_ = Path(folder) / "round"
        shutil.copytree(ROOT / "samples" / "ishinomaki-r4-10", round_)
        # What came back speaks of the year it was asked for; only what is printed now is looked at.
        shutil.rmtree(round_ / "提出")
        (round_ / "提出").mkdir()
        if changed(round_) != 8:
            wrong.append("the settings of the sample do not hold what is to be changed")
        for command in ("issue", "consolidate", "brief"):
            done = subprocess.run([program, command, str(round_), "--today", "2022-11-14", "--quiet"], check=False)
            if done.returncode > 1:
                wrong.append(f"{command} ended with {done.returncode}")
        found = {word: 0 for word in WANTED}
        papers = [*(round_ / "配布").rglob("*.xlsx"), *(round_ / "結果").glob("*.xlsx"), *(round_ / "結果").glob("*.docx")]
        count = 0
        for path in papers:
            for name, sheet, text in texts(path):
                count += 1
                if OLD.search(text) or YEAR.fullmatch(text) and not DATED.search(sheet):
                    wrong.append(f"{name} {sheet}: {text[:80]}")
                for word in WANTED:
                    found[word] += word in text
        wrong += [f"「{word}」 stands {found[word]} times, {least} at least" for word, least in WANTED.items() if found[word] < least]
    for text in wrong:
        print("  ×", text)
    print(f"{count} texts of {len(papers)} papers, {len(wrong)} wrong")
    return 1 if wrong or count < 5000 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
