"""Every printed figure and mark of a round's papers against a second count, made from the data and the findings alone.

    python3 -B tests/tools/figures_check.py PROGRAM [NAME…]    the sample round with seeded faults, and mutants; or those named
    python3 -B tests/tools/figures_check.py --of ROUND JSON    the papers of a round that was consolidated and briefed

`figures_count.py` counts, `figures_papers.py` reads the sheets of the master, the meeting's document, the JSON object and the
ministry's filled workbook, `figures_lists.py` the lists of initiatives and of changes, `figures_rounds.py` makes the mutants. On the
sheets `WHOLE` of `figures_lists.py` a number that is compared with nothing is an error, and a seeded fault is told by its cell.
"""

import copy
import datetime as dt
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from figures_count import ROOT, Round
from figures_lists import SINCE, WHOLE, all_of
from figures_papers import CHECKS, Papers, column_name
from figures_rounds import AFTER, MUTANTS, slim

SAMPLE = ROOT / "samples" / "ishinomaki-r4-10"
TODAY = "2022-11-14"


def check(r, papers):
    for one in [*CHECKS, all_of]:
        one(r, papers)
    for (form, key), flags in r.flags.items():
        item = next((i for i in r.of(form) if i.key == key), None)
        want = {str(int(item.standing.startswith("暫定")))} if item else set()
        if item and flags != want:
            papers.fail(f"回答.csv {form} {key}: 暫定 is {flags}, not {want}")
    return papers.wrong


def run(program, folder):
    """Consolidates and briefs a round; gives the JSON object."""
    out = subprocess.run([program, "consolidate", folder, "--today", TODAY, "--format", "json"], capture_output=True, text=True, check=False)
    also = subprocess.run([program, "brief", folder, "--today", TODAY, "--quiet"], capture_output=True, check=False)
    if max(out.returncode, also.returncode) > 1:
        raise SystemExit(f"{folder}: ended with {out.returncode}, {also.returncode}: {out.stderr}")
    return out.stdout


def fault(value):
    """Another value than the one that is printed."""
    if isinstance(value, (int, float)):
        return value + 1
    if isinstance(value, dt.datetime):
        return value + dt.timedelta(days=1)
    if isinstance(value, str) and re.search(r"\d", value):
        return re.sub(r"\d", lambda d: str((int(d[0]) + 1) % 10), value, count=1)
    return "確定" if value != "確定" else "暫定（要修正あり）"


def chosen(papers, sheet, places):
    """Which compared cells of a sheet get another value: some of all, and every number of the sheets that are compared as a whole."""
    some = set(places[:: max(1, len(places) // 25)])
    grid = papers.grids[sheet]

    def number(row, column):
        return row < len(grid) and column < len(grid[row]) and isinstance(grid[row][column], (int, float, dt.datetime))

    return sorted(some | {at for at in places if sheet in WHOLE and number(*at)})


def seed(r, papers, only):
    """Puts another value into each chosen cell, one at a time, then takes rows out and puts more in; gives the faults that are not named."""
    blind, tried = [], 0
    by_sheet = defaultdict(list)
    for sheet, at in sorted({(s, at) for s, at in papers.seen if not only or s == only}):
        by_sheet[sheet].append(at)

    def told(sheet, change, name):
        broken = copy.copy(papers)
        broken.wrong, broken.seen = [], []
        broken.grids = papers.grids | {sheet: [list(x) for x in papers.grids[sheet]]}
        change(broken.grids[sheet])
        try:
            check(r, broken)
        except (ValueError, StopIteration, TypeError, KeyError, IndexError):
            broken.fail(f"{sheet}: could not be read")
        # Where a whole sheet is compared, the cell itself is to be named; elsewhere it is enough that something is.
        return any(w.startswith(name) for w in broken.wrong) if sheet in WHOLE else bool(broken.wrong)

    for sheet, places in by_sheet.items():
        for row, column in chosen(papers, sheet, places):

            def change(grid, row=row, column=column):
                grid[row].extend([None] * (column + 1 - len(grid[row])))
                grid[row][column] = fault(grid[row][column])

            cell = f"{sheet} {column_name(column)}{row + 1}"
            if not told(sheet, change, f"{cell} "):
                blind.append(cell)
            tried += 1
    for sheet in [s for s in WHOLE if s in by_sheet]:
        last = len(papers.grids[sheet]) - 1
        changes = {"without its last row": lambda grid: grid.pop(),
                   "with its last row twice": lambda grid, n=last: grid.append(list(grid[n])),
                   "with a figure more": lambda grid: grid.append([None, 7])}
        for what, change in changes.items():
            if not told(sheet, change, sheet):
                blind.append(f"{sheet} {what}")
            tried += 1
    return blind, tried


def main(program):
    wrong, compared = [], 0
    only = sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        for name, mutate in MUTANTS.items():
            if only and name not in only:
                continue
            round_ = Path(folder) / "round"
            shutil.copytree(SAMPLE, round_, ignore=shutil.ignore_patterns("結果", "expected"))
            if name != next(iter(MUTANTS)):
                slim(round_)
            if name in AFTER:
                run(program, round_)
                (round_ / "前回").mkdir()
                (round_ / "結果" / "取りまとめ.xlsx").rename(round_ / "前回" / "取りまとめ.xlsx")
                shutil.rmtree(round_ / "結果")
            mutate(round_)
            papers = Papers(round_, run(program, round_))
            r = Round(round_)
            found = check(r, papers)
            compared += len(papers.seen)
            marks = Counter(i.standing for i in r.items)
            print(f"{name}: {len(set(papers.seen))} cells of {len({s for s, _ in papers.seen})} papers compared, {len(found)} wrong;", dict(marks), flush=True)
            wrong += [f"{name}: {w}" for w in found]
            if (name == next(iter(MUTANTS)) or name in AFTER) and not found:
                blind, tried = seed(r, papers, SINCE if name in AFTER else None)
                print(f"seeded faults: {tried - len(blind)} of {tried} told")
                wrong += [f"a fault is not told: {b}" for b in blind]
            shutil.rmtree(round_)
    for text in wrong[:60]:
        print("  ×", text)
    return 1 if wrong or (compared < 60_000 and not only) else 0


if __name__ == "__main__":
    if sys.argv[1] == "--of":
        of = Papers(Path(sys.argv[2]), Path(sys.argv[3]).read_text(encoding="utf-8"))
        found_ = check(Round(Path(sys.argv[2])), of)
        print("\n".join(found_), f"{len(set(of.seen))} cells, {len(found_)} wrong", sep="\n")
        sys.exit(1 if found_ else 0)
    sys.exit(main(sys.argv[1]))
