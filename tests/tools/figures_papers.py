"""The printed papers of a round, cell by cell, against the second count of `figures_count.py`."""

import datetime as dt
import json
import re
import zipfile
from collections import Counter
from fractions import Fraction
from xml.etree import ElementTree

import openpyxl
from openpyxl.utils import get_column_letter

from figures_count import DASH, MISSING, NONE_WORD, ONLINE, PLAN, REGISTER, STEP_KEYS, STEP_WORD, STEPS, SUBJECT, TITLES, day_words, percent, span

OUTCOME = {"期限内": "○ 期限内", "期限超過": "× 期限超過", "期限をまたぐ（要確認）": "△ 期限をまたぐ（要確認）", "日付なし": "－ 日付なし"}
STANDING = "確定・暫定"
CITY = "石巻市"


def column_name(column):
    return get_column_letter(column + 1)


class Papers:
    """The printed papers as grids, with a record of what was compared."""

    def __init__(self, folder, json_text):
        book = openpyxl.load_workbook(folder / "結果" / "取りまとめ.xlsx")
        self.grids = {ws.title: [[c.value for c in row] for row in ws.iter_rows()] for ws in book.worksheets}
        for path in sorted((folder / "結果" / "国様式").rglob("標準化進捗状況*.xlsx")):
            for ws in openpyxl.load_workbook(path).worksheets:
                self.grids[f"国:{ws.title}"] = [[c.value for c in row] for row in ws.iter_rows()]
        document = folder / "結果" / "本部会議資料.docx"
        if document.exists():
            self.grids["資料.docx"] = list(paragraphs(document))
        self.json = json.loads(json_text) if json_text else None
        self.wrong, self.seen, self.books = [], [], {}

    def expect(self, sheet, at, want, what=""):
        grid = self.grids[sheet]
        row, column = at
        found = grid[row][column] if row < len(grid) and column < len(grid[row]) else None
        self.seen.append((sheet, at))
        if callable(want):
            same = want(found)
        elif isinstance(found, (int, float)) and isinstance(want, (int, float, Fraction)):
            same = abs(found - float(want)) < 1e-9
        else:
            same = found == want
        if not same:
            shown = "…" if callable(want) else want
            self.wrong.append(f"{sheet} {column_name(column)}{row + 1} {what}: {found!r}, not {shown!r}")

    def fail(self, text):
        self.wrong.append(text)

    def rows(self, sheet, first):
        """The numbers of the rows whose first cell with a value is this."""
        return [n for n, row in enumerate(self.grids[sheet]) if next((c for c in row if c is not None), None) == first]

    def find(self, sheet, start, what=""):
        """The one cell whose text begins so."""
        hits = [(r, c) for r, row in enumerate(self.grids[sheet]) for c, v in enumerate(row) if isinstance(v, str) and v.strip("　").startswith(start)]
        if not hits:
            self.fail(f"{sheet}: nothing begins with 「{start}」 {what}")
        return hits[0] if hits else None

    def heads(self, sheet, label):
        """The row with this label, and its labels with those of the row below where that has no key."""
        grid = self.grids[sheet]
        top = next(n for n, row in enumerate(grid) if label in row)
        # Below a header of one row there is a row of data, or a heading in its first cell.
        two = grid[top + 1][grid[top].index(label)] is None and grid[top + 1][0] is None
        labels = [b if two and b is not None else a for a, b in zip(grid[top], grid[top + 1])]
        return top + 1 + two, labels


def paragraphs(path):
    """The document as rows: a paragraph is a row of one cell, a row of a table a row of its cells."""
    w = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
    text = lambda e: "".join(t.text or "" for t in e.iter(f"{w}t"))  # noqa: E731
    for block in ElementTree.fromstring(zipfile.ZipFile(path).read("word/document.xml")).find(f"{w}body"):
        if block.tag == f"{w}tbl":
            yield from ([text(cell) or None for cell in row.iter(f"{w}tc")] for row in block.iter(f"{w}tr"))
        else:
            yield [text(block) or None]


def begins(text):
    """What a cell must begin with, for a test of what it holds."""
    return lambda found: isinstance(found, str) and found.startswith(text)


def shown(item, key):
    """How an answer is printed: a value, or a test of it."""
    if item.nothing_asked() and item.blank(key):
        return DASH
    if item.blank(key):
        return MISSING if key in item.owed else None
    row, kind = item.answers[key], item.kind(key)
    if kind == "undecided":
        return begins("未定")
    if kind == "not_applicable":
        return DASH
    if kind in ("unreadable", "see_other"):
        return lambda found: isinstance(found, str) and found.endswith("【要確認】")
    if kind == "date":
        day = dt.date.fromisoformat(row["開始日"]) if row["開始日"] else None
        exact = row["開始日"] == row["終了日"] and row["精度"] == "day" and "0" == row["幅を示す語"] == row["年の補完"]
        # Days typed as words may carry them.
        return lambda found: exact and isinstance(found, dt.datetime) and found.date() == day or isinstance(found, str) and found.startswith(row["値の語"])
    if kind in ("integer", "number", "money", "percent"):
        return float(row["値"])
    return row["値の語"] if kind == "choice" else row["値"]


def either(item, *keys):
    """The first answer that is given; without one what is owed, if anything is."""
    given = [k for k in keys if not item.blank(k)]
    owed = [k for k in keys if k in item.owed]
    return shown(item, (given or owed or keys[:1])[0])


def judgement(r, item, deadline, *keys):
    given = [k for k in keys if not item.blank(k)]
    if not given:
        return DASH if item.nothing_asked() else MISSING if set(keys) & item.owed else None
    if item.kind(given[0]) == "unreadable":
        return "【要確認】"
    return OUTCOME[item.outcome(given[0], r.deadlines[deadline])]


def own_rate(r, item):
    """An item's own share of done steps, as lists print it."""
    if item.nothing_asked():
        return NONE_WORD[PLAN]
    low, high = (Fraction(n, 40) for n in r.rates["step-completion"].done[item.key])
    if low == high:
        return low
    return MISSING if (low, high) == (0, 1) else f"暫定 {span(low, high)}"


PLANS = {"システム": "system_exists", "現行システム名": "current_system", "現行ベンダ": "current_vendor", "開発形態": "development",
         "稼働基盤": "platform", "契約満了日": "contract_end", "延長": "extendable", "移行方式": "method", "ガバメントクラウド": "gov_cloud",
         "移行完了（運用開始）予定": "go_live", "期限内移行の可否": "feasible", "期限を超える理由": "late_reason"}
PROCEDURES = {"実施": "exists", "総件数": "total", "うちオンライン": "online", "オンライン化状況": "status", "マイナポータル": "channel_portal",
              "汎用電子申請": "channel_generic", "その他": "channel_other", "カード": "card", "署名": "signature", "運用開始予定日": "start_planned",
              "運用開始日": "start", "接続": "connection", "未対応の理由": "unmet_reason"}


def legend(r, papers, sheet, form, items):
    n = sum(i.standing.startswith("暫定") for i in items)
    at = next((n_, 0) for n_, row in enumerate(papers.grids[sheet]) if isinstance(row[0], str) and "（未回答）は回答が必要な欄" in row[0])
    mark = f"【暫定】{len(items)} {SUBJECT[form]}のうち {n} {SUBJECT[form]}が暫定です。" if n else ""
    papers.expect(sheet, at, begins(f"{mark}基準日 {day_words(r.dates[form][0])}。（未回答）"), "legend")


def listed(r, papers, sheet, form, name, columns, extra):
    """A list: every answer, what is missing, what is not asked, and the mark of each row."""
    first, labels = papers.heads(sheet, name)
    legend(r, papers, sheet, form, r.of(form))
    at = labels.index(name)
    items = {i.name: i for i in r.of(form)}
    rows = [n for n in range(first, len(papers.grids[sheet])) if papers.grids[sheet][n][at] in items]
    if len(rows) != len(items):
        papers.fail(f"{sheet}: {len(rows)} rows, not {len(items)}")
    for n in rows:
        item = items[papers.grids[sheet][n][at]]
        for c, label in enumerate(labels):
            if label in columns:
                key = columns[label]
                first_answer = item.absent and key == next(iter(columns.values()))
                papers.expect(sheet, (n, c), NONE_WORD[form] if first_answer else shown(item, key), label)
            elif label == STANDING:
                papers.expect(sheet, (n, c), item.standing, label)
            elif label in extra:
                papers.expect(sheet, (n, c), extra[label](item), label)
            elif label and "に対する判定" in label:
                papers.expect(sheet, (n, c), extra["判定"](item), label)


def lists(r, papers):
    listed(r, papers, "移行計画一覧", PLAN, "業務名", PLANS,
           {"完了率": lambda i: own_rate(r, i), "判定": lambda i: judgement(r, i, "migration", "go_live")})
    listed(r, papers, "オンライン化状況", ONLINE, "手続名", PROCEDURES,
           {"判定": lambda i: judgement(r, i, "online", "start", "start_planned")})


def ministry(r, papers):
    """Rates and steps in the ministry's layout: of the master, and of the workbook that was filled."""
    rate = r.rates["step-completion"]
    by_label = {i.attrs["総務省表の名称"]: i for i in r.of(PLAN)}
    for sheet in [s for s in papers.grids if s.endswith("進捗状況") and not s.endswith("オンライン化状況")]:
        grid = papers.grids[sheet]
        labels = next(row for row in grid[:3] if "住民記録" in row)
        row = next(n for n, line in enumerate(grid) if line[1] == CITY)
        papers.expect(sheet, (row, 2), None if rate.open else Fraction(rate.low, rate.whole), "完了率")
        for c, label in enumerate(labels):
            if label in by_label:
                low, high = rate.done[by_label[label].key]
                papers.expect(sheet, (row, c), Fraction(low, 40) if low == high else None, label)
    for sheet in [s for s in papers.grids if s.endswith("業務別ステップ別進捗一覧")]:
        grid = papers.grids[sheet]
        for n, line in enumerate(grid[1:], 1):
            item = by_label.get(line[2]) if line[1] == CITY else None
            for c, (step, key) in enumerate(zip(STEPS, STEP_KEYS), 3) if item else []:
                if not str(grid[0][c]).replace(" ", "").startswith(step["枝番"]):
                    papers.fail(f"{sheet}: column {c} is {grid[0][c]}")
                want = "対象外" if item.nothing_asked() else STEP_WORD.get(item.code(key))
                broken = not item.nothing_asked() and item.kind(key) in ("unreadable", "see_other")
                papers.expect(sheet, (n, c), shown(item, key) if broken and not sheet.startswith("国:") else want, step["枝番"])
    sheet = "進捗状況"
    if rate.open:
        at = papers.find(sheet, "市区町村の率：")
        papers.expect(sheet, at, f"市区町村の率：{rate.text()}。確定していない欄は空欄にしています。")
        ranges = [(i.attrs, rate.done[i.key]) for i in r.of(PLAN) if i.key in rate.open]
        ranges.sort(key=lambda x: int(x[0]["順_総務省表"]))
        words = [f"{a['総務省表の名称']}（{span(Fraction(lo, 40), Fraction(hi, 40))}）" for a, (lo, hi) in ranges]
        papers.expect(sheet, papers.find(sheet, "空欄の業務と範囲："), "空欄の業務と範囲：" + "、".join(words))
    sheet = "業務別ステップ別進捗一覧"
    open_ = sum(not i.nothing_asked() and any(i.code(k) is None for k in STEP_KEYS) for i in r.of(PLAN))
    if open_:
        papers.expect(sheet, papers.find(sheet, "【暫定】"), f"【暫定】空欄または要確認のある業務が {open_} 業務あります。")
    elif any(isinstance(v, str) and v.startswith("【暫定】") for row in papers.grids[sheet] for v in row):
        papers.fail(f"{sheet}: says 暫定 of nothing")


NAMES = {"完了率（40工程）": "step-completion", "作業中率（40工程）": "step-doing", "未着手率（40工程）": "step-todo",
         "26手続のオンライン化率（デジタル庁）": "portal-26", "市の目標のうち運用を開始したもの": "city-running"}


def rate_named(r, name):
    known = NAMES.get(name) or ("city-target" if str(name).startswith("市の目標の達成率") else None)
    return r.rates.get(known)


def rate_lines(r, papers, sheet, least):
    """Every line with a rate's name, its value, its mark and its fraction."""
    lines = 0
    for n, row in enumerate(papers.grids[sheet]):
        rate = rate_named(r, row[0])
        places = [c for c, v in enumerate(row) if v is not None]
        if rate is None or "数える" in row or "数えない" in row or len(places) < 4:
            continue
        lines += 1
        values = [c for c in places[1:] if row[c] != "分子／分母"]
        for c, want in zip(values, (rate.text(), "暫定" if rate.open else "確定", rate.fraction())):
            papers.expect(sheet, (n, c), want, row[0])
    if lines != least:
        papers.fail(f"{sheet}: {lines} lines of rates, not {least}")


def none_line(r, papers, sheet):
    """What is said of systems that do not exist."""
    none = [i for i in r.of(PLAN) if i.nothing_asked()]
    says = [(n, c) for n, row in enumerate(papers.grids[sheet]) for c, v in enumerate(row) if isinstance(v, str) and "うちシステムなし" in v]
    if bool(none) != bool(says):
        papers.fail(f"{sheet}: システムなし is said {len(says)} times of {len(none)}")
    names = "、".join(i.name for i in none)
    for at in says:
        papers.expect(sheet, at, f"うちシステムなし {len(none)} 業務（{names}）。{len(r.of(PLAN))} 業務に含み、定義のとおりに数えています。")


def rates(r, papers):
    for sheet, lines in [("概要", 6), ("率の定義と内訳", 6), ("本部会議資料", 4), ("資料.docx", 4)]:
        if sheet in papers.grids:
            rate_lines(r, papers, sheet, lines)
            none_line(r, papers, sheet)
    none_line(r, papers, "進捗状況")
    sheet, counted = "率の定義と内訳", Counter()
    names = {(i.form, i.key): i for i in r.items}
    for n, row in enumerate(papers.grids[sheet]):
        rate = rate_named(r, row[0])
        if rate is None or not ("数える" in row or "数えない" in row):
            continue
        item = names[rate.form, str(row[1])]
        counted[rate.id] += 1
        member = item.key in rate.done
        papers.expect(sheet, (n, 3), "数える" if member else "数えない", item.name)
        papers.expect(sheet, (n, 6), item.standing, item.name)
        if rate.form == PLAN:
            low, high = (Fraction(x, 40) for x in rate.done[item.key])
            words = MISSING if (low, high) == (0, 1) else f"暫定 {span(low, high)}"
            papers.expect(sheet, (n, 4), NONE_WORD[PLAN] if item.nothing_asked() else DASH, item.name)
            papers.expect(sheet, (n, 5), low if low == high else words, item.name)
        else:
            word = {1: "○ 該当", 0: "× 非該当", None: "？ 未回答"}[rate.done[item.key]] if member else DASH
            papers.expect(sheet, (n, 4), word, item.name)
            papers.expect(sheet, (n, 5), DASH, item.name)
    for rate in r.rates.values():
        if counted[rate.id] != len(r.of(rate.form)):
            papers.fail(f"{sheet}: {counted[rate.id]} rows of {rate.id}")
    for got in papers.json["totals"]["rates"] if papers.json else []:
        rate = r.rates.get(got["id"])
        if rate:
            want = (rate.low, rate.high, rate.whole, rate.unanswered, not rate.open)
            found = tuple(got[k] for k in ("numerator", "numerator_max", "denominator", "unanswered", "final"))
            near = abs(got["from"] - rate.low / rate.whole) < 1e-12 and abs(got["to"] - rate.high / rate.whole) < 1e-12
            if found != want or not near:
                papers.fail(f"JSON {rate.id}: {found}, not {want}")


def counts_of(r, form, key, deadline):
    """How many items count as what."""
    out = Counter()
    for i in r.of(form):
        if i.nothing_asked() and i.blank(key):
            out[NONE_WORD[form]] += 1
        elif i.blank(key):
            out["未回答" if key in i.owed else "記入不要"] += 1
        elif i.kind(key) in ("unreadable", "see_other"):
            out["読み取れない（要確認）"] += 1
        elif deadline:
            out[i.outcome(key, r.deadlines[deadline])] += 1
        else:
            out[i.answers[key]["値の語"] if i.kind(key) == "choice" else "未定" if i.kind(key) == "undecided" else "該当なし"] += 1
    return out


def pairs(papers, sheet, row):
    """Labels over counts from this row on, until the total."""
    grid, out = papers.grids[sheet], []
    while True:
        for c, label in enumerate(grid[row]):
            if label is not None and c < 12:
                out.append((label, (row + 1, c)))
        if any(label.startswith("計（") for label, _ in out):
            return out, row + 2
        row += 2


def banner(r, papers, sheet):
    words = [f"{TITLES[f]} {r.provisional(f)} {SUBJECT[f]}" for f in (REGISTER, PLAN, ONLINE) if r.provisional(f)]
    open_ = sum(bool(x.open) for x in r.rates.values())
    at = next(((n, c) for n, row in enumerate(papers.grids[sheet][:8]) for c, v in enumerate(row) if isinstance(v, str) and v.startswith("【暫定】")), None)
    if not words and not open_:
        return papers.fail(f"{sheet}: calls a complete round 暫定") if at else None
    if at is None:
        return papers.fail(f"{sheet}: does not say 暫定")
    return papers.expect(sheet, at, f"【暫定】この集計は確定していません。暫定のもの：{'、'.join(words)}。確定していない率：{open_}。")


def overview(r, papers):
    sheet = "概要"
    for name in (sheet, "本部会議資料", "資料.docx"):
        if name in papers.grids:
            banner(r, papers, name)
    for start, form, key, deadline in [("3　移行の予定", PLAN, "go_live", "migration"), ("5　手続の状況", ONLINE, "status", None)]:
        found, after = pairs(papers, sheet, papers.find(sheet, start)[0] + 1)
        want = counts_of(r, form, key, deadline)
        for label, at in found:
            papers.expect(sheet, at, len(r.of(form)) if label.startswith("計（") else want[label], label)
        left = {k: v for k, v in want.items() if v and k not in dict(found)}
        if left:
            papers.fail(f"{sheet}: {start} has no {left}")
        n, whole, subject = r.provisional(form), len(r.of(form)), SUBJECT[form]
        papers.expect(sheet, (after, 0), f"【暫定】{whole} {subject}のうち {n} {subject}が暫定です。" if n else lambda v: "暫定" not in str(v))
    missing = {(f["様式ID"], f["課"]) for f in r.findings if f["指摘コード"] == "D001W"}
    for form in (PLAN, ONLINE, REGISTER):
        row = next(n for n, line in enumerate(papers.grids[sheet]) if line[0] == TITLES[form])
        papers.expect(sheet, (row, 7), sum(f == form for f, _ in missing), "未提出")
        owed = len({i.owner for i in r.of(form) if i.owner and not i.absent}) if form != REGISTER else len(r.divisions)
        papers.expect(sheet, (row, 4), owed, "提出する課")
        line = papers.grids[sheet][row]
        papers.expect(sheet, (row, 5), owed - sum(f == form for f, _ in missing) - line[6], "期限内")
    open_ = [f for f in r.findings if not f["了承の理由"]]
    weights = Counter(f["重要度"] for f in open_)
    tally = f"要修正 {weights['要修正']} 件、要確認 {weights['要確認']} 件、参考 {weights['参考']} 件"
    papers.expect(sheet, papers.find(sheet, "指摘の数："), begins(f"指摘の数：{tally}（"))
    at = papers.find("確認事項", "要修正 ")
    papers.expect("確認事項", at, begins(f"{tally}。"))
    first, labels = papers.heads("確認事項", "指摘コード")
    column, printed = labels.index("重要度"), Counter()
    for row in papers.grids["確認事項"][first:]:
        printed[row[column]] += 1
    if any(printed[w] != sum(f["重要度"] == w for f in r.findings) for w in ("要修正", "要確認", "参考")):
        papers.fail(f"確認事項: {printed} rows, not {Counter(f['重要度'] for f in r.findings)}")


def replies(r, papers):
    sheet = "提出状況"
    first, labels = papers.heads(sheet, "課コード")
    at = {label: c for c, label in enumerate(labels)}
    for n in range(first, len(papers.grids[sheet])):
        row = papers.grids[sheet][n]
        form = next((f for f, t in TITLES.items() if row[at["様式"]] == t), None)
        if row[at["様式"]] is None:
            return
        if form is None or "－ 対象外" in str(row[at["状態"]]):
            continue
        own = [f for f in r.findings if (f["課コード"], f["様式ID"]) == (str(row[at["課コード"]]), form) and not f["了承の理由"]]
        for word in ("要修正", "要確認"):
            papers.expect(sheet, (n, at[word]), sum(f["重要度"] == word for f in own), word)
        whose = [i for i in r.of(form) if i.owner == str(row[at["課コード"]]) and not i.absent]
        papers.expect(sheet, (n, at["対象の数"]), len(whose), "対象の数")


def group(r, item):
    """Under which heading of the launch sheet an item belongs."""
    if item.nothing_asked() and item.blank("start") and item.blank("start_planned"):
        return "予定の記入が要らないもの"
    if item.kind("start") == "date":
        return "済"
    if item.kind("start") in ("unreadable", "see_other") or item.kind("start_planned") in ("unreadable", "see_other"):
        return "読み取れないもの"
    kind = item.kind("start_planned")
    if kind == "date":
        return "令和"
    if kind == "undecided":
        return "未定"
    return "未回答" if {"start", "start_planned"} & item.owed else "予定の記入が要らないもの"


def launch(r, papers):
    sheet = "運用開始日調整"
    first, labels = papers.heads(sheet, "手続名")
    at = {label: c for c, label in enumerate(labels)}
    items = {i.key: i for i in r.of(ONLINE) if i.attrs["市の対象"]}
    heads, seen = [], set()
    for n in range(first, len(papers.grids[sheet])):
        row = papers.grids[sheet][n]
        if row[at["手続名"]] is None and row[0] is not None:
            heads.append(((n, 0), row[0], []))
            continue
        item = items.get(str(row[0]))
        if item is None:
            continue
        seen.add(item.key)
        heads[-1][2].append(item)
        papers.expect(sheet, (n, at[STANDING]), item.standing, item.name)
        papers.expect(sheet, (n, at["運用開始日（予定日）"]), either(item, "start", "start_planned"), item.name)
        papers.expect(sheet, (n, 4), judgement(r, item, "online", "start", "start_planned"), item.name)
        for label, key in [("接続の状況", "connection"), ("接続（予定）日", "connected_on"), ("未対応の理由", "unmet_reason")]:
            papers.expect(sheet, (n, at[label]), shown(item, key), label)
        if not heads[-1][1].startswith(group(r, item)):
            papers.fail(f"{sheet}: {item.name} stands under {heads[-1][1]}, not {group(r, item)}")
    if seen != set(items):
        papers.fail(f"{sheet}: {len(seen)} procedures, not {len(items)}")
    for place, text, members in heads:
        order = list(r.divisions)
        by = Counter(r.division(i) for i in sorted(members, key=lambda i: order.index(i.owner) if i.owner else 999))
        words = "、".join(f"{d} {n}" for d, n in by.items())
        papers.expect(sheet, place, lambda v, w=words, m=members: v.endswith(f"　{len(m)} 手続（{w}）"), text)


def gantt(r, papers):
    sheet = "工程表"
    first, labels = papers.heads(sheet, "所管課")
    items = {i.name: i for i in r.of(PLAN)}
    judged, remark = labels.index("期限に対する判定"), labels.index("未定・未回答・備考")
    seen = 0
    for n in range(first, len(papers.grids[sheet])):
        item = items.get(papers.grids[sheet][n][1])
        if item is None:
            continue
        seen += 1
        papers.expect(sheet, (n, judged), judgement(r, item, "migration", "go_live_actual", "go_live"), item.name)

        def marked(found, item=item):
            text = str(found or "")
            said = (MISSING in text) == ("go_live" in item.owed and item.answered and item.blank("go_live_actual"))
            return said and (item.standing in text if item.standing != "確定" else not re.search("暫定|確定", text))

        papers.expect(sheet, (n, remark), marked, f"{item.name} {item.standing}")
    if seen != len(items):
        papers.fail(f"{sheet}: {seen} systems, not {len(items)}")


def charts(r, papers):
    """The figures behind every chart, and the bars of the document."""
    sheet, labels = "グラフ用", {i.attrs["総務省表の名称"]: i for i in r.of(PLAN)} | {i.name: i for i in r.of(PLAN)}
    sums = Counter()
    for n, (title, series, label, value, _) in enumerate(papers.grids[sheet][1:], 1):
        if "40工程の割合" in title:
            sums[title, label] += value
            papers.expect(sheet, (n, 3), part_of(r, labels[label], series), f"{series} {label}")
        elif title.startswith("手続の状況"):
            papers.expect(sheet, (n, 3), counts_of(r, ONLINE, "status", None)[label], label)
        elif title.startswith("課別の"):
            own = Part(r, [i for i in r.of(ONLINE) if r.division(i) == label])
            papers.expect(sheet, (n, 3), counts_of(own, ONLINE, "status", None)[series], f"{label} {series}")
    for (title, label), total in sums.items():
        if abs(total - 1) > 1e-9:
            papers.fail(f"{sheet}: {title} {label} adds up to {total}")


    bars(r, papers)


PARTS = {"完了・対象外": "step-completion", "作業中": "step-doing", "未着手": "step-todo"}


def part_of(r, item, series):
    """A part of a system's bar."""
    if item.nothing_asked():
        return int(series == NONE_WORD[PLAN])
    own = {name: Fraction(r.rates[x].done[item.key][0], 40) for name, x in PARTS.items()}
    return own.get(series, 0 if series == NONE_WORD[PLAN] else 1 - sum(own.values()))


def bars(r, papers):
    """The figures beside the bars of the document, by the names below them."""
    sheet, waiting, drawn = "資料.docx", [], 0
    systems, divisions = {i.name: i for i in r.of(PLAN)}, {r.division(i) for i in r.of(ONLINE)}
    for n, row in enumerate(papers.grids.get(sheet, [])):
        cells = [(c, v) for c, v in enumerate(row) if v is not None]
        if len(cells) > 1 and cells[0][1] in systems.keys() | divisions and re.fullmatch(r"[\d.]+(／[\d.]+)*", cells[-1][1]):
            waiting.append(((n, cells[-1][0]), cells[0][1]))
        elif waiting and cells and "（右の数値は" in cells[0][1]:
            names = re.findall(r"[^\s　]+", cells[0][1].split("（右の")[0])
            for at, label in waiting:
                if label in systems:
                    words = [percent(part_of(r, systems[label], name))[:-1] for name in names]
                else:
                    own = Part(r, [i for i in r.of(ONLINE) if r.division(i) == label])
                    words = [str(counts_of(own, ONLINE, "status", None)[name]) for name in names]
                papers.expect(sheet, at, "／".join(words), label)
                drawn += 1
            waiting = []
    if sheet in papers.grids and drawn != len(systems) + len(divisions):
        papers.fail(f"{sheet}: {drawn} bars, not {len(systems)} and {len(divisions)}")


class Part:
    """Some items of a round."""

    def __init__(self, r, items):
        self.items, self.deadlines = items, r.deadlines

    def of(self, form):
        return [i for i in self.items if i.form == form]


def meeting(r, papers):
    """The meeting's papers, on the sheet and in the document: rates by owner, counts in words, tables of items."""
    started = lambda i: i.attrs["市の対象"] and i.kind("start") == "date"  # noqa: E731
    online = r.deadlines["online"]
    coming = lambda i: i.attrs["市の対象"] and not started(i) and i.kind("start_planned") == "date"  # noqa: E731
    sure = {i.attrs["集計単位"] for i in r.of(ONLINE) if coming(i) and i.outcome("start_planned", online) == "期限内"}
    for sheet in [s for s in ("本部会議資料", "資料.docx") if s in papers.grids]:
        n = len({i.attrs["集計単位"] for i in r.of(ONLINE) if started(i)})
        papers.expect(sheet, papers.find(sheet, "・運用を開始しているもの"), begins(f"・運用を開始しているもの　{n} 手続"))
        open_ = sum(not started(i) and i.attrs["市の対象"] and ("start_planned" in i.owed or i.kind("start_planned") == "unreadable"
                    or coming(i) and i.outcome("start_planned", online) not in ("期限内", "期限超過")) for i in r.of(ONLINE))
        more = f"（ほかに未確定 {open_}）" if open_ else ""
        papers.expect(sheet, papers.find(sheet, "・期限までに開始"), f"・期限までに開始する予定のもの　{len(sure)} 手続{more}")
        for item in r.of(PLAN):
            rate = own_rate(r, item)
            word = percent(rate) if isinstance(rate, Fraction) else rate.strip("（）")
            at = next(((n, c) for n, row in enumerate(papers.grids[sheet]) for c, v in enumerate(row)
                       if isinstance(v, str) and re.search(rf"[（、]{re.escape(item.name)} ", v)), None)
            if at is None:
                papers.fail(f"{sheet}: {item.name} has no rate by its division")
                continue
            papers.expect(sheet, at, lambda v, w=f"{item.name} {word}": re.search(rf"[（、]{re.escape(w)}[、）]", v) is not None, item.name)
        annex(r, papers, sheet, papers.find(sheet, "別紙1")[0])


def annex(r, papers, sheet, start):
    grid = papers.grids[sheet]
    systems, procedures = {i.name: i for i in r.of(PLAN)}, {i.key: i for i in r.of(ONLINE) if i.attrs["市の対象"]}
    seen = Counter()
    for n in range(start, len(grid)):
        row = [(c, v) for c, v in enumerate(grid[n]) if v is not None]
        if len(row) > 3 and row[0][1] in systems and row[1][1] == r.division(systems[row[0][1]]):
            item = systems[row[0][1]]
            seen[PLAN] += 1
            rate, printed = own_rate(r, item), row[-1]
            want = (rate if not isinstance(printed[1], str) else percent(rate)) if isinstance(rate, Fraction) else rate
            papers.expect(sheet, (n, printed[0]), want, f"{item.name} 完了率")
            judged = judgement(r, item, "migration", "go_live")
            papers.expect(sheet, (n, row[-2][0]), judged, f"{item.name} 判定")
        elif len(row) > 2 and str(row[0][1]) in procedures and row[1][1] == procedures[str(row[0][1])].name:
            item = procedures[str(row[0][1])]
            seen[ONLINE] += 1
            judged = judgement(r, item, "online", "start", "start_planned")
            found = row[4][1] if len(row) > 4 else None
            if found != judged:
                papers.fail(f"{sheet}: {item.name} is {found}, not {judged}")
    if seen != {PLAN: len(systems), ONLINE: len(procedures)}:
        papers.fail(f"{sheet}: the annex has {dict(seen)} rows")


CHECKS = [lists, ministry, rates, overview, replies, launch, gantt, charts, meeting]
