"""The valid initiatives of the parent _valid-initiatives, and how one answer of them is changed."""

from __future__ import annotations

import datetime as dt

import initiatives
from initiatives import one

D = dt.date
ROWS = {
    "101": [
        one("甲の申請のオンライン化", "A", "行政手続のオンライン化", "実施計画", plan_number="1-1", actual=120, effect=300, hours=80,
            cost=(1000, 2000, 500, 500), funds={1: {"国": 1000, "一般財源": 1000}}, text="甲の申請をインターネットでできるようにします。"),
        one("甲の台帳の電子化", "B", "ペーパーレスと電子決裁の推進", "行革プラン", plan_number="行-1", end="令和5年度", plan="○◎",
            kpi=("電子化した割合", "%", 20), targets=(60, 100, None, None), actual=64, cost=(800, 400, 0, 0), publish="公表不可"),
    ],
    "102": [
        one("乙の窓口の改善", "A", "窓口サービスの改善", "実施計画", new="継続", start="令和2年度", actual=110, text="乙の窓口を使いやすくします。"),
        one("乙の相談のオンライン化", "A", "行政手続のオンライン化", "本部決定", actual=100, decided=D(2022, 8, 22), timing="補正第3号",
            budgeted=D(2022, 9, 22), text="乙の相談をオンラインで受け付けます。"),
    ],
}


def fill_parent(wb, division: str) -> None:
    """Fills the three tables of a division of the parent."""
    initiatives.fill(wb, division, ROWS[division])
    initiatives.formulas_as_values(wb)
