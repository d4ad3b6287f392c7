"""Finding cells by label and saving workbooks with the same bytes every time; used by make_broken.py.

Nothing here knows an address: a label is looked for, and the answer is written to its right or in its column.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import unicodedata
import zipfile
from pathlib import Path

import openpyxl
from openpyxl.cell.cell import MergedCell
from openpyxl.worksheet.worksheet import Worksheet

SAVED = dt.datetime(2022, 11, 9, 1, 0)


def key(text) -> str:
    """A label as it is compared: half width, no blanks, no line breaks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(text or "")))


def spot(ws: Worksheet, label: str):
    """The first cell that holds a label."""
    for row in ws.iter_rows():
        for cell in row:
            if cell.value is not None and key(cell.value) == key(label):
                return cell
    raise KeyError(f"{ws.title}: no label {label!r}")


def beside(ws: Worksheet, at):
    """The cell to the right of a cell or of the merge it stands in."""
    last = next((a.max_col for a in ws.merged_cells.ranges if at.coordinate in a), at.column)
    return ws.cell(at.row, last + 1)


def put(cell, value) -> None:
    """Writes an answer; a date becomes a true Excel date, text stays text."""
    cell.value = value
    if isinstance(value, dt.date):
        cell.number_format = 'yyyy"年"m"月"d"日"'


def card(ws: Worksheet, label: str, value) -> None:
    """Writes the answer to the right of a label."""
    put(beside(ws, spot(ws, label)), value)


class Table:
    """A table under its header: columns by label, rows by the text of a key column."""

    def __init__(self, ws: Worksheet, *labels: str):
        self.ws = ws
        wanted = {key(x) for x in labels}
        for row in ws.iter_rows():
            if wanted <= {key(c.value) for c in row if c.value is not None}:
                self.header = row[0].row
                break
        else:
            raise KeyError(f"{ws.title}: no header {labels}")
        self.columns: dict[str, int] = {}
        # The labels within a group stand one row below the group's.
        for r in (self.header, self.header + 1):
            for cell in ws[r]:
                if cell.value is not None:
                    self.columns.setdefault(key(cell.value), cell.column)

    def at(self, row: int, label: str):
        """The cell of a row under a label."""
        return self.ws.cell(row, self.columns[key(label)])

    def row(self, label: str, value: str) -> int:
        """The row whose cell under `label` holds `value`."""
        for r in range(self.header + 1, self.ws.max_row + 1):
            if key(self.at(r, label).value) == key(value):
                return r
        raise KeyError(f"{self.ws.title}: no row {value!r}")

    def set(self, row: int, label: str, value) -> None:
        put(self.at(row, label), value)

    def free(self, label: str) -> int:
        """The first row with nothing under `label`."""
        row = self.header + 1
        while self.at(row, label).value is not None or isinstance(self.at(row, label), MergedCell):
            row += 1
        return row

    def add(self, **values) -> int:
        """Writes one more row; names are the labels."""
        row = self.free(next(iter(values)))
        for label, value in values.items():
            self.set(row, label, value)
        return row


STAMP = (2022, 11, 9, 10, 0, 0)


def entry(name: str) -> zipfile.ZipInfo:
    """A zip entry with a fixed time."""
    info = zipfile.ZipInfo(name, STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o600 << 16
    return info


def repack(data: bytes, change=lambda name, body: body, added: dict[str, bytes] | None = None) -> bytes:
    """The same package with fixed times, its parts passed through `change`, with parts added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", compresslevel=9) as new:
        for info in old.infolist():
            new.writestr(entry(info.filename), change(info.filename, old.read(info)), compresslevel=9)
        for name, body in (added or {}).items():
            new.writestr(entry(name), body, compresslevel=9)
    return out.getvalue()


def save(wb: openpyxl.Workbook, path: Path, saved: dt.datetime = SAVED) -> None:
    """Saves a workbook with fixed times; `saved` is what stands in its properties (UTC)."""
    stamp = saved.strftime("%Y-%m-%dT%H:%M:%SZ").encode()

    def times(name: str, body: bytes) -> bytes:
        if name != "docProps/core.xml":
            return body
        return re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp, body)

    buffer = io.BytesIO()
    wb.save(buffer)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(repack(buffer.getvalue(), times))
