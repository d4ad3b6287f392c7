//! Writes cells into a worksheet part by cutting and pasting text: every byte that is not part of a written cell stays.
//!
//! A cell that exists keeps its start tag but for `t`, `cm` and `vm`; one that does not is inserted in its place with the
//! style of its row or column. The used range and the `spans` of a row are widened where a cell lies outside.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use super::compute::{Value, rendered};
use super::sheet::{Cell, Row, Sheet};
use super::tags::{attribute, attributes};
use super::value::Rendered;
use crate::model::place::{Area, CellRef};
use crate::read::xml;

/// Changes of a text: places that do not overlap, with what stands there afterwards.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    pub fn put(&mut self, at: Range<usize>, text: impl Into<String>) {
        self.0.push((at, text.into()));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A piece of the text with the changes, which all lie in it.
    pub fn apply_to(mut self, text: &str, piece: Range<usize>) -> String {
        self.0.iter_mut().for_each(|(at, _)| *at = at.start - piece.start..at.end - piece.start);
        self.apply(text.get(piece).unwrap_or_default())
    }

    /// The text with all changes. Of two insertions at one place the first put stands first.
    pub fn apply(mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + self.0.iter().map(|(_, t)| t.len()).sum::<usize>());
        self.pieces(text).for_each(|piece| out.push_str(piece));
        out
    }

    /// Whether two texts are the same after their changes.
    pub fn agree(mut self, text: &str, mut other: Self, other_text: &str) -> bool {
        let (mut a, mut b) = (self.pieces(text), other.pieces(other_text));
        let (mut left, mut right): (&[u8], &[u8]) = (&[], &[]);
        loop {
            while left.is_empty() {
                match a.next() {
                    Some(piece) => left = piece.as_bytes(),
                    None => return right.is_empty() && b.all(str::is_empty),
                }
            }
            while right.is_empty() {
                match b.next() {
                    Some(piece) => right = piece.as_bytes(),
                    None => return false,
                }
            }
            let both = left.len().min(right.len());
            let ((x, rest), (y, other)) = (left.split_at(both), right.split_at(both));
            if x != y {
                return false;
            }
            (left, right) = (rest, other);
        }
    }

    /// The pieces of the text with all changes, in order.
    fn pieces<'e>(&'e mut self, text: &'e str) -> impl Iterator<Item = &'e str> {
        self.0.sort_by_key(|(at, _)| (at.start, at.end));
        let mut done = 0;
        let changed = self.0.iter().flat_map(move |(at, new)| {
            let kept = text.get(done..at.start).unwrap_or_default();
            done = done.max(at.end);
            [kept, new.as_str()]
        });
        let end = self.0.iter().map(|(at, _)| at.end).max().unwrap_or(0);
        changed.chain([text.get(end..).unwrap_or_default()])
    }
}

/// Notes the changes that write `values`; keys are anchors, of which none has a formula that must stay.
pub(super) fn write(text: &str, sheet: &Sheet, values: &BTreeMap<CellRef, Rendered>, edits: &mut Edits) {
    let mut missing: Missing<'_> = BTreeMap::new();
    let mut used: Option<Area> = None;
    let mut grow = |at: CellRef| {
        used = Some(used.map_or(Area::cell(at), |a| join(a, Area::cell(at))));
    };
    for (at, value) in values {
        match sheet.cells_at(*at).next() {
            Some(cell) => {
                edits.put(cell.whole(), rewritten(text, sheet, cell, value));
                grow(*at);
            }
            // Nothing where there is nothing needs no cell.
            None if value.inner.is_empty() => {}
            None => {
                let style = style_to_be(text, sheet, *at);
                missing.entry(at.row).or_default().push(NewCell { at: *at, style, value });
                grow(*at);
            }
        }
    }
    if let Some(used) = used {
        widen(sheet, used, edits);
    }
    insert(text, sheet, missing, edits);
}

/// Notes the changes that take a formula's stored result out: its value, and what says of which type it was.
pub(super) fn forget(text: &str, cell: &Cell, edits: &mut Edits) {
    cell.value().into_iter().for_each(|at| edits.put(at, ""));
    let of_value = attributes(text, &cell.tag()).filter(|(name, ..)| matches!(*name, "t" | "vm"));
    of_value.for_each(|(_, whole, _)| edits.put(whole, ""));
}

/// Notes the changes that put a formula's result in the place of the one that is stored, with its type.
pub(super) fn put_result(text: &str, sheet: &Sheet, cell: &Cell, value: &Value, edits: &mut Edits) {
    let (kind, inner) = rendered(value, &sheet.prefix);
    let of_value = attributes(text, &cell.tag()).filter(|(name, ..)| matches!(*name, "t" | "vm"));
    of_value.for_each(|(_, whole, _)| edits.put(whole, ""));
    if let Some(kind) = kind {
        let tag = text.get(cell.tag()).unwrap_or_default();
        let at = cell.tag().start + tag.trim_end_matches('>').trim_end().len();
        edits.put(at..at, format!(r#" t="{kind}""#));
    }
    let behind = || {
        let all = text.get(cell.whole()).unwrap_or_default();
        let end = cell.whole().start + all.rfind("</").unwrap_or(all.len());
        let at = cell.extensions().map_or(end, |at| at.start);
        at..at
    };
    edits.put(cell.value().unwrap_or_else(behind), inner);
}

/// A cell to be inserted.
pub(super) struct NewCell<'v> {
    pub at: CellRef,
    pub style: Option<String>,
    pub value: &'v Rendered,
}

/// Cells to be inserted by row, in the order of columns.
pub(super) type Missing<'v> = BTreeMap<u32, Vec<NewCell<'v>>>;

/// Notes the changes that insert cells and, where they are not there, their rows.
pub(super) fn insert(text: &str, sheet: &Sheet, missing: Missing<'_>, edits: &mut Edits) {
    let mut new_rows: BTreeMap<usize, String> = BTreeMap::new();
    for (number, cells) in missing {
        if let Some(row) = sheet.rows_at(number).next() {
            into_row(text, sheet, row, &cells, edits);
            continue;
        }
        let later = sheet.rows.iter().find(|r| r.number > number);
        let place = later.map_or(sheet.data_end, |r| r.tag.start);
        let new = new_rows.entry(place).or_default();
        let p = &sheet.prefix;
        // Writing to a string does not fail.
        let _ = write!(new, r#"<{p}row r="{}">"#, number + 1);
        for cell in cells {
            inserted(sheet, &cell, new);
        }
        let _ = write!(new, "</{p}row>");
    }
    if sheet.data_empty && !new_rows.is_empty() {
        let rows: String = new_rows.into_values().collect();
        open_up(text, &sheet.data, &rows, None, edits);
    } else {
        new_rows.into_iter().for_each(|(at, rows)| edits.put(at..at, rows));
    }
}

/// The cell with another value: its start tag without `t`, `cm` and `vm`, and no formula.
fn rewritten(text: &str, sheet: &Sheet, cell: &Cell, value: &Rendered) -> String {
    let tag = text.get(cell.tag()).unwrap_or_default();
    let extensions = cell.extensions().and_then(|at| text.get(at)).unwrap_or_default();
    let mut out = String::with_capacity(tag.len() + value.inner.len() + extensions.len() + 24);
    let mut done = cell.tag().start;
    for (_, whole, _) in attributes(text, &cell.tag()).filter(|(name, _, _)| matches!(*name, "t" | "cm" | "vm")) {
        out.push_str(text.get(done..whole.start).unwrap_or_default());
        done = whole.end;
    }
    let rest = text.get(done..cell.tag().end).unwrap_or_default();
    out.push_str(rest.trim_end_matches('>').trim_end_matches('/').trim_end());
    close(sheet, &mut out, value, extensions);
    out
}

/// Appends a cell that was not there.
fn inserted(sheet: &Sheet, cell: &NewCell<'_>, out: &mut String) {
    // Writing to a string does not fail.
    let _ = write!(out, r#"<{}c r="{}""#, sheet.prefix, cell.at);
    if let Some(style) = cell.style.as_deref().filter(|s| *s != "0") {
        [r#" s=""#, style, "\""].iter().for_each(|piece| out.push_str(piece));
    }
    close(sheet, out, cell.value, "");
}

/// Appends what follows the other attributes of a cell: its type, its value, its end.
fn close(sheet: &Sheet, out: &mut String, value: &Rendered, extensions: &str) {
    if let Some(kind) = value.kind {
        [r#" t=""#, kind, "\""].iter().for_each(|piece| out.push_str(piece));
    }
    if value.inner.is_empty() && extensions.is_empty() {
        out.push_str("/>");
        return;
    }
    [">", &value.inner, extensions, "</", &sheet.prefix, "c>"].iter().for_each(|piece| out.push_str(piece));
}

/// Inserts cells, in the order of columns, into a row that is there.
fn into_row(text: &str, sheet: &Sheet, row: &Row, cells: &[NewCell<'_>], edits: &mut Edits) {
    let mut places: BTreeMap<usize, String> = BTreeMap::new();
    let end = text.get(..row.end).and_then(|t| t.rfind("</")).unwrap_or(row.end);
    for cell in cells {
        let later = sheet.cells_of(row).iter().find(|c| c.at.col > cell.at.col);
        let place = later.map_or(end, |c| c.tag().start);
        inserted(sheet, cell, places.entry(place).or_default());
    }
    if row.empty {
        let inner: String = places.into_values().collect();
        let spans = wider_spans(text, row, cells);
        open_up(text, &row.tag, &inner, spans, edits);
        return;
    }
    if let Some((at, spans)) = wider_spans(text, row, cells) {
        edits.put(at, spans);
    }
    places.into_iter().for_each(|(at, new)| edits.put(at..at, new));
}

/// The style that a cell which is not there will have.
pub(super) fn style_to_be(text: &str, sheet: &Sheet, at: CellRef) -> Option<String> {
    let row = sheet.rows_at(at.row).next();
    row.map_or_else(|| column_style(sheet, at.col).map(str::to_string), |row| style_of(text, sheet, row, at.col))
}

/// The style of a cell that is not there: that of its row where it says so, else that of its column.
fn style_of(text: &str, sheet: &Sheet, row: &Row, col: u32) -> Option<String> {
    let get = |name| attribute(text, &row.tag, name).and_then(|at| text.get(at)).map(str::trim);
    if get("customFormat").is_some_and(xml::truthy) {
        return get("s").map(str::to_string);
    }
    column_style(sheet, col).map(str::to_string)
}

/// The style of a column.
fn column_style(sheet: &Sheet, col: u32) -> Option<&str> {
    sheet.cols.iter().find(|(min, max, _)| (*min..=*max).contains(&col)).map(|(_, _, style)| style.as_str())
}

/// `spans` of a row (`1:5`, several apart by blanks) that take in new cells; `None` where nothing has to change.
fn wider_spans(text: &str, row: &Row, cells: &[NewCell<'_>]) -> Option<(Range<usize>, String)> {
    let at = attribute(text, &row.tag, "spans")?;
    let given = text.get(at.clone())?;
    let mut bounds: Vec<u32> = Vec::new();
    for span in given.split_ascii_whitespace() {
        let (first, last) = span.split_once(':')?;
        bounds.extend([first.parse::<u32>().ok()?, last.parse().ok()?]);
    }
    let (first, last) = (*bounds.iter().min()?, *bounds.iter().max()?);
    let (from, to) = (cells.first()?.at.col + 1, cells.last()?.at.col + 1);
    (from < first || to > last).then(|| (at, format!("{}:{}", first.min(from), last.max(to))))
}

/// Widens the used range.
pub(super) fn widen(sheet: &Sheet, cells: Area, edits: &mut Edits) {
    if let Some((at, known)) = &sheet.dimension {
        let wide = join(*known, cells);
        if wide != *known {
            edits.put(at.clone(), wide.to_string());
        }
    }
}

/// The smallest area around two.
pub(super) fn join(a: Area, b: Area) -> Area {
    Area {
        first: CellRef::new(a.first.row.min(b.first.row), a.first.col.min(b.first.col)),
        last: CellRef::new(a.last.row.max(b.last.row), a.last.col.max(b.last.col)),
    }
}

/// Gives a self-closing element a content, and its start tag at most one other attribute value.
pub(super) fn open_up(
    text: &str,
    tag: &Range<usize>,
    inner: &str,
    change: Option<(Range<usize>, String)>,
    edits: &mut Edits,
) {
    let name: String = text
        .get(tag.start + 1..tag.end)
        .unwrap_or_default()
        .chars()
        .take_while(|c| !" \t\r\n/>".contains(*c))
        .collect();
    let mut start = text.get(tag.clone()).unwrap_or_default().to_string();
    if let Some((at, new)) = change {
        start.replace_range(at.start - tag.start..at.end - tag.start, &new);
    }
    let start = start.trim_end_matches('>').trim_end_matches('/').trim_end().to_string();
    edits.put(tag.clone(), format!("{start}>{inner}</{name}>"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_takes_the_place_of_the_one_before_and_of_its_type() {
        for (cell, value, want) in [
            (r#"<c r="A1"><f>B1</f><v>1</v></c>"#, Value::Number(2.5), r#"<c r="A1"><f>B1</f><v>2.5</v></c>"#),
            (
                r#"<c t="e" r="A1" vm="1" s="3" ><f>B1</f><v>#N/A</v></c>"#,
                Value::Text(" a<b".into()),
                r#"<c r="A1" s="3" t="str" ><f>B1</f><v xml:space="preserve"> a&lt;b</v></c>"#,
            ),
            (
                r#"<c r="A1"><f t="shared" si="0"/></c>"#,
                Value::Bool(true),
                r#"<c r="A1" t="b"><f t="shared" si="0"/><v>1</v></c>"#,
            ),
            (
                r#"<c r="A1" t="str"><f>B1</f><extLst><ext/></extLst></c>"#,
                Value::Number(-0.0),
                r#"<c r="A1"><f>B1</f><v>0</v><extLst><ext/></extLst></c>"#,
            ),
            (
                r#"<c r="A1" t="inlineStr"><f>B1</f><is><t>x</t></is></c>"#,
                Value::Text(String::new()),
                r#"<c r="A1" t="str"><f>B1</f><v></v></c>"#,
            ),
        ] {
            let around =
                |cell: &str| format!("<worksheet><sheetData><row r=\"1\">{cell}</row></sheetData></worksheet>");
            let text = around(cell);
            let sheet = Sheet::scan(&text).expect("a sheet");
            let mut edits = Edits::default();
            put_result(&text, &sheet, &sheet.cells[0], &value, &mut edits);
            assert_eq!(edits.apply(&text), around(want), "{cell}");
        }
    }

    type Change = (Range<usize>, &'static str);

    fn edits(list: &[Change]) -> Edits {
        Edits(list.iter().map(|(at, new)| (at.clone(), (*new).to_string())).collect())
    }

    #[test]
    fn changes_are_pasted_in_their_order() {
        let all = edits(&[(4..4, "d"), (0..1, "A"), (2..3, ""), (2..2, "x"), (2..2, "y")]);
        assert_eq!(all.apply("abce"), "Abxyed");
        assert_eq!(edits(&[]).apply("abc"), "abc");
    }

    #[test]
    fn texts_agree_however_they_are_cut() {
        let cases: [(&[Change], &str); 6] = [
            (&[], "abcd"),
            (&[(0..1, "a")], "xbcd"),
            (&[(1..3, "b"), (3..3, "c")], "a--d"),
            (&[(0..0, "ab"), (0..2, "cd")], "--"),
            (&[(4..6, "")], "abcd!!"),
            (&[(0..0, ""), (0..0, "abcd")], ""),
        ];
        for (a, text) in &cases {
            for (b, other) in &cases {
                assert!(edits(a).agree(text, edits(b), other), "{a:?} {b:?}");
            }
            for other in ["", "abc", "abcde", "abcx", "xbcd"] {
                assert!(!edits(a).agree(text, edits(&[]), other), "{a:?} {other}");
                assert!(!edits(&[]).agree(other, edits(a), text), "{a:?} {other}");
            }
        }
    }
}
