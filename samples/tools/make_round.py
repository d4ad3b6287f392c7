"""Makes the sample round samples/ishinomaki-r4-10/ as 石巻市 could have had it in November 2022. Everything in it is made up.

    python3 samples/tools/make_round.py [PROGRAM]       the round itself: settings and returned files
    python3 samples/tools/make_round.py --expected [PROGRAM]   expected/ only, from the round as it stands

PROGRAM is the built torimatome (default: target/debug/torimatome). Needs openpyxl, msoffcrypto-tool for the file with a password
and, for the files that another program saved, LibreOffice (soffice). Run twice with the same program, it gives the same bytes.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import openpyxl

import compare
import dump
import expected
import initiatives
import national
import odd
import sent_before
import settings
from plans import MILESTONES, PLANS, TAX_FIRST, YEARS
from procedures import PROCEDURES
from settings import DIVISIONS, MARK, NAMES, ONLINE, PHONES, PLAN
from workbook import Table, card, merged_end, save, spot

D = dt.date
ROOT = Path(__file__).resolve().parents[2]
ROUND = ROOT / "samples" / "ishinomaki-r4-10"
TODAY = "2022-11-14"

# What the clerk at the desk wrote down: file or division and form, received, sent back.
RECEIPTS = [
    ("メール添付/【提出】移行計画（税）.xlsx", None, None, D(2022, 11, 8), None),
    ("メール添付/【差替え】移行計画（税）.xlsx", None, None, D(2022, 11, 10), None),
    (None, "109", PLAN, D(2022, 11, 14), None),
    (None, "108", PLAN, D(2022, 11, 14), None),
    ("健康推進課/移行計画書（健康管理）.xlsx", None, None, D(2022, 11, 10), D(2022, 11, 11)),
    ("メール添付/備品購入計画.xlsx", None, None, D(2022, 11, 9), D(2022, 11, 9)),
    ("メール添付/回答について.pdf", None, None, D(2022, 11, 9), None),
    ("~$移行計画書_保険年金課.xlsx", None, None, D(2022, 11, 11), None),
]
PASSWORDS = {"111": "kosodate-1110"}
EXTENSIONS = [("108", PLAN, D(2022, 11, 18), D(2022, 11, 10), "ベンダからの回答を待つため")]


def run(program: str, *args: str, today: str) -> None:
    """Runs the program; a finding is no failure, a stop is."""
    done = subprocess.run([program, *args, "--today", today, "--quiet"], capture_output=True, text=True, check=False)
    if done.returncode == 2:
        sys.exit(f"torimatome {' '.join(args)}:\n{done.stderr}")


class Issued:
    """The drawn forms of the round."""

    def __init__(self, folder: Path):
        self.folder = folder

    def open(self, division: str, form: str) -> openpyxl.Workbook:
        title = {PLAN: "移行計画書", ONLINE: "進捗調査票", initiatives.FORM: initiatives.TITLE}[form]
        [path] = (self.folder / NAMES[division]).glob(f"*{title}*.xlsx")
        return openpyxl.load_workbook(path)


def cover(wb, division: str, submitted, post: str = "主査", confirmed=None) -> None:
    """Fills the card of the division."""
    ws = wb.worksheets[0]
    card(ws, "担当（役職）", post)
    card(ws, "内線", PHONES[division])
    card(ws, "提出日", submitted)
    card(ws, "所属長確認日", confirmed or submitted)


def fill_plan(ws, plan: dict) -> None:
    """Fills one system's sheet."""
    for block in ("subject", "direction", "judgement"):
        for label, value in plan[block].items():
            card(ws, label, value)
    table = Table(ws, "工程", "予定時期", "実績日")
    for code, (expected_on, actual) in plan["times"].items():
        row = table.row("工程", MILESTONES[code])
        table.set(row, "予定時期", expected_on)
        table.set(row, "実績日", actual)
    table = Table(ws, "年度", "移行経費")
    for year, cost in zip(YEARS, plan["costs"]):
        table.set(table.row("年度", year), "移行経費", cost)
    table = Table(ws, "番号", "工程名", "進捗状況")
    words = plan.get("words", {})
    first = table.header + 1
    for n, (word, reason) in plan["steps"].items():
        table.set(first + n - 1, "進捗状況", words.get(word, word))
        table.set(first + n - 1, "備考（対象外の理由など）", reason)


def plan_book(issued: Issued, division: str, submitted, plans=PLANS, **kw) -> openpyxl.Workbook:
    """A division's filled plan."""
    wb = issued.open(division, PLAN)
    cover(wb, division, submitted, **kw)
    systems = next(d[3] for d in DIVISIONS if d[0] == division)
    for ws in wb.worksheets[1:]:
        # The sheets behind explain the form.
        if ws.sheet_state == "visible" and not ws.title.startswith(("記入要領", "記入例")):
            at = answer_beside(ws, "業務ID")
            assert at in systems, at
            fill_plan(ws, plans[at])
    return wb


def answer_beside(ws, label: str) -> str:
    """What stands to the right of a label."""
    at = spot(ws, label)
    return ws.cell(at.row, merged_end(ws, at) + 1).value


def procedure_book(issued: Issued, division: str, submitted, **kw) -> openpyxl.Workbook:
    """A division's filled list of procedures."""
    wb = issued.open(division, ONLINE)
    cover(wb, division, submitted, **kw)
    table = Table(wb.worksheets[0], "番号", "手続名", "実施の有無")
    for number in next(d[4] for d in DIVISIONS if d[0] == division):
        row = table.row("番号", number)
        for label, value in PROCEDURES[number].items():
            table.set(row, label, value)
    return wb


def initiative_book(issued: Issued, division: str, submitted, **kw) -> openpyxl.Workbook:
    """A division's register of DX initiatives."""
    wb = issued.open(division, initiatives.FORM)
    cover(wb, division, submitted, **kw)
    initiatives.fill(wb, division)
    initiatives.formulas_as_values(wb)
    return wb


def initiatives_returned(issued: Issued, out: Path) -> None:
    """The registers that came back; of 106 nothing has come."""
    at = lambda day: dt.datetime(2022, 11, day, 7, 30)  # noqa: E731  (UTC)
    for division, day, path in [
        ("101", 10, "メール添付/DX取組（市民税課）.xlsx"),
        ("102", 9, "資産税課/DX取組 進捗管理表_資産税課.xlsx"),
        ("103", 10, "市民課/DX取組_市民課.xlsx"),
        ("105", 9, "DX取組 進捗管理表_選挙管理委員会事務局.xlsx"),
        ("107", 11, "DX取組_保険年金課.xlsx"),
        ("108", 11, "介護福祉課/DX取組 進捗管理表.xlsx"),
        ("109", 11, "障害福祉課_DX取組（該当なし）.xlsx"),
        ("110", 11, "保護課/DX取組_保護課.xlsx"),
        ("111", 11, "子育て支援課/DX取組 進捗管理表_子育て支援課.xlsx"),
        ("112", 10, "子ども保育課_DX取組.xlsx"),
    ]:
        save(initiative_book(issued, division, D(2022, 11, day)), out / path, at(day))
    # Last year's form, found in a folder and filled in once more.
    wb = initiative_book(issued, "104", "R4.11.10")
    odd.last_year(wb)
    save(wb, out / "教育総務課_DX取組（昨年の様式）.xlsx", at(10))


def returned(issued: Issued, out: Path) -> None:
    """Everything that came back."""
    at = lambda day, hour=7: dt.datetime(2022, 11, day, hour, 15)  # noqa: E731  (UTC)

    # Two versions of one plan, attached to mails under free names.
    save(plan_book(issued, "101", D(2022, 11, 8), TAX_FIRST), out / "メール添付/【提出】移行計画（税）.xlsx", at(8))
    save(plan_book(issued, "101", D(2022, 11, 10)), out / "メール添付/【差替え】移行計画（税）.xlsx", at(10))
    # Saved again by LibreOffice.
    path = out / "資産税課/移行計画書（資産税課）.xlsx"
    save(plan_book(issued, "102", "令和4年11月9日"), path, at(9))
    odd.resave(path, at(9))
    save(procedure_book(issued, "102", "令和4年11月9日"), out / "資産税課/り災証明_回答.xlsx", at(9))
    # Rows inserted, rows in another order, a sheet renamed, a note.
    wb = plan_book(issued, "103", "令和４年１１月１０日", post="係長")
    odd.rework(wb)
    save(wb, out / "市民課/移行計画書_市民課.xlsx", at(10))
    save(procedure_book(issued, "103", D(2022, 11, 10), post="係長"), out / "市民課/オンライン化進捗調査票_市民課.xlsx", at(10))
    # Saved as .xls, for a computer that is older than the form.
    path = out / "教育総務課 移行計画書.xlsx"
    save(plan_book(issued, "104", "R4.11.11"), path, at(11))
    odd.old_excel(path)
    # Nothing to be said about this one.
    save(plan_book(issued, "105", D(2022, 11, 9), post="次長"), out / "基幹業務システム 移行計画書_選挙管理委員会事務局.xlsx", at(9))
    # Broken on its way; the other form of the same division has a column of its own.
    path = out / "健康推進課/移行計画書（健康管理）.xlsx"
    save(plan_book(issued, "106", D(2022, 11, 10)), path, at(10))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 3 // 5])
    wb = procedure_book(issued, "106", "11月11日")
    odd.add_column(wb.worksheets[0], "オンライン化状況", "課内メモ", "保健師と協議中")
    save(wb, out / "健康推進課/進捗調査票（健康推進課）.xlsx", at(11))
    # Full-width digits, symbols, short names of sheets.
    wb = plan_book(issued, "107", "Ｒ４．１１．１１", post="主幹")
    for ws, name in zip(wb.worksheets[1:4], ("国保", "後期", "年金")):
        odd.rename(ws, name)
    save(wb, out / "移行計画書_保険年金課.xlsx", at(11))
    odd.owner_file(out / "~$移行計画書_保険年金課.xlsx")
    # Filled in with LibreOffice and saved in its own format.
    path = out / "介護福祉課/移行計画書.xlsx"
    save(plan_book(issued, "108", D(2022, 11, 14)), path, at(14, 0))
    odd.open_document(path, ROUND / "提出/介護福祉課/移行計画書.ods", at(14, 0))
    save(procedure_book(issued, "108", "令和4年11月11日（金）"), out / "介護福祉課/進捗調査票.xlsx", at(11))
    # The form says the 11th, the desk says the 14th.
    # It came packed, because the mail system refuses bare workbooks.
    path = out / "障害福祉課_移行計画書.xlsx"
    save(plan_book(issued, "109", D(2022, 11, 11)), path, at(14, 0))
    odd.pack(path, "移行計画書（障害福祉課）.xlsx", at(14, 0))
    # One plan and a copy of it.
    path = out / "保護課/移行計画書_保護課.xlsx"
    save(plan_book(issued, "110", "令和4年11月11日"), path, at(11))
    shutil.copyfile(path, out / "保護課/移行計画書_保護課 - コピー.xlsx")
    # With a password, which the DX office was told and wrote down in the settings.
    path = out / "子育て支援課/移行計画書_子育て支援課.xlsx"
    save(plan_book(issued, "111", "令和4年11月11日"), path, at(11))
    odd.lock(path, PASSWORDS["111"])
    wb = procedure_book(issued, "111", "令和4年11月11日")
    odd.hide_column(wb.worksheets[0], "備考")
    save(wb, out / "子育て支援課/進捗調査票_子育て支援課.xlsx", at(11))
    save(procedure_book(issued, "112", "令和4年11月10日"), out / "子ども保育課_オンライン手続.xlsx", at(10))
    # 112's plan has not come.
    odd.other_form(out / "メール添付/備品購入計画.xlsx", at(9), MARK)
    odd.pdf(out / "メール添付/回答について.pdf", MARK)


def make(program: str) -> None:
    """The whole round, from an empty folder."""
    with tempfile.TemporaryDirectory() as temp:
        work = Path(temp) / "round"
        run(program, "init", str(work), "--code", "042021", today="2022-11-07")
        settings.fill(work / "調査設定.xlsx", RECEIPTS, EXTENSIONS, PASSWORDS)
        run(program, "issue", str(work), today="2022-11-07")
        returned(Issued(work / "配布"), work / "提出")
        initiatives_returned(Issued(work / "配布"), work / "提出")
        national.sent(work / "国様式")
        sent_before.make(work)
        for name in ("提出", "国様式", "報告済み", "調査設定.xlsx"):
            target = ROUND / name
            if target.is_dir():
                shutil.rmtree(target)
            ROUND.mkdir(parents=True, exist_ok=True)
            shutil.move(work / name, target)


def leaves(value, depth: int = 0) -> str:
    """JSON with one line for whatever is short, so that a change shows as a few lines."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) <= 300 or not isinstance(value, (dict, list)):
        return line
    pad = " " * (depth + 1)
    if isinstance(value, dict):
        inner = [f"{pad}{json.dumps(k, ensure_ascii=False)}: {leaves(v, depth + 1)}" for k, v in value.items()]
    else:
        inner = [pad + leaves(v, depth + 1) for v in value]
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    return opening + "\n" + ",\n".join(inner) + "\n" + " " * depth + closing


def write_expected(program: str) -> list[str]:
    """What the program says of the round, beside what was calculated without it; gives the differences."""
    with tempfile.TemporaryDirectory() as temp:
        work = Path(temp) / "round"
        shutil.copytree(ROUND, work, ignore=shutil.ignore_patterns("expected", "結果"))
        done = subprocess.run([program, "consolidate", str(work), "--today", TODAY, "--format", "json"],
                              capture_output=True, text=True, check=False)
        if done.returncode != 1:
            sys.exit(f"consolidate ended with {done.returncode}:\n{done.stderr}")
        own = expected.figures(ROUND, D.fromisoformat(TODAY))
        master = work / "結果" / "取りまとめ.xlsx"
        in_master = compare.master(master, own)
        dump.write(master, ROUND / "expected" / "取りまとめ")
    told = json.loads(done.stdout)
    told.pop("outputs")
    target = ROUND / "expected"
    target.mkdir(exist_ok=True)
    (target / "consolidate.json").write_text(leaves(told) + "\n", encoding="utf-8")
    (target / "figures.txt").write_text(compare.text(own, told), encoding="utf-8")
    return compare.differences(own, told) + in_master


def main() -> None:
    """Reads the command line."""
    args = [a for a in sys.argv[1:] if a != "--expected"]
    program = os.path.abspath(args[0]) if args else str(ROOT / "target/debug/torimatome")
    if "--expected" not in sys.argv:
        make(program)
    differences = write_expected(program)
    print("\n".join([*differences, f"{len(differences)} differences"]))
    sys.exit(1 if differences else 0)


if __name__ == "__main__":
    main()
