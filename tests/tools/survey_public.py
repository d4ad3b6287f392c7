"""Tries to compute what the survey's workbook for publication hides, and holds what it shows against the truth; used by survey_check.py.

For every hidden count the least and the greatest value are sought that fit everything the workbook shows (a linear programme over the
sums of its table, by scipy): they must be at least as far apart as five people. Whatever is shown must be right, and never 1 to 4.
"""

from __future__ import annotations

import math
import sys

LEAST = 5
HIDDEN = "＊"


def fail(text: str) -> None:
    sys.exit(f"publication: {text}")


def members(name: str, slot, people: list[dict], taken) -> int:
    """How many of these people belong to a category, by its printed name."""
    names = name.split("＋")
    count = 0
    for p in people:
        chosen = [slot.choices[c] for c in taken(p)]
        count += any(n in names for n in chosen) or (not chosen and "無回答・無効" in names and slot.said(p) != "非該当")
    return count


def singles(ws, slots: list, people: list[dict]) -> dict:
    """The simple tables: shown counts by slot and category."""
    shown: dict[str, dict] = {}
    row = 1
    by_title = {s.name: s for s in slots}
    while row <= ws.max_row:
        title = ws.cell(row, 1).value
        name = title.split("（")[0] if isinstance(title, str) and "　n＝" in title else None
        if name not in by_title:
            row += 1
            continue
        slot, asked = by_title[name], int(title.split("　n＝")[1])
        row += 3
        table = {}
        while ws.cell(row, 1).value is not None:
            label, count = ws.cell(row, 1).value, ws.cell(row, 2).value
            table[label] = None if count == HIDDEN else count
            if table[label] is not None:
                wanted = members(label, slot, people, slot.taken) if slot.choices else None
                if wanted is not None and wanted != count:
                    fail(f"{name} {label}: {count} shown, {wanted} counted")
                if 0 < count < LEAST or 0 < asked - count < LEAST and slot.kind == "複数選択":
                    fail(f"{name} {label}: {count} of {asked} is shown")
            row += 1
        if slot.kind not in ("複数選択", "数値", "自由記述") and sum(table.values()) != asked:
            fail(f"{name}: the lines are not n")
        shown[name] = {"n": asked, **table}
    return shown


def blocks(ws, slots: list):
    """Tables of two questions, their parts put together."""
    names = {s.name: s for s in slots}
    tables: dict[tuple, dict] = {}
    for row in range(1, ws.max_row + 1):
        title = ws.cell(row, 1).value
        if not isinstance(title, str) or " × " not in title or "　×　" in title:
            continue
        slot, by = title.removesuffix("（続き）").split(" × ")
        table = tables.setdefault((slot, by), {"slot": names[slot], "by": names[by], "rows": {}})
        columns = {c: ws.cell(row + 2, c).value for c in range(3, ws.max_column + 1) if ws.cell(row + 2, c).value is not None}
        at = row + 4
        while ws.cell(at, 1).value is not None and ws.cell(at, 2).value is not None:
            group = table["rows"].setdefault(ws.cell(at, 1).value, {"n": ws.cell(at, 2).value, "cells": {}})
            for c, label in columns.items():
                value = ws.cell(at, c).value
                group["cells"][label] = None if value == HIDDEN else value
            at += 1
    return tables


def truth(table: dict, people: list[dict]) -> None:
    """What is shown is right and not small."""
    slot, by = table["slot"], table["by"]
    for group, row in table["rows"].items():
        inside = [p for p in people if members(group, by, [p], by.taken)]
        if len(inside) != row["n"]:
            fail(f"{slot.name} × {by.name}: {group} has {row['n']}, counted {len(inside)}")
        for label, shown in row["cells"].items():
            count = members(label, slot, inside, slot.taken)
            if shown is None:
                continue
            if shown != count:
                fail(f"{slot.name} × {by.name} {group} {label}: {shown} shown, {count} counted")
            if 0 < shown < LEAST or slot.kind == "複数選択" and 0 < row["n"] - shown < LEAST:
                fail(f"{slot.name} × {by.name} {group} {label}: {shown} of {row['n']} is shown")


def attack(table: dict, shown: dict) -> int:
    """Seeks the range of every hidden count; gives how many there are."""
    from scipy.optimize import linprog

    slot, rows = table["slot"], table["rows"]
    places = [(g, c) for g, row in rows.items() for c, v in row["cells"].items() if v is None]
    if not places:
        return 0
    index = {place: n for n, place in enumerate(places)}
    matrix, sums = [], []

    def equation(cells, total: int) -> None:
        line, rest = [0.0] * len(places), total
        for place, value in cells:
            if value is None:
                line[index[place]] = 1.0
            else:
                rest -= value
        if any(line):
            matrix.append(line)
            sums.append(rest)

    columns = list(next(iter(rows.values()))["cells"])
    for c in columns:
        # What is counted together here may stand apart in the simple table, where its sum is known.
        inside = {k: v for k, v in shown.get(slot.name, {}).items() if k != "n" and set(k.split("＋")) <= set(c.split("＋"))}
        if inside and None not in inside.values():
            whole = sum(inside.values())
            equation([((g, c), rows[g]["cells"][c]) for g in rows], whole)
    if slot.kind != "複数選択":
        for g in rows:
            equation([((g, c), rows[g]["cells"][c]) for c in columns], rows[g]["n"])
    bounds = [(1, rows[g]["n"] - (1 if slot.kind == "複数選択" else 0)) for g, _ in places]
    for n, place in enumerate(places):
        ends = []
        for sign in (1.0, -1.0):
            costs = [sign if k == n else 0.0 for k in range(len(places))]
            found = linprog(costs, A_eq=matrix or None, b_eq=sums or None, bounds=bounds, method="highs")
            if not found.success:
                fail(f"{slot.name} {place}: {found.message}")
            ends.append(sign * found.fun)
        least, most = math.ceil(ends[0] - 1e-6), math.floor(ends[1] + 1e-6)
        if most - least + 1 < LEAST:
            fail(f"{slot.name} × {table['by'].name} {place}: it is between {least} and {most}")
    return len(places)


def check(wb, slots: list, people: list[dict]) -> str:
    """Everything; gives what was tried in words."""
    shown = singles(wb["単純集計"], slots, people)
    tables = blocks(wb["クロス集計"], slots)
    hidden = 0
    for table in tables.values():
        truth(table, people)
        hidden += attack(table, shown)
    cells = sum(len(row["cells"]) for t in tables.values() for row in t["rows"].values())
    written = {str(p[q]) for p in people for q in ("問12", "問13")} - {"無回答", "特になし"}
    for ws in wb:
        for row in ws.iter_rows(values_only=True):
            for value in row:
                if value in written:
                    fail(f"{ws.title}: words of somebody's: {value}")
    return f"publication: {len(shown)} simple tables, {len(tables)} of two questions, {hidden} of {cells} counts hidden, none computed"
