"""Runs `torimatome check` on every file of folders, each in a process of its own, and measures it.

    python3 tests/tools/corpus_run.py PROGRAM FOLDER_OR_FILE ... [--plain] [--jobs N] [--worst N] [--json FILE]

Each file is checked twice: `check FILE` and `check --explain --format json FILE` (--plain leaves the second out). Recorded
are the exit code, the seconds on the clock and of the processor, and the largest memory: of the biggest process of the
tree (wait4 counts the child that reads .xls, .xlsb and .ods in), and of all of them together, looked at while they run.
A run is a fault when it was killed by a signal, panicked, took more than 5 s, more than 256 MiB, or ended with another
code than 0 (nothing to mend) or 1 (something to mend), or printed JSON that is none. The worst come first.
Ends with 1 where there is a fault. Needs /proc (Linux).

What belongs to no test: the corpus itself. Real spreadsheets of other projects' test suites are good food
(sources of LibreOffice, Apache POI, Gnumeric; sdists of openpyxl, xlrd, pandas); none of them is part of this repository.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

CUT, SECONDS, MIB = 30.0, 5.0, 256.0
ENDS = set("xls xlsx xlsm xlsb xltx xltm xlam xla xlt xlw ods fods ots sxc stc csv tsv slk dif wk1 wk3 wk4 wks 123 dbf et uos gnumeric numbers zip txt lnk dat".split())
"""Names that are taken from a folder; a file named on the command line is always taken."""


def resident(pid: int) -> int:
    """Bytes in memory of a process and of what it started, now."""
    try:
        own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        children = [int(c) for t in os.listdir(f"/proc/{pid}/task") for c in Path(f"/proc/{pid}/task/{t}/children").read_text().split()]
    except (OSError, IndexError, ValueError):
        return 0
    return own + sum(map(resident, children))


def run(program: str, args: list[str]) -> dict:
    """One run of the program, measured."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.monotonic()
        child = subprocess.Popen([program, *args], stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
        ended, together, cut = threading.Event(), [0], [False]

        def watch() -> None:
            while not ended.wait(0.015 if time.monotonic() - begun < 0.2 else 0.05):
                together[0] = max(together[0], resident(child.pid))
                if time.monotonic() - begun > CUT and not cut[0]:
                    cut[0] = True
                    os.killpg(child.pid, signal.SIGKILL)

        watcher = threading.Thread(target=watch)
        watcher.start()
        _, status, used = os.wait4(child.pid, 0)
        wall = time.monotonic() - begun
        ended.set()
        watcher.join()
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        said, complained = out.read(), err.read().decode(errors="replace")
    return {
        "code": child.returncode,
        "wall": round(wall, 3),
        "cpu": round(used.ru_utime + used.ru_stime, 3),
        "mib": round(used.ru_maxrss / 1024, 1),
        "mib_together": round(max(together[0] / 2**20, used.ru_maxrss / 1024), 1),
        "cut": cut[0],
        "stderr": complained[-400:],
        "stdout": said,
    }


def faults(found: dict, is_json: bool) -> list[str]:
    """What is wrong with a run."""
    out = []
    if found["cut"]:
        out.append(f"no end in {CUT:.0f} s")
    elif found["code"] < 0:
        out.append(f"signal {signal.Signals(-found['code']).name}")
    elif found["code"] not in (0, 1):
        out.append(f"exit code {found['code']}")
    if "panicked" in found["stderr"]:
        out.append("panic")
    if b"parser panic" in found["stdout"] or b"child stopped" in found["stdout"]:
        out.append("a parser panicked or was stopped inside")
    if max(found["wall"], found["cpu"]) > SECONDS:
        out.append(f"over {SECONDS:.0f} s")
    if found["mib_together"] > MIB:
        out.append(f"over {MIB:.0f} MiB")
    if is_json and not out:
        try:
            json.loads(found["stdout"])
        except ValueError as e:
            out.append(f"no JSON ({e})")
    return out


def measure(program: str, path: Path, plain: bool) -> list[dict]:
    """The runs of one file."""
    rows = []
    for args in (["check"], ["check", "--explain", "--format", "json"])[: 1 if plain else 2]:
        found = run(program, [*args, str(path)])
        wrong = faults(found, len(args) > 1)
        said = found.pop("stdout")
        first = said.decode(errors="replace").partition(str(path))[2].strip().split("\n")[0] if len(args) == 1 else ""
        rows.append({"file": str(path), "run": " ".join(args), "faults": wrong, "said": first[:160], **found})
    return rows


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("roots", nargs="+", type=Path)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--worst", type=int, default=10)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    found: set[Path] = set()
    for root in args.roots:
        taken = [root] if root.is_file() else [f for f in root.rglob("*") if f.is_file() and f.suffix.lower().lstrip(".") in ENDS]
        found.update(taken)
    files = sorted(found)
    if not files:
        sys.exit("no file there")
    program = str(Path(args.program).resolve())
    with ThreadPoolExecutor(args.jobs) as pool:
        rows = [r for pair in pool.map(lambda f: measure(program, f, args.plain), files) for r in pair]
    if args.json:
        args.json.write_text(json.dumps(rows, ensure_ascii=False, indent=0))
    wrong = sorted((r for r in rows if r["faults"]), key=lambda r: (-len(r["faults"]), -r["wall"]))
    for r in wrong:
        print(f"! {r['file']} [{r['run']}] {', '.join(r['faults'])}: {r['wall']} s, {r['cpu']} s CPU, {r['mib']} MiB, {r['mib_together']} MiB together {r['stderr'][-200:]}")
    for name, unit in (("cpu", "s CPU"), ("wall", "s"), ("mib_together", "MiB together"), ("mib", "MiB")):
        print(f"most {unit}:")
        for r in sorted(rows, key=lambda r: -r[name])[: args.worst]:
            print(f"  {r[name]:8} {r['file']} [{r['run']}]")
    print(f"{len(files)} files, {len(rows)} runs, {len(wrong)} faults")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
