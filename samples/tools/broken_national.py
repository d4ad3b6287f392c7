"""Small workbooks as a ministry would send them, for the broken rounds: the figures of three procedures."""

from __future__ import annotations

from pathlib import Path

import openpyxl

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


def use(path: Path, rows=NAMES, heads=USE) -> None:
    """The table of online use."""
    table(path, "オンライン利用状況", heads, rows)

