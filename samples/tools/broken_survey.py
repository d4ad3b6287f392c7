"""The mutations that only `survey` tells, and their parent _valid-survey: three questions, six answers, two bureaus.

Every folder has a file `command`, the command that the sample is run with.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import openpyxl

from broken_book import save

PARENT = "_valid-survey"
BOOK, EXPORT = "アンケート/設問.xlsx", "アンケート/回答.csv"
QUESTIONS = [
    ["番号", "設問", "種類", "選択肢", "分岐", "最小", "最大", "属性"],
    ["問1", "所属する部局を選んでください。", "単一選択", "甲部\n乙部", None, None, None, "部局"],
    ["問2", "困っていることを二つまで選んでください。", "複数選択", "決裁\n会議\n照会", None, None, 2, None],
    ["問3", "在宅勤務をしたことがありますか。", "単一選択", "ある\nない", None, None, None, None],
    ["問4", "在宅勤務を続けたいですか。", "単一選択", "続けたい\nやめたい", "問3=ある", None, None, None],
    ["問5", "転記に何時間かかっていますか。", "数値", None, None, 0, 60, None],
]
ANSWERS = [
    ["回答日時", "回答キー", *(f"{row[0]} {row[1]}" for row in QUESTIONS[1:])],
    ["2022/09/07 09:00:00", "a1", "甲部", "決裁;会議", "ある", "続けたい", "2"],
    ["2022/09/07 09:10:00", "a2", "甲部", "会議", "ない", "", "3"],
    ["2022/09/08 10:00:00", "a3", "甲部", "照会", "ある", "やめたい", "1"],
    ["2022/09/09 11:00:00", "b1", "乙部", "決裁;照会", "ない", "", "5"],
    ["2022/09/10 12:00:00", "b2", "乙部", "", "ない", "", ""],
    ["2022/09/10 13:00:00", "b3", "乙部", "決裁", "ある", "続けたい", "0"],
]


def export(folder: Path, rows: list[list[str]], encoding: str = "utf-8-sig") -> None:
    text = "".join(",".join(row) + "\r\n" for row in rows)
    (folder / EXPORT).write_bytes(text.encode(encoding))


def parent(broken: Path) -> None:
    """Makes the parent; its settings are those of another one."""
    folder = broken / PARENT
    (folder / "アンケート").mkdir(parents=True, exist_ok=True)
    (folder / "調査設定.xlsx").write_bytes((broken / "_valid-initiatives" / "調査設定.xlsx").read_bytes())
    wb = openpyxl.Workbook()
    wb.active.title = "設問"
    for row in QUESTIONS:
        wb.active.append(row)
    about = wb.create_sheet("調査")
    for row in [("調査名", "試しの調査"), ("開始", dt.datetime(2022, 9, 7, 8, 30)), ("締切", dt.datetime(2022, 9, 21, 17, 15)),
                ("回答日時の見出し", "回答日時"), ("回答者の見出し", "回答キー")]:
        about.append(list(row))
    asked = wb.create_sheet("配布数")
    for row in [("部局", "配布数"), ("甲部", 5), ("乙部", 4)]:
        asked.append(list(row))
    save(wb, folder / BOOK)
    export(folder, ANSWERS)
    (folder / "command").write_text("survey\n", encoding="utf-8")
    (folder / "expected.txt").write_text("")
    (folder / "mutation.txt").write_text(f"{PARENT} | そのまま（指摘なし）\n", encoding="utf-8")


def declare(case) -> None:
    """Declares the cases."""

    def row(r, at: int, column: int, value: str) -> None:
        rows = [list(line) for line in ANSWERS]
        rows[at][column] = value
        export(r.folder, rows)

    @case("Q001E", "no-such-kind", PARENT, "アンケート/設問.xlsx | 問2の種類 | 「いくつでも」と書く")
    def _(r):
        r.edit(BOOK, lambda wb: setattr(wb["設問"]["C3"], "value", "いくつでも"))

    @case("Q002E", "column-missing", PARENT, "アンケート/回答.csv | 問3の列 | 列を消す")
    def _(r):
        export(r.folder, [line[:4] + line[5:] for line in ANSWERS])

    @case("Q003W", "question-changed", PARENT, "アンケート/回答.csv | 問5の見出し | 文を変える")
    def _(r):
        row(r, 0, 6, "問5 転記や集計に週何時間かかりますか")

    @case("Q004I", "column-unknown", PARENT, "アンケート/回答.csv | 右端 | 列「職場の電話機」を加える")
    def _(r):
        export(r.folder, [ANSWERS[0] + ["職場の電話機"], *(line + ["あり"] for line in ANSWERS[1:])])

    @case("Q005W", "no-time", PARENT, "アンケート/回答.csv | 回答日時の列 | 列を消す")
    def _(r):
        export(r.folder, [line[1:] for line in ANSWERS])

    @case("Q006E", "letters-lost", PARENT, "アンケート/回答.csv | 問2の答え | 読めないバイトにする")
    def _(r):
        data = (r.folder / EXPORT).read_bytes()
        text = data.decode("utf-8-sig").encode("cp932")
        (r.folder / EXPORT).write_bytes(text.replace("照会,ある".encode("cp932"), b"\x8f\xc6\xff,".replace(b",", b"") + ",ある".encode("cp932"), 1))

    @case("Q010W", "no-such-choice", PARENT, "アンケート/回答.csv | 問2の答え | 「押印」と書く")
    def _(r):
        row(r, 2, 3, "押印")

    @case("Q011W", "too-many", PARENT, "アンケート/回答.csv | 問2の答え | 三つ選ぶ")
    def _(r):
        row(r, 2, 3, "決裁;会議;照会")

    @case("Q012W", "not-asked", PARENT, "アンケート/回答.csv | 問4の答え | 聞いていない人が答える")
    def _(r):
        row(r, 2, 5, "続けたい")

    @case("Q013W", "no-moment", PARENT, "アンケート/回答.csv | 回答日時 | 「9月7日の朝」と書く")
    def _(r):
        row(r, 2, 0, "9月7日の朝")

    @case("Q020W", "another-bureau", PARENT, "アンケート/設問.xlsx | 配布数の部局 | 「丙部」を加える")
    def _(r):
        r.edit(BOOK, lambda wb: wb["配布数"].append(["丙部", 3]))

    @case("Q021W", "more-than-asked", PARENT, "アンケート/設問.xlsx | 甲部の配布数 | 2にする")
    def _(r):
        r.edit(BOOK, lambda wb: setattr(wb["配布数"]["B2"], "value", 2))
