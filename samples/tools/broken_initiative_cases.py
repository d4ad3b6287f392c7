"""The mutations of the DX initiatives: one for each code that their form brings. Declared as in broken_cases.py."""

from __future__ import annotations

import datetime as dt

import initiatives
from broken_book import put
from broken_cases import A, B, case

D = dt.date
PARENT = "_valid-initiatives"
TITLES = ("取組の基本と位置付け", "年度別計画とKPI", "年度別の事業費・財源と効果")


def cell(wb, sheet: int, row: int, group: str, label: str):
    """The answer of the nth initiative on the nth sheet."""
    ws = wb.worksheets[sheet]
    header, at = initiatives.grouped(ws, TITLES[sheet])
    return ws.cell(header + 1 + row, at[(group, label)])


def change(r, name: str, sheet: int, row: int, *answers) -> None:
    """Changes answers: group, label, value."""

    def edit(wb):
        for group, label, value in answers:
            put(cell(wb, sheet, row, group, label), value)

    r.edit(name, edit)


@case("R020E", "ends-before-start", PARENT, f"{A} | 取組一覧 | 1件目の終了年度を、開始年度より前の令和3年度にする", "R026W")
def _(r):
    change(r, A, 0, 0, ("期間", "終了年度", "令和3年度"))


@case("R021W", "class-a-elsewhere", PARENT, f"{A} | 取組一覧 | 区分Aの1件目の位置付けを「行革プラン」にする")
def _(r):
    change(r, A, 0, 0, ("計画", "位置付け", "行革プラン"))


@case("R022W", "class-b-elsewhere", PARENT, f"{A} | 取組一覧 | 区分Bの2件目の位置付けを「実施計画」にする")
def _(r):
    change(r, A, 0, 1, ("計画", "位置付け", "実施計画"))


@case("R023E", "no-decision-day", PARENT, f"{B} | 取組一覧 | 本部決定の2件目の本部決定日を消す")
def _(r):
    change(r, B, 0, 1, ("本部決定と予算", "本部決定日", None))


@case("R024W", "not-decided-yet", PARENT, f"{B} | 取組一覧 | 本部決定の2件目の本部決定日を「未定」にする")
def _(r):
    change(r, B, 0, 1, ("本部決定と予算", "本部決定日", "未定"))


@case("R026W", "plan-after-its-end", PARENT, f"{A} | 計画とKPI | 令和5年度までの2件目に、令和6年度の計画を記入する")
def _(r):
    change(r, A, 1, 1, ("年度別計画", "R6", "◎"))


@case("R029E", "funds-do-not-add-up", PARENT, f"{A} | 事業費と効果 | 1件目の令和5年度の国の財源を100減らす")
def _(r):
    change(r, A, 2, 0, ("令和5年度", "国", 900))


@case("R030W", "yen-for-thousand-yen", PARENT, f"{A} | 事業費と効果 | 1件目の令和4年度の事業費と一般財源を円で記入する")
def _(r):
    change(r, A, 2, 0, ("令和4年度", "事業費", 1000000), ("令和4年度", "一般財源", 1000000))


@case("R031W", "other-unit", PARENT, f"{A} | 計画とKPI | 単位が「件」の1件目の令和5年度の目標を「80%」にする")
def _(r):
    change(r, A, 1, 0, ("KPI(R5)", "目標", "80%"))


@case("R032E", "missed-without-reason", PARENT, f"{A} | 計画とKPI | 1件目を「完了」とし、実績を目標より少ない90にする")
def _(r):
    change(r, A, 1, 0, ("", "進捗評価", "完了"), ("KPI(R4)", "実績", 90))


@case("R033E", "no-public-text", PARENT, f"{A} | 取組一覧 | 公表可の1件目の説明文を消す")
def _(r):
    change(r, A, 0, 0, ("公表", "公表用の説明文", None))


@case("R034W", "policy-of-the-other-class", PARENT, f"{A} | 取組一覧 | 区分Bの2件目の取組事項を、区分Aの「窓口サービスの改善」にする")
def _(r):
    change(r, A, 0, 1, ("", "DX推進方針の取組事項", "窓口サービスの改善"))


@case("R048W", "number-not-shown", PARENT, f"{A} | 計画とKPI | 1件目の番号と事業名の表示を消す（計算しないソフトで保存したとき）")
def _(r):
    change(r, A, 1, 0, ("", "番号", None), ("", "事業名", None))


@case("D021W", "money-before-decision", PARENT, f"{B} | 取組一覧 | 2件目の予算化日を、本部決定日より前にする")
def _(r):
    change(r, B, 0, 1, ("本部決定と予算", "予算化日", D(2022, 6, 24)))


@case("D022W", "decided-in-the-future", PARENT, f"{B} | 取組一覧 | 2件目の本部決定日と予算化日を、基準日より後にする")
def _(r):
    change(r, B, 0, 1, ("本部決定と予算", "本部決定日", D(2022, 11, 22)), ("本部決定と予算", "予算化日", D(2022, 12, 20)))


@case("D023W", "figure-of-a-coming-year", PARENT, f"{A} | 計画とKPI | 1件目の令和5年度の実績を記入する")
def _(r):
    change(r, A, 1, 0, ("KPI(R5)", "実績", 310))


@case("X006E", "number-twice", PARENT, f"{B} | 3枚とも | 2件目の番号を1件目と同じにする")
def _(r):
    def edit(wb):
        for sheet in range(3):
            put(cell(wb, sheet, 1, "", "番号"), cell(wb, sheet, 0, "", "番号").value)

    r.edit(B, edit)


@case("X007W", "same-name-twice", PARENT, f"{B} | 3枚とも | 1件目の事業名を、甲課の1件目と同じにする")
def _(r):
    def edit(wb):
        for sheet in range(3):
            put(cell(wb, sheet, 0, "", "事業名"), "甲の申請のオンライン化")

    r.edit(B, edit)
