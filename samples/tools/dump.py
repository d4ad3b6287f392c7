"""The sheets of a master workbook as text, so that a change of it can be read in a diff.

    python3 samples/tools/dump.py MASTER FOLDER            writes FOLDER/<sheet>.txt
    python3 samples/tools/dump.py --check MASTER FOLDER    compares; exits 1 where they differ

One line a row with its number, cells parted by | ; merges and blank rows left out. Long sheets are cut after 400 rows, and the line
says how many follow with a sum over them, so that no change can hide behind the cut.
"""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import openpyxl

ROWS = 400


def shown(value) -> str:
    """A value on one line."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value).replace("\r", "").replace("\n", "⏎").replace("|", "｜")


def dump(master: Path) -> dict[str, str]:
    """Text by the name of the file it goes into."""
    out = {}
    wb = openpyxl.load_workbook(master, data_only=True)
    for number, ws in enumerate(wb.worksheets, 1):
        lines = []
        for row in ws.iter_rows():
            cells = [shown(c.value) for c in row]
            if any(cells):
                lines.append(f"{row[0].row}| " + " | ".join(cells).rstrip(" |"))
        rest = lines[ROWS:]
        if rest:
            digest = hashlib.sha256("\n".join(rest).encode()).hexdigest()[:16]
            lines = [*lines[:ROWS], f"ほか{len(rest)}行 {digest}"]
        out[f"{number:02} {ws.title}.txt"] = f"{ws.title}（{ws.sheet_state}）\n" + "\n".join(lines) + "\n"
    return out


def write(master: Path, folder: Path) -> None:
    """Writes the texts, and removes those of sheets that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = dump(master)
    for old in folder.glob("*.txt"):
        if old.name not in texts:
            old.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


def differences(master: Path, folder: Path) -> list[str]:
    """Each sheet that differs from its text, with the first line that does."""
    texts = dump(master)
    out = [f"{p.name}: no such sheet" for p in sorted(folder.glob("*.txt")) if p.name not in texts]
    for name, text in texts.items():
        path = folder / name
        kept = path.read_text(encoding="utf-8") if path.is_file() else ""
        if kept != text:
            pairs = zip(kept.splitlines() + ["（終わり）"], text.splitlines() + ["（終わり）"])
            first = next(((a, b) for a, b in pairs if a != b), ("", ""))
            out.append(f"{name}:\n  - {first[0][:200]}\n  + {first[1][:200]}")
    return out


def main() -> None:
    """Reads the command line."""
    check = "--check" in sys.argv
    master, folder = [Path(a) for a in sys.argv[1:] if a != "--check"]
    if not check:
        write(master, folder)
        return
    found = differences(master, folder)
    print("\n".join([*found, f"{len(found)} sheets differ"]))
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
