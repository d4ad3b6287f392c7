"""The ministry's workbooks: the blank ones of templates/national/ (再現様式, drawn anew from published layouts), and the
same as a ministry would have sent them to 宮城県 for samples/ishinomaki-r4-10/国様式/.

    python3 samples/tools/national.py            draws templates/national/*/*.xlsx anew

Names and orders come from templates/codes. Nothing in them is a ministry's own file.
"""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import openpyxl
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from workbook import save

ROOT = Path(__file__).resolve().parents[2]
FONT = "游ゴシック"
STAMP = "再現様式（公表資料の並びをもとに作成したもの。国の様式そのものではありません）"
DRAWN = dt.datetime(2022, 11, 1, 0, 0)
THIN = Side(style="thin", color="FF808080")
BOX = Border(left=THIN, right=THIN, top=THIN, bottom=THIN)
HEAD = PatternFill("solid", fgColor="FFDDE7F0")
MIYAGI = ("仙台市 石巻市 塩竈市 気仙沼市 白石市 名取市 角田市 多賀城市 岩沼市 登米市 栗原市 東松島市 大崎市 富谷市 蔵王町 七ヶ宿町 "
          "大河原町 村田町 柴田町 川崎町 丸森町 亘理町 山元町 松島町 七ヶ浜町 利府町 大和町 大郷町 大衡村 色麻町 加美町 涌谷町 "
          "美里町 女川町 南三陸町").split()
# Step headings as published: blanks are left in them where a line was broken.
BROKEN = {"06": ("役割の認識", "役割の 認識"), "09": ("が必要な業務等）の", "が必要な業務等） の"), "10": ("検討（周辺", "検討 （周辺"),
          "11": ("総合評価落札", "総合評価 落札"), "12": ("検討（RFI", "検討 （RFI"), "15": ("機能」に", "機能」 に")}


def codes(name: str) -> list[dict[str, str]]:
    """A code list."""
    with open(ROOT / "templates/codes" / f"{name}.csv", encoding="utf-8-sig", newline="") as f:
        return list(csv.DictReader(f))


def systems(order: str = "順_総務省表") -> list[dict[str, str]]:
    """The twenty systems in one of the nation's orders."""
    return sorted(codes("systems"), key=lambda s: int(s[order]))


def box(ws, row: int, column: int, value=None, *, head=False, center=False, form=None, size=10):
    """A ruled cell."""
    c = ws.cell(row, column, value)
    c.border, c.font = BOX, Font(name=FONT, size=size, bold=head)
    c.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center" if head or center else None)
    if head:
        c.fill = HEAD
    if form:
        c.number_format = form
    return c


def page(ws, heads: str, *, landscape=True, a3=True, fit_height=0, stamp=STAMP) -> None:
    """Print set-up: one page wide, headers on each page, the stamp at the top."""
    ws.page_setup.orientation = "landscape" if landscape else "portrait"
    ws.page_setup.paperSize = 8 if a3 else 9
    ws.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)
    ws.page_setup.fitToWidth, ws.page_setup.fitToHeight = 1, fit_height
    ws.print_title_rows = heads
    ws.print_options.horizontalCentered = True
    ws.page_margins.left = ws.page_margins.right = 0.4
    ws.page_margins.top, ws.page_margins.bottom = 0.7, 0.6
    ws.oddHeader.right.text = stamp
    ws.oddFooter.center.text = "&P / &N"


def widths(ws, *sizes: float) -> None:
    """Column widths from the first on."""
    for n, size in enumerate(sizes, 1):
        ws.column_dimensions[get_column_letter(n)].width = size


def step_head(step: dict[str, str]) -> str:
    """The heading of a step as published."""
    old, new = BROKEN.get(step["順"], ("", ""))
    return f"{step['枝番']} {step['工程名'].replace(old, new) if old else step['工程名']}"


def progress(places: list[tuple[str, str]], stamp=STAMP) -> openpyxl.Workbook:
    """進捗状況 and 業務別ステップ別進捗一覧, with a row, or twenty, for each municipality."""
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "令和4年10月_進捗状況"
    for n, label in enumerate(("都道府県", "市区町村", "完了率"), 1):
        ws.merge_cells(start_row=1, end_row=2, start_column=n, end_column=n)
        box(ws, 1, n, label, head=True)
        box(ws, 2, n, head=True)
    ws.merge_cells(start_row=1, end_row=1, start_column=4, end_column=23)
    for n, s in enumerate(systems(), 4):
        box(ws, 1, n, "業務別の完了率" if n == 4 else None, head=True)
        box(ws, 2, n, s["総務省表の名称"], head=True, size=9)
    for r, (prefecture, name) in enumerate(places, 3):
        box(ws, r, 1, prefecture)
        box(ws, r, 2, name)
        for c in range(3, 24):
            box(ws, r, c, form="0.0%")
    ws.row_dimensions[2].height = 44
    widths(ws, 10, 13, 9, *[9.5] * 20)
    ws.freeze_panes = "D3"
    page(ws, "1:2", stamp=stamp)

    ws = wb.create_sheet("業務別ステップ別進捗一覧")
    steps = codes("steps")
    for n, label in enumerate(["都道府県名", "市区町村名", "業務名", *map(step_head, steps)], 1):
        c = box(ws, 1, n, label, head=True, size=9 if n < 4 else 8)
        if n > 3:
            c.alignment = Alignment(wrap_text=True, vertical="top", textRotation=255 if len(label) < 0 else 0)
    r = 2
    for prefecture, name in places:
        for s in systems():
            for n, value in enumerate((prefecture, name, s["総務省表の名称"]), 1):
                box(ws, r, n, value)
            for c in range(4, 44):
                box(ws, r, c, center=True, size=9)
            r += 1
    words = DataValidation(type="list", formula1='"完了済み,作業中,未,対象外"', allow_blank=True)
    words.promptTitle, words.prompt = "進捗", "完了済み・作業中・未・対象外から選んでください。"
    ws.add_data_validation(words)
    words.add(f"D2:AQ{r - 1}")
    ws.row_dimensions[1].height = 150
    widths(ws, 9, 11, 17, *[8.6] * 40)
    ws.freeze_panes = "D2"
    page(ws, "1:1", stamp=stamp)
    return wb


def protect(ws, unlocked) -> None:
    """Locks a sheet without a password, but for the cells to be filled."""
    for cell in unlocked:
        cell.protection = Protection(locked=False)
    ws.protection.sheet = True


BLANK = {"progress": ("標準化進捗状況_再現様式.xlsx", lambda: progress([("", "")]))}


def main() -> None:
    """Draws the blank workbooks."""
    for name, (file, draw) in BLANK.items():
        save(draw(), ROOT / "templates/national" / name / file, DRAWN)


if __name__ == "__main__":
    main()
