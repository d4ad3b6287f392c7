"""An independent calculation of the round's figures, from the returned files alone.

Shares no code with the program nor with make_round.py. Dates are not parsed: READINGS is the list, worked out by hand, of what
each text in the round means, and a text that is not on it is an error. Formulas: a system's rate is (完了済み + 対象外) / 40, the
city's the plain mean of its systems, and what was left open makes a rate a range.

    python3 samples/tools/expected.py [ROUND]     prints the figures as JSON
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import subprocess
import sys
import tempfile
import unicodedata
import zipfile
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import msoffcrypto
import msoffcrypto.exceptions
import openpyxl

ROOT = Path(__file__).resolve().parents[2]
PLAN, ONLINE, REGISTER = "migration-plan", "online-procedures", "dx-initiatives"
TITLES = {"移行計画書": PLAN, "進捗調査票": ONLINE, "進捗管理表": REGISTER}
OPEN = (None, None)

STATUS = {"完了済み": "done", "済": "done", "○": "done", "〇": "done", "作業中": "doing", "△": "doing",
          "未着手": "todo", "未": "todo", "×": "todo", "対象外": "na", "-": "na"}

# Text as half width → first and last day it can mean; None where it names no day.
READINGS = {
    "令和8年1月": ("2026-01-01", "2026-01-31"),
    "R8.1": ("2026-01-01", "2026-01-31"),
    "R8.3.31": ("2026-03-31", "2026-03-31"),
    "令和7年度末": ("2026-03-31", "2026-03-31"),
    "令和8年3月31日": ("2026-03-31", "2026-03-31"),
    "2026年3月": ("2026-03-01", "2026-03-31"),
    "R7.3.31": ("2025-03-31", "2025-03-31"),
    "令和8年8月": ("2026-08-01", "2026-08-31"),
    "令和8年3月末日": ("2026-03-31", "2026-03-31"),
    "令和9年3月末": ("2027-03-31", "2027-03-31"),
    "2025年度末": ("2026-03-31", "2026-03-31"),
    "未定(ベンダ回答待ち)": OPEN,
    "令和8年3月頃": ("2026-03-01", "2026-03-31"),
    "R7年度中": ("2025-04-01", "2026-03-31"),
    "令和7年度第3四半期": ("2025-10-01", "2025-12-31"),
    # Year's end or fiscal year's end: both are possible.
    "R7末": ("2025-12-31", "2026-03-31"),
    "令和5年3月1日": ("2023-03-01", "2023-03-01"),
    "R5.3.1": ("2023-03-01", "2023-03-01"),
    "令和5年3月": ("2023-03-01", "2023-03-31"),
    "令和4年度末": ("2023-03-31", "2023-03-31"),
    "年度内": ("2022-04-01", "2023-03-31"),
    "3月下旬": ("2023-03-21", "2023-03-31"),
    "令和5年10月1日": ("2023-10-01", "2023-10-01"),
    "令和5年4月1日": ("2023-04-01", "2023-04-01"),
    "R5.3末": ("2023-03-31", "2023-03-31"),
    "令和5年3月31日": ("2023-03-31", "2023-03-31"),
    "令和5年2月6日": ("2023-02-06", "2023-02-06"),
    "令和3年10月1日": ("2021-10-01", "2021-10-01"),
    "R3.6.1": ("2021-06-01", "2021-06-01"),
    "未定": OPEN,
    "未定(庁内調整中)": OPEN,
    "令和4年11月9日": ("2022-11-09", "2022-11-09"),
    "令和4年11月10日": ("2022-11-10", "2022-11-10"),
    "令和4年11月11日": ("2022-11-11", "2022-11-11"),
    "令和4年11月11日(金)": ("2022-11-11", "2022-11-11"),
    "R4.11.10": ("2022-11-10", "2022-11-10"),
    "R4.11.11": ("2022-11-11", "2022-11-11"),
    "11月11日": ("2022-11-11", "2022-11-11"),
}


def flat(value) -> str:
    """Half width without blanks."""
    return "".join(unicodedata.normalize("NFKC", str(value)).split()) if value is not None else ""


def days(value):
    """First and last day an answer can mean; None for a blank."""
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return (value.date().isoformat(),) * 2
    return READINGS[flat(value)]


class Grid:
    """A sheet as rows of values; merged answers stand in their first cell."""

    def __init__(self, ws):
        self.name = ws.title
        self.rows = [[c.value for c in row] for row in ws.iter_rows()]

    def find(self, label: str):
        """Where a label stands."""
        for r, row in enumerate(self.rows):
            for c, value in enumerate(row):
                if flat(value) == label:
                    return r, c
        return None

    def beside(self, label: str, stop: int = 4):
        """The first value to the right of a label, unless another label comes first."""
        at = self.find(label)
        if at is None:
            return None
        r, c = at
        for value in self.rows[r][c + 1 : c + 1 + stop]:
            if value is not None:
                return value
        return None

    def table(self, *labels: str):
        """The rows below a header as dictionaries by label; group labels one row below the header count as well."""
        at = next(i for i, row in enumerate(self.rows) if set(labels) <= {flat(v) for v in row})
        head = {}
        below = self.rows[at + 1]
        sub = below[self.rows[at].index(next(v for v in self.rows[at] if flat(v) == labels[0]))] is None
        for row in ([self.rows[at], below] if sub else [self.rows[at]]):
            for c, value in enumerate(row):
                if value is not None:
                    head[flat(value)] = c
        return [{k: row[c] for k, c in head.items()} for row in self.rows[at + 1 + sub :]]


class Settings:
    """What the settings workbook says."""

    def __init__(self, path: Path):
        wb = openpyxl.load_workbook(path)
        grid = {ws.title: Grid(ws) for ws in wb.worksheets}
        self.forms = {r["様式ID"]: r for r in grid["基本"].table("様式ID", "基準日", "回答期限") if r["様式ID"]}
        self.deadlines = {r["期限ID"]: r["期日"] for r in grid["期限"].table("期限ID", "期日") if r["期限ID"]}
        self.divisions = {r["課コード"]: r["課"] for r in grid["所属"].table("課コード", "課") if r["課コード"]}
        self.systems = {r["業務ID"]: r["所管課コード"] for r in grid["対象業務"].table("業務ID", "所管課コード") if r["業務ID"]}
        rows = [r for r in grid["対象手続"].table("番号", "所管課コード") if r["番号"]]
        self.procedures = {str(r["番号"]): (str(r["集計単位"]), r["所管課コード"]) for r in rows if r["市の対象"] == "○"}
        self.receipts = [r for r in grid["受付"].table("ファイル", "受付日") if r["受付日"]]
        self.passwords = {r["課コード"]: r["合言葉"] for r in grid["合言葉"].table("課コード", "合言葉") if r["合言葉"]}
        self.extensions = [r for r in grid["延長"].table("課コード", "延長後の期限") if r["課コード"]]

    def owed(self) -> set[tuple[str, str]]:
        """Division and form of every reply that is owed."""
        every = {(d, REGISTER) for d in self.divisions}
        return {(d, PLAN) for d in self.systems.values()} | {(d, ONLINE) for _, d in self.procedures.values()} | every

    def due(self, division: str, form: str, today: dt.date) -> dt.date:
        """When a reply was due."""
        more = [e["延長後の期限"].date() for e in self.extensions
                if (e["課コード"], e["様式ID"]) == (division, form) and e["承認日"] and e["承認日"].date() <= today]
        return max([self.forms[form]["回答期限"].date(), *more])


def unlocked(data: bytes, passwords) -> bytes:
    """A workbook without its password, if it has one."""
    file = msoffcrypto.OfficeFile(io.BytesIO(data))
    if not file.is_encrypted():
        return data
    for password in passwords:
        out = io.BytesIO()
        try:
            file.load_key(password=password, verify_password=True)
            file.decrypt(out)
            return out.getvalue()
        except msoffcrypto.exceptions.InvalidKeyError:
            continue
    raise ValueError("no password fits")


def as_xlsx(files: dict[str, bytes]) -> dict[str, bytes]:
    """Workbooks of other formats as LibreOffice reads them."""
    with tempfile.TemporaryDirectory() as temp:
        paths = {name: Path(temp) / f"{n}{Path(name).suffix}" for n, name in enumerate(files)}
        for name, path in paths.items():
            path.write_bytes(files[name])
        if paths:
            subprocess.run(["soffice", f"-env:UserInstallation=file://{temp}/profile", "--headless", "--convert-to",
                            "xlsx:Calc MS Excel 2007 XML", "--outdir", f"{temp}/out", *map(str, paths.values())],
                           check=True, capture_output=True)
        return {name: (Path(temp) / "out" / f"{path.stem}.xlsx").read_bytes() for name, path in paths.items()}


def inner_name(entry: zipfile.ZipInfo) -> str:
    """The name of a file in an archive; without the mark for UTF-8 it is Japanese as Windows writes it."""
    return entry.filename if entry.flag_bits & 0x800 else entry.filename.encode("cp437").decode("cp932")


class Reply:
    """A returned form."""

    def __init__(self, name: str, data: bytes, workbook: bytes, settings: Settings):
        self.name, self.bytes = name, hashlib.sha256(data).hexdigest()
        # The sheets that explain the form hold no answers; the column at the left holds signs.
        book = openpyxl.load_workbook(io.BytesIO(workbook))
        own = [ws for ws in book.worksheets if not ws.title.startswith(("記入要領", "記入例"))]
        self.sheets = [Grid(ws) for ws in own if ws.sheet_state == "visible"]
        title = "".join(flat(v) for row in self.sheets[0].rows[:2] for v in row if not flat(v).startswith("様式ID"))
        self.form = next((f for t, f in TITLES.items() if t in title), None)
        self.division = self.sheets[0].beside("課コード") if self.form else None
        own = days(self.sheets[0].beside("提出日")) if self.form else None
        desk = [r["受付日"].date() for r in settings.receipts if r["ファイル"] and ("提出/" + r["ファイル"]) == name]
        desk = desk or [r["受付日"].date() for r in settings.receipts
                        if not r["ファイル"] and (r["課コード"], r["様式ID"]) == (self.division, self.form)]
        self.received = max(desk) if desk else own and dt.date.fromisoformat(own[1])


def replies(folder: Path, settings: Settings, today: dt.date):
    """Every file with its state, and the reply that counts for each division and form."""
    states, groups, files = {}, defaultdict(list), {}
    for path in sorted((folder / "提出").rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".zip":
            states[name] = {"state": "not-ours"}
            with zipfile.ZipFile(path) as archive:
                files |= {f"{name}/{inner_name(e)}": archive.read(e) for e in archive.infolist()}
        elif path.is_file():
            files[name] = path.read_bytes()
    others = as_xlsx({name: data for name, data in files.items() if Path(name).suffix in (".xls", ".ods")})
    for name, data in files.items():
        if Path(name).name.startswith("~$") or Path(name).suffix not in (".xlsx", ".xls", ".ods"):
            states[name] = {"state": "not-ours"}
            continue
        try:
            reply = Reply(name, data, others.get(name) or unlocked(data, settings.passwords.values()), settings)
        except (zipfile.BadZipFile, msoffcrypto.exceptions.FileFormatError):
            states[name] = {"state": "unreadable"}
            continue
        if reply.form is None:
            states[name] = {"state": "not-ours"}
        else:
            groups[reply.division, reply.form].append(reply)
    counted = {}
    for (division, form), members in groups.items():
        newest = max(members, key=lambda m: m.received)
        # Copies are told apart by nothing: the first by name is taken.
        newest = min((m for m in members if m.bytes == newest.bytes), key=lambda m: m.name)
        counted[division, form] = newest
        for m in members:
            state = "accepted" if m is newest else "duplicate" if m.bytes == newest.bytes else "superseded"
            late = max((m.received - settings.due(division, form, today)).days, 0)
            states[m.name] = {"state": state, "division": division, "form": form, "received": m.received.isoformat(), "late": late}
    return states, counted


def branches() -> list[str]:
    """The step numbers ①-1 … ⑱-1 in their order."""
    with (ROOT / "templates/codes/steps.csv").open(encoding="utf-8-sig", newline="") as f:
        return [flat(r["枝番"]) for r in csv.DictReader(f)]


def years() -> list[str]:
    """The fiscal years that the DX initiatives are asked about."""
    with (ROOT / "templates/codes/plan-years.csv").open(encoding="utf-8-sig", newline="") as f:
        return [flat(r["名称"]) for r in csv.DictReader(f)]


def plan(sheet: Grid, order: list[str]) -> dict:
    """One system's steps and its date."""
    counts = dict.fromkeys(("done", "doing", "todo", "na", "blank"), 0)
    rows = {flat(r["番号"]): r["進捗状況"] for r in sheet.table("番号", "工程名", "進捗状況") if flat(r["番号"]) in order}
    for branch in order:
        word = flat(rows.get(branch))
        counts[STATUS[word] if word else "blank"] += 1
    times = {flat(r["工程"]): r["予定時期"] for r in sheet.table("工程", "予定時期") if r["工程"]}
    return counts | {"go_live": days(times["移行完了(運用開始)"])}


YES, NO, MAYBE = 1, 0, None


def every(*parts):
    """All of them hold, none fails, or it is open."""
    return NO if NO in parts else MAYBE if MAYBE in parts else YES


def among(value, *words):
    """Whether an answer is one of some words; a blank leaves it open."""
    return MAYBE if value is None else int(flat(value) in words)


def in_time(value, deadline: str):
    """Whether a day is not after a deadline; a blank, 未定 or a span across it leaves it open."""
    span = days(value)
    if span is None or span == OPEN:
        return MAYBE
    return YES if span[1] <= deadline else NO if span[0] > deadline else MAYBE


def judged(row: dict | None, deadline: str) -> dict:
    """What a procedure counts for: デジタル庁's 26, the city's target, the city's running."""
    if row is None:
        return dict.fromkeys(("portal", "target", "running"), MAYBE)
    exists, status = among(row["実施の有無"], "実施"), flat(row["オンライン化状況"])
    portal, card = among(row["マイナポータル"], "全部", "一部"), among(row["マイナンバーカード利用"], "利用する")
    if status == "オンライン化済":
        date = in_time(row["運用開始日"], deadline)
    elif status == "予定あり":
        date = in_time(row["運用開始予定日"], deadline)
    else:
        date = NO if status or exists == NO else MAYBE
    done = among(row["オンライン化状況"], "オンライン化済")
    return {"portal": every(exists, done, portal), "target": every(exists, portal, card, date), "running": every(exists, done, portal, card, date)}


def share(parts: list, whole: int) -> dict:
    """How many hold at least and at most."""
    sure, open_ = parts.count(YES), parts.count(MAYBE)
    return {"from": f"{sure}/{whole}", "to": f"{sure + open_}/{whole}"}


def register(counted: dict) -> dict:
    """The DX initiatives: how many by class and place, and their amounts. A row counts that has a name of an initiative."""
    rows, costs = [], []
    for (_, form), reply in sorted(counted.items()):
        if form != REGISTER:
            continue
        # The first sheet that has the table; columns by label, the sum of 事業費 by its repeated label.
        basic, _, cost = reply.sheets[:3]
        named = [r for r in basic.table("番号", "事業名", "区分") if flat(r["事業名"]) not in ("", "該当なし")]
        # As the heading stood on last year's form.
        rows += [r | {"位置付け": r.get("位置付け", r.get("位置づけ"))} for r in named]
        at = next(i for i, r in enumerate(cost.rows) if "事業費" in [flat(v) for v in r])
        year, totals = "", []
        for c, v in enumerate(cost.rows[at]):
            year = flat(cost.rows[at - 1][c]) or year
            # A year that is not asked about is no part of the sum.
            if flat(v) == "事業費" and year in years():
                totals.append(c)
        ends = {label: [c for c, v in enumerate(cost.rows[at]) if flat(v) == label] for label in ("効果額", "削減時間")}
        for r in cost.rows[at + 1 : at + 1 + len(named)]:
            costs.append([sum(r[c] or 0 for c in columns) for columns in (totals, ends["効果額"], ends["削減時間"])])
    count = lambda label: {w: sum(flat(r[label]) == w for r in rows) for w in sorted({flat(r[label]) for r in rows})}  # noqa: E731
    marked = sum(flat(r["区分"]) == "A" and flat(r["位置付け"]) == "実施計画" for r in rows)
    return {"all": len(rows), "class": count("区分"), "placement": count("位置付け"), "mark": marked,
            "cost": sum(c[0] for c in costs), "effect": sum(c[1] for c in costs), "hours": sum(c[2] for c in costs)}


def figures(folder: Path, today: dt.date) -> dict:
    """All figures of the round."""
    settings, order = Settings(folder / "調査設定.xlsx"), branches()
    states, counted = replies(folder, settings, today)
    systems = {}
    for (division, form), reply in sorted(counted.items()):
        for sheet in reply.sheets if form == PLAN else []:
            item = sheet.beside("業務ID")
            if item and settings.systems[item] == division:
                systems[item] = plan(sheet, order)
    everywhere = [systems.get(i, {"done": 0, "doing": 0, "todo": 0, "na": 0, "blank": 40}) for i in settings.systems]
    whole = 40 * len(everywhere)
    blank = sum(s["blank"] for s in everywhere)
    rates = {}
    for name, states_counted in {"step-completion": ("done", "na"), "step-doing": ("doing",), "step-todo": ("todo",)}.items():
        sure = sum(s[k] for s in everywhere for k in states_counted)
        rates[name] = {"from": f"{sure}/{whole}", "to": f"{sure + blank}/{whole}"}
    rows, groups = {}, defaultdict(list)
    for (division, form), reply in sorted(counted.items()):
        if form == ONLINE:
            rows |= {flat(r["番号"]): r for r in reply.sheets[0].table("番号", "手続名", "実施の有無") if flat(r["番号"])}
    deadline = "2023-03-31"
    marks = {n: judged(rows.get(n), deadline) for n in settings.procedures}
    for number, (group, _) in settings.procedures.items():
        groups[group].append(number)
    rates["portal-26"] = share([marks[str(n)]["portal"] for n in range(1, 27)], 26)
    for name, kind in [("city-target", "target"), ("city-running", "running")]:
        rates[name] = share([every(*(marks[n][kind] for n in members)) for members in groups.values()], len(groups))
    missing = sorted(f"{d} {f}" for d, f in settings.owed() - set(counted))
    return {
        "systems_asked": len(settings.systems), "procedures_counted": len(groups), "divisions": len(settings.divisions),
        "divisions_with_procedures": len({d for _, d in settings.procedures.values()}), "files": states, "missing": missing,
        "systems": dict(sorted(systems.items())), "rates": rates, "register": register(counted),
        "procedures": {n: flat(rows[n]["オンライン化状況"]) if n in rows else None for n in settings.procedures},
    }


def ratio(text: str) -> Fraction:
    """A figure as an exact fraction."""
    return Fraction(text)


if __name__ == "__main__":
    where = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "samples/ishinomaki-r4-10"
    print(json.dumps(figures(where, dt.date(2022, 11, 14)), ensure_ascii=False, indent=1))
