"""A report that was sent before there was a tool: the follow-up of October, typed by hand into the layout of the 31 procedures.

No form of that follow-up is public, so the blank workbook of templates/national/procedures-31 stands in for it. It agrees
with what the divisions answer, in spellings of its own, but for DIFFERENT; what they leave blank or nobody could read was
left blank. All of it is made up.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl

from broken_book import save
from procedures import PROCEDURES

ROOT = Path(__file__).resolve().parents[2]
BLANK = next((ROOT / "templates/national/procedures-31").glob("*.xlsx"))
SENT = "報告済み/令和4年10月フォローアップ/31手続オンライン化状況（10月）.xlsx"
COLUMNS = ("実施の有無", "オンライン化状況", "マイナポータル", "汎用電子申請", "その他", "マイナンバーカード利用", "運用開始", "区分")
# By number: what was sent, where the divisions answer otherwise now.
DIFFERENT = {
    "12": {"マイナポータル": "全部"},
    "15": {"オンライン化状況": "予定あり"},
    "22": {"運用開始": "令和5年3月"},
}


def answers(number: str) -> dict:
    """What stood in the row."""
    given = PROCEDURES.get(number, {})
    start = given.get("運用開始日") or given.get("運用開始予定日")
    return given | {"運用開始": start} | DIFFERENT.get(number, {})


def make(round_folder: Path) -> None:
    """Writes the workbook into the round."""
    wb = openpyxl.load_workbook(BLANK)
    ws = wb["31手続"]
    for row in ws.iter_rows(min_row=5):
        given = answers(str(row[0].value))
        for cell, name in zip(row[3:], COLUMNS):
            value = given.get(name)
            if value is not None:
                cell.value = value
                if isinstance(value, dt.date):
                    cell.number_format = "yyyy/m/d"
    save(wb, round_folder / SENT)


if __name__ == "__main__":
    make(ROOT / "samples/ishinomaki-r4-10")
