"""Compares the program's figures with the independent ones; exits 1 on any difference.

    python3 samples/tools/compare.py [consolidate.json]    default: the round's expected/consolidate.json
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys
from collections import Counter
from pathlib import Path

import openpyxl

import expected

ROUND = expected.ROOT / "samples" / "ishinomaki-r4-10"
STATUS = {"オンライン化済": "done", "予定あり": "planned", "検討中": "considering", "未定": "undecided", "予定なし": "none", "": None}


def program_systems(told: dict) -> dict:
    """Step counts and dates by system, out of the program's records."""
    systems = {}
    for record in told["records"]:
        if record["form"] == expected.PLAN and record["item"]:
            fields = record["fields"]
            values = [fields.get(f"step_{n:02}", {}).get("value") for n in range(1, 41)]
            counts = Counter(v or "blank" for v in values)
            date = fields["go_live"]["value"]
            span = [date["from"], date["to"]] if date and "from" in date else [None, None]
            systems[record["item"]] = {k: counts[k] for k in ("done", "doing", "todo", "na", "blank")} | {"go_live": span}
    return systems


PLACES = {"plan": "実施計画", "reform": "行革プラン", "hq": "本部決定"}


def program_register(told: dict) -> dict:
    """The same figures of the DX initiatives out of the program's records."""
    fields = [{k: f["value"] for k, f in r["fields"].items()} for r in told["records"] if r["form"] == expected.REGISTER]
    fields = [f for f in fields if "class" in f]
    total = lambda start: sum(v or 0 for f in fields for k, v in f.items() if k.startswith(start))  # noqa: E731
    return {
        "all": len(fields), "class": dict(sorted(Counter(f["class"] for f in fields).items())),
        "placement": dict(sorted(Counter(PLACES[f["placement"]] for f in fields).items())),
        "mark": sum(f["class"] == "A" and f["placement"] == "plan" for f in fields),
        "cost": total("cost_"), "effect": total("effect_amount"), "hours": total("saved_hours"),
    }


def differences(own: dict, told: dict) -> list[str]:
    """Every figure that is not the same on both sides."""
    wrong = []

    def same(what, mine, theirs):
        if mine != theirs:
            wrong.append(f"{what}: expected {mine}, the program says {theirs}")

    items = told["totals"]["items"]
    same("systems", own["systems_asked"], items[expected.PLAN])
    same("procedures", own["procedures_counted"], items[expected.ONLINE])
    files = {s["file"]: s for s in told["submissions"] if s["file"]}
    same("files", sorted(own["files"]), sorted(files))
    for name, mine in own["files"].items():
        theirs = files.get(name, {})
        same(f"{name} state", mine["state"], theirs.get("state"))
        for key, there in [("division", "division"), ("form", "form"), ("received", "received"), ("late", "late_days")]:
            if key in mine:
                same(f"{name} {key}", mine[key], theirs.get(there))
    missing = sorted(f"{s['division']} {s['form']}" for s in told["submissions"] if s["state"] == "missing")
    same("missing", own["missing"], missing)
    for key, value in program_register(told).items():
        same(f"initiatives {key}", own["register"][key], value)
    theirs = program_systems(told)
    same("systems answered", sorted(own["systems"]), sorted(theirs))
    for item, mine in own["systems"].items():
        for key, value in mine.items():
            same(f"{item} {key}", list(value) if isinstance(value, tuple) else value, theirs.get(item, {}).get(key))
    statuses = {r["item"]: r["fields"]["status"]["value"] for r in told["records"] if r["form"] == expected.ONLINE}
    for item, word in own["procedures"].items():
        same(f"procedure {item}", STATUS[word or ""], statuses.get(item))
    rates = {r["id"]: r for r in told["totals"]["rates"]}
    for name, mine in own["rates"].items():
        for end in ("from", "to"):
            value = rates.get(name, {}).get(end)
            close = value is not None and abs(float(expected.ratio(mine[end])) - value) < 1e-12
            if not close:
                same(f"rate {name} {end}", mine[end], value)
    return wrong


def master(path: Path, own: dict) -> list[str]:
    """The two tables in the ministry's layout: a rate only where all 40 steps are answered, every status in its words."""
    book = openpyxl.load_workbook(path, data_only=True)
    with (expected.ROOT / "templates/codes/systems.csv").open(encoding="utf-8-sig", newline="") as f:
        names = {r["総務省表の名称"]: r["業務ID"] for r in csv.DictReader(f)}
    wrong = []
    rows = list(book["進捗状況"].iter_rows(values_only=True))
    told = dict(zip((names.get(n) for n in rows[1]), rows[2]))
    systems = own["systems"]
    rate = {i: (s["done"] + s["na"]) / 40 for i, s in systems.items() if s["blank"] == 0}
    mine = {i: rate.get(i) for i in names.values()}
    mine[None] = told.get(None)
    if told != mine or len(told) != 21:
        wrong.append(f"進捗状況: expected {mine}, the workbook says {told}")
    city = sum(rate.values()) / 20 if len(rate) == 20 else None
    if rows[2][2] != city:
        wrong.append(f"進捗状況, city: expected {city}, the workbook says {rows[2][2]}")
    words = {"完了済み": "done", "作業中": "doing", "未": "todo", "対象外": "na", None: "blank"}
    found = set()
    for row in book["業務別ステップ別進捗一覧"].iter_rows(min_row=2, values_only=True):
        if row[2] in names:
            item = names[row[2]]
            found.add(item)
            counts = Counter(words.get(w, w) for w in row[3:43])
            for key, value in systems.get(item, {"blank": 40}).items():
                if key != "go_live" and counts[key] != value:
                    wrong.append(f"業務別ステップ別進捗一覧 {item} {key}: expected {value}, the workbook says {counts[key]}")
    if found != set(names.values()):
        wrong.append(f"業務別ステップ別進捗一覧: rows of {sorted(found)}")
    return wrong


def text(own: dict, told: dict) -> str:
    """The key figures as a short text."""
    lines = ["# Key figures of the sample round (made by samples/tools/make_round.py --expected)", ""]
    lines += ["## Rates (independent calculation)"]
    lines += [f"{name}: {r['from']} - {r['to']}" for name, r in own["rates"].items()]
    lines += ["", "## Systems: (完了済み+対象外)/40 at least, at most; done doing todo na blank; go-live"]
    for item, s in own["systems"].items():
        low = s["done"] + s["na"]
        span = "-" if s["go_live"] == expected.OPEN else "..".join(dict.fromkeys(s["go_live"]))
        lines.append(f"{item}: {low}/40 - {low + s['blank']}/40; {s['done']} {s['doing']} {s['todo']} {s['na']} {s['blank']}; {span}")
    r = own["register"]
    lines += ["", "## DX initiatives (independent calculation; amounts as answered, in 千円 and hours)"]
    lines += [f"{r['all']} in all, {r['mark']} with the DX mark; class {r['class']}; placement {r['placement']}"]
    lines += [f"cost {r['cost']}, effect {r['effect']}, hours {r['hours']}"]
    lines += ["", "## Files and replies by state"]
    lines += [f"{k}: {v}" for k, v in sorted(Counter(s["state"] for s in told["submissions"]).items())]
    lines += ["", "## Procedures by status"]
    words = Counter(w or "（空欄）" for w in own["procedures"].values())
    lines += [f"{k}: {v}" for k, v in sorted(words.items())]
    lines += ["", "## Findings by code"]
    lines += [f"{k}: {v}" for k, v in sorted(Counter(f["code"] for f in told["findings"]).items())]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Reads the command line."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROUND / "expected" / "consolidate.json"
    told = json.loads(path.read_text(encoding="utf-8"))
    wrong = differences(expected.figures(ROUND, dt.date.fromisoformat(told["round"]["today"])), told)
    for line in wrong:
        print(line)
    print(f"{len(wrong)} differences")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
