"""What the divisions answer about their DX initiatives, with the mistakes people make. All of it is made up.

Fills the form `dx-initiatives` of the sample round: three tables, joined by the number that the form comes with.
"""

from __future__ import annotations

import datetime as dt

from workbook import key, put, spot

D = dt.date
FORM = "dx-initiatives"
TITLE = "進捗管理表"
YEARS = ("R4", "R5", "R6", "R7")
NAMES = ("令和4年度", "令和5年度", "令和6年度", "令和7年度")
FUNDS = ("国", "県", "市債", "その他", "一般財源")


def one(name, class_, policy, place, *, start="令和4年度", end="令和7年度", plan="△○◎◎", kpi=("利用件数", "件", 0),
        targets=(100, 300, 500, 800), actual=None, cost=(0, 0, 0, 0), funds=None, effect=None, hours=None,
        progress="順調", issues=None, new="新規", number=None, decided=None, timing=None, budgeted=None, origin=None,
        publish="公表可", text=None, summary=None, plan_number=None):
    """One initiative; `funds` gives the sources of a year's cost where they are not all 一般財源."""
    sources = [(funds or {}).get(n, {"一般財源": c}) for n, c in enumerate(cost)]
    return locals() | {"sources": sources}


# 課コード → initiatives in the order of the rows.
INITIATIVES: dict[str, list[dict]] = {
    "103": [
        one("書かない窓口の導入", "A", "窓口サービスの改善", "実施計画", plan_number="1-1-3", plan="○◎◎☆",
            kpi=("書かない窓口の利用件数", "件", 0), targets=(500, 6000, 9000, 12000), actual=320,
            cost=(4800, 12000, 3600, 3600), funds={1: {"国": 6000, "一般財源": 6000}}, hours=1200, effect=2400,
            text="窓口で申請書を書かずに手続ができるようにします。", origin="アンケート課題12"),
        one("証明書のコンビニ交付の利用促進", "A", "マイナンバーカードの利活用", "実施計画", new="継続", start="令和元年度",
            plan="◎◎◎☆", kpi=("コンビニ交付率", "%", 18), targets=(25, "32%", 38, 45), actual=22, cost=(2200, 2200, 2200, 2200),
            effect=900, text="コンビニで証明書を取れる市民を増やします。"),
        # Class A, yet placed in the internal plan.
        one("住民異動届の予約受付", "A", "行政手続のオンライン化", "行革プラン", plan="△○◎◎",
            kpi=("予約件数", "件", 0), targets=(0, 800, 1500, 2000), cost=(0, 450, 450, 450),
            text="転出や転入の手続を、来庁前に予約できるようにします。"),
    ],
    "107": [
        one("国民健康保険の届出の電子申請", "A", "行政手続のオンライン化", "実施計画", plan_number="1-1-5",
            kpi=("電子申請件数", "件", 40), targets=(200, 600, 900, 1200), actual=150, cost=(0, 1100, 1100, 1100),
            progress="やや遅れ", issues="添付書類の扱いの整理に時間がかかっている", text="国民健康保険の届出を、インターネットでできるようにします。"),
        # 円 where 千円 is asked for.
        one("給付事務のAI-OCR・RPA導入", "B", "AI・RPAの利用推進", "行革プラン", plan_number="行-07", plan="○◎◎◎",
            kpi=("自動処理した件数", "件", 0), targets=(1000, 4000, 6000, 8000), actual=700,
            cost=(2640000, 1320000, 1320000, 1320000), effect=1800, hours=860, publish="公表不可"),
    ],
    "108": [
        one("介護認定調査のタブレット化", "B", "ペーパーレスと電子決裁の推進", "行革プラン", plan_number="行-11", plan="△○◎◎",
            kpi=("タブレットで行った調査の割合", "%", 0), targets=(0, 30, 60, 90), cost=(0, 3300, 900, 900),
            hours=1500, effect=3000, publish="公表不可"),
        # An unforeseen case, not decided yet: the next meeting decides.
        one("介護認定結果の通知のオンライン化", "A", "行政手続のオンライン化", "本部決定", start="令和5年度", plan=(None, "○", "◎", "◎"),
            kpi=("オンライン通知件数", "件", 0), targets=(None, 300, 800, 1200), cost=(0, 1650, 330, 330),
            funds={1: {"国": 825, "一般財源": 825}}, decided="未定", timing="補正第5号", progress="未着手",
            text="介護認定の結果を、希望する方にオンラインでお知らせします。"),
    ],
    "111": [
        one("子育て手続のオンライン申請", "A", "行政手続のオンライン化", "実施計画", plan_number="1-2-1", plan="○◎◎◎",
            kpi=("オンライン申請率", "%", 1.2), targets=(5, 20, 35, 50), actual=3.4, cost=(1800, 2400, 2400, 2400),
            funds={0: {"国": 900, "一般財源": 900}, 1: {"国": 1200, "一般財源": 1000}}, effect=1200, hours=640,
            text="児童手当などの手続を、マイナポータルで申請できるようにします。"),
        # A target in another unit than the KPI's.
        one("子育て情報アプリの配信", "A", "情報発信の充実とデジタルデバイド対策", "実施計画", plan_number="1-2-4", new="継続", start="R3",
            plan="◎◎☆☆", kpi=("登録者数", "人", 1200), targets=("1,500人", "80%", 2200, 2500), actual=1620,
            cost=(660, 660, 660, 660), text="子育ての情報を、アプリでお届けします。"),
        # The same initiative stands in 112's form as well.
        one("保育所入所選考のAI活用", "B", "AI・RPAの利用推進", "行革プラン", plan_number="行-09", plan="△○◎◎",
            kpi=("選考に要する時間", "時間", 320), targets=(320, 160, 40, 40), cost=(0, 4400, 1100, 1100), hours=280,
            publish="公表不可"),
    ],
    "112": [
        one("保育所入所選考のＡＩ活用", "B", "AI・RPAの利用推進", "行革プラン", plan_number="行-09", plan="△○◎◎",
            kpi=("選考に要する時間", "時間", 320), targets=(320, 160, 40, 40), cost=(0, 4400, 1100, 1100), hours=280,
            effect=560, publish="公表不可"),
        # Decided in August after the money was voted in June.
        one("保育所の連絡帳アプリの導入", "A", "行政手続のオンライン化", "本部決定", plan="◎◎◎◎", kpi=("利用園数", "園", 0),
            targets=(6, 12, 12, 12), actual=6, cost=(1980, 1980, 1980, 1980), decided=D(2022, 8, 22), timing="補正第2号",
            budgeted=D(2022, 6, 24), text="保護者との連絡を、アプリでできるようにします。"),
    ],
    "101": [
        one("市税のキャッシュレス納付の拡大", "A", "キャッシュレス決済の推進", "実施計画", plan_number="1-1-8", new="継続", start="平成31年度",
            plan="◎☆☆☆", kpi=("キャッシュレス納付の割合", "%", 12), targets=(15, 20, 25, 30), actual=14.5,
            cost=(900, 900, 900, 900), effect=700, text="スマートフォン決済などで市税を納められるようにします。"),
        # Done, with its target missed and no reason; a year's plan after its end.
        one("課税資料の電子化", "B", "ペーパーレスと電子決裁の推進", "行革プラン", plan_number="行-02", new="継続", start="令和2年度",
            end="令和4年度", plan="◎◎  ", kpi=("電子化した資料の割合", "%", 40), targets=(100, None, None, None), actual=86,
            cost=(5500, 0, 0, 0), effect=1500, hours=420, progress="完了", publish="公表不可"),
        one("確定申告会場の混雑状況の配信", "A", "情報発信の充実とデジタルデバイド対策", "実施計画", plan_number="1-1-9", start="令和5年度",
            plan=(None, "◎", "◎", "◎"), kpi=("閲覧件数", "件", 0), targets=(None, 3000, 4000, 5000), cost=(0, 120, 120, 120),
            # To be published, without the words for it.
            text=None, progress="未着手"),
    ],
    # On last year's form: its four years are 令和3年度 to 令和6年度.
    "104": [
        one("学校と家庭の連絡のデジタル化", "A", "行政手続のオンライン化", "実施計画", plan_number="1-3-2", start="令和3年度",
            end="令和6年度", plan="○◎◎◎", kpi=("連絡をデジタル化した学校", "校", 0), targets=(5, 20, 40, 54), actual=7,
            cost=(1200, 2640, 2640, 2640), effect=800, hours=900, text="学校からのお知らせを、スマートフォンで受け取れるようにします。"),
    ],
    "105": [],
}
# Divisions that say so in words.
NONE_IN_WORDS = {"110"}


def grouped(ws, block_title: str) -> tuple[int, dict[tuple[str, str], int]]:
    """The last header row of a table with two of them, and its columns by group and label."""
    top = spot(ws, block_title).row + 1
    columns: dict[tuple[str, str], int] = {}
    group = ""
    for c in range(1, ws.max_column + 1):
        upper, lower = ws.cell(top, c).value, ws.cell(top + 1, c).value
        if upper is not None:
            group = key(upper)
        label = key(lower) if lower is not None else key(upper)
        if label:
            columns[(group if lower is not None else "", label)] = c
    return top + 1, columns


def fill(wb, division: str, rows: list[dict] | None = None) -> None:
    """Fills the three tables of a division, with its own initiatives or with others."""
    basic, plan, cost = wb.worksheets[:3]
    for n, a in enumerate(INITIATIVES.get(division, []) if rows is None else rows):
        header, at = grouped(basic, "取組の基本と位置付け")
        row = header + 1 + n
        number = a["number"] or basic.cell(row, at[("", "番号")]).value
        for place, value in [
            (("", "番号"), number), (("", "事業名"), a["name"]), (("", "区分"), a["class_"]),
            (("", "DX推進方針の取組事項"), a["policy"]), (("", "概要"), a["summary"] or f"{a['name']}を進める。"),
            (("計画", "位置付け"), a["place"]), (("計画", "計画上の番号"), a["plan_number"]), (("計画", "新規・継続"), a["new"]),
            (("期間", "開始年度"), a["start"]), (("期間", "終了年度"), a["end"]),
            (("本部決定と予算", "本部決定日"), a["decided"]), (("本部決定と予算", "予算化の時期"), a["timing"]),
            (("本部決定と予算", "予算化日"), a["budgeted"]), (("", "取組の由来"), a["origin"]),
            (("公表", "公表の可否"), a["publish"]), (("公表", "公表用の説明文"), a["text"]),
        ]:
            if value is not None:
                put(basic.cell(row, at[place]), value)
        header, at = grouped(plan, "年度別計画とKPI")
        row = header + 1 + n
        # As a spreadsheet shows it after it has calculated.
        put(plan.cell(row, at[("", "番号")]), number)
        put(plan.cell(row, at[("", "事業名")]), a["name"])
        for short, sign, target in zip(YEARS, a["plan"], a["targets"]):
            for place, value in [(("年度別計画", short), sign), ((f"KPI({short})", "目標"), target)]:
                if value not in (None, " "):
                    put(plan.cell(row, at[place]), value)
        for label, value in zip(("名称", "単位", "基準値"), a["kpi"]):
            put(plan.cell(row, at[("KPI", label)]), value)
        for place, value in [((f"KPI({YEARS[0]})", "実績"), a["actual"]), (("", "進捗評価"), a["progress"]),
                             (("", "課題"), a["issues"])]:
            if value is not None:
                put(plan.cell(row, at[place]), value)
        header, at = grouped(cost, "年度別の事業費・財源と効果")
        row = header + 1 + n
        put(cost.cell(row, at[("", "番号")]), number)
        put(cost.cell(row, at[("", "事業名")]), a["name"])
        for name, total, sources in zip(NAMES, a["cost"], a["sources"]):
            put(cost.cell(row, at[(name, "事業費")]), total)
            for fund in FUNDS:
                put(cost.cell(row, at[(name, fund)]), sources.get(fund, 0))
        for label, value in [("効果額", a["effect"]), ("削減時間", a["hours"])]:
            if value is not None:
                put(cost.cell(row, at[("効果(年間)", label)]), value)
    if division in NONE_IN_WORDS:
        header, at = grouped(basic, "取組の基本と位置付け")
        put(basic.cell(header + 1, at[("", "事業名")]), "該当なし")


def formulas_as_values(wb) -> None:
    """The numbers that the second and third table show of empty rows, as a spreadsheet stores them: the program that fills
    this sample writes no results of formulas."""
    basic, *others = wb.worksheets[:3]
    for ws in others:
        for row in ws.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("='"):
                    cell.value = basic[cell.value.split("!")[1].split("&")[0]].value
