"""What was sent, for the broken rounds: a table of online use as it went to the prefecture, and the note of a frozen report."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import openpyxl

from broken_book import save

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "報告済み/2022-11-10_甲県"
BOOK, NOTE = f"{FOLDER}/利用状況.xlsx", f"{FOLDER}/報告の控え.toml"
HEADS = ("手続の名称", "手続総件数(件)", "うちオンライン数(件)", "総件数に占めるオンライン数の割合(%)")
# As the valid round answers.
COUNTS = {"15": (120, 0, 0.0), "27": (300, 45, 15.0), "16": (120, 0, 0.0)}


def names() -> dict[str, str]:
    """Printed names by number."""
    with open(ROOT / "templates/codes/procedures.csv", encoding="utf-8") as f:
        return {row[0]: row[1] for row in csv.reader(f)}


def book(path: Path, heads: tuple[str, ...] = HEADS, **counts: tuple[float, float, float]) -> None:
    """The table, with other counts where they are given (n15=…)."""
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "オンライン利用状況"
    ws.append(["手続のオンライン利用状況（見本・回答内容は架空）"])
    ws.append([])
    ws.append(list(heads))
    for key, values in COUNTS.items():
        ws.append([names()[key], *counts.get(f"n{key}", values)])
    for column, width in zip("ABCD", (36, 14, 18, 22)):
        ws.column_dimensions[column].width = width
    save(wb, path)


def note(path: Path, sent: Path) -> None:
    """The note beside a frozen workbook, with the hash that it has now."""
    digest = hashlib.sha256(sent.read_bytes()).hexdigest()
    path.write_text(
        f'to = "甲県"\non = "2022-11-10"\nround = "令和4年10月末"\nfrozen_on = "2022-11-10"\n\n[[file]]\npath = "{sent.name}"\nsha256 = "{digest}"\n',
        encoding="utf-8",
    )
