"""The ministry's workbooks: the blank ones of templates/national/ (再現様式, drawn anew from published layouts), and the
same as a ministry would have sent them to 宮城県 for samples/ishinomaki-r4-10/国様式/.

    python3 samples/tools/national.py            draws templates/national/*/*.xlsx anew

Names and orders come from templates/codes. Nothing in them is a ministry's own file.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from pathlib import Path

import openpyxl
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

import odd
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


def page(ws, heads: str, *, landscape=True, a3=True, fit_height=0, wide=1, stamp=STAMP) -> None:
    """Print set-up: one page wide (or more), headers on each page, the stamp at the top; margins that leave room for both."""
    ws.page_setup.orientation = "landscape" if landscape else "portrait"
    ws.page_setup.paperSize = 8 if a3 else 9
    ws.sheet_properties.pageSetUpPr = openpyxl.worksheet.properties.PageSetupProperties(fitToPage=True)
    ws.page_setup.fitToWidth, ws.page_setup.fitToHeight = wide, fit_height
    ws.print_title_rows = heads
    ws.print_options.horizontalCentered = True
    ws.page_margins.left = ws.page_margins.right = 0.4
    ws.page_margins.top, ws.page_margins.bottom = 0.8, 0.7
    ws.page_margins.header = ws.page_margins.footer = 0.35
    ws.oddHeader.right.text = stamp
    ws.oddFooter.center.text = "&P / &N"


def tall(ws, first: int, height: float) -> None:
    """Rows from the first to the last with room around their text."""
    for row in range(first, ws.max_row + 1):
        ws.row_dimensions[row].height = height


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
    tall(ws, 3, 18)
    widths(ws, 10, 13, 9, *[9.5] * 20)
    ws.freeze_panes = "D3"
    page(ws, "1:2", stamp=stamp)

    ws = wb.create_sheet("業務別ステップ別進捗一覧")
    steps = codes("steps")
    for n, label in enumerate(["都道府県名", "市区町村名", "業務名", *map(step_head, steps)], 1):
        c = box(ws, 1, n, label, head=True, size=9 if n < 4 else 8)
        if n > 3:
            c.alignment = Alignment(wrap_text=True, vertical="top")
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
    tall(ws, 2, 16)
    ws.freeze_panes = "D2"
    # On one page nobody could read it: two beside each other, both with the names.
    ws.print_title_cols = "A:C"
    page(ws, "1:1", wide=2, stamp=stamp)
    return wb


def protect(ws, unlocked) -> None:
    """Locks a sheet without a password, but for the cells to be filled."""
    for cell in unlocked:
        cell.protection = Protection(locked=False)
    ws.protection.sheet = True


def heading(ws, row: int, text: str, last: int) -> None:
    """A title over the columns of the table."""
    ws.merge_cells(start_row=row, end_row=row, start_column=1, end_column=last)
    c = ws.cell(row, 1, text)
    c.font = Font(name=FONT, size=14, bold=True)
    c.alignment = Alignment(vertical="center")
    ws.row_dimensions[row].height = 26


def plans(stamp=STAMP) -> openpyxl.Workbook:
    """移行計画一覧: a card with the municipality, then a row for each system under two header rows."""
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "移行計画一覧"
    heads = [("順", 5, None), ("業務名", 19, None), ("所管課", 17, None), ("システムの有無", 9, "現行システム"), ("現行システム名", 19, "現行システム"),
             ("現行ベンダ", 13, "現行システム"), ("開発形態", 12, "現行システム"), ("契約満了日", 17, "現行システム"), ("移行方式", 21, "移行計画"),
             ("調達方式", 19, "移行計画"), ("ガバメントクラウドの利用", 13, "移行計画"), ("移行完了予定", 19, "移行計画"),
             ("期限内移行の可否", 17, "期限"), ("期限を超える理由", 24, "期限")]
    heading(ws, 1, "基幹業務システム 移行計画一覧", len(heads))
    for n, (label, span) in enumerate((("団体コード", 1), ("都道府県名", 1), ("市区町村名", 1), ("基準日", 1))):
        column = 2 + 3 * n
        box(ws, 3, column, label, head=True)
        ws.merge_cells(start_row=3, end_row=3, start_column=column + 1, end_column=column + span)
        box(ws, 3, column + 1)
    for n, (label, width, group) in enumerate(heads, 1):
        box(ws, 5, n, group if group and heads[n - 2][2] != group else None, head=True)
        box(ws, 6, n, None if group is None else label, head=True)
        if group is None:
            ws.cell(5, n).value = label
            ws.merge_cells(start_row=5, end_row=6, start_column=n, end_column=n)
        ws.column_dimensions[get_column_letter(n)].width = width
    for first, last in ((4, 8), (9, 12), (13, 14)):
        ws.merge_cells(start_row=5, end_row=5, start_column=first, end_column=last)
    for r, s in enumerate(systems(), 7):
        box(ws, r, 1, r - 6, center=True)
        box(ws, r, 2, s["業務名"])
        for c in range(3, len(heads) + 1):
            box(ws, r, c, form='[$-411]ggge"年"m"月"d"日"' if c == 8 else None, center=c == 8)
        ws.row_dimensions[r].height = 30
    ws.row_dimensions[5].height, ws.row_dimensions[6].height = 18, 32
    ws.freeze_panes = "C7"
    page(ws, "5:6", stamp=stamp)
    return wb


def special_support(places: list[tuple[str, str]], stamp=STAMP) -> openpyxl.Workbook:
    """結果一覧: title, an empty row, one header row; ● where a system is expected to be one."""
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "結果一覧"
    names = [s["業務名"] for s in systems("順_特定移行表")]
    heading(ws, 1, "特定移行支援システムの該当見込み（結果一覧）", len(names) + 4)
    for n, label in enumerate(["団体コード(6桁)", "自治体名", "自治体区分", *names, "共通機能"], 1):
        box(ws, 3, n, label, head=True, size=9)
    for r, (code, name) in enumerate(places, 4):
        box(ws, r, 1, code, form="@", center=True)
        box(ws, r, 2, name)
        for c in range(3, len(names) + 5):
            box(ws, r, c, center=True)
    ws.row_dimensions[3].height = 46
    tall(ws, 4, 18)
    widths(ws, 11, 17, 11, *[8.5] * 21)
    ws.freeze_panes = "C4"
    page(ws, "3:3", stamp=stamp)
    return wb


def procedures_31(stamp=STAMP) -> openpyxl.Workbook:
    """The 31 procedures with their state, and a sheet that counts them."""
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "31手続"
    heads = [("番号", 6), ("分野", 11), ("手続名", 58), ("実施の有無", 11), ("オンライン化状況", 15), ("マイナポータル", 11),
             ("汎用的電子申請システム", 12), ("その他", 9), ("マイナンバーカードの利用", 12), ("運用開始（予定）日", 19), ("未対応の理由", 34)]
    heading(ws, 1, "特に国民の利便性向上に資する31手続のオンライン化状況", len(heads))
    for n, (label, width) in enumerate(heads, 1):
        grouped = 6 <= n <= 8
        box(ws, 3, n, ("申請方法" if n == 6 else None) if grouped else label, head=True)
        box(ws, 4, n, label if grouped else None, head=True)
        if not grouped:
            ws.merge_cells(start_row=3, end_row=4, start_column=n, end_column=n)
        ws.column_dimensions[get_column_letter(n)].width = width
    ws.merge_cells("F3:H3")
    rows = [p for p in codes("procedures") if p["31手続"] == "1"]
    for r, p in enumerate(rows, 5):
        box(ws, r, 1, int(p["番号"]), center=True)
        box(ws, r, 2, p["分野"])
        box(ws, r, 3, p["手続名"])
        prefecture = p["対象"] != "municipal"
        for c in range(4, len(heads) + 1):
            box(ws, r, c, "都道府県が回答" if prefecture and c == 4 else None, center=c < 10).font = Font(name=FONT, size=9 if prefecture else 10)
    ws.row_dimensions[4].height = 44
    tall(ws, 5, 18)
    ws.freeze_panes = "D5"
    page(ws, "3:4", stamp=stamp)
    ws = wb.create_sheet("集計")
    heading(ws, 1, "集計", 2)
    for r, word in enumerate(("オンライン化済", "予定あり", "検討中", "未定", "予定なし"), 3):
        box(ws, r, 1, word)
        box(ws, r, 2, f"=COUNTIF('31手続'!$E$5:$E$35,A{r})", center=True)
    box(ws, 8, 1, "計", head=True)
    box(ws, 8, 2, "=SUM(B3:B7)", center=True)
    widths(ws, 20, 10)
    page(ws, "1:1", landscape=False, a3=False, stamp=stamp)
    return wb


def online_use(stamp=STAMP) -> openpyxl.Workbook:
    """The table of online use that cities publish, with a row of totals."""
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "オンライン利用状況"
    heading(ws, 1, "手続のオンライン利用状況（令和3年度）", 4)
    for n, label in enumerate(("手続の名称", "手続総件数(件)", "うちオンライン数(件)", "総件数に占めるオンライン数の割合(%)"), 1):
        box(ws, 3, n, label, head=True)
    rows = [p for p in codes("procedures") if p["市の対象の候補"] == "1"]
    for r, p in enumerate(rows, 4):
        box(ws, r, 1, p["手続名"])
        for c, form in ((2, "#,##0"), (3, "#,##0"), (4, "0.0")):
            box(ws, r, c, form=form)
    last = 3 + len(rows)
    box(ws, last + 1, 1, "計", head=True)
    box(ws, last + 1, 2, f"=SUM(B4:B{last})", form="#,##0")
    box(ws, last + 1, 3, f"=SUM(C4:C{last})", form="#,##0")
    box(ws, last + 1, 4, f"=IF(B{last + 1}=0,0,ROUND(C{last + 1}/B{last + 1}*100,1))", form="0.0")
    ws.row_dimensions[3].height = 44
    tall(ws, 4, 20)
    widths(ws, 56, 14, 16, 20)
    ws.freeze_panes = "B4"
    page(ws, "3:3", landscape=False, a3=False, fit_height=1, stamp=stamp)
    return wb


BLANK = {
    "progress": ("標準化進捗状況_再現様式.xlsx", lambda: progress([("", "")])),
    "plans": ("移行計画一覧_再現様式.xlsx", plans),
    "special-support": ("特定移行支援システム結果一覧_再現様式.xlsx", lambda: special_support([("", "")])),
    "procedures-31": ("31手続オンライン化状況_再現様式.xlsx", procedures_31),
    "online-use": ("手続オンライン利用状況_再現様式.xlsx", online_use),
}

# As sent to the city. Everything in them is made up.
SENT = "見本・再現様式（国の様式そのものではありません）"


def note(cell, text: str) -> None:
    """A note as a ministry's clerk leaves them."""
    cell.comment = Comment(text, "様式作成者")
    cell.comment.width, cell.comment.height = 260, 90


def sent_progress(path: Path) -> None:
    """All municipalities of the prefecture, the mean of each column below, notes, a chart, locked but for the city's cells, phonetics."""
    wb = progress([("宮城県", name) for name in ("仙台市", "石巻市", "東松島市", "女川町")], SENT)
    ws = wb.worksheets[0]
    r = ws.max_row + 1
    for name in [n for n in MIYAGI if n not in ("仙台市", "石巻市", "東松島市", "女川町")]:
        box(ws, r, 1, "宮城県")
        box(ws, r, 2, name)
        for c in range(3, 24):
            box(ws, r, c, form="0.0%")
        r += 1
    box(ws, r, 1, "宮城県", head=True)
    box(ws, r, 2, "県平均", head=True)
    for c in range(3, 24):
        letter = get_column_letter(c)
        box(ws, r, c, f'=IF(COUNT({letter}3:{letter}{r - 1})=0,"",AVERAGE({letter}3:{letter}{r - 1}))', form="0.0%")
    ws.cell(r + 2, 1, "注　工程ごとに作業量は異なるため、完了率は作業量の割合ではありません。").font = Font(name=FONT, size=9)
    note(ws["C1"], "（完了済み＋対象外）÷40工程を、業務ごとに求めた平均です。")
    note(ws["D2"], "業務名は総務省の表の名称です。")
    chart = BarChart()
    chart.title = "業務別の完了率（石巻市）"
    chart.type, chart.height, chart.width = "bar", 9, 18
    chart.add_data(Reference(ws, min_col=4, max_col=23, min_row=4, max_row=4), from_rows=True)
    chart.set_categories(Reference(ws, min_col=4, max_col=23, min_row=2, max_row=2))
    chart.legend = None
    ws.add_chart(chart, f"D{r + 4}")
    protect(ws, [ws.cell(4, c) for c in range(3, 24)])
    steps = wb.worksheets[1]
    protect(steps, [c for row in steps.iter_rows(min_row=22, max_row=41, min_col=4, max_col=43) for c in row])
    save(wb, path, DRAWN)
    phonetics = "<rPh sb=\"0\" eb=\"4\"><t>シクチョウソン</t></rPh><phoneticPr fontId=\"0\" type=\"fullwidthKatakana\"/>"
    replace(path, "xl/sharedStrings.xml", "<si><t>市区町村</t></si>", f"<si><t>市区町村</t>{phonetics}</si>")


def replace(path: Path, part: str, old: str, new: str) -> None:
    """Changes a part by hand where openpyxl cannot write what is wanted."""
    data = path.read_bytes()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as book, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as changed:
        for info in book.infolist():
            body = book.read(info)
            if info.filename == part:
                assert old.encode() in body, (path, old)
                body = body.replace(old.encode(), new.encode())
            changed.writestr(info, body)
    path.write_bytes(out.getvalue())


def sent_plans(path: Path) -> None:
    """With last year's remarks still in it and an example sheet of the same labels; saved by LibreOffice."""
    wb = plans(SENT)
    ws = wb.active
    ws["C3"].value = "042021"
    ws["C3"].number_format = "@"
    ws["E7"].value = "旧住民情報システム（前年度の記入）"
    note(ws["L6"], "令和7年度末までの移行を予定しているかどうかを確認します。")
    example = wb.copy_worksheet(ws)
    example.title = "記入例"
    example["E7"].value = "○○システム"
    save(wb, path, DRAWN)
    odd.resave(path, DRAWN)


def sent_use(path: Path) -> None:
    """In the city's own words; saved by LibreOffice, so that the formulas have results."""
    save(online_use(SENT), path, DRAWN)
    odd.resave(path, DRAWN)


def sent_31(path: Path) -> None:
    """With the names as another city writes them."""
    wb = procedures_31(SENT)
    ws = wb.worksheets[0]
    for row in ws.iter_rows(min_row=5, max_row=35, min_col=3, max_col=3):
        row[0].value = row[0].value.replace("児童手当等の額の改定の請求及び届出", "児童手当の額の改定の請求及び届出").replace("罹災", "り災").replace("／", "/")
    words = DataValidation(type="list", formula1='"オンライン化済,予定あり,検討中,未定,予定なし"', allow_blank=True)
    ws.add_data_validation(words)
    words.add("E5:E35")
    ws.conditional_formatting.add("E5:E35", FormulaRule(formula=['$E5="オンライン化済"'], font=Font(bold=True)))
    save(wb, path, DRAWN)


def sent_other(path: Path) -> None:
    """A workbook that no map knows."""
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "調査票"
    for row in ((SENT,), ("テレワークの実施状況に関する調査",), (), ("団体コード", "団体名", "実施の有無", "対象職員数（人）", "端末台数（台）", "備考"), ("042021", "石巻市")):
        ws.append(row)
    widths(ws, 12, 14, 14, 18, 16, 30)
    save(wb, path, DRAWN)


def sent(folder: Path) -> None:
    """国様式/ of the sample round."""
    folder.mkdir(parents=True, exist_ok=True)
    sent_progress(folder / "標準化進捗状況（宮城県）.xlsx")
    sent_plans(folder / "移行計画一覧.xlsx")
    save(special_support([("041009", "宮城県仙台市"), ("042021", "宮城県石巻市"), ("042145", "宮城県東松島市")], SENT),
         folder / "特定移行支援システム（結果一覧）.xlsx", DRAWN)
    sent_31(folder / "オンライン化/31手続フォローアップ.xlsx")
    sent_use(folder / "オンライン化/利用状況公表.xlsx")
    sent_other(folder / "テレワーク調査.xlsx")


def main() -> None:
    """Draws the blank workbooks."""
    for name, (file, draw) in BLANK.items():
        save(draw(), ROOT / "templates/national" / name / file, DRAWN)


if __name__ == "__main__":
    main()
