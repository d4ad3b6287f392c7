"""Whether the results that `fill` writes for dependent formulas are those of LibreOffice.

python3 tests/tools/compute_check.py PROGRAM [BOOKS [SEED]]

Each workbook is drawn at random (openpyxl, the same for the same seed): words, numbers, days, texts that look like numbers,
truth values, blanks and errors, and formulas over them of the kinds that forms have, one upon another. Every second one goes
through LibreOffice first, so that it keeps results of before. Some cells are filled by the program. What it says it computed is
compared with what LibreOffice computes of the same workbook with the same cells changed by openpyxl and no result kept.
Ends in 1 where any differs, where a result is neither computed nor left, or where less than half is computed.
"""
import collections
import csv
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import openpyxl

LAST = 14
WORDS = ["済", "未", "対象外", "検討中", "予定あり", "住民課", "税務課", "A", "a", "Ｂ", "ア", "か゛", "1課", "済 "]
ODD = ["5", "１２", "", "R4.3.31", "1,000", "2026/3/31", "50%", "*", "TRUE", "=", "－"]


def value(rng, kind):
    if kind == "word":
        return rng.choice(WORDS) if rng.random() < 0.9 else rng.choice([None, rng.choice(ODD)])
    if kind == "number":
        return rng.choice([rng.randrange(0, 3000), rng.randrange(-50, 50), round(rng.uniform(0, 100), rng.randrange(0, 4)), rng.randrange(1, 400) / 200, 0])
    if kind == "day":
        return rng.randrange(44000, 47000)
    return rng.choice([None, None, rng.choice(WORDS), rng.randrange(0, 60), rng.choice(ODD), rng.choice([True, False]), rng.random()])


def formula(rng, row, columns):
    """A formula for a row; `columns` are those before its own."""
    n = lambda: f"B{rng.randrange(2, LAST)}"
    w = lambda: f"A{rng.randrange(2, LAST)}"
    x = lambda: f"{rng.choice('ABCDE')}{rng.randrange(2, LAST)}"
    f = lambda: f"{rng.choice(columns)}{rng.randrange(2, LAST)}" if columns else n()
    word = lambda: rng.choice([f'"{rng.choice(WORDS)}"', w()])
    rows = rng.choice([f"2:{{0}}{LAST - 1}", f"$2:{{0}}${LAST - 1}", "2:{0}7"])
    area = lambda c: c + rows.format(c).replace(":" + c, ":" + c) if ":" in rows else c
    sign = lambda: rng.choice(["=", "<>", "<", ">", "<=", ">="])
    digits = rng.choice([0, 1, 2, -1, 3])
    return rng.choice(
        [
            f"{n()}+{n()}*{f()}",
            f"{f()}-{n()}",
            f"{n()}/{n()}",
            f"IFERROR({f()}/{n()},0)",
            f'IF({x()}="","",{n()}*2)',
            f"IF({x()}{sign()}{rng.randrange(0, 60)},\"多\",\"少\")",
            f"IF({w()}{rng.choice(['=', '<>'])}{word()},{f()},{n()})",
            f"SUM({area('B')},{f()})",
            f"SUM({area('E')})",
            f"SUM({rng.choice('BDE')}:{rng.choice('E')})",
            f"AVERAGE({area('B')})",
            f"ROUND(AVERAGE({area('B')}),{digits})",
            f"ROUND({n()}/{n()}*100,{digits})",
            f"ROUNDUP({n()}/{rng.choice([2, 3, 7, 10])},{digits})",
            f"ROUNDDOWN({n()}*{rng.choice([1.1, 1.08, 0.1])},{digits})",
            f"INT({n()}*{rng.choice([1.1, 0.35, 2])})",
            f"COUNTIF({area('A')},{word()})",
            f"COUNTIF({area('C')},\"{sign()}{rng.randrange(0, 40)}\")",
            f"COUNTIF({area('E')},{rng.choice([chr(34) + chr(34), chr(34) + '<>' + chr(34), word(), str(rng.randrange(0, 60))])})",
            f"COUNTIF({area('A')},\"<>\"&{word()})",
            f"COUNTIFS({area('A')},{word()},{area('B')},\"{sign()}\"&{n()})",
            f"SUMIF({area('A')},{word()},{area('B')})",
            f"SUMIF({area('B')},\"{sign()}100\")",
            f"SUMIFS({area('B')},{area('A')},{word()},{area('D')},\">=\"&{rng.randrange(44000, 47000)})",
            f"AVERAGEIF({area('A')},{word()},{area('B')})",
            f"COUNTA({area(rng.choice('ACE'))})+COUNT({area(rng.choice('BCE'))})",
            f"COUNTBLANK({area(rng.choice('ACE'))})",
            f"SUMPRODUCT(({area('A')}={word()})*({area('B')}{sign()}{rng.randrange(0, 900)}))",
            f"SUMPRODUCT(({area('A')}={word()})*{area('B')})",
            f"SUMPRODUCT({area('B')},{area('D')})",
            f"SUMPRODUCT(--({area('A')}<>\"\"))",
            f"MAX({area('B')})-MIN({area(rng.choice('BE'))})",
            f"LARGE({area('B')},{rng.randrange(1, 4)})+SMALL({area('B')},2)",
            f"RANK({n()},{area('B')})",
            f"VLOOKUP({word()},{area('A').replace(':A', ':D')},{rng.randrange(2, 5)},{rng.choice(['FALSE', '0'])})",
            f"IFERROR(VLOOKUP({x()},{area('E').replace('E', 'A', 1)},2,FALSE),\"該当なし\")",
            f"INDEX({area('B')},MATCH({word()},{area('A')},0))",
            f"MATCH({n()},{area('B')},0)",
            f"IF(AND({n()}>{rng.randrange(0, 100)},{w()}<>\"\"),\"○\",\"×\")",
            f"IF(OR({x()}={word()},{n()}<1),1,0)",
            f"IF(ISNUMBER({x()}),{x()},0)",
            f"IF(ISBLANK({x()}),\"空\",{x()})",
            f"{w()}&\"：\"&{rng.choice([n(), f(), x()])}",
            f"CONCATENATE({w()},{n()},\"件\")",
            f"LEFT({w()},{rng.randrange(0, 3)})&RIGHT({x()},1)&MID({w()},2,1)",
            f"LEN({x()})+IFERROR(FIND(\"課\",{w()}),0)",
            f"SUBSTITUTE({w()},\"課\",\"係\")",
            f"TRIM({w()})={word()}",
            f"DATE(YEAR(D{row})+1,MONTH(D{row}),DAY(D{row}))-D{row}",
            f"EDATE(D{row},{rng.randrange(-14, 14)})",
            f"EOMONTH(D{row},{rng.randrange(-3, 3)})+MOD({rng.randrange(1, 90)},7)",
            f"IF({f()}=\"\",\"\",{f()}&\"\")",
            f"{f()}={f()}",
            f"({n()}>5)*{rng.randrange(1, 9)}+({w()}={word()})",
            f"CHOOSE({rng.randrange(1, 3)},{n()},{w()})",
            f"IF(ISERROR({f()}),\"誤り\",{f()})",
            f"-{n()}^2+{n()}%",
            f"ABS({f()})+ROW()+COLUMNS({area('A')})",
        ]
    )


def draw(rng):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "様式"
    for col, kind in zip("ABCDE", ["word", "number", "mixed", "day", "mixed"]):
        for row in range(2, LAST):
            sheet[f"{col}{row}"] = value(rng, kind)
            if isinstance(sheet[f"{col}{row}"].value, str):
                sheet[f"{col}{row}"].data_type = "s"
    columns = []
    for col in "GHIJ":
        for row in range(2, LAST):
            # A chain may go up, so that nothing is computed twice in a row; never in a circle.
            sheet[f"{col}{row}"] = "=" + formula(rng, row, columns)
        columns.append(col)
    return book


def office(folder, paths):
    out = folder / "office"
    home = f"-env:UserInstallation=file://{folder}/home"
    for some in range(0, len(paths), 100):
        command = ["soffice", home, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", out]
        subprocess.run(command + paths[some : some + 100], check=True, capture_output=True)
    return out


def alike(ours, theirs):
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return isinstance(ours, (bool, int, float)) and isinstance(theirs, (bool, int, float)) and float(ours) == float(theirs)
    if isinstance(ours, (int, float)) and isinstance(theirs, (int, float)):
        return ours == theirs or abs(ours - theirs) <= 1e-12 * max(abs(ours), abs(theirs))
    return ours == theirs or {ours, theirs} <= {None, ""}


def main():
    program = pathlib.Path(sys.argv[1]).resolve()
    books = int(sys.argv[2]) if len(sys.argv) > 2 else 40
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        drawn = {}
        for n in range(books):
            book = draw(rng)
            writes = {f"{rng.choice('ABD')}{rng.randrange(2, LAST)}": None for _ in range(rng.randrange(1, 9))}
            for at in writes:
                writes[at] = rng.choice(WORDS) if at[0] == "A" else value(rng, {"B": "number", "D": "day"}[at[0]])
            source, plain = folder / f"b{n}.xlsx", folder / f"p{n}.xlsx"
            book.save(source)
            for at, v in writes.items():
                book["様式"][at] = v
                if isinstance(v, str):
                    book["様式"][at].data_type = "s"
            book.save(plain)
            drawn[n] = (source, plain, writes)
        # Every second one is kept by LibreOffice, with its results.
        kept = office(folder, [s for n, (s, _, _) in drawn.items() if n % 2])
        for n, (source, _, _) in drawn.items():
            if n % 2:
                source.write_bytes((kept / source.name).read_bytes())
        truth = office(folder, [p for _, p, _ in drawn.values()])
        total, wrong, kinds = collections.Counter(), [], collections.Counter()
        for n, (source, plain, writes) in drawn.items():
            listed, out = folder / "cells.csv", folder / "out.xlsx"
            with listed.open("w", newline="", encoding="utf-8-sig") as f:
                typed = [["様式", at, v, "text" if isinstance(v, str) else "number"] for at, v in writes.items()]
                csv.writer(f).writerows([["sheet", "cell", "value", "type"], *typed])
            command = [program, "fill", source, "--set", listed, "--out", out, "--overwrite", "--format", "json"]
            said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
            ours = openpyxl.load_workbook(out, data_only=True)["様式"]
            formulas = openpyxl.load_workbook(out)["様式"]
            theirs = openpyxl.load_workbook(truth / plain.name, data_only=True)["様式"]
            for c in said["computed"]:
                at = c["cell"]
                total["computed"] += 1
                kinds[str(formulas[at].value).split("(")[0][:12]] += 1
                if not alike(ours[at].value, theirs[at].value):
                    wrong.append(f"book {n} {at} {formulas[at].value}: ours {ours[at].value!r}, LibreOffice {theirs[at].value!r}")
            for c in said["recalculated"]:
                total["left"] += 1
                total["left, an error in LibreOffice"] += str(theirs[c["cell"]].value).startswith("#")
                if ours[c["cell"]].value is not None:
                    wrong.append(f"book {n} {c['cell']}: left to be computed, and has a result")
    print(f"{books} workbooks: {dict(total)}, {len(wrong)} differ")
    for line in wrong[:60]:
        print(f"  {line}")
    share = total["computed"] / max(1, total["computed"] + total["left"] - total["left, an error in LibreOffice"])
    if share < 0.5:
        print(f"  only {share:.0%} of what has a result is computed")
    sys.exit(bool(wrong) or share < 0.5)


main()
