"""Finding cells by label and saving workbooks with the same bytes every time.

Used by make_round.py. Nothing here knows an address: a label is looked for, and the answer is written beside or below it.
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


def key(text) -> str:
    """A label as it is compared: half width, no blanks, no line breaks."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", str(text or "")))


def spot(ws: Worksheet, label: str, nth: int = 0):
    """The cell that holds a label."""
    wanted = key(label)
    found = [c for row in ws.iter_rows() for c in row if c.value is not None and key(c.value) == wanted]
    if len(found) <= nth:
        raise KeyError(f"{ws.title}: no label {label!r}")
    return found[nth]


def merged_end(ws: Worksheet, cell) -> int:
    """The last column of the merge that a cell stands in, or its own."""
    for area in ws.merged_cells.ranges:
        if cell.coordinate in area:
            return area.max_col
    return cell.column


def put(cell, value) -> None:
    """Writes an answer; a date becomes a true Excel date, text stays text."""
    if isinstance(cell, MergedCell):
        raise ValueError(f"{cell.coordinate} is inside a merge")
    cell.value = value
    if isinstance(value, (dt.date, dt.datetime)):
        cell.number_format = 'yyyy"年"m"月"d"日"'


def card(ws: Worksheet, label: str, value) -> None:
    """Writes the answer to the right of a label."""
    at = spot(ws, label)
    put(ws.cell(at.row, merged_end(ws, at) + 1), value)


class Table:
    """A table under its header row: columns by label, rows by the text of a key column."""

    def __init__(self, ws: Worksheet, *labels: str):
        self.ws = ws
        wanted = [key(x) for x in labels]
        for row in ws.iter_rows():
            have = {key(c.value): c.column for c in row if c.value is not None}
            if all(w in have for w in wanted):
                self.header = row[0].row
                break
        else:
            raise KeyError(f"{ws.title}: no header {labels}")
        # A group's own labels stand one row below the header.
        self.columns: dict[str, int] = {}
        for r in (self.header, self.header + 1):
            for c in ws[r]:
                if c.value is not None:
                    self.columns.setdefault(key(c.value), c.column)

    def column(self, label: str) -> int:
        return self.columns[key(label)]

    def row(self, label: str, value: str) -> int:
        """The row whose cell under `label` holds `value`."""
        column = self.column(label)
        for r in range(self.header + 1, self.ws.max_row + 1):
            if key(self.ws.cell(r, column).value) == key(value):
                return r
        raise KeyError(f"{self.ws.title}: no row {value!r}")

    def set(self, row: int, label: str, value) -> None:
        put(self.ws.cell(row, self.column(label)), value)

    def free(self, label: str) -> int:
        """The first row with nothing under `label`."""
        column = self.column(label)
        r = self.header + 1
        while self.ws.cell(r, column).value is not None:
            r += 1
        return r

    def add(self, **values) -> None:
        """Writes one more row; names are the labels."""
        r = self.free(next(iter(values)))
        for label, value in values.items():
            if value is not None:
                self.set(r, label, value)


EPOCH = (2022, 11, 1, 9, 0, 0)


def freeze(data: bytes, saved: dt.datetime) -> bytes:
    """The same package with fixed times: those of the zip entries and those of the document's properties."""
    stamp = saved.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        for info in old.infolist():
            body = old.read(info)
            if info.filename == "meta.xml":
                body = re.sub(rb"(<(?:meta:creation-date|dc:date)>)[^<]*", rb"\g<1>" + stamp, body)
            if info.filename == "docProps/core.xml":
                body = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + stamp, body)
            entry = zipfile.ZipInfo(info.filename, EPOCH)
            # The first part of an OpenDocument says what the file is, and must be readable as it stands.
            entry.compress_type = zipfile.ZIP_STORED if info.filename == "mimetype" else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            new.writestr(entry, body)
    return out.getvalue()


def save(wb: openpyxl.Workbook, path: Path, saved: dt.datetime) -> None:
    """Saves a workbook with fixed times; `saved` is what stands in its properties (UTC)."""
    buffer = io.BytesIO()
    wb.save(buffer)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(freeze(buffer.getvalue(), saved))
