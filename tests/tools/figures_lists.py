"""The lists of initiatives, their sums, the ways of counting procedures, the differences between replies; and that no figure is left out."""

import datetime as dt
import re
import tomllib
import unicodedata
from collections import Counter
from fractions import Fraction
from functools import cache

import openpyxl

from figures_count import MAYBE, NO, ONLINE, REGISTER, ROOT, SUBJECT, TITLES, YES, among, day_words, every, table
from figures_papers import CITY, STANDING, begins, column_name, legend, shown

BASE = "DX取組一覧"
LISTS = [BASE, "DXマーク一覧", "行革プラン掲載一覧", "突発事案一覧"]
AGAIN, SINCE = "再提出の差", "前回との差"
# The sheets of which every figure must have been compared, or be a text of `WORDS`.
WHOLE = ["概要", *LISTS, AGAIN, SINCE]

HEAD = dict.fromkeys(LISTS, "事業名") | {AGAIN: "前の回答", SINCE: "変化"}
# Label over a column, or group of a year's column, to the answer below it.
ANSWERS = {"取組事項": "policy", "DX推進方針の取組事項": "policy", "区分": "class", "概要": "summary", "位置付け": "placement",
           "計画上の番号": "plan_number", "新規・継続": "continuity", "公表の可否": "publish", "KPI": "kpi_name", "単位": "kpi_unit",
           "進捗評価": "progress", "効果額（千円）": "effect_amount", "削減時間（時間）": "saved_hours", "本部決定日": "decided_on",
           "予算化の時期": "budget_timing", "予算化日": "budgeted_on"}
YEARLY = {"年度別計画": "plan_", "事業費（千円）": "cost_"}
SUMS = {"事業費 全年度（千円）": ("cost_",), "うち国・県（千円）": ("fund_national_", "fund_pref_"), "効果額 年間（千円）": ("effect_amount",),
        "削減時間 年間（時間）": ("saved_hours",)}
NUMBERS = ("integer", "number", "money", "percent")
ASIDE = ("superseded", "duplicate", "unreadable", "not-ours")
NAMED = 10
DECISIONS = ["D003W", "D002W", "D004W", "D005W", "D007W", "X002W", "R024W", "D021W", "D025W", "D024W"]
# Texts with digits that are no figures: headings, names of rates and of ways of counting.
WORDS = {"概要": [r"\d　\D.*", r".*（\d+工程）", r"26手続のオンライン化率（デジタル庁）", r"市の目標の達成率（.*）", r"よく使う32手続の.*",
                r"31手続のうち市町村が対象のもの（子育て・介護26手続＋罹災証明書）", r"（?市が対象とする手続.*", r"同上（.*"]}


def belongs(item, class_=None, placement=None):
    """Whether an initiative is of this class and this plan; open while that is not answered."""
    return every(*(among(item, key, code) for key, code in (("class", class_), ("placement", placement)) if code))


def to_decide(item):
    """Whether the headquarters has to decide about it."""
    return every(belongs(item, placement="hq"), int(item.blank("decided_on") or item.kind("decided_on") == "undecided"))


# What is open is listed, except that the mark is given only to what is sure to bear it.
MEMBER = {BASE: lambda i: YES, "DXマーク一覧": lambda i: int(belongs(i, "A", "plan") == YES), "行革プラン掲載一覧": lambda i: belongs(i, placement="reform"),
          "突発事案一覧": lambda i: belongs(i, placement="hq")}


def columns(r, papers, sheet):
    """The first row below the head, and what stands in each column: an answer's key, or a function of the item."""
    own = {"柱": lambda i: r.pillar(i) or None, "所管課": r.division, "部局": lambda i: r.divisions[r.under(i)][1],
           "番号": lambda i: i.key, "事業名": lambda i: i.name, "DXマーク": lambda i: "DX" if belongs(i, "A", "plan") == YES else None,
           "決定": lambda i: {YES: "要決定", NO: "決定済"}.get(to_decide(i)),
           "決定（会議で記入）": lambda i: None, "意見（会議で記入）": lambda i: None, STANDING: lambda i: i.standing}
    years = {(group, short): f"{start}{year}" for year, short in r.years.items() for group, start in YEARLY.items()}
    first, labels = papers.heads(sheet, "事業名")
    out, group = [], None
    for above, label in zip(papers.grids[sheet][first - 2], labels):
        group = above or group
        known = {("計画", "番号"): "plan_number"} | years
        what = known.get((group, label)) or ANSWERS.get(label) or own.get(label)
        if what is None:
            papers.fail(f"{sheet}: nothing is known of the column {label}")
        out.append((label, what or (lambda i: None)))
    return first, out


def initiatives(r, papers):
    """Every cell of every list: which initiatives, in which order, and every answer."""
    for sheet in LISTS:
        items = [i for i in r.of(REGISTER) if MEMBER[sheet](i) != NO]
        if sheet != "突発事案一覧":
            items.sort(key=r.policy)
        first, heads = columns(r, papers, sheet)
        legend(r, papers, sheet, REGISTER, items)
        rows = [n for n, row in enumerate(papers.grids[sheet]) if n >= first and any(v is not None for v in row)]
        if len(rows) != len(items):
            papers.fail(f"{sheet}: {len(rows)} rows, not {len(items)}")
        for n, item in zip(rows, items):
            for c, (label, what) in enumerate(heads):
                papers.expect(sheet, (n, c), shown(item, what) if isinstance(what, str) else what(item), f"{item.key} {label}")


def sums(r, papers):
    """The totals on 概要: initiatives, costs, funds and effects by pillar, and how much of them is not settled."""
    sheet, items = "概要", r.of(REGISTER)
    start = papers.find(sheet, "7　DX取組")[0] + 1
    heads = {label: c for c, label in enumerate(papers.grids[sheet][start]) if label is not None}
    if set(heads) != {SUBJECT[REGISTER], *SUMS}:
        papers.fail(f"{sheet}: the totals are {list(heads)}")
    summed = tuple(start for starts in SUMS.values() for start in starts)
    row = start + 1
    for pillar in [*sorted({r.pillar(i) for i in items}), "計"]:
        own = [i for i in items if pillar in ("計", r.pillar(i))]
        papers.expect(sheet, (row, 0), pillar or "（柱が決まらないもの）", "柱")
        papers.expect(sheet, (row, heads[SUBJECT[REGISTER]]), len(own), pillar)
        for label, starts in SUMS.items():
            total = sum(Fraction(a["値"]) for i in own for k, a in i.answers.items() if k.startswith(starts) and a["値の型"] in NUMBERS)
            papers.expect(sheet, (row, heads[label]), total, f"{pillar} {label}")
        row += 1
    asked = {(f["課コード"], f["対象キー"]) for f in r.findings if f["様式ID"] == REGISTER and f["重要度"] != "参考" and not f["了承の理由"]
             and f["項目キー"].startswith(summed)}
    doubtful = sum((i.owner, i.key) in asked for i in items)
    silent = sum(all(i.blank(k) for k in i.answers if k.startswith(summed)) for i in items)
    for n, words in [(doubtful, f"【暫定】金額などに指摘がある {doubtful} 取組を含みます。"), (silent, f"金額などの記入がない {silent} 取組は 0 として数えています。")]:
        if n:
            papers.expect(sheet, (row, 0), words)
            row += 1
    papers.expect(sheet, (row, 0), begins("8　"))


def ways(r, papers):
    """How many procedures there are, by the three ways of counting them."""
    mine = [i for i in r.of(ONLINE) if i.attrs["市の対象"]]
    want = {"31手続のうち": sum(i.attrs["31手続"] == "1" for i in r.of(ONLINE)), f"{CITY[-1]}が対象とする手続（": len({i.attrs["集計単位"] for i in mine}),
            "同上（": len(mine)}
    for start, n in want.items():
        row = papers.find("概要", start)[0]
        papers.expect("概要", (row, 7), n, start)
    asked, all_ = {i.key for i in r.of(ONLINE)}, [p for p in table("frequent32") if p["対象"] == "市町村"]
    missing = sum(p["調査票での対応"] not in asked for p in all_)
    for sheet in ("概要", "率の定義と内訳"):
        papers.expect(sheet, papers.find(sheet, "調査対象外のため"), f"調査対象外のため算出せず（{len(all_)}手続のうち{missing}手続を調査していません）")


@cache
def titles():
    """What each finding is called."""
    found = tomllib.loads((ROOT / "templates" / "findings.toml").read_text(encoding="utf-8"))
    return {e["code"]: e["title"] for e in found["finding"]}


def frame(r, papers):
    """What else stands on 概要: title, days, replies, and what the meeting has to decide."""
    sheet, grid = "概要", papers.grids["概要"]
    papers.expect(sheet, (0, 0), f"{CITY}　{r.name}　とりまとめ概要")
    papers.expect(sheet, papers.find(sheet, "基準日："), "基準日：" + "　".join(f"{TITLES[f]} {day_words(d)}" for f, (d, _) in r.dates.items()))
    aside = Counter(s["form"] for s in papers.json["submissions"] if s["state"] in ASIDE) if papers.json else None
    silent, missing = {(f["様式ID"], f["課コード"]) for f in r.findings if f["指摘コード"] == "D001W"}, {}
    for form in r.dates:
        row = next(n for n, line in enumerate(grid) if line[0] == TITLES[form])
        late = {f["課コード"] for f in r.findings if f["指摘コード"] == "D020I" and f["様式ID"] == form}
        papers.expect(sheet, (row, 6), len(late), "期限後")
        papers.expect(sheet, (row, 8), sum(f == form for _, f in r.extended), "うち延長")
        if aside is not None:
            papers.expect(sheet, (row, 9), aside[form], "取込外")
        papers.expect(sheet, (row, 10), dt.datetime.combine(r.dates[form][1], dt.time()), "回答期限")
        missing[form] = "、".join(d for code, (d, _) in r.divisions.items() if (form, code) in silent)
    lines = [f"未提出（{TITLES[form]}）：{words}" for form, words in missing.items() if words]
    if papers.json:
        lines.append(f"単位は課。{day_words(dt.date.fromisoformat(papers.json['round']['today']))} 現在で判定。")
    for n, line in enumerate(lines, row + 1):
        papers.expect(sheet, (n, 0), line)
    known = titles()
    open_ = [[f for f in r.findings if f["指摘コード"] == code and not f["了承の理由"]] for code in DECISIONS]
    named = [f for of in open_ for f in of]
    if not named:
        return
    words = "、".join(f"{known[code]} {len(of)} 件" for code, of in zip(DECISIONS, open_) if of)
    row, _ = at = papers.find(sheet, "判断が必要なもの：")
    papers.expect(sheet, at, f"判断が必要なもの：{words}")
    for n, f in enumerate(named[:NAMED], row + 2):
        for c, text in ((0, f["課"]), (2, f["対象名"]), (5, f["内容"])):
            papers.expect(sheet, (n, c), text or None, "判断が必要なもの")
    if len(named) > NAMED:
        papers.expect(sheet, (row + 2 + NAMED, 0), f"ほか {len(named) - NAMED} 件は「確認事項」にあります。")


def typed(papers, path, sheet, cell):
    """What stands in a cell of a reply."""
    if path not in papers.books:
        papers.books[path] = openpyxl.load_workbook(path)
    return papers.books[path][sheet][cell].value


def as_text(value):
    """A reply's cell as the program prints it: a day in the era's words."""
    return day_words(value.date()) if isinstance(value, dt.datetime) else "" if value is None else str(value)


def meaning(value):
    """A reply's cell without what makes no difference: width of signs, era or year, a day in words or as a day."""
    text = f"{value.year}年{value.month}月{value.day}日" if isinstance(value, dt.datetime) else unicodedata.normalize("NFKC", as_text(value)).strip()
    return re.sub(r"(?:令和|R)(\d+)(?=年)", lambda m: str(2018 + int(m[1])), text)


def again(r, papers):
    """The differences between a reply and the one before: each is what both files hold there, and none is left out."""
    said = len(papers.json["revisions"]) if papers.json else None
    if AGAIN not in papers.grids:
        return papers.fail(f"{AGAIN}: there is no such sheet, and {said} differences") if said else None
    sheet, grid = AGAIN, papers.grids[AGAIN]
    first, labels = papers.heads(sheet, "前の回答")
    at = {label: c for c, label in enumerate(labels)}
    rows = [n for n, row in enumerate(grid) if n >= first and any(v is not None for v in row)]
    papers.expect(sheet, papers.find(sheet, "同じ課・様式の後に"), begins(f"同じ課・様式の後に届いたファイルで、前の回答から変わったもの {len(rows)} 件。"))
    told, pairs = set(), set()
    before = {(x["form"], x["item"], x["field"]): x["before"] for x in papers.json["revisions"]} if papers.json else {}
    answers = [a for i in [*r.items, *r.of(REGISTER)] for a in i.answers.values()]
    meant = [a for a in answers if (a["様式ID"], a["対象キー"], a["項目キー"]) in before] or answers
    names = {"様式": "様式", "課": "課", "対象": "対象キー", "対象名": "対象名", "項目": "項目名"}
    for n in rows:
        row = grid[n]
        # Which answer is meant: the one that agrees with most of the row, so that the cell that does not agree is named.
        place = row[at["後のファイル"]]
        a = max(meant, key=lambda a: sum(row[at[x]] == a[name] for x, name in names.items()) + (place == f"{a['ファイル']}　{a['セル']}"))
        told.add((a["様式ID"], a["対象キー"], a["項目キー"]))
        old = before.get((a["様式ID"], a["対象キー"], a["項目キー"]))
        files = {"前": f"{old['file']}　{old['cell']}" if old else row[at["前のファイル"]], "後": f"{a['ファイル']}　{a['セル']}"}
        for label, name in names.items():
            papers.expect(sheet, (n, at[label]), a[name], label)
        for label, text in [("前のファイル", files["前"]), ("後のファイル", files["後"])]:
            papers.expect(sheet, (n, at[label]), text, label)
        for label, text in [("前の回答", files["前"]), ("後の回答（集計に使用）", files["後"])]:
            file, _, cell = text.rpartition("　")
            held = as_text(typed(papers, f"{r.folder}/{file}", a["シート"], cell)) or "（なし）"
            papers.expect(sheet, (n, at[label]), "（関係課限り）" if a["取扱区分"] == "関係課限り" else held, label)
        pairs.add(tuple(f.rpartition("　")[0] for f in files.values()))
    if len(told) != len(rows) or said not in (None, len(rows)):
        papers.fail(f"{sheet}: {len(rows)} rows of {len(told)} answers, and the JSON object says {said}")
    for before, after in pairs:  # Two files of the same form, whose answers stand in the same cells.
        for i in [*r.items, *r.of(REGISTER)]:
            for key, a in i.answers.items():
                if a["ファイル"] == after and not i.blank(key) and (i.form, i.key, key) not in told:
                    old, new = (meaning(typed(papers, f"{r.folder}/{f}", a["シート"], a["セル"])) for f in (before, after))
                    if old and old != new:
                        papers.fail(f"{sheet}: {i.key} {a['項目名']} was {old} and is {new}, and is not told")
    return None


def meeting_lists(r, papers):
    """The initiatives in the meeting's papers: how many belong to which plan, which are to be decided, and the annex of all."""
    items = r.of(REGISTER)
    lines = {"・A　実施計画に位置付け、DXマークを付すもの": ("A", "plan"), "・B　行財政改革推進プランに位置付けるもの": ("B", "reform")}
    for sheet in [s for s in ("本部会議資料", "資料.docx") if s in papers.grids]:
        for text, codes in lines.items():
            counted = Counter(belongs(i, *codes) for i in items)
            open_ = f"（ほかに未確定 {counted[MAYBE]}）" if counted[MAYBE] else ""
            papers.expect(sheet, papers.find(sheet, text), f"{text}　{counted[YES]} 取組{open_}")
        decide = [i for i in items if to_decide(i) != NO]
        # A long list is cut in the paper; the annex has them all.
        tables = [("計画の見直しの時期に", decide[:5], "今回、機関決定が必要な突発的な事案はない。"), ("別紙3", items, "取組の回答はない。")]
        for start, listed, none in tables:
            row = papers.find(sheet, start)[0] + 1
            if not listed:
                papers.expect(sheet, papers.find(sheet, none), lambda v, n=none: v.strip("　") == n)
                continue
            heads = [(c, label) for c, label in enumerate(papers.grids[sheet][row]) if label is not None]
            for n, item in enumerate(listed, row + 1):
                want = {"番号": item.key, "事業名": item.name, "所管課": r.division(item), "決定": None, "区分": shown(item, "class"),
                        "位置付け": shown(item, "placement"), "進捗": shown(item, "progress"), "予算化の時期": shown(item, "budget_timing")}
                for c, label in heads:
                    papers.expect(sheet, (n, c), want[label], f"{item.key} {label}")
            if str(next(iter(papers.grids[sheet][n + 1 : n + 2]), [None])[heads[0][0]]) in r.register:
                papers.fail(f"{sheet}: more than {len(listed)} initiatives below {start}")


NO_ANSWER = {"blank": "（なし）", "": "（なし）", "undecided": "（未定）", "not_applicable": "（該当なし）", "see_other": "（別紙・同上など）", "unreadable": "（読み取れない）"}
BECAME = {"blank": "回答がなくなった", "undecided": "未定になった", "not_applicable": "該当なしになった", "see_other": "別紙などになった", "unreadable": "読み取れなくなった"}
CAME = {"undecided": "決まった", "not_applicable": "該当ありになった", "see_other": "読み取れるようになった", "unreadable": "読み取れるようになった"}
EDGES = (("開始日", dt.date.min), ("終了日", dt.date.max))
STAGES = {"step": "step-status", "status": "online-status"}


def moved(key, then, now):
    """What became of an answer since the last round, in words; nothing where both mean the same."""
    was, is_ = (a["値の型"] or "blank" for a in (then, now))
    if was in NO_ANSWER or is_ in NO_ANSWER:
        return None if was == is_ else "新しい回答" if was == "blank" else BECAME.get(is_) or CAME[was]
    if was == is_ == "date":
        (a, b), (c, d) = (tuple(dt.date.fromisoformat(x[k]) if x[k] else edge for k, edge in EDGES) for x in (then, now))
        if (a, b) == (c, d):
            return None if then["幅を示す語"] == now["幅を示す語"] else "精度の変化"
        days = (d - b).days
        if a <= c and d <= b or c <= a and b <= d:
            return "精度の変化"
        return f"{days} 日遅くなった" if days > 0 else f"{-days} 日早くなった" if days else "変更"
    old, new = (unicodedata.normalize("NFKC", a["値"]).replace(" ", "") for a in (then, now))
    if old == new or is_ in NUMBERS and was in NUMBERS and Fraction(old) == Fraction(new):
        return None
    stages = {row["コード"]: int(row["段階"] or 0) for row in table(STAGES[key.split("_")[0]])} if is_ == "choice" and key.split("_")[0] in STAGES else {}
    a, b = stages.get(old, 0), stages.get(new, 0)
    return ("進んだ" if b > a else "後退した") if a and b and a != b else "変更"


def since(r, papers):
    """The changes since the last round, from the data of both; a reply or an item that only one of them has is not looked at here."""
    last = r.folder / "前回" / "取りまとめ.xlsx"
    if not last.exists():
        return papers.fail(f"{SINCE}: there is no last round") if SINCE in papers.grids else None
    if last not in papers.books:
        papers.books[last] = list(openpyxl.load_workbook(last, read_only=True)["データ"].iter_rows(values_only=True))
    heads, *lines = papers.books[last]
    rows = ({h: "" if v is None else str(v) for h, v in zip(heads, line) if h} for line in lines)
    prior = {(a["様式ID"], a["対象キー"], a["項目キー"]): a for a in rows}
    known = {(form, item) for form, item, _ in prior}
    sheet, want = SINCE, []
    if sheet not in papers.grids:
        return papers.fail(f"{sheet}: there is a last round, and no such sheet")
    for now in r.read("回答"):
        then = prior.get((now["様式ID"], now["対象キー"], now["項目キー"])) or {"値の型": ""}
        whose = (now["様式ID"], now["対象キー"])
        words = moved(now["項目キー"], then, now) if whose[1] and whose in known else None
        if words:
            want.append((now, then, words))
    first, labels = papers.heads(sheet, "変化")
    found = [n for n, row in enumerate(papers.grids[sheet]) if n >= first and any(v is not None for v in row)]
    papers.expect(sheet, papers.find(sheet, "前回「"), begins(f"前回「{lines[0][heads.index('調査回')]}」の取りまとめと、今回の回答で意味の変わったもの {len(want)} 件。"))
    if len(found) != len(want):
        papers.fail(f"{sheet}: {len(found)} rows, not {len(want)}")
    for n, (now, then, words) in zip(found, want):
        side = [NO_ANSWER.get(a["値の型"]) or ("（関係課限り）" if now["取扱区分"] == "関係課限り" else a["値の語"] or
                (float(a["値"]) if a["値の型"] in ("integer", "money") else a["値"])) for a in (then, now)]
        line = [now["様式"], now["課"], now["対象キー"], now["対象名"], now["項目名"], *side, words]
        for c, (label, text) in enumerate(zip(labels, line)):
            papers.expect(sheet, (n, c), text, label)
    return None


def whole(r, papers):
    """Every figure of the sheets was compared, or is a text by its words: above the head of a list, or one of `WORDS`."""
    seen = set(papers.seen)
    for sheet in [s for s in WHOLE if s in papers.grids]:
        top = 0 if sheet == "概要" else papers.heads(sheet, HEAD[sheet])[0]
        for n, row in enumerate(papers.grids[sheet]):
            for c, value in enumerate(row):
                if (sheet, (n, c)) in seen or value is None:
                    continue
                text = isinstance(value, str) and (not re.search(r"\d", value) or any(re.fullmatch(w, value) for w in WORDS.get(sheet, [])))
                if not text and (n >= top or not isinstance(value, str)):
                    papers.fail(f"{sheet} {column_name(c)}{n + 1}: {value!r} is compared with nothing")


def all_of(r, papers):
    for one in (initiatives, sums, ways, frame, again, since, meeting_lists, whole):
        one(r, papers)
