#!/usr/bin/env python3
"""instructions.py PROGRAM [--set]: the instructions of the main command on the sample round, held against the committed figure.

Instructions are counted by valgrind, in one thread and without figures of caches: they are the same on a busy machine and an idle one, where
seconds are not. More than 3 % above or below the figure of instructions.toml fails (below: the figure is to be lowered, so that it still holds);
--set writes what was counted. Counts of another compiler, valgrind, C library or kind of processor cannot be compared: that is said, and is no failure.
"""
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIGURE = ROOT / "tests/tools/instructions.toml"
TOLERANCE = 0.03


def kind_of_machine():
    compiler = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    flags = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    found = [flag for flag in ("sse4_2", "avx2") if re.search(rf"\b{flag}\b", flags)]
    counter = subprocess.run(["valgrind", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return f"{compiler}; {counter}; {' '.join(platform.libc_ver())}; {os.uname().machine} {' '.join(found)}"


def counted(program):
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        # Always the same path: its length is part of the work.
        round_ = folder / "round"
        shutil.copytree(ROOT / "samples/ishinomaki-r4-10", round_, ignore=shutil.ignore_patterns("expected", "結果"))
        log = folder / "log"
        command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={os.devnull}", f"--log-file={log}"]
        command += [program, str(round_), "--today", "2022-11-14", "--quiet"]
        env = {**os.environ, "RAYON_NUM_THREADS": "1", "LANG": "C.UTF-8"}
        code = subprocess.run(command, env=env, check=False).returncode
        if code != 1:
            sys.exit(f"the sample round ended with {code}, not with 1:\n{log.read_text()}")
        found = re.search(r"I\s+refs:\s+([\d,]+)", log.read_text())
    return int(found[1].replace(",", ""))


def main():
    program = os.path.abspath(sys.argv[1])
    if shutil.which("valgrind") is None:
        sys.exit("valgrind is not installed")
    count, machine = counted(program), kind_of_machine()
    print(f"{count:,} instructions ({machine})")
    if "--set" in sys.argv:
        text = f'# Of the main command on the sample round; raised only with a line in CHANGELOG. Written by instructions.py --set.\ncount = {count}\nmachine = "{machine}"\n'
        FIGURE.write_text(text, encoding="utf-8")
        return
    figure = tomllib.loads(FIGURE.read_text(encoding="utf-8"))
    if figure["machine"] != machine:
        print(f"not compared: the figure is of {figure['machine']}")
        return
    ratio = count / figure["count"]
    print(f"{ratio:.4f} of the committed {figure['count']:,}")
    if abs(ratio - 1) > TOLERANCE:
        sys.exit("more than 3 % off: find out why, and if it has to be so, --set it with a line in CHANGELOG")


main()
