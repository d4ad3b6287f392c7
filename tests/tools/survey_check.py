"""Holds every figure of 職員アンケート集計結果.xlsx against an independent calculation from what everybody meant.

    python3 tests/tools/survey_check.py PROGRAM

Makes the folder アンケート from the seeded generator, runs PROGRAM, and counts anew from the generator's people: in whole numbers and
fractions by the standard library, the probabilities of χ² by scipy where it is installed (else they are left out, and this is said).
Ends with 1 on the first sheet that differs.
"""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from fractions import Fraction
from pathlib import Path

import openpyxl

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "samples/tools"))
import survey  # noqa: E402
import survey_form as form  # noqa: E402
import survey_public  # noqa: E402

try:
    from scipy.stats import chi2_contingency
except ImportError:
    chi2_contingency = None

BLANK, INVALID, NOT_ASKED = survey.BLANK, survey.INVALID, survey.NOT_ASKED
COMPARED = Counter()


def fail(text: str) -> None:
    sys.exit(f"differs: {text}")


def same(what: str, told, counted) -> None:
    COMPARED[what.split("|")[0]] += 1
    if isinstance(told, float) or isinstance(counted, float):
        if abs(float(told) - float(counted)) > 1e-9:
            fail(f"{what}: {told} in the workbook, {counted} counted")
    elif told != counted:
        fail(f"{what}: {told!r} in the workbook, {counted!r} counted")


def half_up(value: Fraction, decimals: int) -> Fraction:
    """Half away from zero."""
    scaled = abs(value) * 10**decimals
    whole = math.floor(scaled + Fraction(1, 2))
    return Fraction(whole if value >= 0 else -whole, 10**decimals)


def share(part: int, whole: int) -> float:
    return float(half_up(Fraction(part * 100, whole), 1)) / 100


class Slot:
    """A question, or an item of a matrix."""

    def __init__(self, row, item=None):
        self.id, self.text, self.kind, choices, self.items, *_ = row
        self.sorted, self.attribute = row[10] != "", row[9] != ""
        self.choices = [form.words(c) for c in choices]
        self.scores = [int(c.split("=")[1]) for c in choices] if choices and "=" in choices[0] else []
        self.item = item
        self.name = self.id if item is None else f"{self.id}［{self.items[item]}］"

    def said(self, p: dict):
        return p[self.id] if self.item is None else p[self.id][self.item]

    def taken(self, p: dict) -> list[int]:
        said = self.said(p)
        return [] if said in (BLANK, INVALID, NOT_ASKED) else said if isinstance(said, list) else [said]

    def count(self, people: list[dict]) -> dict:
        said = [self.said(p) for p in people]
        out = {k: sum(s == k for s in said) for k in (BLANK, INVALID, NOT_ASKED)}
        out["n"] = len(people) - out[NOT_ASKED]
        out["answered"] = out["n"] - out[BLANK] - out[INVALID]
        out["choices"] = [sum(c in self.taken(p) for p in people) for c in range(len(self.choices))]
        return out

    def order(self, count: dict) -> list[int]:
        order = list(range(len(self.choices)))
        if self.sorted:
            order.sort(key=lambda c: (self.choices[c] == "その他", -count["choices"][c]))
        return order


def slots() -> list[Slot]:
    out = []
    for row in form.QUESTIONS:
        out += [Slot(row, n) for n in range(len(row[4]))] if row[2] == "表形式" else [Slot(row)]
    return out


def find(ws, text: str, start: int = 1, column: int = 1) -> int:
    for row in range(start, ws.max_row + 1):
        value = ws.cell(row, column).value
        if isinstance(value, str) and value.startswith(text):
            return row
    return fail(f"{ws.title}: no 「{text}」")


def summary(ws, people: list[dict], out: Counter) -> None:
    row = find(ws, "受け取った回答")
    same("概要|received", ws.cell(row, 2).value, len(people) + sum(out.values()))
    for n, (why, count) in enumerate(out.items(), 1):
        same(f"概要|{why}", (ws.cell(row + n, 1).value, ws.cell(row + n, 2).value), (why, count))
    same("概要|valid", ws.cell(row + 6, 2).value, len(people))
    same("概要|rate", ws.cell(find(ws, "回答率"), 2).value, f"{float(half_up(Fraction(len(people) * 100, 1384), 1))}%")


def rates(ws, people: list[dict]) -> None:
    row = find(ws, "総務部")
    for n, (name, asked) in enumerate(form.ASKED):
        valid = sum(p["問1"] == n for p in people)
        told = [ws.cell(row + n, c).value for c in range(1, 6)]
        same(f"回答率|{name}", told[:3], [name, asked, valid])
        same(f"回答率|{name}", told[3], share(valid, asked))
        same(f"回答率|{name}", told[4], share(valid, len(people)))
    same("回答率|計", [ws.cell(row + 9, c).value for c in (1, 2, 3)], ["計", 1384, 980])


def lines(ws, row: int, slot: Slot, count: dict, order: list[int]) -> None:
    """The rows of a table with one line a choice."""
    rows = [(slot.choices[c], count["choices"][c]) for c in order] + [(BLANK, count[BLANK]), (INVALID, count[INVALID])]
    for n, (name, number) in enumerate(rows):
        told = [ws.cell(row + n, c).value for c in (1, 2, 3)]
        same(f"単純集計|{slot.name} {name}", told[:2], [name, number])
        same(f"単純集計|{slot.name} {name} %", told[2], share(number, count["n"]))
    below = row + len(rows)
    same(f"単純集計|{slot.name} n", ws.cell(below, 2).value, count["n"])
    notes = []
    while (text := ws.cell(below + 1 + len(notes), 1).value) is not None:
        notes.append(text)
    if slot.kind != "複数選択":
        shown = sum(round(share(number, count["n"]) * 1000) for _, number in rows)
        same(f"単純集計|{slot.name} note", "端数処理のため、割合の合計は100%になりません。" in notes, shown != 1000)
    if count[NOT_ASKED]:
        same(f"単純集計|{slot.name} not asked", any(f"非該当（聞いていない人）　{count[NOT_ASKED]} 人" in t for t in notes), True)
    if slot.scores:
        mean = half_up(Fraction(sum(s * c for s, c in zip(slot.scores, count["choices"])), count["answered"]), 2)
        same(f"単純集計|{slot.name} mean", any(t.startswith(f"平均 {float(mean):.2f}（回答した {count['answered']} 人") for t in notes), True)


def number(ws, row: int, slot: Slot, people: list[dict], count: dict) -> None:
    values = [slot.said(p) for p in people if slot.said(p) not in (BLANK, INVALID, NOT_ASKED)]
    for n, (value, times) in enumerate(sorted(Counter(values).items())):
        same(f"単純集計|{slot.name} {value}", [ws.cell(row + n, 1).value, ws.cell(row + n, 2).value], [f"{value}時間", times])
        same(f"単純集計|{slot.name} {value} %", ws.cell(row + n, 3).value, share(times, count["n"]))
    mean = half_up(Fraction(sum(values), len(values)), 2)
    middle = sorted(values)
    middle = Fraction(middle[(len(middle) - 1) // 2] + middle[len(middle) // 2], 2)
    told = ws.cell(find(ws, "平均 ", row), 1).value
    wanted = f"平均 {float(mean):.2f}時間、中央値 {float(middle):.2f}時間、最小 {min(values)}時間、最大 {max(values)}時間（回答した {len(values)} 人）"
    same(f"単純集計|{slot.name} mean", told, wanted)


def matrix(ws, row: int, all_slots: list[Slot], people: list[dict]) -> None:
    size = len(all_slots)
    for n, slot in enumerate(all_slots):
        count = slot.count(people)
        parts = count["choices"] + [count[BLANK], count[INVALID]]
        for column, part in enumerate(parts, 3):
            same(f"単純集計|{slot.name} %", ws.cell(row + n, column).value, share(part, count["n"]))
            same(f"単純集計|{slot.name}", ws.cell(row + size + 1 + n, column).value, part)
        mean = half_up(Fraction(sum(s * c for s, c in zip(slot.scores, count["choices"])), count["answered"]), 2)
        told = ws.cell(find(ws, "平均：", row), 1).value
        same(f"単純集計|{slot.name} mean", f"{slot.items[slot.item]} {float(mean):.2f}" in told, True)


def simple(ws, people: list[dict]) -> None:
    done = set()
    for slot in slots():
        if slot.id in done:
            continue
        done.add(slot.id)
        title = find(ws, f"{slot.id}（")
        count = slot.count(people)
        if slot.kind == "表形式":
            matrix(ws, title + 3, [s for s in slots() if s.id == slot.id], people)
        elif slot.kind == "数値":
            number(ws, title + 3, slot, people, count)
        elif slot.kind == "自由記述":
            same(f"単純集計|{slot.name}", [ws.cell(title + 3, 2).value, ws.cell(title + 4, 2).value], [count["answered"], count[BLANK]])
        else:
            lines(ws, title + 3, slot, count, slot.order(count))


def sign(z: float) -> str:
    return " ▲▲" if z >= 2.576 else " ▲" if z >= 1.96 else " ▽▽" if z <= -2.576 else " ▽" if z <= -1.96 else ""


def cross(ws, people: list[dict]) -> None:
    everything = slots()
    for slot in [s for s in everything if not s.attribute and s.choices]:
        for by in [s for s in everything if s.attribute]:
            whole = slot.count(people)
            groups = [(name, [p for p in people if by.said(p) == g]) for g, name in enumerate(by.choices)]
            rest = [p for p in people if by.said(p) in (BLANK, INVALID)]
            named = [slot.count(g) for _, g in groups]
            order = slot.order(whole)
            blocks = -(-len(order) // 6)
            across = -(-len(order) // blocks)
            at = 1
            for block in range(blocks):
                chosen = order[block * across:(block + 1) * across]
                title = f"{slot.name} × {by.name}" + ("（続き）" if block else "")
                row = next(r for r in range(at, ws.max_row + 1) if ws.cell(r, 1).value == title)
                at = row + 1
                rows = [("全体", people)] + groups + ([("（無回答・無効）", rest)] if rest else [])
                for n, (name, members) in enumerate(rows):
                    compare_group(ws, row + 4 + n, (name, members), (slot, chosen), (whole, named, n))
                tests(ws, row + 4 + len(rows), slot, chosen, named, block + 1 == blocks)


def compare_group(ws, row: int, group, what, against) -> None:
    (name, members), (slot, chosen), (whole, named, n) = group, what, against
    count = slot.count(members)
    same(f"クロス集計|{slot.name} {name}", [ws.cell(row, 1).value, ws.cell(row, 2).value], [name, count["n"]])
    for place, c in enumerate(chosen):
        told, differs = ws.cell(row, 3 + 2 * place).value, ws.cell(row, 4 + 2 * place).value
        if count["n"] == 0:
            same(f"クロス集計|{slot.name} {name}", told, "－")
            continue
        same(f"クロス集計|{slot.name} {name} %", told, share(count["choices"][c], count["n"]))
        if name == "全体":
            continue
        points = half_up(Fraction(count["choices"][c] * 100, count["n"]) - Fraction(whole["choices"][c] * 100, whole["n"]), 1)
        mark = ""
        if name != "（無回答・無効）":
            column, everybody = sum(g["choices"][c] for g in named), sum(g["answered"] for g in named)
            mine = named[n - 1]
            e = mine["answered"] * column / everybody
            v = e * (1 - mine["answered"] / everybody) * (1 - column / everybody)
            mark = sign((mine["choices"][c] - e) / math.sqrt(v)) if v > 0 else ""
        text = f"{float(points):+.1f}" if points else "0.0"
        same(f"クロス集計|{slot.name} {name} difference", differs, text + mark)


def tests(ws, row: int, slot: Slot, chosen: list[int], named: list[dict], last: bool) -> None:
    def of(table):
        """Statistic, degrees of freedom, probability, condition; without rows and columns that hold nothing."""
        table = [r for r in table if sum(r)]
        kept = [c for c in range(len(table[0])) if sum(r[c] for r in table)]
        table = [[r[c] for c in kept] for r in table]
        sums, columns = [sum(r) for r in table], [sum(r[c] for r in table) for c in range(len(kept))]
        if len(table) < 2 or len(kept) < 2:
            return None
        expected = [s * c / sum(sums) for s in sums for c in columns]
        seen = [v for r in table for v in r]
        statistic = sum((s - e) ** 2 / e for s, e in zip(seen, expected))
        few = sum(e < 5 for e in expected)
        p = chi2_contingency(table, correction=False)[1] if chi2_contingency else None
        return statistic, (len(sums) - 1) * (len(columns) - 1), p, min(expected) >= 1 and few * 5 <= len(expected), (min(expected), few, len(expected))

    def probability(p):
        return "p＜0.001" if p < 0.001 else f"p＝{p:.3f}"

    if slot.kind == "複数選択":
        for place, c in enumerate(chosen):
            result = of([[g["choices"][c], g["answered"] - g["choices"][c]] for g in named])
            told = ws.cell(row, 3 + 2 * place).value
            if result and result[2] is not None:
                same(f"クロス集計|{slot.name} p", told, probability(result[2]) + ("" if result[3] else "（参考）"))
    elif last:
        result = of([g["choices"] for g in named])
        told = ws.cell(row, 1).value
        statistic, df, p, holds, (least, few, cells) = result
        same(f"クロス集計|{slot.name} χ²", told.startswith(f"χ² 検定：χ²＝{statistic:.2f}、自由度 {df}、"), True)
        same(f"クロス集計|{slot.name} condition", f"（最小の期待度数 {least:.1f}、5未満の欄 {few}/{cells}）" in told, True)
        same(f"クロス集計|{slot.name} judged", "参考です" in told, not holds)
        if p is not None:
            same(f"クロス集計|{slot.name} p", probability(p) in told, True)


def data(ws, people: list[dict]) -> None:
    """The long form, answer by answer."""
    head = find(ws, "回答番号")
    told: dict[int, list] = {}
    for row in ws.iter_rows(min_row=head + 1, max_col=9, values_only=True):
        if row[0] is not None:
            told.setdefault(row[0], []).append(row[1:6])
    same("データ|people", len(told), len(people))
    counted = []
    for p in people:
        rows = []
        for slot in slots():
            said, item = slot.said(p), None if slot.item is None else slot.items[slot.item]
            if said in (BLANK, INVALID, NOT_ASKED):
                rows.append((slot.id, item, said, None, None))
            elif slot.kind == "数値":
                rows.append((slot.id, item, "回答", None, f"{said:.3f}"))
            elif slot.kind == "自由記述":
                rows.append((slot.id, item, "記述", None, None))
            else:
                rows += [(slot.id, item, "回答", c + 1, slot.choices[c]) for c in slot.taken(p)]
        counted.append(rows)
    same("データ|rows", Counter(map(str, told.values())), Counter(map(str, counted)))
    COMPARED["データ"] += sum(map(len, counted))


def main() -> None:
    program = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as temp:
        round_dir = Path(temp) / "r"
        round_dir.mkdir()
        shutil.copy(ROOT / "samples/ishinomaki-r4-10/調査設定.xlsx", round_dir)
        subprocess.run([sys.executable, "-B", str(ROOT / "samples/tools/survey.py"), str(round_dir / "アンケート")], check=True, capture_output=True)
        done = subprocess.run([program, "survey", round_dir, "--today", "2022-11-14"], capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            fail(done.stdout + done.stderr)
        wb = openpyxl.load_workbook(round_dir / "結果/職員アンケート集計結果.xlsx")
        public = openpyxl.load_workbook(round_dir / "結果/職員アンケート集計結果（公表用）.xlsx")
    people = survey.people()
    why = Counter(w for w, _ in survey.others(people))
    again = written_twice()
    out = {"試行の回答": why["試行"], "締切後の回答": why["締切後"], "答えのない回答": why["空"],
           "同じ回答の重なり": why["同じ回答"] + again, "答え直す前の回答": why["同じ人"]}
    summary(wb["調査概要"], people, Counter(out))
    rates(wb["回答率"], people)
    simple(wb["単純集計"], people)
    cross(wb["クロス集計"], people)
    data(wb["データ"], people)
    print("the same:", ", ".join(f"{sheet} {n}" for sheet, n in COMPARED.items()), "figures")
    if chi2_contingency is not None:
        print(survey_public.check(public, slots(), people))
    if chi2_contingency is None:
        print("scipy is not installed: the probabilities were not compared, and nothing hidden was tried to be computed")


def written_twice() -> int:
    """How many rows stand in both of the two exports whose periods overlap."""
    with tempfile.TemporaryDirectory() as temp:
        done = subprocess.run([sys.executable, "-B", str(ROOT / "samples/tools/survey.py"), temp], check=True, capture_output=True, text=True)
        rows = [int(n) for n in done.stdout.split(";")[1].split() if n.isdigit()]
    people = survey.people()
    return sum(rows) - len(people) - len(survey.others(people))


if __name__ == "__main__":
    main()
