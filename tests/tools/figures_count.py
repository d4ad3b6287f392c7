"""The second count of a round: what is asked, owed, given and provisional, and the rates, from 回答.csv, 指摘.csv and 調査設定.

Shares no code with the program. What is asked of a system and of a procedure is written down anew in `asks_plan` and
`asks_procedure`; rates are fractions, rounded half up.
"""

import csv
import datetime as dt
import re
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import openpyxl

ROOT = Path(__file__).resolve().parents[2]
PLAN, ONLINE, REGISTER = "migration-plan", "online-procedures", "dx-initiatives"
TITLES = {REGISTER: "DX取組 進捗管理表", PLAN: "基幹業務システム 移行計画書", ONLINE: "行政手続オンライン化 進捗調査票"}
SUBJECT = {REGISTER: "取組", PLAN: "業務", ONLINE: "手続"}
NONE_WORD = {PLAN: "システムなし", ONLINE: "制度なし"}
MISSING, DASH = "（未回答）", "－"
YES, NO, MAYBE = 1, 0, None


def table(name):
    with (ROOT / "templates" / "codes" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as f:
        return list(csv.DictReader(f))


STEPS = table("steps")
STEP_KEYS = [f"step_{s['順']}" for s in STEPS]
OFFICE = {f"step_{s['順']}" for s in STEPS if s["回答者"] == "DX担当"}
STEP_WORD = {row["コード"]: row["総務省表の語"] for row in table("step-status")}
LOCKED = {"system_id", "system_name", "owner_name", "number", "name"}


def percent(share):
    tenths = int(share * 1000 + Fraction(1, 2))
    return f"{tenths // 10}.{tenths % 10}%"


def span(low, high):
    return "未回答" if (low, high) == (0, 1) else f"{percent(low)[:-1]}～{percent(high)}"


def day_words(day):
    return f"令和{day.year - 2018}年{day.month}月{day.day}日"


class Item:
    """A system or a procedure with what was answered about it."""

    def __init__(self, form, key, name, owner, absent):
        self.form, self.key, self.name, self.owner, self.absent = form, key, name, owner, absent
        self.answers, self.answered, self.attrs = {}, False, {}

    def kind(self, key):
        return self.answers[key]["値の型"] if key in self.answers else "blank"

    def blank(self, key):
        return self.kind(key) == "blank"

    def code(self, key):
        return self.answers[key]["値"] if self.kind(key) == "choice" else None

    def open(self, key, owed):
        """Whether an answer may still say anything here."""
        return self.kind(key) in ("unreadable", "see_other") or key in owed

    def days(self, key):
        if self.kind(key) != "date":
            return None
        row = self.answers[key]
        about = 31 if row["幅を示す語"] == "1" else 0
        first, last = (dt.date.fromisoformat(row[c]) if row[c] else None for c in ("開始日", "終了日"))
        return first, last, about

    def outcome(self, key, deadline):
        if self.kind(key) != "date":
            return "日付なし"
        first, last, about = self.days(key)
        if first and first > deadline:
            return "期限超過"
        if last and last <= deadline:
            return "期限をまたぐ（要確認）" if about and (deadline - last).days < about else "期限内"
        return "日付なし" if first is None and last is None else "期限をまたぐ（要確認）"

    def nothing_asked(self):
        return self.absent or self.code("system_exists" if self.form == PLAN else "exists") == "no"


class Round:
    """What a round's data say."""

    def __init__(self, folder):
        self.folder = folder
        settings = openpyxl.load_workbook(folder / "調査設定.xlsx")
        rows = lambda name: (list(r) for r in settings[name].iter_rows(min_row=6, min_col=2, values_only=True) if r[0])  # noqa: E731
        self.deadlines = {r[0]: self.day(r[2]) for r in rows("期限")}
        self.divisions = {str(r[0]): (r[2], r[1] or "") for r in rows("所属")}
        self.policies = {r[0]: (n, r[2]) for n, r in enumerate(rows("DX推進方針"))}
        self.years = {str(r[0]): r[2] for r in rows("対象年度") if str(r[0]).isdigit()}
        self.extended = {(str(r[0]), r[1]) for r in rows("延長") if r[3]}
        base = list(rows("基本"))
        self.name = next(r[1] for r in base if r[0] == "調査回の名称")
        self.dates = {r[0]: (self.day(r[2]), self.day(r[4])) for r in base if r[0] in TITLES}
        systems, procedures = ({r[next(iter(r))]: r for r in table(t)} for t in ("systems", "procedures"))
        self.items = []
        for r in rows("対象業務"):
            item = Item(PLAN, r[0], r[1], r[2] and str(r[2]), r[5] in ("○", "はい", "あり"))
            item.attrs = systems[r[0]]
            self.items.append(item)
        for r in rows("対象手続"):
            if str(r[2]).startswith("都道府県"):
                continue
            item = Item(ONLINE, str(r[0]), r[1], r[5] and str(r[5]), r[8] in ("○", "はい", "あり"))
            item.attrs = procedures[str(r[0])] | {"市の対象": r[3] == "○", "集計単位": str(r[4])}
            self.items.append(item)
        index = {(i.form, i.key): i for i in self.items}
        self.flags, self.register = defaultdict(set), {}
        for row in self.read("回答"):
            at = row["様式ID"], row["対象キー"]
            if row["対象キー"]:
                self.flags[at].add(row["暫定"])
            if at[0] == REGISTER and at[1]:
                item = self.register.setdefault(at[1], Item(REGISTER, at[1], row["対象名"], row["課コード"], False))
                item.answers[row["項目キー"]], item.answered = row, True
            if at in index and row["状態"] == "accepted":
                index[at].answered = True
                index[at].answers[row["項目キー"]] = row
        self.findings = self.read("指摘")
        self.errors = {(f["様式ID"], f["対象キー"]) for f in self.findings if f["重要度"] == "要修正" and not f["了承の理由"]}
        for item in self.items:
            item.owed = self.owed(item)
        for item in self.register.values():
            item.owed = {key for key in asks_initiative(item) if item.blank(key)}
        self.rates = {r.id: r for r in rates(self)}
        for item in [*self.items, *self.register.values()]:
            item.standing = self.standing(item)

    @staticmethod
    def day(value):
        if isinstance(value, dt.datetime):
            return value.date()
        era = re.fullmatch(r"令和(\d+)年(\d+)月(\d+)日", value)
        return dt.date(2018 + int(era[1]), int(era[2]), int(era[3])) if era else dt.date.fromisoformat(value)

    def read(self, name):
        with (self.folder / "結果" / "データ" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as f:
            return list(csv.DictReader(f))

    def of(self, form):
        return list(self.register.values()) if form == REGISTER else [i for i in self.items if i.form == form]

    def under(self, item):
        """Code of the 所管課: the division that an initiative names, where that is another than the one that answers."""
        named = item.answers["owner"]["値"] if "owner" in item.answers else ""
        codes = [code for code, (name, _) in self.divisions.items() if named and named in (code, name)]
        return codes[0] if codes else item.owner

    def division(self, item):
        return self.divisions[self.under(item)][0] if item.owner else "所管課未定"

    def policy(self, item):
        """Where an initiative stands in the order of the city's policies; without one, last."""
        return self.policies.get(item.code("policy"), (len(self.policies), ""))[0]

    def pillar(self, item):
        return self.policies.get(item.code("policy"), (0, ""))[1]

    def owed(self, item):
        if item.nothing_asked():
            return set()
        wanted = asks_plan(item, self.deadlines["migration"]) if item.form == PLAN else asks_procedure(item, self.deadlines["online"])
        return {key for key in wanted if item.blank(key)}

    def standing(self, item):
        if item.absent:
            return f"{NONE_WORD[item.form]}（調査設定）"
        if not item.answered:
            return "暫定（未提出・未回答）" if item.owner else "暫定（所管課未定）"
        if (item.form, item.key) in self.errors:
            return "暫定（要修正あり）"
        kinds = {k: a["値の型"] for k, a in item.answers.items() if k not in LOCKED | OFFICE}
        if "unreadable" in (a["値の型"] for a in item.answers.values()):
            return "暫定（要確認あり）"
        if item.form == REGISTER:
            return "確定"
        if set(kinds.values()) <= {"blank"}:
            return "暫定（未提出・未回答）"
        if item.owed:
            return "暫定（未回答あり）"
        return "暫定（率が未確定）" if any(item.key in r.open for r in self.rates.values()) else "確定"

    def provisional(self, form):
        return sum(i.standing.startswith("暫定") for i in self.of(form))


def asks_initiative(i):
    """The answers that are asked for about an initiative."""
    wanted = {"class", "policy", "summary", "placement", "continuity", "start_year", "end_year", "publish", "kpi_name", "kpi_unit", "progress"}
    owed = {k for k in wanted if i.blank(k)}
    if i.code("placement") == "hq" or i.open("placement", owed):
        wanted.add("decided_on")
    if i.code("publish") == "yes" or i.open("publish", owed):
        wanted.add("public_text")
    return wanted


def asks_plan(i, deadline):
    """The answers that are asked for about a system, in the words of the form's guide."""
    wanted = {"system_exists", *STEP_KEYS}
    owed = {k for k in wanted if i.blank(k)}
    if i.code("system_exists") == "yes" or i.open("system_exists", owed):
        wanted |= {"current_system", "current_vendor", "contract_end", "method", "go_live", "feasible"}
    if i.outcome("go_live", deadline) == "期限超過":
        wanted.add("late_reason")
    owed = {k for k in wanted if i.blank(k)}
    if i.code("late_reason") == "other" or i.open("late_reason", owed):
        wanted.add("late_reason_text")
    if not i.blank("target_vendor"):
        wanted.add("vendor_kind")
    if i.code("step_40") == "done" or i.open("step_40", owed):
        wanted.add("go_live_actual")
    return wanted | {f"{k}_remark" for k in STEP_KEYS if i.code(k) == "na"}


def asks_procedure(i, deadline):
    """The answers that are asked for about a procedure."""
    wanted, owed = {"exists"}, {"exists"} if i.blank("exists") else set()
    maybe = lambda key, *codes: i.code(key) in codes or i.open(key, owed)  # noqa: E731
    if maybe("exists", "yes"):
        wanted |= {"status", "total", "online", "channel_portal", "channel_generic", "channel_other"}
        owed = {k for k in wanted if i.blank(k)}
        if maybe("status", "done"):
            wanted |= {"start", "card", "signature"}
        if maybe("status", "planned"):
            wanted.add("start_planned")
            if maybe("channel_portal", "all", "part"):
                wanted.add("card")
            if i.outcome("start_planned", deadline) == "期限超過":
                wanted.add("unmet_reason")
        if maybe("status", "considering", "undecided", "none"):
            wanted.add("unmet_reason")
    owed = {k for k in wanted if i.blank(k)}
    if maybe("unmet_reason", "other"):
        wanted.add("unmet_reason_text")
    if maybe("connection", "planned"):
        wanted.add("connected_on")
    return wanted


def every(*parts):
    return NO if NO in parts else MAYBE if MAYBE in parts else YES


def among(item, key, *codes):
    return MAYBE if item.code(key) is None else int(item.code(key) in codes)


def in_time(item, key, deadline):
    return {"期限内": YES, "期限超過": NO}.get(item.outcome(key, deadline))


class Rate:
    """A rate with the bounds it may still have."""

    def __init__(self, id_, form, low, high, whole, open_, units):
        self.id, self.form, self.low, self.high, self.whole = id_, form, low, high, whole
        self.open, self.unanswered = open_, units
        self.done = {}

    def text(self):
        if not self.open:
            return percent(Fraction(self.low, self.whole))
        low, high = (percent(Fraction(n, self.whole)) for n in (self.low, self.high))
        return f"暫定（未回答 {self.unanswered} {SUBJECT[self.form]}）下限 {low}～上限 {high}"

    def fraction(self):
        return f"{self.low}／{self.whole}" if self.low == self.high else f"{self.low}～{self.high}／{self.whole}"


def rates(r):
    out, systems, procedures = [], r.of(PLAN), r.of(ONLINE)
    for id_, codes, none in [("step-completion", ("done", "na"), 40), ("step-doing", ("doing",), 0), ("step-todo", ("todo",), 0)]:
        own = {}
        for i in systems:
            sure = sum(i.code(k) in codes for k in STEP_KEYS)
            most = sure + sum(i.code(k) is None for k in STEP_KEYS)
            if i.nothing_asked():
                sure = most = none
            elif i.code("system_exists") is None:
                sure, most = min(sure, none), max(most, none)
            own[i.key] = sure, most
        open_ = {k for k, (a, b) in own.items() if a < b}
        rate = Rate(id_, PLAN, sum(a for a, _ in own.values()), sum(b for _, b in own.values()), 40 * len(own), open_, len(open_))
        rate.done = own
        out.append(rate)
    online = r.deadlines["online"]
    done = lambda i: among(i, "status", "done")  # noqa: E731
    portal, card = lambda i: among(i, "channel_portal", "all", "part"), lambda i: among(i, "card", "yes")

    def target(i):
        started = every(done(i), in_time(i, "start", online))
        planned = every(among(i, "status", "planned"), in_time(i, "start_planned", online))
        date = YES if YES in (started, planned) else MAYBE if MAYBE in (started, planned) else NO
        return every(among(i, "exists", "yes"), among(i, "status", "done", "planned"), portal(i), card(i), date)

    kinds = {
        "portal-26": (lambda i: i.attrs["26手続"] == "1", False, lambda i: every(among(i, "exists", "yes"), done(i), portal(i))),
        "city-target": (lambda i: i.attrs["市の対象"], True, target),
        "city-running": (lambda i: i.attrs["市の対象"], True,
                         lambda i: every(among(i, "exists", "yes"), done(i), portal(i), card(i), in_time(i, "start", online))),
    }
    for id_, (member, grouped, holds) in kinds.items():
        own = {i.key: NO if i.absent else holds(i) for i in procedures if member(i)}
        units = defaultdict(list)
        for i in procedures:
            if i.key in own:
                units[i.attrs["集計単位"] if grouped else i.key].append(own[i.key])
        parts = [every(*u) for u in units.values()]
        sure, maybe = parts.count(YES), parts.count(MAYBE)
        rate = Rate(id_, ONLINE, sure, sure + maybe, len(parts), {k for k, v in own.items() if v is MAYBE}, maybe)
        rate.done = own
        out.append(rate)
    return out
