"""The mutations about fonts, merges and what lies on cells and is no value. Declared as in broken_cases.py."""

from __future__ import annotations

import re

from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font

from broken_book import card, repack, spot
from broken_cases import A, PROC, case, cell_of

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006"


@case("S048W", "note-number-raised", PROC, f"{A} | 進捗調査票 | 手続15の総件数の後ろに、上付きの「1」（注の番号）を付ける")
def _(r):
    def change(wb):
        cell = cell_of(wb, "15", "総件数")
        cell.value = CellRichText(str(cell.value), TextBlock(InlineFont(vertAlign="superscript"), "1"))

    r.edit(A, change)


@case("S049E", "font-of-pictures", PROC, f"{A} | 進捗調査票 | 手続15のマイナポータルを、フォントWingdingsの「Q」（飛行機の絵）にする")
def _(r):
    def change(wb):
        cell = cell_of(wb, "15", "マイナポータル")
        cell.value, cell.font = "Q", Font(name="Wingdings")

    r.edit(A, change)


def merge(wb, label: str) -> None:
    """Merges the answers of the two procedures."""
    upper, lower = cell_of(wb, "15", label), cell_of(wb, "27", label)
    lower.value = None
    wb.worksheets[0].merge_cells(f"{upper.coordinate}:{lower.coordinate}")


@case("S050E", "count-over-two-rows", PROC, f"{A} | 進捗調査票 | 手続15と手続27の総件数のセルを結合する")
def _(r):
    r.edit(A, lambda wb: merge(wb, "総件数"))


@case("S050I", "choice-over-two-rows", PROC, f"{A} | 進捗調査票 | 手続15と手続27の汎用電子申請のセルを結合する")
def _(r):
    r.edit(A, lambda wb: merge(wb, "汎用電子申請"))


def box(at: tuple[int, int], text: str) -> str:
    """A drawing with one text box over a cell (row, column, from 1 on)."""
    row, col = at
    corner = lambda c, r: f"<xdr:col>{c}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{r}</xdr:row><xdr:rowOff>0</xdr:rowOff>"  # noqa: E731
    return (
        f'<xdr:wsDr xmlns:xdr="{DRAWING}/spreadsheetDrawing" xmlns:a="{DRAWING}/main"><xdr:twoCellAnchor>'
        f"<xdr:from>{corner(col - 1, row - 1)}</xdr:from><xdr:to>{corner(col, row)}</xdr:to>"
        '<xdr:sp macro="" textlink=""><xdr:nvSpPr><xdr:cNvPr id="2" name="テキスト ボックス 1"/><xdr:cNvSpPr txBox="1"/></xdr:nvSpPr>'
        '<xdr:spPr><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></xdr:spPr>'
        f"<xdr:txBody><a:bodyPr/><a:p><a:r><a:t>{text}</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
        "<xdr:clientData/></xdr:twoCellAnchor></xdr:wsDr>"
    )


def draw(r, at: tuple[int, int], text: str) -> None:
    """Puts a text box on the first sheet."""

    def change(name: str, body: bytes) -> bytes:
        if name == "xl/worksheets/sheet1.xml":
            tag = f'<drawing xmlns:r="{RELATIONS}" r:id="rId9"/>'.encode()
            return re.sub(rb"(<tableParts|</worksheet>)", tag + rb"\1", body, count=1)
        if name == "[Content_Types].xml":
            kind = '<Override PartName="/xl/drawings/drawing1.xml" ContentType="application/vnd.openxmlformats-officedocument.drawing+xml"/>'
            return body.replace(b"</Types>", kind.encode() + b"</Types>")
        return body

    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId9" Type="{RELATIONS}/drawing" Target="../drawings/drawing1.xml"/></Relationships>'
    )
    added = {"xl/drawings/drawing1.xml": box(at, text).encode(), "xl/worksheets/_rels/sheet1.xml.rels": rels.encode()}
    r.write(A, repack(r.bytes(A), change, added))


def place(r, find) -> tuple[int, int]:
    """Row and column of a cell of the first file."""
    found = []
    r.edit(A, lambda wb: found.append(find(wb)))
    return found[0].row, found[0].column


@case("S051W", "text-box-on-answer", PROC, f"{A} | 進捗調査票 | 手続15の運用開始予定日の上に、テキストボックス「見直し中」を置く")
def _(r):
    draw(r, place(r, lambda wb: cell_of(wb, "15", "運用開始予定日")), "見直し中")


@case("S051I", "text-box-beside", PROC, f"{A} | 進捗調査票 | 見出し「手続ごとの進捗」の上に、テキストボックス「急ぎで作成」を置く")
def _(r):
    draw(r, place(r, lambda wb: spot(wb.worksheets[0], "手続ごとの進捗")), "急ぎで作成")


def picture(r, label: str) -> None:
    """Puts what WPS Office writes for a picture in a cell into an answer of procedure 15."""

    def change(wb):
        cell_of(wb, "15", label).value = '=_xlfn.DISPIMG("ID_0123456789ABCDEF0123456789ABCDEF",1)'

    r.edit(A, change)


@case("S052E", "picture-as-answer", PROC, f"{A} | 進捗調査票 | 手続15のマイナポータルのセルに、画像を入れる（WPS OfficeのDISPIMG）")
def _(r):
    picture(r, "マイナポータル")


@case("S052W", "picture-in-remarks", PROC, f"{A} | 進捗調査票 | 手続15の備考のセルに、画像を入れる（WPS OfficeのDISPIMG）")
def _(r):
    picture(r, "備考")


@case("S053W", "linked-data-type", PROC, f"{A} | 進捗調査票 | 手続15の備考のセルを、地名のデータ型「石巻市」にする")
def _(r):
    at = place(r, lambda wb: cell_of(wb, "15", "備考"))
    rich = "http://schemas.microsoft.com/office/spreadsheetml/2017/richdata"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    name = "S" + str(at[0]) if at[1] == 19 else ""
    types = [("metadata", "sheetMetadata"), ("rdrichvalue", "rdRichValue"), ("rdrichvaluestructure", "rdRichValueStructure")]

    def change(part: str, body: bytes) -> bytes:
        if part == "xl/worksheets/sheet1.xml":
            cell = re.compile(rf'<c r="{name}"( s="\d+")?[^>]*?(/>|>.*?</c>)'.encode())
            new, count = cell.subn(rb'<c r="' + name.encode() + rb'"\1 t="e" vm="1"><v>#VALUE!</v></c>', body)
            assert name and count == 1, "the remarks stand in column S"
            return new
        if part == "xl/_rels/workbook.xml.rels":
            new = "".join(
                f'<Relationship Id="rIdx{i}" Type="http://schemas.microsoft.com/office/2017/06/relationships/{kind}" Target="{file}.xml"/>'
                for i, (file, kind) in enumerate(types)
            )
            return body.replace(b"</Relationships>", new.encode() + b"</Relationships>")
        return body

    parts = {
        "xl/metadata.xml": f'<metadata xmlns="{main}" xmlns:xlrd="{rich}"><metadataTypes count="1"><metadataType name="XLRICHVALUE"/>'
        '</metadataTypes><futureMetadata name="XLRICHVALUE" count="1"><bk><extLst><ext uri="{3e2802c4-a4d2-4d8b-9148-e3be6c30e623}">'
        '<xlrd:rvb i="0"/></ext></extLst></bk></futureMetadata><valueMetadata count="1"><bk><rc t="1" v="0"/></bk></valueMetadata></metadata>',
        "xl/rdrichvalue.xml": f'<rvData xmlns="{rich}" count="1"><rv s="0"><v>1</v><v>石巻市</v></rv></rvData>',
        "xl/rdrichvaluestructure.xml": f'<rvStructures xmlns="{rich}" count="1"><s t="_linkedentity2"><k n="%EntityId" t="s"/>'
        '<k n="_DisplayString" t="s"/></s></rvStructures>',
    }
    r.write(A, repack(r.bytes(A), change, {k: v.encode() for k, v in parts.items()}))


@case("S054W", "typed-into-the-example", PROC, f"{A} | 記入例 | 課コードと課を甲課のものに書き換える")
def _(r):
    def change(wb):
        example = next(ws for ws in wb.worksheets if ws.title.startswith("記入例"))
        card(example, "課コード", "101")
        card(example, "課", "甲課")

    r.edit(A, change)
