"""Forms that check themselves: what their formulas say, worked out by two other spreadsheets.

    python3 tests/tools/form_check.py PROGRAM FORMS

Issues the forms of the sample round and, with LibreOffice and Gnumeric recalculating every formula from nothing (they
differ where Excel and LibreOffice do: to LibreOffice FALSE>0 is false, to Excel and Gnumeric it is true),
  1. compares each formula's stored result with theirs, on the blank forms and on forms that FORMS (examples/forms.rs)
     filled at random with legal, illegal and half-filled answers;
  2. fills two forms in soundly and expects 未入力 0・要確認 0;
  3. breaks one answer at a time and expects the right counter to rise (LibreOffice);
  4. types dates as people write them: what the formulas understand must be what the reader understands;
  5. saves a filled form as .xlsx, .ods and .xls and expects its drop-downs, limits and tints to be kept and the program
     to read it without a finding to mend.
Exits with 1 and says what differs.
"""

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "samples" / "tools"))
sys.argv, PROGRAM, FORMS = sys.argv[:1], os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])

import make_round  # noqa: E402
from workbook import Table, card  # noqa: E402

ROUND = ROOT / "samples" / "ishinomaki-r4-10"
COUNTER = re.compile(r"未入力 (\d+) 件・要確認 (\d+) 件$")
WRONG = []
EPOCH = dt.date(1899, 12, 30)


def wrong(text):
    WRONG.append(text)
    print("  ×", text)


def soffice(files, kind, folder):
    """Converts many files at once; each start of LibreOffice costs seconds."""
    profile = f"-env:UserInstallation=file://{folder}/profile"
    subprocess.run(["soffice", profile, "--headless", "--convert-to", kind, "--outdir", str(folder), *map(str, files)],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600)


def emptied(books, folder, name):
    """Saves workbooks without stored results; gives their paths."""
    out = Path(folder) / name
    (out / "in").mkdir(parents=True)
    paths = []
    for n, book in enumerate(books):
        path = out / "in" / f"{n:03}.xlsx"
        book.save(path)
        paths.append(path)
    return paths


def recalculated(books, folder, name):
    """Saves workbooks without stored results and has LibreOffice work them out; gives their paths."""
    paths = emptied(books, folder, name)
    out = Path(folder) / name
    soffice(paths, "xlsx:Calc MS Excel 2007 XML", out)
    return [out / p.name for p in paths]


def by_gnumeric(path):
    """Has Gnumeric work a workbook out; gives the path of what it made."""
    out = path.with_suffix(".gnumeric.xlsx")
    subprocess.run(["ssconvert", "--recalc", str(path), str(out)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, timeout=600)
    return out


def values(path):
    book = openpyxl.load_workbook(path, data_only=True)
    return {ws.title: {c.coordinate: c.value for row in ws.iter_rows() for c in row if c.value not in (None, "")}
            for ws in book.worksheets}


def counts(cells):
    """The counter of each sheet, and the total: (missing, to be looked at)."""
    per, total = {}, None
    for title, sheet in cells.items():
        for value in sheet.values():
            found = COUNTER.search(str(value))
            if found:
                pair = (int(found[1]), int(found[2]))
                if str(value).startswith("全シート"):
                    total = pair
                else:
                    per[title] = pair
    return per, total


def same(a, b):
    # Another program may show a day as a day.
    a, b = ((n - dt.datetime(1899, 12, 30)).days if isinstance(n, dt.datetime) else n for n in (a, b))
    if isinstance(a, bool) or isinstance(b, bool):
        return a == b
    try:
        return abs(float(a) - float(b)) < 1e-9
    except (TypeError, ValueError):
        return str(a) == str(b)


def formulas(book):
    for ws in book.worksheets:
        for row in ws.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    yield ws.title, cell


def stored_results(paths, folder, name, least):
    """1: the stored results are those of two other spreadsheets."""
    books = [openpyxl.load_workbook(p) for p in paths]
    empty = emptied(books, folder, name)
    out = Path(folder) / name
    soffice(empty, "xlsx:Calc MS Excel 2007 XML", out)
    others = {"LibreOffice": [out / p.name for p in empty], "Gnumeric": [by_gnumeric(p) for p in empty]}
    compared = {who: 0 for who in others}
    for n, (path, book) in enumerate(zip(paths, books)):
        ours = values(path)
        told = {who: values(files[n]) for who, files in others.items()}
        for title, cell in formulas(book):
            a = ours[title].get(cell.coordinate, "")
            for who, theirs in told.items():
                compared[who] += 1
                b = theirs[title].get(cell.coordinate, "")
                if not same(a, b):
                    wrong(f"{path.name} {title}!{cell.coordinate}: stored {a!r}, {who} {b!r}  {cell.value[:90]}")
    print(f"1. formulas of {len(paths)} {name} forms: {compared}")
    if min(compared.values()) < least:
        wrong("too few formulas were compared")


def blank_forms(issued, folder):
    paths = sorted(issued.glob("*/*.xlsx"))
    stored_results([p for p in paths if p.stem != "依頼文"][:8], folder, "blank", 5000)


def random_forms(folder):
    drawn = Path(folder) / "drawn"
    drawn.mkdir()
    subprocess.run([FORMS, str(drawn), "5"], check=True)
    stored_results(sorted(drawn.glob("*.xlsx")), folder, "random", 10000)


def step(no, **cells):
    """Changes cells of the n-th row of a plan's steps."""
    def change(ws):
        table = Table(ws, "番号", "工程名", "進捗状況")
        for label, value in cells.items():
            table.set(table.header + no, {"status": "進捗状況", "remark": "備考（対象外の理由など）"}[label], value)
    return change


def steps(**by_number):
    def change(ws):
        for no, status in by_number.items():
            step(int(no[1:]), status=status)(ws)
    return change


def on(label, value):
    return lambda ws: card(ws, label, value)


def at(row, label, value):
    """Changes a milestone or a cost."""
    def change(ws):
        table = Table(ws, "工程", "予定時期") if label in ("予定時期", "実績日") else Table(ws, "年度", "移行経費")
        table.set(table.row("工程" if label in ("予定時期", "実績日") else "年度", row), label, value)
    return change


def both(*changes):
    def change(ws):
        for one in changes:
            one(ws)
    return change


def costs(*amounts):
    years = ("令和5年度", "令和6年度", "令和7年度", "合計")
    return both(*[at(year, "移行経費", n) for year, n in zip(years, amounts)])


LATE = at("移行完了（運用開始）", "予定時期", "令和9年3月")
# Sheet (0: the cover, 1: the first plan), change, expected rise of 未入力 and of 要確認; None: at least one.
PLAN_CASES = [
    ("担当の役職がない", 0, on("担当（役職）", None), (1, 0)),
    ("提出日が語", 0, on("提出日", "ああああ"), (0, 1)),
    ("提出日に元号がない", 0, on("提出日", "4.11.9"), (0, 1)),
    ("提出日に年がない", 0, on("提出日", "11月9日"), (0, 1)),
    ("提出日が日付の値", 0, on("提出日", make_round.D(2022, 11, 9)), (0, 0)),
    ("契約満了日がない", 1, on("契約満了日", None), (1, 0)),
    ("契約満了日がない日", 1, on("契約満了日", "R8.2.30"), (0, 1)),
    ("契約満了日が未定", 1, on("契約満了日", "未定"), (0, 0)),
    ("契約が移行前に終わる", 1, both(on("契約満了日", "令和6年3月31日"), on("満了後の延長可否", "不可")), (0, 1)),
    ("一覧にない方式", 1, on("移行方式", "そのうち"), (0, 1)),
    ("期限後で理由がない", 1, LATE, (None, None)),
    ("期限後で理由があり、可否も合う", 1,
     both(LATE, on("期限内移行の可否", "期限内に移行できない"), on("期限を超える理由（区分）", "ベンダの提供時期・体制による")), (0, 0)),
    ("期限をまたぐ", 1, at("移行完了（運用開始）", "予定時期", "令和8年"), (0, 1)),
    ("期限内で理由がある", 1, on("期限を超える理由（区分）", "ベンダの提供時期・体制による"), (0, 1)),
    ("順が逆", 1, at("RFI（情報提供依頼）", "予定時期", "令和8年2月"), (0, 1)),
    ("予定が過ぎて実績がない", 1, both(at("RFI（情報提供依頼）", "予定時期", "R4.4"), at("RFI（情報提供依頼）", "実績日", None)), (0, 1)),
    ("実績が先の日", 1, at("移行完了（運用開始）", "実績日", "令和5年1月10日"), (0, 1)),
    ("経費が語", 1, at("令和5年度", "移行経費", "多額"), (0, 1)),
    ("経費が負", 1, at("令和5年度", "移行経費", -5), (0, None)),
    ("経費が未見積", 1, at("令和5年度", "移行経費", "未見積"), (0, 0)),
    ("合計が合わない", 1, costs(0, 10, 20, 31), (0, 1)),
    ("補助対象が多い", 1, both(costs(0, 10, 20, 30), at("令和6年度", "うち補助対象", 11)), (0, 1)),
    ("工程が空", 1, step(10, status=None), (1, 0)),
    ("工程が一覧にない", 1, step(10, status="済んだ"), (0, 1)),
    ("対象外の理由がない", 1, step(10, status="対象外", remark=None), (1, 0)),
    ("前の工程が未着手", 1, steps(s5="未着手", s6="完了済み"), (0, None)),
    ("システムなしなのに回答がある", 1, on("システムの有無", "なし"), (0, None)),
    ("候補の別がない", 1, both(on("移行先候補または契約先", "B社"), on("候補・契約先の別", None)), (1, 0)),
    ("理由その他の内容がない", 1,
     both(LATE, on("期限内移行の可否", "期限内に移行できない"), on("期限を超える理由（区分）", "その他"), on("期限を超える理由（内容）", None)), (1, 0)),
]


def row_of(**cells):
    def change(ws):
        table = Table(ws, "番号", "手続名", "実施の有無")
        for label, value in cells.items():
            table.set(table.header + 2, label, value)
    return change


PROCEDURE_CASES = [
    ("実施の有無がない", row_of(実施の有無=None), (None, 0)),
    ("件数が小数", row_of(総件数="1.5", うちオンライン件数=0), (0, 1)),
    ("オンラインが総件数より多い", row_of(うちオンライン件数=9999999), (0, 1)),
    ("件数がない", row_of(総件数=None), (1, 0)),
    ("済なのに方法がない", row_of(オンライン化状況="オンライン化済", マイナポータル="なし", 汎用電子申請="なし", その他="なし"), (None, None)),
    ("予定ありで予定日がない", row_of(オンライン化状況="予定あり", 運用開始予定日=None, 運用開始日=None), (1, 0)),
    ("予定日が目標より後で理由がない",
     row_of(オンライン化状況="予定あり", 運用開始予定日="R6.4", 運用開始日=None, 区分=None), (1, 0)),
    ("開始日が先の日", row_of(運用開始日="令和5年2月1日"), (0, None)),
    ("検討中で理由がない", row_of(オンライン化状況="検討中", 区分=None), (1, 0)),
    ("接続予定で日がない", row_of(接続の状況="接続予定", **{"接続（予定）日": None}), (1, 0)),
]


def rises(expected, before, after):
    gained = [b - a for a, b in zip(before, after)]
    return all((g >= 1) if e is None else (g == e) for e, g in zip(expected, gained))


def filled_forms(issued, folder):
    """2 and 3: sound answers leave nothing, each broken one is counted."""
    forms = make_round.Issued(issued)
    plan = lambda: make_round.plan_book(forms, "105", "令和4年11月9日")  # noqa: E731
    procedures = lambda: make_round.procedure_book(forms, "102", "令和4年11月10日")  # noqa: E731
    books, cases = [plan(), procedures()], []
    for name, sheet, change, expected in PLAN_CASES:
        book = plan()
        change(book.worksheets[sheet])
        books.append(book)
        cases.append((name, 0, sheet, expected))
    for name, change, expected in PROCEDURE_CASES:
        book = procedures()
        change(book.worksheets[0])
        books.append(book)
        cases.append((name, 1, 0, expected))
    told = [counts(values(p)) for p in recalculated(books, folder, "filled")]
    base = told[:2]
    for (per, total), what in zip(base, ("計画書", "調査票")):
        if any(pair != (0, 0) for pair in per.values()) or total not in (None, (0, 0)) or not per:
            wrong(f"a sound {what} is not clean: {per} {total}")
    for (name, form, sheet, expected), (per, total), book in zip(cases, told[2:], books[2:]):
        title = book.worksheets[sheet].title
        before = base[form][0][title]
        if not rises(expected, before, per[title]):
            wrong(f"{name}: {before} → {per[title]}, expected a rise of {expected}")
        summed = tuple(map(sum, zip(*per.values())))
        if total is not None and total != summed:
            wrong(f"{name}: the total says {total}, the sheets {summed}")
    print(f"2.–3. {len(cases)} broken answers")
    return plan, procedures


def understood_cells(ws):
    """What the watching sheet understood of each date: its text, which spelling it is, first and last day."""
    heads = [c.value for c in ws[1]]
    for row in ws.iter_rows(min_row=2, values_only=True):
        for n, head in enumerate(heads):
            if head == "text" and heads[n + 1:n + 5] == ["unified", "kind", "from", "to"]:
                yield str(row[n] or ""), *row[n + 2:n + 5]


def typed_dates(issued, folder):
    """4: the formulas read a date as tests/normalise/dates.tsv says, or not at all."""
    lines = (ROOT / "tests/normalise/dates.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    readings = {r[1]: r[2] for r in rows if len(r) > 2 and not r[0] and not r[1].startswith("=")}
    path = next(p for p in issued.glob("*/*.xlsx") if "移行計画書_市民課" in p.name)
    books, left = [], list(readings)
    while left:
        book = openpyxl.load_workbook(path)
        for ws in book.worksheets[1:5]:
            table = Table(ws, "工程", "予定時期", "実績日")
            for row in range(table.header + 1, table.header + 8):
                for column in ("予定時期", "実績日"):
                    if left:
                        table.set(row, column, left.pop())
        books.append(book)
    understood = impossible = 0
    squeezed = {" ".join(t.replace("　", " ").split()): r for t, r in readings.items()}
    for path in recalculated(books, folder, "dates"):
        for text, kind, first, last in understood_cells(openpyxl.load_workbook(path, data_only=True)["_確認"]):
            if text not in squeezed:
                continue
            impossible += kind == 9
            # Only the ends that a rule asks for are worked out.
            ends = [n for n in (first, last) if isinstance(n, (int, float)) and not isinstance(n, bool)]
            if ends:
                understood += 1
                parts = squeezed[text].split("～")
                asked = [p for p, n in zip((parts[0], parts[-1]), (first, last)) if n in ends]
                said = [str(EPOCH + dt.timedelta(days=int(n))) for n in ends]
                if said != asked:
                    wrong(f"date {text!r}: the form says {said}, the reader {squeezed[text]}")
    print(f"4. {len(readings)} spellings of dates typed, {understood} understood, {impossible} impossible")
    if understood < 40:
        wrong("too few spellings were understood")


def resaved(plan, procedures, folder):
    """5: other programs keep lists, limits and tints, and the file is still read."""
    for what, book in (("plan", plan()), ("procedures", procedures())):
        start = Path(folder) / f"{what}.xlsx"
        book.save(start)
        lists = [len(ws.data_validations.dataValidation) for ws in book.worksheets]
        tints = [sum(len(r.rules) for r in ws.conditional_formatting) for ws in book.worksheets]
        for kind in ("xlsx", "ods", "xls"):
            out = Path(folder) / f"{what}-{kind}"
            out.mkdir()
            soffice([start], {"xlsx": "xlsx:Calc MS Excel 2007 XML", "ods": "ods", "xls": "xls:MS Excel 97"}[kind], out)
            saved = out / f"{what}.{kind}"
            back = saved
            if kind != "xlsx":
                soffice([saved], "xlsx:Calc MS Excel 2007 XML", out)
                back = out / f"{what}.xlsx"
            other = openpyxl.load_workbook(back)
            for n, ws in enumerate(book.worksheets):
                again = other[ws.title] if ws.title in other.sheetnames else other.worksheets[n]
                kept = len(again.data_validations.dataValidation)
                rules = sum(len(r.rules) for r in again.conditional_formatting)
                if (lists[n] > 0) != (kept > 0) or (tints[n] > 0 and rules < 3):
                    wrong(f"{what} as {kind}, {ws.title}: {lists[n]} checks and {tints[n]} tints became {kept} and {rules}")
            shown = counts(values(back))[0]
            if any(pair != (0, 0) for pair in shown.values()) or not shown:
                wrong(f"{what} as {kind}: the counters say {shown}")
            work = Path(folder) / f"read-{what}-{kind}"
            (work / "提出").mkdir(parents=True)
            shutil.copy(ROUND / "調査設定.xlsx", work)
            shutil.copy(saved, work / "提出")
            done = subprocess.run([PROGRAM, "consolidate", str(work), "--today", "2022-11-11", "--format", "json"],
                                  capture_output=True, text=True, check=False)
            told = json.loads(done.stdout)
            found = [f for f in told["findings"] if f["file"] and (f["severity"] == "E" or f["code"][0] in "SF")]
            taken = [s["state"] for s in told["submissions"] if s["file"]]
            if found or taken != ["accepted"]:
                wrong(f"{what} as {kind}: {taken}, " + "; ".join(f"{f['code']} {f['sheet']}!{f['cell']} {f['given']}" for f in found[:5]))
    print("5. two forms saved as .xlsx, .ods and .xls by LibreOffice")


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder) / "round"
        work.mkdir()
        shutil.copy(ROUND / "調査設定.xlsx", work)
        subprocess.run([PROGRAM, "issue", str(work), "--today", "2022-11-07", "--quiet"], check=True,
                       stdout=subprocess.DEVNULL)
        issued = work / "配布"
        blank_forms(issued, folder)
        random_forms(folder)
        typed_dates(issued, folder)
        plan, procedures = filled_forms(issued, folder)
        resaved(plan, procedures, folder)
    print(f"{len(WRONG)} differences")
    sys.exit(1 if WRONG else 0)


if __name__ == "__main__":
    main()
