#!/usr/bin/env python3
"""Two people in one folder, and runs that are ended: python3 tests/tools/two_people.py PROGRAM [--pairs 200] [--kills 300] [--watched 30] [--seed 1]

Makes a small round of the sample, and runs the program on it (a debug build, which can be made as slow as a slow share by
TORIMATOME_SLOW_RENAMES):

- pairs: two runs at the same moment that give different results (another day). What stands afterwards must be the whole set of
  one of them, and whoever did not write must have said so and ended with 2.
- kills: a run is ended at a random moment, mostly while it switches. At once no file that both sets have may be absent, and a set that
  is mixed must be marked as such. After any following command (also one that only reads) the set must be whole, the last one must be
  in 履歴 where it was replaced, and the next run must not be held up by the dead one.
- watched: `watch` runs all the time while replies change and `consolidate` and `remind` are started beside it. The set must be whole whenever
  nothing is switched, must become that of the reply that stands there, and nothing may be left behind when the watch is stopped.

Prints the figures; exit 1 if anything was mixed or lost.
"""

import argparse
import hashlib
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "samples/ishinomaki-r4-10"
RESULTS, HISTORY, SWITCH = "結果", "履歴", ".切替.txt"
NOTE = "入れ替えの途中です。もう一度実行してください.txt"
DAYS = ("2022-11-14", "2022-12-20")


def make(folder, replies):
    (folder / "提出").mkdir(parents=True)
    shutil.copy(SAMPLE / "調査設定.xlsx", folder)
    put(folder, replies)


def put(folder, reply):
    """The one reply there is; another one gives another set."""
    for old in (folder / "提出").iterdir():
        old.unlink()
    shutil.copy(reply, folder / "提出")


def hashes(folder):
    """Every file that people see, without 履歴."""
    all_files = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder)
        if path.is_file() and name.parts[0] not in (HISTORY,) and not name.parts[0].startswith("."):
            all_files[str(name)] = hashlib.sha256(path.read_bytes()).hexdigest()
    return all_files


def run(program, *words, **env):
    command = [program, "-q", *words]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **env})


OTHERS = ("公表/", "督促/")


def of_set(results):
    """Every file of the set that `consolidate` writes."""
    return {n: h for n, h in hashes(results).items() if n not in ("本部会議資料.docx", NOTE) and not n.startswith(OTHERS)}


def start(program, *words, **env):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([program, *words], env={**os.environ, **env}, **pipes)


def expected(program, replies):
    """The whole set of each reply and day, as an undisturbed run gives it."""
    sets = {}
    for n, reply in enumerate(replies):
        for day in DAYS:
            with tempfile.TemporaryDirectory() as temp:
                folder = pathlib.Path(temp) / "回"
                make(folder, reply)
                done = run(program, str(folder), "--today", day)
                assert done.returncode == 1, done.stderr
                sets[n, day] = hashes(folder / RESULTS)
    assert len({tuple(sorted(s.items())) for s in sets.values()}) == len(sets), "sets that differ"
    return sets


def pairs(program, replies, sets, count, dice):
    mixed = refused = both = silent = 0
    with tempfile.TemporaryDirectory() as temp:
        folder = pathlib.Path(temp) / "回"
        make(folder, replies[0])
        run(program, str(folder), "--today", DAYS[0])
        for turn in range(count):
            reply = turn % 2
            put(folder, replies[reply])
            # Now and then the second comes later than the first will wait for, or a little later.
            wait = dice.choice(["15000", "15000", "200"])
            env = {"TORIMATOME_SLOW_RENAMES": dice.choice(["0", "5"]), "TORIMATOME_LOCK_TIMES": f"{wait},5000,120000"}
            runs = []
            for day in DAYS:
                runs.append(start(program, str(folder), "--today", day, **env))
                time.sleep(dice.choice([0, 0, 0.01, 0.2]))
            ends = []
            for child in runs:
                _, said = child.communicate()
                ends.append(child.returncode)
                if child.returncode == 2 and "実行中のため、始めませんでした" in said:
                    refused += 1
                elif child.returncode != 1:
                    silent += 1
                    print(f"pair {turn}: exit {child.returncode}: {said}")
            both += ends == [1, 1]
            now = hashes(folder / RESULTS)
            done = [day for day, end in zip(DAYS, ends) if end == 1]
            if now not in [sets[reply, day] for day in done] or (folder / RESULTS / SWITCH).exists():
                mixed += 1
                print(f"pair {turn}: not a whole set of {done}")
            left = [p.name for p in folder.iterdir() if p.name.startswith(".")]
            if left:
                silent += 1
                print(f"pair {turn}: left behind {left}")
            if turn % 50 == 49 or turn + 1 == count:
                print(f"pairs: {turn + 1}; both in turn {both}, refused with a sentence {refused}, without a word {silent}, mixed {mixed}",
                      flush=True)
    return mixed + silent


def following(program, folder, dice):
    """Some command that looks into the folder."""
    file = next((folder / "提出").iterdir())
    words = dice.choice([
        ["status", folder], ["check", file], ["brief", folder], ["publish", folder], ["issue", folder],
        ["consolidate", folder], ["report", folder, "--to", "県"], ["remind", folder],
    ])
    return words[0], run(program, *map(str, words), "--today", DAYS[0])


def kills(program, replies, sets, count, dice):
    running = between = absent = unmarked = mixed = lost = held = 0
    after = {}
    with tempfile.TemporaryDirectory() as temp:
        folder = pathlib.Path(temp) / "回"
        results = folder / RESULTS
        make(folder, replies[0])
        run(program, str(folder), "--today", DAYS[0])
        last = 0
        for turn in range(count):
            new = 1 - last
            put(folder, replies[new])
            slow = dice.choice([0, 5, 30])
            child = start(program, "-q", str(folder), "--today", DAYS[0], TORIMATOME_SLOW_RENAMES=str(slow))
            if turn % 5 == 0:
                time.sleep(dice.uniform(0.05, 1.2))
            else:
                # Until it switches, and then any moment of that.
                while child.poll() is None and not (results / SWITCH).exists():
                    time.sleep(0.001)
                time.sleep(dice.uniform(0, (slow + 1) * 20 / 1000))
            running += child.poll() is None
            child.send_signal(signal.SIGKILL)
            child.communicate()
            own = of_set(results)
            before, fresh = sets[last, DAYS[0]], sets[new, DAYS[0]]
            absent += any(n not in own for n in before.keys() & fresh.keys())
            if own not in (before, fresh):
                between += 1
                unmarked += not ((results / SWITCH).exists())
            command, done = following(program, folder, dice)
            after[command] = after.get(command, 0) + 1
            held += "始めませんでした" in done.stderr
            own = of_set(results)
            if own not in (before, fresh) or (results / SWITCH).exists() or (results / NOTE).exists():
                mixed += 1
                print(f"kill {turn}: mixed after {command}: {done.stderr}")
            if own == fresh:
                kept = [hashes(p) for p in (results / HISTORY).iterdir()]
                if before not in kept:
                    lost += 1
                    print(f"kill {turn}: the last set is not in {HISTORY}")
                last = new
            if turn % 10 == 9:
                done = run(program, str(folder), "--today", DAYS[0])
                if of_set(results) != fresh or done.returncode != 1:
                    lost += 1
                    print(f"kill {turn}: the next run does not give the new set: {done.stderr}")
                last = new
            if turn % 50 == 49 or turn + 1 == count:
                print(f"kills: {turn + 1}; {running} while running, {between} left a set between two ({unmarked} of them unmarked, "
                      f"a file absent in {absent})\n       after any of {after}: mixed {mixed}, lost {lost}, "
                      f"held up by the dead run {held}", flush=True)
    return absent + unmarked + mixed + lost + held


def watched(program, replies, sets, count, dice):
    mixed = late = silent = 0
    with tempfile.TemporaryDirectory() as temp:
        folder = pathlib.Path(temp) / "回"
        results = folder / RESULTS
        make(folder, replies[0])
        known = [sets[n, DAYS[0]] for n in range(len(replies))]
        env = {"TORIMATOME_WATCH_TIMES": "200,400", "TORIMATOME_SLOW_RENAMES": "5"}
        watch = start(program, "-q", "watch", str(folder), "--today", DAYS[0], **env)
        for turn in range(count):
            reply = turn % 2
            put(folder, replies[reply])
            beside = []
            for word in dice.choice([[], ["consolidate"], ["remind"], ["consolidate", "remind"]]):
                time.sleep(dice.uniform(0, 1))
                beside.append(start(program, word, str(folder), "--today", DAYS[0], TORIMATOME_LOCK_TIMES="60000,5000,120000"))
            begun = time.monotonic()
            while time.monotonic() - begun < 120:
                try:
                    before = (results / SWITCH).exists()
                    own, again = of_set(results), of_set(results)
                except OSError:
                    continue  # Something went while it was looked at.
                if not before and not (results / SWITCH).exists() and own and own == again and own not in known:
                    mixed += 1
                    print(f"watched {turn}: mixed")
                if own == known[reply] and not before:
                    break
                time.sleep(0.05)
            else:
                late += 1
                print(f"watched {turn}: the set of the reply never came")
            for child in beside:
                _, said = child.communicate()
                if child.returncode != 1:
                    silent += 1
                    print(f"watched {turn}: exit {child.returncode}: {said}")
        watch.send_signal(signal.SIGINT)
        watch.communicate()
        left = [p.name for p in folder.iterdir() if p.name.startswith(".")]
        silent += watch.returncode != 0 or bool(left)
        print(f"watched: {count}; mixed {mixed}, not brought together {late}, ended wrongly or left behind {silent} {left}", flush=True)
    return mixed + late + silent


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--watched", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    program = str(pathlib.Path(given.program).resolve())
    replies = [SAMPLE / "提出/基幹業務システム 移行計画書_選挙管理委員会事務局.xlsx", SAMPLE / "提出/移行計画書_保険年金課.xlsx"]
    dice = random.Random(given.seed)
    sets = expected(program, replies)
    wrong = pairs(program, replies, sets, given.pairs, dice) if given.pairs else 0
    wrong += kills(program, replies, sets, given.kills, dice) if given.kills else 0
    wrong += watched(program, replies, sets, given.watched, dice) if given.watched else 0
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
