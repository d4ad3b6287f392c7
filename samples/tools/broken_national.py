"""Small workbooks as a ministry would send them, for the broken rounds: the figures of three procedures."""

from __future__ import annotations

from pathlib import Path

import openpyxl
from openpyxl.worksheet.datavalidation import DataValidation

from broken_book import save

USE = ("手続の名称", "手続総件数(件)", "うちオンライン数(件)", "総件数に占めるオンライン数の割合(%)")
NAMES = ("妊娠の届出", "要介護・要支援認定の申請", "罹災証明書の発行申請")


def table(path: Path, title: str, heads, rows) -> None:
    """A sheet with a title, an empty row, a header and rows; a row is its key or its cells."""
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = title
    ws.append(["見本・再現様式"])
    ws.append([])
    ws.append(list(heads))
    for row in rows:
        ws.append([row] if isinstance(row, str) else list(row))
    path.parent.mkdir(parents=True, exist_ok=True)
    save(wb, path)


PLAN = ("業務名", "システムの有無", "現行システム名", "契約満了日", "移行方式", "ガバメントクラウドの利用", "移行完了予定", "期限内移行の可否", "期限を超える理由")


def plan(path: Path, place=(), methods: str = "") -> None:
    """The table of plans, with cells that say whose it is; `methods` are the words that may be chosen for 移行方式."""
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "移行計画一覧"
    ws.append(["見本・再現様式"])
    for label, value in place:
        ws.append([label, value])
    ws.append([])
    ws.append(list(PLAN))
    first = ws.max_row + 1
    for name in ("固定資産税", "戸籍", "印鑑登録"):
        ws.append([name])
    if methods:
        rule = DataValidation(type="list", formula1=f'"{methods}"', showErrorMessage=True)
        rule.add(f"E{first}:E{ws.max_row}")
        ws.add_data_validation(rule)
    path.parent.mkdir(parents=True, exist_ok=True)
    save(wb, path)


def use(path: Path, rows=NAMES, heads=USE) -> None:
    """The table of online use."""
    table(path, "オンライン利用状況", heads, rows)

