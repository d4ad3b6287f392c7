"""Makes the folder アンケート of the sample round: the questionnaire, and three exports of a web form with a real export's mess.

    python3 samples/tools/survey.py [FOLDER]

From a fixed seed: 980 people of 1,384 answer (70.8 %, as the minutes say); beside them trials, late, empty and repeated answers.
Everything that is answered is made up. `people()` gives what everybody meant, before it is written down in three ways.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
import sys
from pathlib import Path

import openpyxl
from openpyxl.styles import Alignment, Font

import survey_form as form
from broken_book import save

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "samples/ishinomaki-r4-10/アンケート"
TIME, KEY = "回答日時", "回答キー"
FIRST, SECOND, THIRD = "回答（9月7日～14日）.csv", "回答（9月14日～21日）.xlsx", "回答（共用端末）.csv"
INVALID, BLANK, NOT_ASKED = "無効", "無回答", "非該当"

WHY = [
    "{a}のたびに{b}が必要で、{c}。", "{a}について、{b}を求められるため、{c}。", "{a}の様式が課ごとに違い、{c}。",
    "{a}は前例どおりに進めているが、{b}は要らないと思う。", "{a}と{b}に同じことを書いていて、{c}。",
]
A = ["旅費の精算", "物品の購入", "休暇の届出", "公用車の予約", "庁内照会", "文書の回覧", "補助金の交付", "会議の日程調整", "窓口の集計", "電話の取次ぎ"]
B = ["紙の添付", "三つの課の押印", "台帳への転記", "部長までの決裁", "メールと紙の両方", "毎月の報告"]
C = ["半日かかる", "窓口を離れられない", "間違いが起きやすい", "残業が増える", "担当が替わると分からなくなる", "二度手間になっている"]
MORE = ["研修を増やしてほしい。", "できるところから進めてほしい。", "現場の声を聞いてほしい。", "特になし", "職場に機器が足りない。", "急がず、使い方を教えてほしい。"]
PERSONAL = [
    "様式のことは総務課の内線2345に聞かないと分からない。", "担当の電話090-0000-0000にいつもかけている。",
    "照会の回答を taro@example.lg.jp に送り直している。", "Ａ係長（ＴＥＬ ０２２５－００－００００）しか手順を知らない。",
]


def pick(rng: random.Random, weights: list[float]) -> int:
    return rng.choices(range(len(weights)), weights)[0]


def some(rng: random.Random, weights: list[float], count: int) -> list[int]:
    chosen: set[int] = set()
    while len(chosen) < count:
        chosen.add(pick(rng, weights))
    return sorted(chosen)


def person(rng: random.Random, bureau: int) -> dict:
    """What one member of the staff means: choices by place, BLANK where nothing is said."""
    age = pick(rng, [18, 24, 28, 25, 5])
    years = min(3, max(0, age + pick(rng, [2, 6, 2]) - 1))
    rank = [pick(rng, [0, 2, 18, 80, 0]), pick(rng, [0, 8, 55, 37, 0]), pick(rng, [4, 40, 40, 16, 0]),
            pick(rng, [30, 42, 20, 6, 2]), pick(rng, [5, 5, 5, 0, 85])][age]
    weights = [30, 26, 24, 34, 14, 18, 10, 20, 22, 4, 0]
    weights[6] += 24 if bureau in (2, 3, 6) else 0
    weights[8] += 22 if bureau in (1, 5) else 0
    weights[0] += 12 if age <= 1 else 0
    obstacles = [10] if rng.random() < 0.06 else some(rng, weights, rng.choice([1, 2, 2, 3, 3, 3]))
    home = pick(rng, [48, 52] if bureau in (0, 1) else [26, 74])
    level = [pick(rng, w) for w in ([4, 14, 22, 36, 24], [5, 16, 26, 34, 19], [12, 26, 30, 22, 10], [6, 18, 32, 28, 16])]
    hours = rng.choice([0, 1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 6, 8, 10, 12, 15, 20])
    return {
        "問1": bureau, "問2": rank, "問3": age, "問4": years, "問5": obstacles, "問6": level, "問7": home,
        "問8": ([5] if rng.random() < 0.1 else some(rng, [30, 22, 18, 20, 3], rng.choice([1, 1, 2, 3]))) if home == 0 else NOT_ASKED,
        "問9": hours, "問10": pick(rng, [4, 9, 21, 38, 28] if age < 3 else [8, 17, 30, 29, 16]),
        "問11": pick(rng, [26, 14, 22, 10, 16, 12]),
        "問12": rng.choice(WHY).format(a=rng.choice(A), b=rng.choice(B), c=rng.choice(C)) if rng.random() < 0.32 else BLANK,
        "問13": rng.choice(MORE) if rng.random() < 0.12 else BLANK,
    }


def skip(rng: random.Random, p: dict) -> None:
    """What people leave out."""
    for question, share in [("問2", 0.01), ("問3", 0.012), ("問4", 0.015), ("問5", 0.01), ("問7", 0.008), ("問9", 0.05), ("問10", 0.02), ("問11", 0.03)]:
        if rng.random() < share:
            p[question] = BLANK
    for n in range(4):
        if rng.random() < 0.02:
            p["問6"][n] = BLANK
    if p["問7"] != 0:
        p["問8"] = NOT_ASKED
    elif rng.random() < 0.04:
        p["問8"] = BLANK


def moment(rng: random.Random) -> dt.datetime:
    """A moment of the period, more of them in its first days."""
    day = min(14, int(rng.expovariate(1 / 4.5)))
    return dt.datetime(2022, 9, 7) + dt.timedelta(days=day, seconds=rng.randrange(8 * 3600 + 1800, 19 * 3600))


def people() -> list[dict]:
    """The 980 whose answers are valid, by time."""
    rng = random.Random(20220907)
    everybody = []
    for bureau, count in enumerate(form.VALID):
        for _ in range(count):
            p = person(rng, bureau)
            skip(rng, p)
            p["time"] = moment(rng)
            everybody.append(p)
    everybody.sort(key=lambda p: p["time"])
    seen: set[dt.datetime] = set()
    for n, p in enumerate(everybody):
        while p["time"] in seen:
            p["time"] += dt.timedelta(seconds=1)
        seen.add(p["time"])
        p["key"] = f"K{(n * 7919 + 104729) % 1000000:06d}"
    everybody.sort(key=lambda p: p["time"])
    for p, text in zip(everybody[40::200], PERSONAL):
        p["問12"] = text
    spoil(everybody)
    return everybody


def spoil(everybody: list[dict]) -> None:
    """Answers that cannot be counted; `said` keeps what is written in place of what was meant."""
    for p in everybody:
        p["said"] = {}
    plain = [p for p in everybody if p["問5"] != BLANK and p["問10"] != BLANK and p["問9"] != BLANK and p["問11"] != BLANK]
    for p, text in zip(plain[100::90], ["決裁", "ハンコ", "書類の電子保存・決裁の電子化"]):
        p["said"]["問11"], p["問11"] = text, INVALID
    for p in plain[55::160]:
        p["said"]["問5"], p["問5"] = [0, 1, 3, 7], INVALID
    for p, text in zip(plain[77::210], ["分からない", "120", "8時間か9時間"]):
        p["said"]["問9"], p["問9"] = text, INVALID
    # Read with the rest: full width, a unit, blanks around.
    for p, text in zip([p for p in plain if p["問9"] == 5][::9], ["５", "5時間", " 5 "]):
        p["said"]["問9"] = text
    for p in [p for p in plain if p["問7"] == 1][30::150]:
        p["said"]["問8"] = [1]


def others(everybody: list[dict]) -> list[tuple[str, dict]]:
    """Rows that are counted out: why, and the row."""
    rng = random.Random(5)
    rows = []

    def like(p: dict, **changed) -> dict:
        return {**p, "said": dict(p["said"]), **changed}

    for n in range(6):
        p = person(rng, n % 9)
        rows.append(("試行", {**p, "said": {}, "key": f"T{n}", "time": dt.datetime(2022, 9, 5, 14, n, 11), "問12": "テスト"}))
    for n in range(2):
        p = person(rng, n)
        rows.append(("試行", {**p, "said": {}, "key": f"T{6 + n}", "time": dt.datetime(2022, 9, 8, 10, n, 5), "問13": "テスト"}))
    for n in range(9):
        p = person(rng, n % 9)
        rows.append(("締切後", {**p, "said": {}, "key": f"L{n:03d}", "time": dt.datetime(2022, 9, 22 + n % 3, 9, n, 30)}))
    for n in range(5):
        empty = {q: BLANK for q in (f"問{i}" for i in range(1, 14))} | {"問6": [BLANK] * 4}
        rows.append(("空", {**empty, "問1": n, "問8": NOT_ASKED, "said": {}, "key": f"E{n:03d}", "time": dt.datetime(2022, 9, 12, 12, n, 0)}))
    # An earlier answer of somebody who answered again.
    for p in everybody[300:900:50]:
        rows.append(("同じ人", like(p, time=p["time"] - dt.timedelta(minutes=7), 問10=(0 if p["問10"] != 0 else 1))))
    # Sent twice by a double click.
    for p in everybody[120:900:100]:
        rows.append(("同じ回答", like(p)))
    return rows


def listed(values: list[int], choices: list[str], separator: str, other: str) -> str:
    texts = [form.words(choices[v]) for v in values]
    return separator.join(f"その他: {other}" if t == "その他" else t for t in texts)


def cells(p: dict, separator: str, apart: bool, rng: random.Random) -> list:
    """A row of an export, after time and key."""
    out = []
    for number, _, kind, choices, items, *_ in form.QUESTIONS:
        meant = p["said"].get(number, p[number])
        if kind == "表形式":
            out += ["" if v == BLANK else form.words(choices[v]) for v in p[number]]
        elif apart and number == "問5":
            chosen = meant if isinstance(meant, list) else []
            out += [("" if meant == BLANK else int(n in chosen)) for n in range(len(choices))]
        elif isinstance(meant, list):
            out.append(listed(meant, choices, separator, rng.choice(["庁用車の手配", "駐車場、鍵の管理", "保存年限の確認"])))
        elif meant in (BLANK, NOT_ASKED, INVALID):
            out.append("")
        elif isinstance(meant, int) and kind != "数値":
            out.append(form.words(choices[meant]))
        else:
            out.append(meant)
    return out


def heads(apart: bool, changed: bool) -> list[str]:
    out = [TIME, KEY]
    for number, text, kind, choices, items, *_ in form.QUESTIONS:
        name = f"{number} {text}"
        if changed and number == "問10":
            name = "問10 デジタル化が進むと、仕事の進め方はよくなると思いますか（お考えに近いもの）"
        if kind == "表形式":
            out += [f"{name} [{item}]" for item in items]
        elif apart and number == "問5":
            out += [f"{name} [{form.words(c)}]" for c in choices]
        else:
            out.append(name)
    return out


def text_file(path: Path, rows: list[list], encoding: str) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator="\r\n").writerows(rows)
    path.write_bytes(buffer.getvalue().encode(encoding))


def questionnaire(path: Path) -> None:
    """設問.xlsx."""
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "設問"
    ws.append(["職員アンケートの設問"])
    ws.append(form.HEADS)
    for number, text, kind, choices, items, branch, least, most, unit, attribute, order in form.QUESTIONS:
        ws.append([number, text, kind, "\n".join(choices), "\n".join(items), branch, least, most, unit, attribute, order,
                   *(("○", form.NO_PROBLEM) if number == form.PROBLEMS else (None, None))])
    for row in ws.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(name="游ゴシック", size=10, bold=cell.row == 2)
    for column, width in zip("ABCDEFGHIJKLM", [8, 50, 12, 32, 20, 12, 8, 8, 8, 8, 8, 8, 16]):
        ws.column_dimensions[column].width = width
    about = wb.create_sheet("調査")
    for label, value in [("調査名", form.TITLE), ("開始", dt.datetime.fromisoformat(form.OPENS)), ("締切", dt.datetime.fromisoformat(form.CLOSES)),
                         ("回答日時の見出し", TIME), ("回答者の見出し", KEY), ("試行の語", "テスト\ntest")]:
        about.append([label, value])
    asked = wb.create_sheet("配布数")
    asked.append(["部局", "配布数"])
    for row in form.ASKED:
        asked.append(list(row))
    asked.append(["計", f"=SUM(B2:B{len(form.ASKED) + 1})"])
    save(wb, path)


def main() -> None:
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET
    target.mkdir(parents=True, exist_ok=True)
    rng = random.Random(11)
    everybody = people()
    rows = [("", p) for p in everybody] + others(everybody)
    rows.sort(key=lambda r: (r[1]["time"], r[0]))
    shared = {id(p) for _, p in rows if rng.random() < 0.05}
    middle, over = dt.datetime(2022, 9, 14, 12), dt.datetime(2022, 9, 14, 15)
    first = [p for _, p in rows if id(p) not in shared and p["time"] < over]
    second = [p for _, p in rows if id(p) not in shared and p["time"] >= middle]
    third = [p for _, p in rows if id(p) in shared]

    def written(p: dict, separator: str, apart: bool) -> list:
        # The same person's answer reads the same in every export.
        return [p["time"], p["key"], *cells(p, separator, apart, random.Random(p["key"]))]

    stamp = "%Y/%m/%d %H:%M:%S"
    table = [[r[0].strftime(stamp), *r[1:]] for r in (written(p, ",", False) for p in first)]
    text_file(target / FIRST, [heads(False, False), *table], "cp932")
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "フォームの回答 1"
    ws.append(heads(True, False))
    for p in second:
        ws.append([None if v == "" else v for v in written(p, "\n", True)])
    save(wb, target / SECOND)
    table = [[r[0].strftime("%Y-%m-%dT%H:%M:%S"), *r[1:]] for r in (written(p, ";", False) for p in third)]
    text_file(target / THIRD, [heads(False, True), *table], "utf-8-sig")
    questionnaire(target / "設問.xlsx")
    print(len(everybody), "valid;", len(first), len(second), len(third), "rows")


if __name__ == "__main__":
    main()
