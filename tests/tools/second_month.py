#!/usr/bin/env python3
"""The second month: python3 tests/tools/second_month.py PROGRAM FOLDER

Makes two rounds below FOLDER as an office would: 令和4年10月末, the sample round consolidated, and 令和4年11月末, made with `init --from`,
its days typed into the settings, issued, the forms edited by openpyxl, put into 提出 and consolidated. One division stays silent.

Checked: the forms come filled with what the first month said; 前回との差 tells the edits and nothing else of the divisions that replied,
the silent one in one line a form; what went back or slipped without a word is a finding, what has a reason is none; the rates
of both rounds stand in `trend` and on 率の推移, and those of October are the ones that October's own run gave.
Ends with 1 and says what differs. The round may then be looked at (gallery.py).
"""

import datetime
import json
import pathlib
import shutil
import subprocess
import sys

import openpyxl

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "samples/ishinomaki-r4-10"
FIRST, SECOND = "令和4年10月末", "令和4年11月末"
AS_OF, DUE = datetime.datetime(2022, 11, 30), datetime.datetime(2022, 12, 9)
SENT, TODAY = datetime.datetime(2022, 12, 7), "2022-12-12"
SILENT = "市民課"
FORMS = {"移行計画書": "migration-plan", "進捗調査票": "online-procedures", "進捗管理表": "dx-initiatives"}
faults = []


def fault(what):
    faults.append(what)
    print("FAULT", what)


def run(program, *words, ends=(0, 1)):
    done = subprocess.run([program, *map(str, words)], capture_output=True, text=True)
    if done.returncode not in ends:
        sys.exit(f"{words}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def obj(program, *words):
    return json.loads(run(program, *words, "--format", "json"))


def set_days(path):
    """The 基準日 and 回答期限 of every form, typed as an office types them."""
    book = openpyxl.load_workbook(path)
    sheet = book["基本"]
    head = next(row for row in sheet.iter_rows() if {"基準日", "回答期限"} <= {c.value for c in row})
    columns = {c.value: c.column for c in head}
    for row in range(head[0].row + 1, head[0].row + 1 + len(FORMS)):
        sheet.cell(row, columns["基準日"]).value = AS_OF
        sheet.cell(row, columns["回答期限"]).value = DUE
    book.save(path)


class Edits:
    """What is changed in the forms, and what must be told of it."""

    def __init__(self, items, days):
        self.said = {}  # (item, field): word of 前回との差
        self.findings = set()  # (code, item)
        self.items = items  # by the name of the sheet, of those that answered
        self.days = days  # by item: the day of its go_live, where it was one day
        self.plans = 0

    def plan(self, book, cells):
        """One system's sheet: each of the first has another story, the rest moves on by one step."""
        by_field = {c["field"]: c for c in cells}
        sheet = cells[0]["sheet"]
        item = self.items[sheet]
        put = lambda field, value: book[sheet].__setitem__(by_field[field]["cell"], value)
        steps = [by_field[f] for f in sorted(by_field) if f.startswith("step_") and f[5:].isdigit()]
        raw = lambda c: book[sheet][c["cell"]].value or ""
        done = [c for c in steps if str(raw(c)).startswith("完了")]
        todo = [c for c in steps if str(raw(c)).startswith("未着手")]
        go_live = self.days.get(item)
        story = self.plans
        if story in (0, 1) and go_live:
            put("go_live", go_live + datetime.timedelta(days=91))
            self.said[item, "go_live"] = "91 日遅くなった"
            if story == 1:
                put("remarks", "ベンダの都合により、稼働を3か月延期した。")
                self.said[item, "remarks"] = None
            else:
                self.findings.add(("D025W", item))
            self.plans += 1
        elif story == 2 and done:
            book[sheet][done[-1]["cell"]].value = "未着手"
            self.said[item, done[-1]["field"]] = "後退した"
            self.findings.add(("D024W", item))
            self.plans += 1
        elif todo:
            book[sheet][todo[0]["cell"]].value = "作業中"
            self.said[item, todo[0]["field"]] = "進んだ"
            self.plans += story > 2


def fill(program, edits, second):
    """The issued forms, edited, into 提出; gives the edits and how many forms came filled."""
    forms = sorted(p for p in (second / "配布").glob("*/*.xlsx") if any(k in p.name for k in FORMS))
    told = obj(program, "check", "--explain", *forms)["explained"]
    filled = 0
    for path in forms:
        if path.parent.name.endswith(SILENT):
            continue
        own = [c for c in told if c["taken_for"] == "answer" and c["file"].endswith(f"{path.parent.name}/{path.name}")]
        book = openpyxl.load_workbook(path)
        filled += any(c["raw"] for c in own if c["field"] not in ("division", "division_name"))
        for cell in own:
            if cell["field"] == "submitted":
                book[cell["sheet"]][cell["cell"]].value = SENT
        if "移行計画書" in path.name:
            for sheet in dict.fromkeys(c["sheet"] for c in own):
                cells = [c for c in own if c["sheet"] == sheet]
                if sheet in edits.items and len(cells) > 40:
                    edits.plan(book, cells)
        target = second / "提出" / f"{path.parent.name}_{path.name}"
        book.save(target)
    return filled, len(forms)


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    first, second = folder / FIRST, folder / SECOND
    shutil.copytree(SAMPLE, first, ignore=shutil.ignore_patterns("結果", "expected"))
    october = obj(program, first)
    run(program, "init", second, "--from", first)
    set_days(second / "調査設定.xlsx")
    run(program, "issue", second, "--today", "2022-11-21")
    master = openpyxl.load_workbook(first / "結果/取りまとめ.xlsx", read_only=True)
    rows = master["データ"].iter_rows(values_only=True)
    heads = next(rows)
    rows = [dict(zip(heads, row)) for row in rows]
    plans = [r for r in rows if r["様式ID"] == "migration-plan" and r["対象キー"] and r["原文"]]
    days = {r["対象キー"]: datetime.datetime.fromisoformat(r["終了日"]) for r in plans
            if r["項目キー"] == "go_live" and r["開始日"] and r["開始日"] == r["終了日"]}
    edits = Edits({r["対象名"]: r["対象キー"] for r in plans}, days)
    filled, forms = fill(program, edits, second)
    print(f"{filled} of {forms} forms came filled; {len(edits.said)} answers edited")
    if filled < forms * 0.6:
        fault("hardly any form came filled")
    november = obj(program, second, "--today", TODAY)

    codes = {(f["code"], f["item"]) for f in november["findings"] if f["code"] in ("D024W", "D025W") and f["form"] == "migration-plan"}
    if codes != edits.findings:
        fault(f"findings {sorted(codes)}, edits call for {sorted(edits.findings)}")

    sheet = openpyxl.load_workbook(second / "結果/取りまとめ.xlsx", read_only=True)["前回との差"]
    lines = [row for row in sheet.iter_rows(values_only=True)]
    top = next(n for n, row in enumerate(lines) if row[0] == "様式")
    names = {(r["様式ID"], r["項目名"]): r["項目キー"] for r in rows}
    seen, silent = {}, 0
    for row in lines[top + 1:]:
        row = dict(zip(lines[top], row))
        if row["課"] == SILENT:
            silent += 1
            continue
        if row["様式"] and "移行計画書" in row["様式"] and row["項目"]:
            seen[row["対象"], names.get(("migration-plan", row["項目"]), row["項目"])] = row["変化"]
    for key, word in edits.said.items():
        got = seen.pop(key, "(nothing)")
        if word and word != got:
            fault(f"{key}: 前回との差 says {got}, the edit was {word}")
    for key, word in seen.items():
        fault(f"{key}: 前回との差 says {word}, nobody changed it")
    if not 1 <= silent <= len(FORMS):
        fault(f"the silent division has {silent} lines")

    trend = november["trend"]
    if [t["round"] for t in trend] != [FIRST, SECOND]:
        fault(f"trend of {[t['round'] for t in trend]}")
    own = {r["id"]: (r["from"], r["to"], r["numerator"], r["denominator"]) for r in october["trend"][-1]["rates"]}
    repeated = {r["id"]: (r["from"], r["to"], r["numerator"], r["denominator"]) for r in trend[0]["rates"]}
    if own != repeated or not own:
        fault(f"October's rates as November repeats them: {repeated}, own: {own}")
    print(f"{len(edits.said)} edits, {len(edits.findings)} findings, {silent} lines of the silent division, {len(own)} rates: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
