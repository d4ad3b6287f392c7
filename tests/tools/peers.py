#!/usr/bin/env python3
"""peers.py PROGRAM [--n 12 120] [--runs 3]: the main command beside what somebody would write in Python instead.

The same rounds as in `cargo bench --bench round` are made (`cargo run --example survey_round`), and on each, all in turn: PROGRAM on everything,
PROGRAM status, python-calamine with XlsxWriter, openpyxl. The Python programs read the same rows, do four trivial checks and write one
styled sheet and a list of errors. Printed are the best CPU seconds (user and system, children included), wall and peak memory, with ratios; all
must have found the same errors. Needs python-calamine, XlsxWriter and openpyxl; N = 1741 takes some minutes.
"""
import argparse
import csv
import datetime
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TODAY = "2025-11-01"
SHEET, ABOVE = "点検・改修", 5
HEADS = ["番号", "施設名", "種別", "所在地", "建築年月日", "延床面積", "点検日", "点検者", "判定", "要否", "着手予定日", "完了予定日", "進捗率",
         "予算額", "執行額", "残額", "課題", "対応方針", "更新日", "備考"]
INSPECTED, INSPECTOR, BEGIN, FINISH, PROGRESS = 6, 7, 10, 11, 12
DAYS = (4, INSPECTED, BEGIN, FINISH, 18)
REQUIRED = (0, 1, INSPECTED, INSPECTOR, 9, PROGRESS)
SHOWN = {**dict.fromkeys(DAYS, "yyyy/m/d"), PROGRESS: "0%", 5: "#,##0", 13: "#,##0", 14: "#,##0", 15: "#,##0"}
WRAPPED = (16, 17, 19)
ERA = re.compile(r"令和(元|\d+)年(\d+)月(\d+)日")
FONT = "ＭＳ Ｐゴシック"


def day(value):
    """A day, None for a blank, and what it was where it is neither."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime.datetime):
        return value.date()
    if isinstance(value, str) and (found := ERA.fullmatch(value)):
        return datetime.date(2018 + (1 if found[1] == "元" else int(found[1])), int(found[2]), int(found[3]))
    return value


def checked(row):
    """The errors of a row, whose days are put in place."""
    errors = [(c, "空欄です") for c in REQUIRED if row[c] in (None, "")]
    for c in DAYS:
        row[c] = day(row[c])
        if row[c] is not None and not isinstance(row[c], datetime.date):
            errors.append((c, "日付ではありません"))
    begin, finish = row[BEGIN], row[FINISH]
    if isinstance(begin, datetime.date) and isinstance(finish, datetime.date) and finish < begin:
        errors.append((FINISH, "着手より前です"))
    if isinstance(row[PROGRESS], (int, float)) and not 0 <= row[PROGRESS] <= 1:
        errors.append((PROGRESS, "範囲の外です"))
    return errors


def taken(tables):
    """All rows of all files, and the errors in them."""
    rows, errors = [], []
    for name, table in tables:
        for line, row in enumerate(table, ABOVE + 1):
            row = list(row)[:len(HEADS)]
            if all(value in (None, "") for value in row[1:]):
                continue
            errors += [(name, line, HEADS[c], what, str(row[c])) for c, what in checked(row)]
            rows.append([name, *row])
    return rows, errors


def by_calamine(paths):
    from python_calamine import CalamineWorkbook
    for path in paths:
        sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(SHEET)
        yield path.name, sheet.to_python(skip_empty_area=False)[ABOVE:]


def by_openpyxl(paths):
    import openpyxl
    for path in paths:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        yield path.name, book[SHEET].iter_rows(min_row=ABOVE + 1, max_col=len(HEADS), values_only=True)
        book.close()


def to_xlsxwriter(out, rows, errors):
    import xlsxwriter
    book = xlsxwriter.Workbook(out)
    cell = {"font_name": FONT, "font_size": 10, "border": 1}
    plain, wrapped = book.add_format(cell), book.add_format({**cell, "text_wrap": True})
    shown = {code: book.add_format({**cell, "num_format": code}) for code in set(SHOWN.values())}
    formats = [plain] + [shown[SHOWN[c]] if c in SHOWN else wrapped if c in WRAPPED else plain for c in range(len(HEADS))]
    head = book.add_format({**cell, "bold": True, "align": "center", "bg_color": "#E2EFDA"})
    sheet = book.add_worksheet("一覧")
    sheet.write_string(0, 0, "点検・改修計画　一覧", book.add_format({"font_name": FONT, "font_size": 16, "bold": True}))
    sheet.write_row(1, 0, ["ファイル", *HEADS], head)
    for r, row in enumerate(rows, 2):
        for c, (value, form) in enumerate(zip(row, formats)):
            if value is None or value == "":
                sheet.write_blank(r, c, None, form)
            elif isinstance(value, str):
                sheet.write_string(r, c, value, form)
            elif isinstance(value, datetime.date):
                sheet.write_datetime(r, c, value, form)
            else:
                sheet.write_number(r, c, value, form)
    sheet.set_column(0, len(HEADS), 13)
    sheet.set_column(17, 18, 32)
    sheet.freeze_panes(2, 3)
    sheet.autofilter(1, 0, len(rows) + 1, len(HEADS))
    listed = book.add_worksheet("エラー")
    for r, error in enumerate(errors):
        listed.write_row(r, 0, error)
    book.close()


def to_openpyxl(out, rows, errors):
    import openpyxl
    from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
    from openpyxl.utils import get_column_letter
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "一覧"
    line = Side(style="thin")
    border, font, wrap = Border(line, line, line, line), Font(name=FONT, size=10), Alignment(wrap_text=True)
    bold, tint, centred = Font(name=FONT, size=10, bold=True), PatternFill("solid", fgColor="E2EFDA"), Alignment(horizontal="center")
    sheet.cell(1, 1, "点検・改修計画　一覧").font = Font(name=FONT, size=16, bold=True)
    for c, head in enumerate(["ファイル", *HEADS], 1):
        cell = sheet.cell(2, c, head)
        cell.font, cell.fill, cell.border, cell.alignment = bold, tint, border, centred
    for r, row in enumerate(rows, 3):
        for c, value in enumerate(row):
            cell = sheet.cell(r, c + 1, None if value == "" else value)
            cell.font, cell.border = font, border
            if c - 1 in SHOWN:
                cell.number_format = SHOWN[c - 1]
            elif c - 1 in WRAPPED:
                cell.alignment = wrap
    for c in range(1, len(HEADS) + 2):
        sheet.column_dimensions[get_column_letter(c)].width = 32 if c in (18, 19) else 13
    sheet.freeze_panes = "D3"
    sheet.auto_filter.ref = f"A2:{get_column_letter(len(HEADS) + 1)}{len(rows) + 2}"
    listed = book.create_sheet("エラー")
    for error in errors:
        listed.append(error)
    book.save(out)


PEERS = {"python-calamine + XlsxWriter": (by_calamine, to_xlsxwriter), "openpyxl": (by_openpyxl, to_openpyxl)}
WHOLE, CHECKED = "torimatome, everything", "torimatome status"


def as_peer(name, round_, out):
    """One of the Python programs; prints what it found."""
    read, write = PEERS[name]
    rows, errors = taken(read(sorted((Path(round_) / "提出").glob("*.xlsx"))))
    write(out, rows, errors)
    print(json.dumps({"rows": len(rows), "faults": len(errors)}))


def spent(command, cwd, allowed):
    """CPU seconds, wall, peak MiB and standard output of a command and its children."""
    with tempfile.TemporaryFile() as log:
        start = time.monotonic()
        child = subprocess.Popen(command, stdout=log, cwd=cwd)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        log.seek(0)
        text = log.read().decode()
    if child.returncode not in allowed:
        sys.exit(f"{command} ended with {child.returncode}\n{text}")
    # Kilobytes on Linux, bytes on macOS.
    peak = usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)
    return usage.ru_utime + usage.ru_stime, wall, peak, text


def errors_found(round_):
    with open(round_ / "結果/データ/指摘.csv", encoding="utf-8-sig", newline="") as file:
        return sum(row["指摘コード"].endswith("E") for row in csv.DictReader(file))


def once(name, program, round_, made):
    if name in PEERS:
        command = [sys.executable, "-B", os.path.abspath(__file__), "--as", name, round_, round_.parent / "peer.xlsx"]
        *cost, text = spent(command, ROOT, {0})
        found = json.loads(text)
    else:
        if name == WHOLE:
            shutil.rmtree(round_ / "結果", ignore_errors=True)
        command = [program, *(["status"] if name == CHECKED else []), round_, "--templates", ROOT / "benches/survey/templates"]
        *cost, _ = spent([*command, "--today", TODAY, "--quiet"], ROOT, {0, 1})
        found = {**made, "faults": errors_found(round_)}
    if found != made:
        sys.exit(f"{name} found {found}, planted were {made}")
    return cost


def compare(program, n, runs):
    with tempfile.TemporaryDirectory() as folder:
        round_ = Path(folder) / "round"
        round_.mkdir()
        make = ["cargo", "run", "--quiet", "--locked", "--example", "survey_round", "--", round_, str(n)]
        made = json.loads(subprocess.run(make, cwd=ROOT, check=True, capture_output=True, text=True).stdout)
        costs = {name: [] for name in (WHOLE, CHECKED, *PEERS)}
        for _ in range(runs):
            for name, all_ in costs.items():
                all_.append(once(name, program, round_, made))
    best = {name: [min(column) for column in zip(*all_)] for name, all_ in costs.items()}
    (cpu, wall, _), (slow_cpu, slow_wall, _) = (best[name] for name in PEERS)
    print(f"\nN = {n}: {made['rows']} rows, {made['faults']} faults; best of {runs}")
    print(f"{'':<31}{'CPU s':>9}{'wall s':>9}{'peak MiB':>9}{'CPU, wall ÷ calamine':>23}{'÷ openpyxl':>16}")
    for name, (own, took, peak) in best.items():
        ratios = f"{own / cpu:>15.2f}{took / wall:>8.2f}{own / slow_cpu:>8.2f}{took / slow_wall:>8.2f}"
        print(f"{name:<31}{own:>9.3f}{took:>9.3f}{peak:>9.0f}{ratios}")
    sys.stdout.flush()


def main():
    if sys.argv[1:2] == ["--as"]:
        as_peer(*sys.argv[2:])
        return
    words = argparse.ArgumentParser()
    words.add_argument("program")
    words.add_argument("--n", nargs="+", type=int, default=[12, 120])
    words.add_argument("--runs", type=int, help="3, or 1 where there are more than 500 divisions")
    asked = words.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before it began")
    for n in asked.n:
        compare(os.path.abspath(asked.program), n, asked.runs or (3 if n <= 500 else 1))


main()
