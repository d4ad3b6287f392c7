"""The valid parents of samples/broken/: tiny rounds in which nothing is wrong; used by make_broken.py.

_valid-plan asks for the plans only (two divisions, three systems), _valid-procedures for the procedures only (two divisions,
three procedures), _valid-initiatives for the DX initiatives only (two of three divisions, two initiatives each). The rows of the national lists that the made-up city does not ask for are taken out of the settings, and
so are the settings' sheets that a parent does not need.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import openpyxl

import broken_initiatives
from broken_book import Table, card, save

D = dt.date
MARK = "見本・回答内容は架空"
DIVISIONS = [("101", "総務部", "甲課", "0101"), ("102", "市民部", "乙課", "0102"), ("103", "建設部", "丙課", "0103")]
NAMES = {code: name for code, _, name, _ in DIVISIONS}
PLAN, ONLINE, INITIATIVES = "migration-plan", "online-procedures", "dx-initiatives"
SYSTEMS = {"002": "101", "003": "101", "012": "102"}
PROCEDURES = {"15": "101", "27": "101", "16": "102"}
# What the DX office answers for every division.
COMMON = [("step_01", "完了済み"), ("step_02", "完了済み"), ("step_03", "作業中"), ("step_37", "未着手"), ("step_38", "未着手")]
SUBMITTED = "令和4年11月9日"


def run(program: str, *args: str) -> None:
    """Runs the program; anything but success is an error of the parents."""
    done = subprocess.run([program, *args, "--today", "2022-11-07"], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"torimatome {' '.join(args)}:\n{done.stdout}{done.stderr}")


def keep_rows(ws, label: str, kept: dict[str, str]) -> None:
    """Fills in the owners and takes the other rows out."""
    table = Table(ws, label, "所管課コード")
    rows = []
    for r in range(table.header + 1, ws.max_row + 1):
        cells = [ws.cell(r, c) for c in range(1, ws.max_column + 1)]
        if str(table.at(r, label).value) in kept:
            rows.append((str(table.at(r, label).value), [c.value for c in cells]))
        for c in cells:
            c.value = None
    for r, (item, values) in enumerate(rows, table.header + 1):
        for c, value in enumerate(values, 1):
            ws.cell(r, c).value = value
        table.set(r, "所管課コード", kept[item])
        table.set(r, "確度", "確定")


def settings(path: Path, form: str) -> None:
    """Fills the settings of a parent in place."""
    wb = openpyxl.load_workbook(path)
    basic = wb["基本"]
    for label, value in [("市区町村名", "甲市"), ("調査回の名称", "令和4年10月末"), ("文書番号", "DX第1号"), ("依頼日", D(2022, 11, 7)),
                         ("発信者", "DX担当課長"), ("問合せ先", "DX担当　内線 0100"), ("全帳票に印字する表示", MARK)]:
        card(basic, label, value)
    forms = Table(basic, "様式ID", "基準日", "回答期限")
    row = forms.row("様式ID", form)
    forms.set(row, "基準日", D(2022, 10, 31))
    forms.set(row, "回答期限", D(2022, 11, 11))
    if form == ONLINE:
        forms.set(row, "件数の対象年度", "令和3年度")
    if form == INITIATIVES:
        forms.set(row, "回答を求める課", "101、102")
    divisions = Table(wb["所属"], "課コード", "部局", "課")
    for code, bureau, division, phone in DIVISIONS:
        divisions.add(課コード=code, 部局=bureau, 課=division, 内線=phone)
    if form == PLAN:
        keep_rows(wb["対象業務"], "業務ID", SYSTEMS)
        common = Table(wb["共通回答"], "様式ID", "項目", "回答")
        # `init` lists them.
        for field, value in COMMON:
            common.set(common.row("項目", field), "回答", value)
        unused = ["対象手続", "延長", "受付", "了承", "合言葉", "対象年度", "DX推進方針"]
    elif form == INITIATIVES:
        unused = ["対象業務", "対象手続", "共通回答", "延長", "受付", "了承", "決定事項", "合言葉"]
    else:
        keep_rows(wb["対象手続"], "番号", PROCEDURES)
        unused = ["対象業務", "共通回答", "了承", "決定事項", "対象年度", "DX推進方針"]
    for sheet in unused:
        del wb[sheet]
    save(wb, path)


def cover(wb, phone: str) -> None:
    """Fills the card of the division."""
    ws = wb.worksheets[0]
    for label, value in [("担当（役職）", "主査"), ("内線", phone), ("提出日", SUBMITTED), ("所属長確認日", SUBMITTED)]:
        card(ws, label, value)


# 予定, 実績.
TIMES = {
    "RFI（情報提供依頼）": ("令和4年9月", "令和4年9月30日"), "RFP（提案依頼）": ("令和5年6月", None), "予算計上": ("令和6年2月", None),
    "契約": ("令和6年6月", None), "データ移行": ("令和7年6月", None), "テスト": ("令和7年7月", None),
    "移行完了（運用開始）": ("令和7年9月30日", None),
}
COSTS = {"令和5年度": (1000, 500), "令和6年度": (3000, 2000), "令和7年度": (6000, 4000), "合計": (10000, 6500)}


def fill_plan(ws) -> None:
    """Fills one system's sheet."""
    for label, value in [
        ("システムの有無", "あり"), ("現行システム名", "Aシステム"), ("現行ベンダ", "A社"), ("開発形態", "パッケージ"), ("稼働基盤", "サーバ"),
        ("カスタマイズ有無", "なし"), ("契約満了日", "令和8年3月31日"), ("満了後の延長可否", "可"), ("移行方式", "現行ベンダの標準準拠システムへ更改"),
        ("調達方式", "随意契約"), ("移行先システム", "未定"), ("移行先候補または契約先", "A社"), ("候補・契約先の別", "候補"),
        ("移行先システムの提供予定時期", "令和6年度下半期"), ("ガバメントクラウド利用", "単独利用"), ("期限内移行の可否", "期限内に移行できる"),
        ("課題と対策", "文字の同定に時間を要するため、早めに着手する。"),
    ]:
        card(ws, label, value)
    times = Table(ws, "工程", "予定時期", "実績日")
    for name, (planned, actual) in TIMES.items():
        row = times.row("工程", name)
        times.set(row, "予定時期", planned)
        times.set(row, "実績日", actual)
    costs = Table(ws, "年度", "移行経費", "うち補助対象")
    for year, (cost, subsidised) in COSTS.items():
        row = costs.row("年度", year)
        costs.set(row, "移行経費", cost)
        costs.set(row, "うち補助対象", subsidised)
    steps = Table(ws, "番号", "工程名", "進捗状況")
    own = [r for r in range(steps.header + 1, steps.header + 41) if not steps.at(r, "進捗状況").protection.locked]
    for n, row in enumerate(own):
        steps.set(row, "進捗状況", "完了済み" if n < 2 else "作業中" if n < 4 else "未着手")


PROCEDURE = {
    "実施の有無": "実施", "総件数": 120, "うちオンライン件数": 0, "オンライン化状況": "予定あり", "マイナポータル": "なし", "汎用電子申請": "なし",
    "その他": "なし", "マイナンバーカード利用": "利用しない", "署名": "不要", "運用開始予定日": "令和5年3月1日", "接続の状況": "紙・手入力",
}
DONE = {
    "実施の有無": "実施", "総件数": 300, "うちオンライン件数": 45, "オンライン化状況": "オンライン化済", "マイナポータル": "全部", "汎用電子申請": "なし",
    "その他": "なし", "マイナンバーカード利用": "利用する", "署名": "要", "運用開始日": "令和4年4月1日", "接続の状況": "取込（データ取込）", "備考": "窓口での申請も続ける。",
}
ANSWERS = {"15": PROCEDURE, "27": DONE, "16": PROCEDURE}


def fill_procedures(ws, division: str) -> None:
    """Fills the rows of a division."""
    table = Table(ws, "番号", "手続名", "実施の有無")
    for number in (n for n, owner in PROCEDURES.items() if owner == division):
        row = table.row("番号", number)
        for label, value in ANSWERS[number].items():
            table.set(row, label, value)


def returned(issued: Path, target: Path, form: str) -> None:
    """The filled forms of a parent."""
    rows = {PLAN: SYSTEMS, ONLINE: PROCEDURES}.get(form, {"1": "101", "2": "102"})
    for code, _, name, phone in DIVISIONS:
        if code not in rows.values():
            continue
        [path] = (p for p in (issued / name).glob("*.xlsx") if "依頼" not in p.name)
        wb = openpyxl.load_workbook(path)
        cover(wb, phone)
        if form == PLAN:
            # The sheets that explain the form hold no answers.
            for ws in wb.worksheets[1:]:
                if ws.sheet_state == "visible" and not ws.title.startswith(("記入要領", "記入例")):
                    fill_plan(ws)
        elif form == INITIATIVES:
            broken_initiatives.fill_parent(wb, code)
        else:
            fill_procedures(wb.worksheets[0], code)
        save(wb, target / f"{name}.xlsx")


PARENTS = {"_valid-plan": PLAN, "_valid-procedures": ONLINE, "_valid-initiatives": INITIATIVES}


def make(program: str, temp: Path, broken: Path) -> None:
    """All parents."""
    for name, form in PARENTS.items():
        work = temp / name
        run(program, "init", str(work), "--code", "042145")
        settings(work / "調査設定.xlsx", form)
        run(program, "issue", str(work))
        target = broken / name
        returned(work / "配布", target / "提出", form)
        (target / "調査設定.xlsx").write_bytes((work / "調査設定.xlsx").read_bytes())
        (target / "expected.txt").write_text("")
        (target / "mutation.txt").write_text(f"{name} | そのまま（指摘なし）\n")
