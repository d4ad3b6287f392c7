"""The mutations of samples/broken/, one for each code, as data: parent, what is changed, which findings follow.

A case is a small function on a copy of its parent. `companions` are the findings that cannot be avoided beside the code
itself. Used by make_broken.py.
"""

from __future__ import annotations

import base64
import datetime as dt
import io
import re
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import openpyxl
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.cell.cell import MergedCell

import broken_national as ministry
import broken_sent as sent
from broken_book import Table, beside, card, entry, repack, save, spot
from broken_parents import MARK, PROCEDURE

D = dt.date
PLAN, PROC = "_valid-plan", "_valid-procedures"
SETTINGS = "調査設定.xlsx"
A, B = "提出/甲課.xlsx", "提出/乙課.xlsx"
M = "国様式/様式.xlsx"
STEPS = ("番号", "工程名", "進捗状況")
LIST = ("番号", "手続名", "実施の有無")


def is_code(text: str) -> bool:
    """Whether a text is a finding's code."""
    return bool(re.fullmatch(r"[SFRXDQ]\d{3}[EWI]", text))


class Round:
    """A round's folder, changed in place."""

    def __init__(self, folder: Path):
        self.folder = folder

    def bytes(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()

    def write(self, name: str, data: bytes) -> None:
        (self.folder / name).write_bytes(data)

    def copy(self, name: str, to: str) -> str:
        self.write(to, self.bytes(name))
        return to

    def remove(self, name: str) -> None:
        (self.folder / name).unlink()

    def edit(self, name: str, change: Callable, saved: dt.datetime | None = None) -> None:
        """Changes a workbook."""
        wb = openpyxl.load_workbook(self.folder / name)
        change(wb)
        save(wb, self.folder / name, *([saved] if saved else []))

    def card(self, name: str, label: str, value, sheet: int = 0) -> None:
        """Changes an answer beside a label."""
        self.edit(name, lambda wb: card(wb.worksheets[sheet], label, value))

    def row(self, name: str, sheet, header: tuple, key: str, **values) -> None:
        """Changes answers in the row of a table that holds `key` under the header's first label."""

        def change(wb):
            table = Table(wb.worksheets[sheet] if isinstance(sheet, int) else wb[sheet], *header)
            row = table.row(header[0], key)
            for label, value in values.items():
                table.set(row, label, value)

        self.edit(name, change)

    def plan(self, label: str, value) -> None:
        """An answer of the first system of 甲課."""
        self.card(A, label, value, sheet=1)

    def time(self, step: str, **values) -> None:
        """A milestone of the first system of 甲課."""
        self.row(A, 1, ("工程", "予定時期", "実績日"), step, **values)

    def cost(self, year: str, **values) -> None:
        """Costs of the first system of 甲課."""
        self.row(A, 1, ("年度", "移行経費", "うち補助対象"), year, **values)

    def procedure(self, number: str, **values) -> None:
        """Answers of 甲課 (15, 27) or 乙課 (16) about a procedure."""
        self.row(B if number == "16" else A, 0, LIST, number, **values)

    def parts(self, name: str, change=lambda part, body: body, added=None) -> None:
        """Changes the parts of a package."""
        self.write(name, repack(self.bytes(name), change, added))


@dataclass
class Case:
    """One broken sample."""

    code: str
    slug: str
    parent: str
    what: str
    change: Callable[[Round], None]
    companions: list[str] = field(default_factory=list)
    times: int = 1


CASES: list[Case] = []


def case(code: str, slug: str, parent: str, what: str, companions: str = "", times: int = 1):
    """Declares a case by its function."""

    def add(change):
        CASES.append(Case(code, slug, parent, what, change, companions.split(), times))
        return change

    return add


# ---- S: files and the shape of forms


@case("S001E", "cut-short", PROC, "提出/乙課（再送）.xlsx | 全体 | 乙課のファイルの写しを途中で切る")
def _(r):
    data = r.bytes(B)
    r.write("提出/乙課（再送）.xlsx", data[: len(data) * 3 // 5])


@case("S002E", "password", PROC, "提出/乙課（再送）.xlsx | 全体 | パスワードの掛かったファイルを加える")
def _(r):
    locked = Path(__file__).resolve().parents[2] / "tests/fixtures/read/encrypted.xlsx"
    r.write("提出/乙課（再送）.xlsx", locked.read_bytes())


@case("S003W", "pdf", PROC, "提出/回答.pdf | 全体 | PDFを加える")
def _(r):
    r.write("提出/回答.pdf", b"%PDF-1.4\n%%EOF\n")


@case("S004E", "too-many-merges", PROC, "提出/乙課（再送）.xlsx | 1枚目 | 乙課のファイルの写しに、結合を20001か所書く")
def _(r):
    name = r.copy(B, "提出/乙課（再送）.xlsx")
    many = b'<mergeCells count="20001">' + b'<mergeCell ref="AA900:AB900"/>' * 20_001 + b"</mergeCells>"

    def change(part, body):
        return re.sub(rb"<mergeCells.*?</mergeCells>", many, body) if part == "xl/worksheets/sheet1.xml" else body

    r.parts(name, change)


@case("S005E", "document-type", PROC, "提出/乙課（再送）.xlsx | xl/workbook.xml | 乙課のファイルの写しに、文書型の宣言を書く")
def _(r):
    name = r.copy(B, "提出/乙課（再送）.xlsx")
    doctype = b'<!DOCTYPE x [<!ENTITY a "b">]>'

    def change(part, body):
        return re.sub(rb"(<workbook)", doctype + rb"\1", body, count=1) if part == "xl/workbook.xml" else body

    r.parts(name, change)


@case("S006E", "no-bytes", PROC, "提出/乙課（再送）.xlsx | 全体 | 大きさ0のファイルを加える")
def _(r):
    r.write("提出/乙課（再送）.xlsx", b"")


@case("S007I", "owner-file", PROC, "提出/~$甲課.xlsx | 全体 | Excelが開いている間に作るファイルを加える")
def _(r):
    r.write("提出/~$甲課.xlsx", b"\x06" + b"sample".ljust(54, b" ") + b"\x06\0" + "sample".encode("utf-16le").ljust(108, b" "))


@case("S008E", "xml-2003", PROC, "提出/乙課（再送）.xml | 全体 | XMLスプレッドシート2003のファイルを加える")
def _(r):
    r.write("提出/乙課（再送）.xml", '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
            '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Worksheet/></Workbook>\n'.encode())


@case("S009I", "thumbs", PROC, "提出/Thumbs.db | 全体 | パソコンが作るファイルを加える")
def _(r):
    r.write("提出/Thumbs.db", b"\0" * 16)


@case("S010W", "another-survey", PROC, "提出/備品購入計画.xlsx | 全体 | 別の調査のファイルを加える")
def _(r):
    wb = openpyxl.Workbook()
    for row in [(MARK,), ("令和5年度 備品購入計画",), ("品名", "数量", "購入予定月"), ("書庫", 1, "令和5年9月")]:
        wb.active.append(row)
    save(wb, r.folder / "提出/備品購入計画.xlsx")


@case("S011W", "old-version", PROC, f"{A} | 進捗調査票 | 様式の版を「0」に書き換える")
def _(r):
    def change(wb):
        at = next(c for row in wb.worksheets[0].iter_rows() for c in row if str(c.value or "").startswith("様式ID"))
        at.value, n = re.subn(r"版([:：])\S+", r"版\g<1>0", at.value)
        assert n == 1, at.value

    r.edit(A, change)


@case("S072W", "sheet-of-the-last-round", PROC, f"{A} | 進捗調査票 | 前の調査回（基準日 9月30日）のシートを、別の総件数を入れて残す")
def _(r):
    def change(wb):
        old = wb.copy_worksheet(wb.worksheets[0])
        old.title = "前回"
        at = next(c for row in old.iter_rows() for c in row if str(c.value or "").startswith("様式ID"))
        at.value, n = re.subn(r"(基準日[:：])\d{4}-\d\d-\d\d", r"\g<1>2022-09-30", at.value)
        assert n == 1, at.value
        table = Table(old, *LIST)
        table.at(table.row("番号", "15"), "総件数").value = 4321

    r.edit(A, change)


@case("S073W", "heading-of-another-year", PROC, f"{A} | 進捗調査票 | 件数の見出しの年度を、一つ前の年度に書き換える")
def _(r):
    def change(wb):
        cells = [c for row in wb.worksheets[0].iter_rows() for c in row if "年度の件数" in str(c.value or "") and len(str(c.value)) < 12]
        assert len(cells) == 1, cells
        cells[0].value = "令和2年度の件数"

    r.edit(A, change)


@case("S012E", "unknown-division", PROC, "提出/丁課.xlsx | 進捗調査票 | 乙課のファイルの写しの課を、所属にない「丁課」に書き換える")
def _(r):
    name = r.copy(B, "提出/丁課.xlsx")
    r.card(name, "課コード", "199")
    r.card(name, "課", "丁課")


@case("S013E", "header-renamed", PROC, f"{A} | 進捗調査票 | 見出し「備考」を「ひとこと」に書き換える", "S035I")
def _(r):
    r.edit(A, lambda wb: setattr(spot(wb.worksheets[0], "備考"), "value", "ひとこと"))


@case("S014E", "header-twice", PROC, f"{A} | 進捗調査票 | 見出し「備考」をもう一つ書き足す")
def _(r):
    r.edit(A, lambda wb: setattr(beside(wb.worksheets[0], spot(wb.worksheets[0], "備考")), "value", "備考"))


def clear(table: Table, row: int) -> None:
    """Empties a row."""
    for c in range(1, table.ws.max_column + 1):
        cell = table.ws.cell(row, c)
        if not isinstance(cell, MergedCell):
            cell.value = None


@case("S015E", "row-removed", PROC, f"{A} | 進捗調査票 | 手続27の行を消す")
def _(r):
    def change(wb):
        table = Table(wb.worksheets[0], *LIST)
        clear(table, table.row("番号", "27"))

    r.edit(A, change)


def add_procedure(wb, number, name, answers) -> None:
    """Writes one more row below a list of procedures."""
    table = Table(wb.worksheets[0], *LIST)
    row = table.add(番号=number, 手続名=name)
    for label, value in answers.items():
        table.set(row, label, value)


@case("S016E", "row-added", PROC, f"{A} | 進捗調査票 | 様式にない手続「甲の届出」の行を書き足す")
def _(r):
    r.edit(A, lambda wb: add_procedure(wb, "99", "甲の届出", PROCEDURE))


@case("S017W", "common-answer-changed", PLAN, f"{A} | 1業務目 | DX担当が答える工程①-1の進捗状況を書き換える")
def _(r):
    r.row(A, 1, STEPS, "①-1", 進捗状況="未着手")


@case("S069E", "no-answer-cell", PROC, f"{A} | 進捗調査票 | 内線の回答欄を削除し、右のセルを左に詰める")
def _(r):
    def change(wb):
        ws = wb.worksheets[0]
        answer = beside(ws, spot(ws, "内線"))
        label = beside(ws, answer)
        last = beside(ws, label)
        answer.value, label.value, last.value = label.value, last.value, None

    r.edit(A, change)


@case("S070I", "sum-added", PROC, f"{A} | 進捗調査票 | 表の下に合計の行を書き足す")
def _(r):
    def change(wb):
        table = Table(wb.worksheets[0], *LIST)
        rows = [table.row("番号", number) for number in ("15", "27")]
        total = table.add(手続名="合計")
        for label in ("総件数", "うちオンライン件数"):
            table.set(total, label, sum(table.at(row, label).value for row in rows))

    r.edit(A, change)


@case("S070W", "sum-that-does-not-add-up", PROC, f"{A} | 進捗調査票 | 表の下に、数の合わない合計の行を書き足す")
def _(r):
    def change(wb):
        table = Table(wb.worksheets[0], *LIST)
        total = table.add(手続名="課計（2手続）")
        table.set(total, "総件数", 9999)

    r.edit(A, change)


@case("S071W", "labels-swapped", PLAN, f"{A} | 1業務目 | 見出し「現行システム名」と「現行ベンダ」を書き換えて入れ替える")
def _(r):
    def change(wb):
        ws = wb.worksheets[1]
        one, other = spot(ws, "現行システム名"), spot(ws, "現行ベンダ")
        one.value, other.value = other.value, one.value

    r.edit(A, change)


@case("S018W", "hidden-column", PROC, f"{A} | 進捗調査票 | 回答のある「備考」の列を隠す")
def _(r):
    def change(wb):
        ws = wb.worksheets[0]
        ws.column_dimensions[spot(ws, "備考").column_letter].hidden = True

    r.edit(A, change)


@case("S019W", "hidden-sheet", PLAN, f"{A} | 1業務目 | シートを隠す")
def _(r):
    r.edit(A, lambda wb: setattr(wb.worksheets[1], "sheet_state", "hidden"))


@case("S020I", "macros", PROC, f"{A} | xl/vbaProject.bin | マクロの部品を加える（中身は空）")
def _(r):
    r.parts(A, added={"xl/vbaProject.bin": b"sample"})


@case("S021W", "external-link", PROC, f"{A} | xl/externalLinks | ほかのファイルへのリンクの部品を加える")
def _(r):
    r.parts(A, added={"xl/externalLinks/externalLink1.xml": b'<?xml version="1.0"?><externalLink/>'})


@case("S022E", "bad-cell", PROC, f"{A} | 進捗調査票 | 手続15の総件数のセルを、数のはずが文字に壊す", "F003E")
def _(r):
    def change(part, body):
        if part != "xl/worksheets/sheet1.xml":
            return body
        body, n = re.subn(rb'( t="n")?><v>120</v>', b' t="n"><v>12O</v>', body)
        assert n == 1, n
        return body

    r.parts(A, change)


@case("S023I", "extra-sheet", PROC, f"{A} | メモ | 様式にないシートを加える")
def _(r):
    r.edit(A, lambda wb: wb.create_sheet("メモ").append(["課内の打合せ: 11月4日"]))


@case("S024E", "sheet-removed", PLAN, f"{A} | 2業務目 | シートを消す")
def _(r):
    r.edit(A, lambda wb: wb.remove(wb.worksheets[2]))


@case("S025E", "row-twice", PROC, f"{A} | 進捗調査票 | 手続27の行を、もう一度書く")
def _(r):
    def change(wb):
        table = Table(wb.worksheets[0], *LIST)
        source, target = table.row("番号", "27"), table.free("番号")
        for c in range(1, table.ws.max_column + 1):
            table.ws.cell(target, c).value = table.ws.cell(source, c).value

    r.edit(A, change)


@case("S026W", "number-and-name", PROC, f"{A} | 進捗調査票 | 手続15の手続名を、手続16の名に書き換える")
def _(r):
    wb = openpyxl.load_workbook(r.folder / B)
    table = Table(wb.worksheets[0], *LIST)
    r.procedure("15", 手続名=table.at(table.row("番号", "16"), "手続名").value)


@case("S027E", "no-card", PROC, "提出/乙課（再送）.xlsx | 進捗調査票 | 乙課のファイルの写しから、課コードと課の欄を消す", "S013E S013E")
def _(r):
    def change(wb):
        ws = wb.worksheets[0]
        for label in ("課コード", "課"):
            at = spot(ws, label)
            beside(ws, at).value = None
            at.value = None

    r.edit(r.copy(B, "提出/乙課（再送）.xlsx"), change)


@case("S030E", "which-is-newer", PROC, "提出/甲課（2）.xlsx | 進捗調査票 | 同じ日付で、手続15の総件数の違う版を加える", times=2)
def _(r):
    r.row(r.copy(A, "提出/甲課（2）.xlsx"), 0, LIST, "15", 総件数=130)


@case("S031I", "newer-version", PROC, "提出/甲課（差替え）.xlsx | 進捗調査票 | 提出日が後で、手続15の総件数の違う版を加える")
def _(r):
    name = r.copy(A, "提出/甲課（差替え）.xlsx")
    r.card(name, "提出日", "令和4年11月10日")
    r.row(name, 0, LIST, "15", 総件数=130)


@case("S032I", "copy", PROC, "提出/甲課 - コピー.xlsx | 全体 | 甲課のファイルの写しを加える")
def _(r):
    r.copy(A, "提出/甲課 - コピー.xlsx")


@case("S028I", "part-replaced", PLAN, "提出/甲課（直し）.xlsx | 業務のシート | 提出日が後で、一つ目の業務のシートだけがあり、現行システム名の違う版を加える")
def _(r):
    def change(wb):
        for ws in wb.worksheets[2:]:
            if not ws.title.startswith("_") and ws.title not in ("記入要領", "記入例"):
                wb.remove(ws)
        card(wb.worksheets[0], "提出日", "令和4年11月10日")
        card(wb.worksheets[1], "現行システム名", "直したあとのシステム名")

    r.edit(r.copy(A, "提出/甲課（直し）.xlsx"), change)


@case("S028W", "blank-in-the-later-file", PROC, "提出/甲課（直し）.xlsx | 進捗調査票 | 提出日が後で、手続15の総件数だけが空欄の版を加える")
def _(r):
    name = r.copy(A, "提出/甲課（直し）.xlsx")
    r.card(name, "提出日", "令和4年11月10日")
    r.row(name, 0, LIST, "15", 総件数=None)


def without(r, name, number):
    """Leaves the row of a procedure blank in a file."""
    def change(wb):
        table = Table(wb.worksheets[0], *LIST)
        row = table.row("番号", number)
        for label in table.columns:
            if label not in ("番号", "手続名"):
                cell = table.at(row, label)
                if cell is not None and not isinstance(cell, MergedCell):
                    cell.value = None

    r.edit(name, change)


@case("S029W", "row-not-in-the-later-file", PROC, "提出/甲課（庶務係）.xlsx | 進捗調査票 | 提出日が後で、手続27の行が空欄の版を加える")
def _(r):
    name = r.copy(A, "提出/甲課（庶務係）.xlsx")
    r.card(name, "提出日", "令和4年11月10日")
    without(r, name, "27")


@case("S033W", "not-asked", PROC, "提出/丙課.xlsx | 進捗調査票 | 提出を求めていない丙課が、乙課のファイルの写しを出す")
def _(r):
    name = r.copy(B, "提出/丙課.xlsx")
    r.card(name, "課コード", "103")
    r.card(name, "課", "丙課")


@case("S034W", "sheet-of-another-form", PLAN, f"{SETTINGS}・{A} | 基本・進捗調査票 | 進捗調査票も求める調査にし、その表だけを移行計画書のファイルに写す（提出者の欄と最後の2列は写さない）")
def _(r):
    def dates(wb):
        table = Table(wb["基本"], "様式ID", "基準日", "回答期限")
        row = table.row("様式ID", "online-procedures")
        table.set(row, "基準日", D(2022, 10, 31))
        table.set(row, "回答期限", D(2022, 11, 11))

    def sheet(wb):
        source = openpyxl.load_workbook(r.folder.parent / PROC / B).worksheets[0]
        table = Table(source, *LIST)
        last = sorted(table.columns.values())[-2]
        target = wb.create_sheet("進捗調査票")
        for row in source.iter_rows(min_row=table.header):
            for cell in row:
                if cell.value is not None and cell.column < last:
                    target[cell.coordinate].value = cell.value
        for area in source.merged_cells.ranges:
            target.merge_cells(str(area))

    r.edit(SETTINGS, dates)
    r.edit(A, sheet)


@case("S035I", "text-below", PROC, f"{A} | 進捗調査票 | 表の下に書き込む")
def _(r):
    def change(wb):
        table = Table(wb.worksheets[0], *LIST)
        table.ws.cell(table.free("番号") + 1, table.columns["手続名"]).value = "以上、課内で確認済み"

    r.edit(A, change)


@case("S036I", "embedded", PROC, f"{A} | xl/embeddings | 埋め込みの部品を加える（中身は空）")
def _(r):
    r.parts(A, added={"xl/embeddings/oleObject1.bin": b"sample"})


@case("S037E", "sheet-breaks-off", PROC, f"{A} | 進捗調査票 | 最後の行の後でシートの部品を切る")
def _(r):
    r.parts(A, lambda part, body: body[: body.rindex(b"</row>") + 6] if part == "xl/worksheets/sheet1.xml" else body)


@case("S038I", "chart-sheet", PROC, f"{A} | グラフ | グラフだけのシートを加える")
def _(r):
    r.edit(A, lambda wb: wb.create_chartsheet("グラフ"))


@case("S039W", "broken-styles", PROC, f"{A} | xl/styles.xml | 書式の部品を途中で切る")
def _(r):
    r.parts(A, lambda part, body: body[: len(body) // 2] if part == "xl/styles.xml" else body)


@case("S040I", "opened-with-password", PROC, f"{SETTINGS}・{B} | 合言葉・全体 | 乙課のファイルにパスワードを掛け、合言葉に書く")
def _(r):
    password = "見本の合言葉"
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests/fixtures"))
    from make_read_fixtures import compound_file, standard_encryption

    info, body = standard_encryption(r.bytes(B), password)
    r.write(B, compound_file([("EncryptionInfo", info), ("EncryptedPackage", body)]))
    r.edit(SETTINGS, lambda wb: Table(wb["合言葉"], "課コード", "合言葉").add(課コード="102", 合言葉=password))


@case("S041I", "archive", PROC, "提出/回答.zip | 全体 | 両課のファイルを一つの圧縮ファイルにする")
def _(r):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in (A, B):
            archive.writestr(entry(Path(name).name), r.bytes(name))
            r.remove(name)
    r.write("提出/回答.zip", buffer.getvalue())


@case("S080W", "closed-archive", PROC, "提出/写し.7z | 全体 | 開けない種類の圧縮ファイルを加える")
def _(r):
    r.write("提出/写し.7z", b"7z\xbc\xaf\x27\x1c\0\4" + b"\0" * 24)


def zipped(name: str, data: bytes) -> bytes:
    """An archive of one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry(name), data)
    return buffer.getvalue()


@case("S081W", "nested-too-deep", PROC, "提出/写し.zip | 全体 | 五重の圧縮ファイルを加える", "S041I S041I S041I S041I")
def _(r):
    data = r.bytes(A)
    for name in ["甲課.xlsx", "四.zip", "三.zip", "二.zip", "一.zip"]:
        data = zipped(name, data)
    r.write("提出/写し.zip", data)


@case("S082E", "ods-with-password", PROC, "提出/写し.ods | 全体 | パスワードの掛かった .ods を加える")
def _(r):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(entry("mimetype"), "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(entry("META-INF/manifest.xml"), '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
                         '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>')
        archive.writestr(entry("content.xml"), b"\x17\x2b" * 40)
    r.write("提出/写し.ods", buffer.getvalue())


@case("S083W", "shortcut", PROC, "提出/共有の回答.url | 全体 | ショートカットを加える")
def _(r):
    r.write("提出/共有の回答.url", b"[InternetShortcut]\r\nURL=https://example.jp/\r\n")


@case("S084E", "restricted", PROC, "提出/写し.xlsx | 全体 | 秘密度ラベルで暗号化されたファイルを加える")
def _(r):
    entries = b""
    for name in ["Root Entry", "EncryptedPackage", "\x06DataSpaces", "DRMEncryptedDataSpace"]:
        utf16 = (name + "\0").encode("utf-16-le")
        entries += utf16.ljust(64, b"\0") + bytes([len(utf16), 0, 2, 1]) + b"\xff" * 12 + b"\0" * 48
    r.write("提出/写し.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + entries)


@case("S085W", "still-being-copied", PROC, "提出/乙課（修正）.xlsx.crdownload | 全体 | ダウンロードの途中のファイルを加える")
def _(r):
    r.write("提出/乙課（修正）.xlsx.crdownload", r.bytes(B)[:3000])


@case("S086I", "mail", PROC, "提出/回答.eml | 全体 | 甲課のファイルを、添付のあるメールに替える")
def _(r):
    body = base64.encodebytes(r.bytes(A)).decode().replace("\n", "\r\n")
    name = base64.b64encode("甲課.xlsx".encode()).decode()
    r.write("提出/回答.eml", (
        "From: a@example.jp\r\nTo: b@example.jp\r\nSubject: reply\r\nDate: Wed, 09 Nov 2022 05:03:00 +0000\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="=_b"\r\n\r\n--=_b\r\nContent-Type: text/plain\r\n\r\n\r\n--=_b\r\n'
        f'Content-Disposition: attachment; filename="=?UTF-8?B?{name}?="\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}\r\n--=_b--\r\n'
    ).encode())
    r.remove(A)


@case("S087W", "settings-as-reply", PROC, "提出/調査設定.xlsx | 全体 | 調査設定の写しを加える")
def _(r):
    r.copy(SETTINGS, "提出/調査設定.xlsx")


def cell_of(wb, number: str, label: str):
    """The answer of a procedure."""
    table = Table(wb.worksheets[0], *LIST)
    return table.at(table.row("番号", number), label)


@case("S042W", "struck-answer", PROC, f"{A} | 進捗調査票 | 手続15の運用開始予定日に取消線を引く")
def _(r):
    r.edit(A, lambda wb: setattr(cell_of(wb, "15", "運用開始予定日"), "font", Font(strike=True)))


@case("S043W", "partly-struck-answer", PROC, f"{A} | 進捗調査票 | 手続15の総件数の前に、取消線を引いた「999」を残す")
def _(r):
    def change(wb):
        cell = cell_of(wb, "15", "総件数")
        cell.value = CellRichText(TextBlock(InlineFont(strike=True), "999"), TextBlock(InlineFont(), str(cell.value)))

    r.edit(A, change)


@case("S044I", "red-answer", PROC, f"{A} | 進捗調査票 | 手続15の運用開始予定日を赤字にする")
def _(r):
    r.edit(A, lambda wb: setattr(cell_of(wb, "15", "運用開始予定日"), "font", Font(color="FFFF0000")))


@case("S045I", "note-on-answer", PROC, f"{A} | 進捗調査票 | 手続15の総件数にメモを付ける")
def _(r):
    r.edit(A, lambda wb: setattr(cell_of(wb, "15", "総件数"), "comment", Comment("昨年度の実績です", "担当")))


@case("S046I", "unprotected", PROC, f"{A} | 進捗調査票 | シートの保護を外す")
def _(r):
    r.edit(A, lambda wb: wb.worksheets[0].protection.disable())


@case("S047I", "lists-gone", PROC, f"{A} | 進捗調査票 | 選択肢の一覧（入力規則）を全部消す")
def _(r):
    r.edit(A, lambda wb: setattr(wb.worksheets[0].data_validations, "dataValidation", []))


# ---- F: fields


def formatted(wb, number: str, label: str, code: str) -> None:
    """Gives the number format of an answer about a procedure."""
    table = Table(wb.worksheets[0], *LIST)
    table.at(table.row(LIST[0], number), label).number_format = code


@case("F001E", "required-blank", PROC, f"{A} | 進捗調査票 | 手続15の実施の有無を消す")
def _(r):
    r.procedure("15", 実施の有無=None)


@case("F002E", "not-a-date", PROC, f"{A} | 進捗調査票 | 手続15の運用開始予定日を「なるべく早く」にする")
def _(r):
    r.procedure("15", 運用開始予定日="なるべく早く")


@case("F003E", "not-a-number", PROC, f"{A} | 進捗調査票 | 手続15の総件数を「多数」にする")
def _(r):
    r.procedure("15", 総件数="多数")


@case("F004E", "not-a-choice", PROC, f"{A} | 進捗調査票 | 手続15のオンライン化状況を「予定ありかも」にする")
def _(r):
    r.procedure("15", オンライン化状況="予定ありかも")


@case("F005E", "two-choices", PROC, f"{A} | 進捗調査票 | 手続15のマイナポータルを「全部・一部」にする")
def _(r):
    r.procedure("15", マイナポータル="全部・一部")


@case("F006E", "no-such-day", PROC, f"{A} | 進捗調査票 | 手続15の運用開始予定日を2月30日にする")
def _(r):
    r.procedure("15", 運用開始予定日="令和5年2月30日")


@case("F007E", "year-without-era", PLAN, f"{A} | 1業務目 | 契約満了日を「8.3.31」にする")
def _(r):
    r.plan("契約満了日", "8.3.31")


@case("F008W", "year-end", PLAN, f"{A} | 1業務目 | 契約満了日を「令和8年末」にする")
def _(r):
    r.plan("契約満了日", "令和8年末")


@case("F009W", "two-dates", PROC, f"{A} | 進捗調査票 | 手続15の運用開始予定日に日付を二つ書く")
def _(r):
    r.procedure("15", 運用開始予定日="令和5年2月1日又は令和5年3月1日")


@case("F010W", "spreadsheet-year", PLAN, f"{A} | 1業務目 | 契約満了日を、Excelの2008年3月31日（8/3/31と打った結果）にする")
def _(r):
    r.plan("契約満了日", D(2008, 3, 31))


@case("F011W", "era-overrun", PLAN, f"{A} | 1業務目 | 契約満了日を「平成38年3月31日」にする")
def _(r):
    r.plan("契約満了日", "平成38年3月31日")


@case("F012E", "status-in-date", PLAN, f"{A} | 1業務目 | RFIの実績日を「済」にする")
def _(r):
    r.time("RFI（情報提供依頼）", 実績日="済")


@case("F013E", "see-above", PROC, f"{A} | 進捗調査票 | 手続15の運用開始予定日を「別紙のとおり」にする")
def _(r):
    r.procedure("15", 運用開始予定日="別紙のとおり")


@case("F014W", "no-year", PROC, f"{A} | 進捗調査票 | 手続15の運用開始予定日を「3月1日」にする")
def _(r):
    r.procedure("15", 運用開始予定日="3月1日")


@case("F015W", "another-unit", PLAN, f"{A} | 1業務目 | 令和5年度の移行経費を「100万」にする（欄は千円単位）")
def _(r):
    r.cost("令和5年度", 移行経費="100万")


@case("F016E", "range-of-numbers", PROC, f"{A} | 進捗調査票 | 手続15の総件数を「100～120」にする")
def _(r):
    r.procedure("15", 総件数="100～120")


@case("F017E", "no-stored-result", PLAN, f"{A} | 1業務目 | 移行経費の合計を、計算結果のない式にする")
def _(r):
    r.cost("合計", 移行経費="=1000+3000+6000")


@case("F018E", "error-value", PLAN, f"{A} | 1業務目 | 移行経費の合計を #REF! にする")
def _(r):
    r.cost("合計", 移行経費="#REF!")


@case("F019E", "out-of-range", PROC, f"{A} | 進捗調査票 | 手続15のうちオンライン件数を -5 にする")
def _(r):
    r.procedure("15", うちオンライン件数=-5)


@case("F020W", "personal-data", PROC, f"{A} | 進捗調査票 | 手続15の備考に携帯電話番号を書く")
def _(r):
    r.procedure("15", 備考="問合せは 090-0000-0000 まで")


@case("F021W", "choice-not-yet-valid", PLAN, f"{A} | 1業務目 | 期限後の予定とし、その理由を、基準日にはまだない「事由1」にする", "D003W")
def _(r):
    r.time("移行完了（運用開始）", 予定時期="令和9年3月31日")
    r.plan("期限内移行の可否", "期限内に移行できない")
    r.plan("期限を超える理由（区分）", "事由1（現行がメインフレームで運用）")


@case("F022E", "not-whole", PROC, f"{A} | 進捗調査票 | 手続15の総件数を 120.5 にする")
def _(r):
    r.procedure("15", 総件数=120.5)


@case("F023W", "weekday", PROC, f"{A} | 進捗調査票 | 手続15の運用開始予定日に、違う曜日を書く")
def _(r):
    r.procedure("15", 運用開始予定日="令和5年3月1日（金）")


@case("F024W", "date-with-a-remark", PROC, f"{A} | 進捗調査票 | 手続15の運用開始予定日に「（一部）」を付ける")
def _(r):
    r.procedure("15", 運用開始予定日="令和5年3月1日（一部）")


@case("F025E", "date-taken-back", PROC, f"{A} | 進捗調査票 | 手続15の運用開始予定日に「（中止）」を付ける")
def _(r):
    r.procedure("15", 運用開始予定日="令和5年3月1日（中止）")


@case("F026W", "number-for-a-date", PROC, f"{A} | 進捗調査票 | 手続15の運用開始予定日を、日付の書式でない数 44986 にする")
def _(r):
    r.procedure("15", 運用開始予定日=44986)


@case("F027W", "zero-not-shown", PROC, f"{A} | 進捗調査票 | 手続15のうちオンライン件数を、0を表示しない書式の0にする")
def _(r):
    r.procedure("15", うちオンライン件数=0)
    r.edit(A, lambda wb: formatted(wb, "15", "うちオンライン件数", "#,###"))


@case("F028W", "number-became-a-day", PROC, f"{A} | 進捗調査票 | 手続15の備考に「1-2」と入力し、Excelに1月2日とされる")
def _(r):
    r.procedure("15", 備考=44563)
    r.edit(A, lambda wb: formatted(wb, "15", "備考", 'm"月"d"日"'))


@case("F028I", "day-in-a-text", PROC, f"{A} | 進捗調査票 | 手続15の備考に「22-11-1」と入力し、Excelに2022/11/1とされる")
def _(r):
    r.procedure("15", 備考=44866)
    r.edit(A, lambda wb: formatted(wb, "15", "備考", "yyyy/m/d"))


@case("F029W", "number-with-a-remark", PROC, f"{A} | 進捗調査票 | 手続15の総件数を「240件（訂正：260件）」にする")
def _(r):
    r.procedure("15", 総件数="240件（訂正：260件）")


# ---- R: fields of one record


@case("R001E", "required-when", PROC, f"{A} | 進捗調査票 | 手続15の総件数を消す")
def _(r):
    r.procedure("15", 総件数=None)


@case("R002W", "needless-answer", PROC, f"{A} | 進捗調査票 | 手続15を「制度なし」にし、オンライン化状況だけを残す")
def _(r):
    r.procedure("15", **dict.fromkeys(PROCEDURE))
    r.procedure("15", 実施の有無="制度なし", オンライン化状況="予定なし")


@case("R003E", "plans-backwards", PLAN, f"{A} | 1業務目 | データ移行の予定を、移行完了の後にする")
def _(r):
    r.time("データ移行", 予定時期="令和7年12月")


@case("R004E", "actuals-backwards", PLAN, f"{A} | 1業務目 | RFPの実績を、RFIの実績の前にする")
def _(r):
    r.time("RFP（提案依頼）", 実績日="令和4年8月31日")


@case("R005E", "sum", PLAN, f"{A} | 1業務目 | 移行経費の合計を 12000 にする")
def _(r):
    r.cost("合計", 移行経費=12000)


@case("R006E", "part-above-whole", PROC, f"{A} | 進捗調査票 | 手続27のうちオンライン件数を、総件数より多くする")
def _(r):
    r.procedure("27", うちオンライン件数=350)


@case("R007W", "step-skipped", PLAN, f"{A} | 1業務目 | 工程③-1を未着手のまま、次の③-2を完了済みにする")
def _(r):
    r.row(A, 1, STEPS, "③-2", 進捗状況="完了済み")


@case("R008W", "all-not-needed", PLAN, f"{A} | 1業務目 | 課が答える工程のすべてを、理由を付けて対象外にする")
def _(r):
    def change(wb):
        table = Table(wb.worksheets[1], *STEPS)
        for row in range(table.header + 1, table.header + 41):
            if not table.at(row, "進捗状況").protection.locked:
                table.set(row, "進捗状況", "対象外")
                table.set(row, "備考（対象外の理由など）", "業務を委託しているため")

    r.edit(A, change)


@case("R009E", "no-reason-for-exemption", PLAN, f"{A} | 1業務目 | 工程③-2を、理由なしに対象外にする")
def _(r):
    r.row(A, 1, STEPS, "③-2", 進捗状況="対象外")


@case("R010E", "done-without-date", PROC, f"{A} | 進捗調査票 | オンライン化済の手続27の運用開始日を消す")
def _(r):
    r.procedure("27", 運用開始日=None)


@case("R011E", "other-without-words", PROC, f"{A} | 進捗調査票 | 手続15を検討中にし、未対応の理由を「その他」だけにする")
def _(r):
    r.procedure("15", オンライン化状況="検討中", 区分="その他")


@case("R012E", "vendor-kind", PLAN, f"{A} | 1業務目 | 候補・契約先の別を消す")
def _(r):
    r.plan("候補・契約先の別", None)


@case("R013E", "planned-without-date", PROC, f"{A} | 進捗調査票 | 予定ありの手続15の運用開始予定日を消す")
def _(r):
    r.procedure("15", 運用開始予定日=None)


@case("R014E", "done-without-channel", PROC, f"{A} | 進捗調査票 | オンライン化済の手続27の申請方法を、すべて「なし」にする")
def _(r):
    r.procedure("27", マイナポータル="なし", マイナンバーカード利用="利用しない", 署名="不要")


@case("R015W", "started-but-not-done", PROC, f"{A} | 進捗調査票 | 予定ありの手続15に、運用開始日を書く")
def _(r):
    r.procedure("15", 運用開始日="令和4年10月3日")


@case("R035W", "no-count", PROC, f"{A} | 進捗調査票 | 手続27（オンライン化済）のうちオンライン件数を「なし」にする")
def _(r):
    r.procedure("27", うちオンライン件数="なし")


@case("R036W", "no-day-of-start", PROC, f"{A} | 進捗調査票 | 手続27（オンライン化済）の運用開始日を「不明」にする")
def _(r):
    r.procedure("27", 運用開始日="不明")


@case("R016W", "card-without-channel", PROC, f"{A} | 進捗調査票 | 申請方法のない手続15を、カードを利用するにする")
def _(r):
    r.procedure("15", マイナンバーカード利用="利用する")


@case("R017W", "signature-without-card", PROC, f"{A} | 進捗調査票 | カードを利用しない手続15を、署名が要るにする")
def _(r):
    r.procedure("15", 署名="要")


@case("R018E", "no-reason", PROC, f"{A} | 進捗調査票 | 手続15を、理由なしに検討中にする")
def _(r):
    r.procedure("15", オンライン化状況="検討中")


@case("R019E", "connection-without-date", PROC, f"{A} | 進捗調査票 | 手続15を、日付なしに接続予定にする")
def _(r):
    r.procedure("15", 接続の状況="接続予定")


@case("R101E", "check-digit", PROC, f"{SETTINGS} | 基本 | 団体コードの検査数字を変える")
def _(r):
    r.card(SETTINGS, "団体コード", "042144")


# ---- X: divisions, forms and rounds


def name_of(r: Round, number: str) -> str:
    """The name of a procedure of the settings."""
    table = Table(openpyxl.load_workbook(r.folder / SETTINGS)["対象手続"], "番号", "手続名")
    return table.at(table.row("番号", number), "手続名").value


@case("X001E", "two-divisions", PROC, f"{B} | 進捗調査票 | 乙課が、甲課も答えている手続27の行を書き足す")
def _(r):
    r.edit(B, lambda wb: add_procedure(wb, "27", name_of(r, "27"), PROCEDURE))


@case("X002W", "no-owner", PROC, f"{SETTINGS} | 対象手続 | 所管課のない手続「甲の届出」の行を書き足す")
def _(r):
    r.edit(SETTINGS, lambda wb: Table(wb["対象手続"], "番号", "手続名", "確度").add(番号="41", 手続名="甲の届出", 対象="市町村", 確度="確定"))


@case("X003W", "not-the-owner", PROC, f"{A}・{B} | 進捗調査票 | 甲課の手続27の行を、乙課のファイルに移す", "S015E")
def _(r):
    def change(wb):
        table = Table(wb.worksheets[0], *LIST)
        clear(table, table.row("番号", "27"))

    r.edit(A, change)
    r.edit(B, lambda wb: add_procedure(wb, "27", name_of(r, "27"), PROCEDURE))


@case("X004W", "row-unanswered", PROC, f"{A} | 進捗調査票 | 手続15の行の回答をすべて消す")
def _(r):
    r.procedure("15", **dict.fromkeys(PROCEDURE))


@case("X005E", "costs-twice", PLAN, f"{A} | 1業務目・2業務目 | 両方に同じ一括調達グループを書き、経費も両方に残す")
def _(r):
    def change(wb):
        for ws in wb.worksheets[1:3]:
            card(ws, "一括調達グループ", "甲グループ")

    r.edit(A, change)


@case("X101E", "code-twice", PROC, f"{SETTINGS} | 所属 | 課コード103の課を、もう一つ書き足す")
def _(r):
    r.edit(SETTINGS, lambda wb: Table(wb["所属"], "課コード", "課").add(課コード="103", 課="丁課"))


@case("X102E", "no-such-division", PROC, f"{SETTINGS} | 対象手続 | 手続16の所管課コードを、所属にない199にする")
def _(r):
    r.row(SETTINGS, "対象手続", ("番号", "所管課コード"), "16", 所管課コード="199")


@case("X103E", "no-reply-deadline", PROC, f"{SETTINGS} | 基本 | 回答期限を消す")
def _(r):
    r.row(SETTINGS, "基本", ("様式ID", "回答期限"), "online-procedures", 回答期限=None)


@case("X200W", "no-sender", PROC, f"{SETTINGS} | 基本 | 発信者と問合せ先を消す")
def _(r):
    for label in ("発信者", "問合せ先"):
        r.card(SETTINGS, label, None)


@case("X104I", "owner-assumed", PROC, f"{SETTINGS} | 対象手続 | 手続16の確度を「仮」にする")
def _(r):
    r.row(SETTINGS, "対象手続", ("番号", "確度"), "16", 確度="仮")


@case("X012W", "answer-about-what-is-not", PLAN, f"{SETTINGS} | 対象業務 | 回答のある一つ目の業務に「システムなし」の○を付ける")
def _(r):
    r.row(SETTINGS, "対象業務", ("業務ID", "業務名"), "002", システムなし="○")


@case("S055E", "one-number-two-things", "_valid-initiatives", "提出/甲課（二係）.xlsx | 取組一覧 | 提出日が後で、1番の行に別の取組を書いた版を加える（乙課のファイルはない）", "D001W")
def _(r):
    name = r.copy(A, "提出/甲課（二係）.xlsx")
    r.card(name, "提出日", "令和4年11月10日")
    r.row(name, 0, ("番号", "事業名", "区分"), "101-01", 事業名="庁舎案内の予約", DX推進方針の取組事項="窓口サービスの改善",
          概要="来庁の予約を受ける。", 計画上の番号="2-3", 公表用の説明文="来庁の日時を予約できるようにします。")
    r.remove(B)
    for sheet in (1, 2):
        r.row(name, sheet, ("番号", "事業名"), "101-01", 事業名="庁舎案内の予約")


def last_round(r, form, item, name, division, answers, file="取りまとめ.xlsx", as_of="2022-09-30"):
    """The master of an earlier round, as far as it is read: one item's answers as (key, label, type, value, word, from, to)."""
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "データ"
    ws.append(["調査回", "様式ID", "課コード", "課", "対象キー", "対象名", "項目キー", "項目名", "値の型", "値", "値の語",
               "開始日", "終了日", "幅を示す語", "原文", *(["基準日"] if as_of != "2022-09-30" else [])])
    for key, label, kind, value, word, first, last in answers:
        more = [as_of] if as_of != "2022-09-30" else []
        ws.append(["令和4年9月末", form, *division, item, name, key, label, kind, value, word, first, last, 0, word, *more])
    (r.folder / "前回").mkdir(exist_ok=True)
    save(wb, r.folder / "前回" / file)


@case("D024W", "back-since-the-last-round", PLAN, "前回/取りまとめ.xlsx | データ | 業務002の工程（まだ終わっていないもの）が、前回は完了済みだったことにする")
def _(r):
    last_round(r, "migration-plan", "002", "印鑑登録", ("101", "甲課"),
               [("step_38", "㊳", "choice", "done", "完了済み", None, None)])


@case("D025W", "later-than-the-last-round", PLAN, "前回/取りまとめ.xlsx | データ | 業務002の移行完了が、前回は半年早かったことにする")
def _(r):
    last_round(r, "migration-plan", "002", "印鑑登録", ("101", "甲課"),
               [("go_live", "移行完了", "date", "2025-03-31", "令和7年3月31日", "2025-03-31", "2025-03-31")])


@case("X210I", "no-master", PLAN, "前回/係名簿.xlsx | 取りまとめではないブックを置く")
def _(r):
    wb = openpyxl.Workbook()
    wb.active.append(["係", "内線"])
    (r.folder / "前回").mkdir()
    save(wb, r.folder / "前回" / "係名簿.xlsx")


@case("X210W", "damaged-master", PLAN, "前回/取りまとめ.xlsx | 表計算ファイルでないものにする")
def _(r):
    (r.folder / "前回").mkdir()
    r.write("前回/取りまとめ.xlsx", "コピーの途中".encode())


@case("X211W", "two-masters", PLAN, "前回 | 同じ調査回の取りまとめを二つ置き、片方のシステム名を変える")
def _(r):
    for file, name in [("取りまとめ.xlsx", "甲システム"), ("取りまとめ (1).xlsx", "乙システム")]:
        last_round(r, "migration-plan", "002", "印鑑登録", ("101", "甲課"),
                   [("system_name", "現行システム名", "text", name, name, None, None)], file)


@case("X220W", "last-round-is-no-earlier-one", PLAN, "前回/取りまとめ.xlsx | データ | 基準日が今回と同じ日の取りまとめを、前回として置く")
def _(r):
    last_round(r, "migration-plan", "002", "印鑑登録", ("101", "甲課"),
               [("step_38", "㊳", "choice", "todo", "未着手", None, None)], as_of="2022-10-31")


# The last answers of 甲課 about a procedure, as the long sheet gives them.
LAST = [
    ("exists", "実施の有無", "choice", "yes", "実施", None, None), ("total", "総件数", "integer", 300, "300", None, None),
    ("online", "うちオンライン件数", "integer", 45, "45", None, None), ("status", "オンライン化状況", "choice", "done", "オンライン化済", None, None),
    ("channel_portal", "マイナポータル", "choice", "all", "全部", None, None), ("channel_generic", "汎用電子申請", "choice", "none", "なし", None, None),
    ("channel_other", "その他", "choice", "none", "なし", None, None), ("card", "マイナンバーカード利用", "choice", "yes", "利用する", None, None),
    ("signature", "署名", "choice", "yes", "要", None, None), ("start", "運用開始日", "date", "2022-04-01", "令和4年4月1日", "2022-04-01", "2022-04-01"),
    ("connection", "接続の状況", "choice", "import", "取込（データ取込）", None, None), ("remarks", "備考", "text", "窓口での申請も続ける。", "窓口での申請も続ける。", None, None),
]


def as_last_time(r, tick, **changed):
    """The box of procedure 27 behind the table, with a last round in which 甲課 answered for it."""
    last_round(r, "online-procedures", "27", "罹災証明書の発行申請", ("101", "甲課"), LAST)

    def change(wb):
        ws = wb.worksheets[0]
        table = Table(ws, *LIST)
        row, column = table.row("番号", "27"), ws.max_column + 1
        ws.cell(table.header, column).value = "前回から変更なし"
        ws.cell(row, column).value = tick
        for label, value in changed.items():
            table.set(row, label, value)

    r.edit(A, change)


@case("X212I", "late-reply-to-the-last-round", PLAN, f"前回・{SETTINGS} | 基本 | 前回のフォルダに、写しと違う結果を置く")
def _(r):
    for name in ("甲システム", "乙システム"):
        last_round(r, "migration-plan", "002", "印鑑登録", ("101", "甲課"),
                   [("current_system", "現行システム名", "text", name, name, None, None)])
        if name == "甲システム":
            (r.folder / "前の回").mkdir()
            (r.folder / "前回").rename(r.folder / "前の回" / "結果")

    def change(wb):
        at = spot(wb["基本"], "履歴に残す組数")
        wb["基本"].cell(at.row + 1, at.column).value = "前回のフォルダ"
        beside(wb["基本"], wb["基本"].cell(at.row + 1, at.column)).value = "前の回"

    r.edit(SETTINGS, change)


@case("X213W", "as-it-came", PROC, f"{A} | 進捗調査票 | 前回と同じ回答のまま、「前回から変更なし」の欄も空欄にする")
def _(r):
    as_last_time(r, None)


@case("X214W", "ticked-and-changed", PROC, f"{A} | 進捗調査票 | 「前回から変更なし」に○を付け、備考を書き換える")
def _(r):
    as_last_time(r, "○", 備考="窓口での申請は終える。")


@case("S075W", "card-of-another-division", PLAN, f"{A} | 提出票 | 課コードと課を、乙課のものにする")
def _(r):
    r.card(A, "課コード", "102")
    r.card(A, "課", "乙課")


@case("S074W", "left-as-it-came", PROC, "提出/甲課（直し）.xlsx | 進捗調査票 | 先のファイルで手続27の総件数を直し、後のファイルでは前回の回答のまま、手続15は空欄にする", "S029W X213W")
def _(r):
    name = r.copy(A, "提出/甲課（直し）.xlsx")
    r.card(name, "提出日", "令和4年11月10日")
    without(r, name, "15")
    as_last_time(r, None, 総件数=310)


@case("X215I", "ticked-and-blank", PROC, f"{A} | 進捗調査票 | 「前回から変更なし」に○を付け、回答を空欄にする")
def _(r):
    as_last_time(r, "○", **{label: None for _, label, *_ in LAST})


@case("X216W", "division-gone", "_valid-initiatives", "前回/取りまとめ.xlsx | データ | 「所属」にない丁課が、前回は取組を回答していたことにする")
def _(r):
    last_round(r, "dx-initiatives", "109-01", "窓口の見直し", ("109", "丁課"),
               [("name", "事業名", "text", "窓口の見直し", "窓口の見直し", None, None)])


@case("S057E", "reply-under-reply", PROC, f"{A} | 進捗調査票 | 乙課の提出者欄と表を、自分の表の下に貼り付ける")
def _(r):
    def change(wb):
        ws, other = wb.worksheets[0], openpyxl.load_workbook(r.folder / B).worksheets[0]
        base = ws.max_row + 2
        for row in other.iter_rows(min_row=10, max_row=19, min_col=2):
            for cell in row:
                if cell.value is not None:
                    ws.cell(base + cell.row - 10, cell.column).value = cell.value

    r.edit(A, change)


@case("S058I", "two-cards", PROC, f"{A} | 進捗調査票 (2) | 手続27だけを書いた係のシートを加える（担当が違う）", "S046I S047I")
def _(r):
    def change(wb):
        first = wb.worksheets[0]
        second = wb.copy_worksheet(first)
        second.title = "進捗調査票 (2)"
        card(second, "担当（役職）", "係長")
        for ws, number in ((first, "27"), (second, "15")):
            table = Table(ws, *LIST)
            row = table.row("番号", number)
            for label in table.columns:
                if label not in ("番号", "手続名"):
                    cell = table.at(row, label)
                    if cell is not None and not isinstance(cell, MergedCell):
                        cell.value = None

    r.edit(A, change)


@case("S056E", "order-in-doubt", PROC, "提出/甲課（直し）.xlsx | 進捗調査票 | 提出日の年を書き間違えた、手続15の総件数が違う版を加える", "X008W")
def _(r):
    name = r.copy(A, "提出/甲課（直し）.xlsx")

    def change(wb):
        card(wb.worksheets[0], "提出日", "令和3年11月10日")
        table = Table(wb.worksheets[0], *LIST)
        table.set(table.row("番号", "15"), "総件数", 131)

    r.edit(name, change, dt.datetime(2022, 11, 10, 1))


@case("X170I", "settings-open", PLAN, f"{SETTINGS} | 隣にLibreOfficeの印のファイルを置く")
def _(r):
    lock = r.folder / f".~lock.{SETTINGS}#"
    lock.write_text("DX担当 甲,kou,pc-3,28.11.2022 10:00,file:///x;", encoding="utf-8")


@case("X190W", "decision-about-nothing", PLAN, f"{SETTINGS} | 決定事項 | 対象の一覧にない「戸籍の附票」の決定を書く")
def _(r):
    r.edit(SETTINGS, lambda wb: Table(wb["決定事項"], "様式ID", "対象", "項目").add(
        様式ID="移行計画書", 対象="戸籍の附票", 項目="移行完了（運用開始）の予定時期", 決定した日付=D(2025, 9, 30)))


@case("X191W", "common-answer-blank", PLAN, f"{SETTINGS} | 共通回答 | ①-1の回答を消す")
def _(r):
    r.row(SETTINGS, "共通回答", ("項目", "回答"), "step_01", 回答=None)


@case("X192I", "approval-of-nothing", PROC, f"{SETTINGS} | 了承 | 甲課にないD003Wを了承した行を書く")
def _(r):
    def change(wb):
        ws = wb.create_sheet("了承")
        ws.append(["指摘コード", "課コード", "様式ID", "対象", "項目", "理由", "有効期限"])
        ws.append(["D003W", "甲課", "進捗調査票", None, None, "本部会議で了承", None])
    r.edit(SETTINGS, change)


@case("X193E", "common-answer-not-a-choice", PLAN, f"{SETTINGS} | 共通回答 | ①-1の回答を「おおむね」にする")
def _(r):
    r.row(SETTINGS, "共通回答", ("項目", "回答"), "step_01", 回答="おおむね")


@case("X194E", "deadline-without-day", PROC, f"{SETTINGS} | 期限 | オンライン化の期日を「令和5年3月」にする")
def _(r):
    r.row(SETTINGS, "期限", ("期限ID", "期日"), "online", 期日="令和5年3月")


@case("X194W", "moved-in-a-month", PROC, f"{SETTINGS} | 対象手続 | 手続16の移管日を「令和4年4月」にする")
def _(r):
    r.row(SETTINGS, "対象手続", ("番号", "移管日"), "16", 移管日="令和4年4月")


@case("X196W", "weekday-of-a-deadline", PROC, f"{SETTINGS} | 基本 | 回答期限を「令和4年11月11日（木）」にする")
def _(r):
    r.row(SETTINGS, "基本", ("様式ID", "回答期限"), "online-procedures", 回答期限="令和4年11月11日（木）")


@case("X197W", "code-of-another-city", PROC, f"{SETTINGS} | 基本 | 市区町村名を、団体コードとは別の「石巻市」にする")
def _(r):
    r.card(SETTINGS, "市区町村名", "石巻市")


@case("X195W", "no-such-deadline", PROC, f"{SETTINGS} | 期限 | 期限IDの「online」を「online-r4」に書き換える")
def _(r):
    r.row(SETTINGS, "期限", ("期限ID", "期日"), "online", 期限ID="online-r4")


# ---- D: deadlines


@case("D001W", "missing", PROC, f"{B} | 全体 | ファイルを消す")
def _(r):
    r.remove(B)


@case("D002W", "straddles", PLAN, f"{A} | 1業務目 | 移行完了の予定を「令和8年」にする")
def _(r):
    r.time("移行完了（運用開始）", 予定時期="令和8年")


@case("D003E", "late-without-reason", PLAN, f"{A} | 1業務目 | 移行完了の予定を、理由なしに期限後にする")
def _(r):
    r.time("移行完了（運用開始）", 予定時期="令和8年9月")
    r.plan("期限内移行の可否", "期限内に移行できない")


@case("D003W", "late-with-reason", PLAN, f"{A} | 1業務目 | 移行完了の予定を期限後にし、理由を書く")
def _(r):
    r.time("移行完了（運用開始）", 予定時期="令和8年9月")
    r.plan("期限内移行の可否", "期限内に移行できない")
    r.plan("期限を超える理由（区分）", "ベンダの提供時期・体制による")


@case("D004W", "undecided", PLAN, f"{A} | 1業務目 | 移行完了の予定を「未定（ベンダと協議中）」にする")
def _(r):
    r.time("移行完了（運用開始）", 予定時期="未定（ベンダと協議中）")


@case("D005W", "year-and-fiscal-year", PLAN, f"{A} | 1業務目 | 移行完了の予定を、期限のちょうど1年前「R7.3.31」にする（前の工程も1年早める）")
def _(r):
    r.time("データ移行", 予定時期="令和7年1月")
    r.time("テスト", 予定時期="令和7年2月")
    r.time("移行完了（運用開始）", 予定時期="R7.3.31")


@case("D006W", "reason-but-in-time", PLAN, f"{A} | 1業務目 | 期限内の予定のまま、期限を超える理由を書く")
def _(r):
    r.plan("期限を超える理由（区分）", "ベンダの提供時期・体制による")


@case("D007W", "contract-gap", PLAN, f"{A} | 1業務目 | 契約満了日を移行完了の前にし、延長を「不可」にする")
def _(r):
    r.plan("契約満了日", "令和7年3月31日")
    r.plan("満了後の延長可否", "不可")


@case("D008E", "can-but-late", PLAN, f"{A} | 1業務目 | 期限後の予定と理由を書き、「期限内に移行できる」を残す", "D003W")
def _(r):
    r.time("移行完了（運用開始）", 予定時期="令和8年9月")
    r.plan("期限を超える理由（区分）", "ベンダの提供時期・体制による")


@case("D009W", "cannot-but-in-time", PLAN, f"{A} | 1業務目 | 期限内の予定のまま、「期限内に移行できない」にする")
def _(r):
    r.plan("期限内移行の可否", "期限内に移行できない")


@case("D010E", "done-in-future", PLAN, f"{A} | 1業務目 | RFIの実績日を、基準日の後にする")
def _(r):
    r.time("RFI（情報提供依頼）", 実績日="令和4年11月4日")


@case("D011W", "plan-passed", PLAN, f"{A} | 1業務目 | RFIの実績日を消す（予定は基準日の前）")
def _(r):
    r.time("RFI（情報提供依頼）", 実績日=None)


@case("D012W", "more-steps-than-months", PLAN, f"{SETTINGS} | 期限 | 移行の期限を令和7年9月30日に早める（3業務とも残り36工程）", times=3)
def _(r):
    r.row(SETTINGS, "期限", ("期限ID", "期日"), "migration", 期日="令和7年9月30日")


@case("D014W", "decided-otherwise", PLAN, f"{SETTINGS} | 決定事項 | 業務002の移行完了を令和7年4月1日と決めた行を書く")
def _(r):
    r.edit(SETTINGS, lambda wb: Table(wb["決定事項"], "様式ID", "対象", "項目").add(
        様式ID="migration-plan", 対象="002", 項目="go_live", 決定した日付=D(2025, 4, 1), 決定日=D(2022, 10, 20), 会議="第1回DX推進本部会議"))


@case("D020I", "late-reply", PROC, f"{A} | 進捗調査票 | 提出日を、回答期限の後の令和4年11月14日にする")
def _(r):
    r.card(A, "提出日", "令和4年11月14日")


@case("X008W", "submitted-next-year", PROC, f"{A} | 進捗調査票 | 提出日を、1年先の令和5年11月9日にする")
def _(r):
    r.card(A, "提出日", "令和5年11月9日")


@case("X009W", "receipt-of-no-file", PROC, f"{SETTINGS} | 受付 | 「提出」にない「甲課（最終）.xlsx」を受け付けた行を書く")
def _(r):
    r.edit(SETTINGS, lambda wb: Table(wb["受付"], "ファイル", "受付日", "差戻し日").add(
        ファイル="甲課（最終）.xlsx", 受付日=D(2022, 11, 9)))


@case("X010W", "not-mended", PROC, f"{SETTINGS} | 受付 | 甲課のファイルを11月8日に受け付けて9日に差し戻した行を書く（11月21日になっても、直したものは届いていない）")
def _(r):
    r.edit(SETTINGS, lambda wb: Table(wb["受付"], "ファイル", "受付日", "差戻し日").add(
        ファイル="甲課.xlsx", 受付日=D(2022, 11, 8), 差戻し日=D(2022, 11, 9)))
    r.write("today", b"2022-11-21\n")


@case("X011W", "hidden-sheet-of-another-division", PROC, f"{A} | 進捗調査票 (2) | 乙課のシートを写して隠す")
def _(r):
    def sheet(wb):
        source = openpyxl.load_workbook(r.folder / B).worksheets[0]
        target = wb.create_sheet("進捗調査票 (2)")
        for row in source.iter_rows():
            for cell in row:
                if cell.value is not None:
                    target[cell.coordinate].value = cell.value
        for area in source.merged_cells.ranges:
            target.merge_cells(str(area))
        target.sheet_state = "hidden"

    r.edit(A, sheet)


# ---- the ministry's workbooks


@case("S060W", "unknown-national-workbook", PROC, f"{M} | 全体 | 別の調査の表を加える（見出しは手続の名称だけが同じ）")
def _(r):
    ministry.table(r.folder / M, "調査票", ("手続の名称", "所要日数", "手数料", "受付窓口", "添付書類"), ministry.NAMES)


@case("S061W", "national-workbook-cut-short", PROC, f"{M} | 全体 | 国の様式を加え、途中で切る")
def _(r):
    ministry.use(r.folder / M)
    data = r.bytes(M)
    r.write(M, data[: len(data) * 3 // 5])


@case("S062W", "national-label-missing", PROC, f"{M} | オンライン利用状況 | 国の様式を加え、見出し「うちオンライン数(件)」を「電子の数」にする")
def _(r):
    ministry.use(r.folder / M, heads=(*ministry.USE[:2], "電子の数", ministry.USE[3]))


@case("S063W", "national-row-twice", PROC, f"{M} | オンライン利用状況 | 国の様式を加え、同じ手続の行を二つにする")
def _(r):
    ministry.use(r.folder / M, rows=(*ministry.NAMES, ministry.NAMES[0]))


@case("S064W", "national-row-missing", PROC, f"{M} | オンライン利用状況 | 国の様式を加え、手続の行を一つ減らす")
def _(r):
    ministry.use(r.folder / M, rows=ministry.NAMES[:2])


@case("S065W", "national-formula", PROC, f"{M} | オンライン利用状況 | 国の様式を加え、割合の欄を数式にする")
def _(r):
    ministry.use(r.folder / M, rows=[(name, None, None, f"=IF(B{n}=0,0,ROUND(C{n}/B{n}*100,1))") for n, name in enumerate(ministry.NAMES, 4)])


@case("S066I", "national-other-order", PROC, f"{M} | オンライン利用状況 | 国の様式を加え、手続の行を一覧と違う順にする")
def _(r):
    ministry.use(r.folder / M, rows=ministry.NAMES[::-1])


@case("S067I", "national-not-in-force", PLAN, f"{M} | 結果一覧 | 令和6年12月にできた区分の様式を加える")
def _(r):
    ministry.table(r.folder / M, "結果一覧", ("団体コード", "自治体名", "印鑑登録", "戸籍", "固定資産税"), [("042145", "宮城県甲市")])


@case("S068I", "national-unknown-row", PROC, f"{M} | オンライン利用状況 | 国の様式を加え、一覧にない手続の行を足す")
def _(r):
    ministry.use(r.folder / M, rows=(*ministry.NAMES, "甲の届出"))


@case("S095W", "national-list", PLAN, f"{M} | 移行計画一覧 | 国の様式を加え、移行方式を「甲方式・乙方式」から選ぶ欄にする")
def _(r):
    ministry.plan(r.folder / M, methods="甲方式,乙方式")


@case("S096W", "national-other-municipality", PLAN, f"{M} | 移行計画一覧 | 別の市（仙台市）の団体コードと名前の入った国の様式を加える")
def _(r):
    ministry.plan(r.folder / M, place=(("団体コード", "041009"), ("市区町村名", "仙台市")))


@case("X110W", "national-not-settled", PROC, f"{M}・{B} | オンライン利用状況 | 国の様式を加え、乙課の回答を除く", "D001W")
def _(r):
    ministry.use(r.folder / M)
    r.remove(B)


@case("S088W", "national-provisional", PROC, f"{M}・提出/乙課（修正）.xlsx.crdownload | 全体 | 国の様式と、ダウンロードの途中のファイルを加える", "S085W")
def _(r):
    ministry.use(r.folder / M)
    r.write("提出/乙課（修正）.xlsx.crdownload", r.bytes(B)[:3000])


@case("X111I", "national-overwritten", PROC, f"{M} | オンライン利用状況 | 国の様式を加え、手続の総件数に前回の値を入れておく")
def _(r):
    ministry.use(r.folder / M, rows=[(ministry.NAMES[0], 99), *ministry.NAMES[1:]])


@case("X112W", "national-kept", PLAN, f"{M} | 移行計画一覧 | 国の様式を加え、記入のいらない理由の欄に前回の文を残しておく")
def _(r):
    heads = ("業務名", "システムの有無", "現行システム名", "契約満了日", "移行方式", "ガバメントクラウドの利用",
             "移行完了予定", "期限内移行の可否", "期限を超える理由")
    dash, old = "－", "前回の調査での理由"
    rows = ["固定資産税", ("戸籍", *[None] * 7, dash), ("印鑑登録", *[None] * 7, old)]
    ministry.table(r.folder / M, "移行計画一覧", heads, rows)


# ---- what was sent


@case("X120W", "answers-changed-since", PROC, f"{sent.BOOK} | オンライン利用状況 | 控えのある報告を加え、オンライン数を回答と違う40件にする")
def _(r):
    sent.book(r.folder / sent.BOOK, n27=(300, 40, 13.3))
    sent.note(r.folder / sent.NOTE, r.folder / sent.BOOK)


@case("X121W", "sent-before-otherwise", PROC, f"{sent.BOOK} | オンライン利用状況 | 控えのない報告を加え、総件数を回答と違う130件にする")
def _(r):
    sent.book(r.folder / sent.BOOK, n15=(130, 0, 0.0))


@case("X122W", "sent-altered", PROC, f"{sent.BOOK} | 全体 | 控えのある報告を加え、控えを作ったあとで保存し直す")
def _(r):
    sent.book(r.folder / sent.BOOK, n15=(120, 1, 0.8))
    sent.note(r.folder / sent.NOTE, r.folder / sent.BOOK)
    sent.book(r.folder / sent.BOOK)


@case("X123W", "sent-unknown", PROC, f"{sent.BOOK} | 全体 | どの国の様式の見出しもないブックを、報告として加える")
def _(r):
    sent.book(r.folder / sent.BOOK, heads=("件名", "甲", "乙", "丙"))
import broken_public  # noqa: E402  (its cases are declared with the functions above)
import broken_survey  # noqa: E402  (likewise)

broken_public.declare(case, A, B)
broken_survey.declare(case)


@case("S059W", "days-say-otherwise", PROC, "提出/甲課（後）.xlsx | 進捗調査票 | 提出日は後で保存日時は前の、手続15の総件数が違う版を加える")
def _(r):
    name = r.copy(A, "提出/甲課（後）.xlsx")
    r.edit(A, lambda wb: None, dt.datetime(2022, 11, 9, 1))

    def change(wb):
        card(wb.worksheets[0], "提出日", "令和4年11月10日")
        table = Table(wb.worksheets[0], *LIST)
        table.set(table.row("番号", "15"), "総件数", 131)

    r.edit(name, change, dt.datetime(2022, 11, 8, 1))


def moved(r, day) -> None:
    """Procedure 27 went from 甲課 to 乙課."""
    r.row(SETTINGS, "対象手続", ("番号", "移管日"), "27", 所管課コード="102", 前所管課コード="101", 移管日=day)


@case("X240I", "not-yet-moved", PROC, f"{SETTINGS} | 対象手続 | 手続27を、基準日より後に甲課から乙課に移す")
def _(r):
    moved(r, D(2022, 12, 1))


@case("X241W", "former-owner-answers", PROC, f"{SETTINGS} | 対象手続 | 手続27を、基準日より前に甲課から乙課に移す（様式は前のまま）")
def _(r):
    moved(r, D(2022, 10, 1))


@case("X241I", "former-owner-answers-too", PROC, f"{SETTINGS}・{B} | 対象手続・進捗調査票 | 手続27を甲課から乙課に移し、乙課も答える")
def _(r):
    moved(r, D(2022, 10, 1))
    r.edit(B, lambda wb: add_procedure(wb, "27", name_of(r, "27"), PROCEDURE))


@case("X242W", "row-of-what-moved", PROC, f"{SETTINGS}・{A} | 対象手続・進捗調査票 | 手続27を甲課から乙課に移し、甲課の行も空ける")
def _(r):
    moved(r, D(2022, 10, 1))

    def change(wb):
        table = Table(wb.worksheets[0], *LIST)
        clear(table, table.row("番号", "27"))

    r.edit(A, change)


@case("X243W", "struck-setting", PROC, f"{SETTINGS} | 期限 | オンライン化の期日に取消線を引く")
def _(r):
    def change(wb):
        table = Table(wb["期限"], "期限ID", "期日")
        table.at(table.row("期限ID", "online"), "期日").font = Font(strike=True)

    r.edit(SETTINGS, change)
