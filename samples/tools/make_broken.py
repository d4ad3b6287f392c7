"""Makes samples/broken/: four valid parents, and one small broken round for each code of templates/findings.toml.

    python3 samples/tools/make_broken.py [PROGRAM] [CODE ...]

PROGRAM is the built torimatome (default: target/debug/torimatome). With codes, only those folders are made anew. Each
folder is one declared mutation of its parent (mutation.txt) with the codes of all findings that the program must give
(expected.txt). Both are declared in broken_cases.py; nothing is taken from what the program answers. Run twice with the
same program, it gives the same bytes. Everything in the rounds is made up.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import broken_cases
import broken_initiative_cases  # noqa: F401  (declares its cases)
import broken_object_cases  # noqa: F401  (declares its cases)
import broken_parents
import broken_survey

ROOT = Path(__file__).resolve().parents[2]
BROKEN = ROOT / "samples" / "broken"


def copy(parent: Path, target: Path) -> None:
    """Copies a parent without what belongs to the parent alone."""
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(parent, target)
    for name in ("expected.txt", "mutation.txt"):
        (target / name).unlink(missing_ok=True)


def make(case: broken_cases.Case) -> None:
    """One broken round."""
    target = BROKEN / f"{case.code}-{case.slug}"
    copy(BROKEN / case.parent, target)
    case.change(broken_cases.Round(target))
    (target / "mutation.txt").write_text(f"{case.parent} | {case.what}\n", encoding="utf-8")
    expected = sorted([case.code] * case.times + case.companions)
    (target / "expected.txt").write_text("".join(f"{c}\n" for c in expected), encoding="utf-8")


def main() -> None:
    """Reads the command line."""
    codes = [a for a in sys.argv[1:] if broken_cases.is_code(a)]
    program = next((a for a in sys.argv[1:] if not broken_cases.is_code(a)), str(ROOT / "target/debug/torimatome"))
    if not codes:
        wanted = {f"{c.code}-{c.slug}" for c in broken_cases.CASES} | set(broken_parents.PARENTS) | {broken_survey.PARENT}
        for old in BROKEN.glob("*") if BROKEN.is_dir() else []:
            if old.is_dir() and old.name not in wanted:
                shutil.rmtree(old)
        with tempfile.TemporaryDirectory() as temp:
            broken_parents.make(program, Path(temp), BROKEN)
            broken_survey.parent(BROKEN)
    for case in broken_cases.CASES:
        if not codes or case.code in codes:
            make(case)


if __name__ == "__main__":
    main()
