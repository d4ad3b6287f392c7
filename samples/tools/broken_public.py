"""The mutations that only `publish` tells; their parent is _valid-initiatives.

Every case writes a file `command`, the command that the sample is run with.
"""

from __future__ import annotations

from openpyxl.styles import Font

import initiatives

PARENT = "_valid-initiatives"
# Two columns that the mutations use: of the first sheet, by group and label.
NAME, PUBLISH, PUBLIC = ("", "事業名"), ("公表", "公表の可否"), ("公表", "公表用の説明文")


def declare(case, a: str, b: str) -> None:
    """Declares the cases."""

    def command(r, text: str = "publish") -> None:
        (r.folder / "command").write_text(text + "\n", encoding="utf-8")

    def cell(wb, column: tuple[str, str], row: int = 0):
        header, at = initiatives.grouped(wb.worksheets[0], "取組の基本と位置付け")
        return wb.worksheets[0].cell(header + 1 + row, at[column])

    def put(r, column, value, text="publish") -> None:
        r.edit(a, lambda wb: setattr(cell(wb, column), "value", value))
        command(r, text)

    def definition(r, change) -> None:
        shipped = (initiatives_root() / "templates/publish/dx-initiatives.toml").read_text(encoding="utf-8")
        path = r.folder / "定義/publish/dx-initiatives.toml"
        path.parent.mkdir(parents=True)
        path.write_text(change(shipped), encoding="utf-8")
        command(r, "publish --templates 定義")

    @case("X140E", "column-of-names", PARENT, "定義/publish | 列「担当課」 | 列の名前を「担当者氏名」に変える")
    def _(r):
        definition(r, lambda t: t.replace('label = "担当課"', 'label = "担当者氏名"'))

    @case("X141E", "phone-in-text", PARENT, "提出/甲課.xlsx | 公表用の説明文 | 全角で電話番号を書く", "F020W")
    def _(r):
        put(r, PUBLIC, "お問い合わせは０２２５（００）００００まで。")

    @case("X142E", "against-the-word", PARENT, "定義/publish | only | 公表可の条件を外し、課は公表不可と答える")
    def _(r):
        r.edit(a, lambda wb: setattr(cell(wb, PUBLISH), "value", "公表不可"))
        definition(r, lambda t: t.replace('    { field = "publish", in = ["yes"] },\n', ""))

    @case("X143E", "hidden-text", PARENT, "提出/甲課.xlsx | 公表用の説明文の列 | 列を隠す", "S018W")
    def _(r):
        def hide(wb):
            c = cell(wb, PUBLIC)
            c.parent.column_dimensions[c.column_letter].hidden = True

        r.edit(a, hide)
        command(r)

    @case("X144E", "struck-through", PARENT, "提出/甲課.xlsx | 公表用の説明文 | 取消線を引く", "S042W")
    def _(r):
        r.edit(a, lambda wb: setattr(cell(wb, PUBLIC), "font", Font(name="游ゴシック", size=10, strike=True)))
        command(r)

    @case("X145W", "unreadable", PARENT, "提出/甲課.xlsx | 公表用の説明文 | 「別紙のとおり」と書く", "F013E")
    def _(r):
        put(r, PUBLIC, "別紙のとおり")

    @case("X146W", "not-decided", PARENT, "提出/甲課.xlsx | 公表の可否 | 「未定」と書く", "F004E")
    def _(r):
        put(r, PUBLISH, "未定")

    @case("X150E", "no-such-character", PARENT, "提出/甲課.xlsx | 公表用の説明文 | CP932にない文字を書く")
    def _(r):
        put(r, PUBLIC, "𠮷野家の前の窓口で受け付けます。", "publish --cp932")

    @case("X151I", "another-dash", PARENT, "提出/甲課.xlsx | 公表用の説明文 | 波ダッシュを書く")
    def _(r):
        put(r, PUBLIC, "平日9時〜17時に受け付けます。", "publish --cp932")


def initiatives_root():
    """The root of the repository."""
    from pathlib import Path

    return Path(__file__).resolve().parents[2]
