//! The proof that a marked workbook is the workbook with marks: every other byte is there, in its order.

use std::collections::{BTreeMap, BTreeSet};

use super::{CellMark, TYPES, Wanted, style_number, wanted};
use crate::fill::Difference;
use crate::fill::book::Book;
use crate::fill::plan::Loaded;
use crate::fill::sheet::Sheet;
use crate::fill::splice::Edits;
use crate::fill::tags::attribute;
use crate::model::place::CellRef;
use crate::read::{notes, styles};

/// Compares a workbook before and after `marks`.
///
/// # Errors
/// All [`Difference`]s found.
pub fn verify_marks(before: &[u8], after: &[u8], marks: &[CellMark]) -> Result<(), Vec<Difference>> {
    let unreadable = |e: &dyn std::fmt::Display| vec![Difference::Unreadable(e.to_string())];
    let mut before = Book::open(before).map_err(|e| unreadable(&e))?;
    let after = Book::open(after).map_err(|e| unreadable(&e))?;
    let (loaded, wanted) = wanted(&mut before, marks).map_err(|e| unreadable(&e))?;
    let mut check = Check { before, after, found: Vec::new() };
    let grown = check.grown(&wanted);
    check.parts(&wanted, &grown);
    for part in &grown {
        check.only_more(part);
    }
    check.sheets(&loaded, &wanted);
    check.notes(&wanted);
    if check.found.is_empty() { Ok(()) } else { Err(check.found) }
}

struct Check<'a> {
    before: Book<'a>,
    after: Book<'a>,
    found: Vec<Difference>,
}

impl Check<'_> {
    fn differs(&mut self, part: &str, at: &str) {
        self.found.push(Difference::Part { part: part.to_string(), at: at.to_string() });
    }

    /// Parts that may have grown: styles, what says what is where, the notes and their drawings.
    fn grown(&mut self, wanted: &Wanted) -> BTreeSet<String> {
        let rels = |part: &str| {
            let (folder, file) = part.rsplit_once('/').unwrap_or(("", part));
            format!("{folder}/_rels/{file}.rels").trim_start_matches('/').to_string()
        };
        let mut out: BTreeSet<String> = [TYPES.to_string()].into();
        match self.before.styles_part() {
            Some(part) => out.insert(part),
            None => out.insert(rels(&self.before.main)),
        };
        for part in self.marked(wanted) {
            out.insert(rels(&part));
            let of_notes = |kind: &str| kind.ends_with("/comments") || kind.ends_with("/vmlDrawing");
            let relations = self.before.relations(&part);
            out.extend(relations.into_iter().filter(|r| of_notes(&r.kind) && !r.external).map(|r| r.target));
        }
        out.retain(|part| self.before.has(part));
        out
    }

    /// The parts of the marked sheets.
    fn marked(&self, wanted: &Wanted) -> Vec<String> {
        wanted.keys().filter_map(|i| self.before.sheets.get(*i)?.part.clone()).collect()
    }

    /// The zip: the same parts in the same order, equal but for those that may change, and new ones behind them.
    fn parts(&mut self, wanted: &Wanted, grown: &BTreeSet<String>) {
        let sheets = self.marked(wanted);
        let (before, after) = (&self.before.container, &self.after.container);
        let mut found = Vec::new();
        let (old, new) = after.entries().split_at(before.entries().len().min(after.entries().len()));
        if !before.entries().iter().map(|e| &e.name).eq(old.iter().map(|e| &e.name))
            || before.comment() != after.comment()
        {
            found.push(Difference::Package("部品の一覧または順序".into()));
        }
        for (a, b) in before.entries().iter().zip(old) {
            let same = before.record(a) == after.record(b) && before.listed_but_offset(a) == after.listed_but_offset(b);
            let may = grown.contains(&a.name) || sheets.contains(&a.name);
            let sound = same || may && before.kept(a) == after.kept(b);
            if !sound {
                found.push(Difference::Part { part: a.name.clone(), at: "圧縮データ".into() });
            }
        }
        let ours = |name: &str| {
            [".rels", ".vml"].iter().any(|end| name.ends_with(end))
                || name.starts_with("xl/comments")
                || name.starts_with("xl/torimatome")
        };
        found.extend(new.iter().filter(|e| !ours(&e.name)).map(|e| Difference::Package(e.name.clone())));
        self.found.extend(found);
    }

    /// A part holds all that it held, in its order; counts of lists set aside.
    fn only_more(&mut self, part: &str) {
        let record = |book: &Book<'_>| {
            let container = &book.container;
            container.find(part).and_then(|i| container.entries().get(i)).map(|e| container.record(e).to_vec())
        };
        // What was not touched need not be readable.
        if record(&self.before) == record(&self.after) {
            return;
        }
        let (Ok(before), Ok(after)) = (self.before.text(part), self.after.text(part)) else {
            self.found.push(Difference::Unreadable(part.to_string()));
            return;
        };
        // A list that was empty may have been opened up.
        let bare = |text: &str| without_counts(text).replace("/>", ">");
        if !holds(&bare(&after), &bare(&before)) {
            self.differs(part, "追加のほか");
        }
    }

    fn sheets(&mut self, loaded: &BTreeMap<usize, Loaded>, wanted: &Wanted) {
        let (old, new) = (look(&mut self.before), look(&mut self.after));
        for (index, cells) in wanted {
            let Some(before) = loaded.get(index) else { continue };
            let Some(part) = self.before.sheets.get(*index).and_then(|s| s.part.clone()) else { continue };
            let after = self.after.text(&part).ok().and_then(|text| {
                let sheet = Sheet::scan(&text).ok()?;
                Some(Loaded { text, sheet })
            });
            let Some(after) = after else {
                self.found.push(Difference::Unreadable(part));
                continue;
            };
            let had = before.text.contains("legacyDrawing ");
            let rest = |side: &Loaded| bare(side, &before.sheet, cells, had);
            if rest(before) != rest(&after) {
                self.differs(&part, "印のほか");
            }
            for at in cells.keys() {
                let of =
                    |list: &[styles::CellStyle], side| list.get(style_number(side, *at)).cloned().unwrap_or_default();
                let sound = of(&old, before) == of(&new, &after) && after.sheet.cells_at(*at).count() == 1;
                // A number that meant nothing before may be that of the new style.
                let number = style_number(before, *at);
                let same = number == style_number(&after, *at) && old.get(number).is_some();
                if !sound || same {
                    let sheet = self.before.sheets.get(*index).map(|s| s.name.clone()).unwrap_or_default();
                    self.found.push(Difference::Style { sheet, cell: *at });
                }
            }
        }
    }

    /// Every note that was there is there, ours below it; no other note is new.
    fn notes(&mut self, wanted: &Wanted) {
        for (index, cells) in wanted {
            let Some(part) = self.before.sheets.get(*index).and_then(|s| s.part.clone()) else { continue };
            let (before, after) = (notes_of(&mut self.before, &part), notes_of(&mut self.after, &part));
            let wrong = after.iter().any(|(at, text)| match (before.get(at), cells.get(at)) {
                (Some(old), _) if old == text => false,
                (old, Some(note)) => {
                    let old = old.map(|o| format!("{o}\n\n")).filter(|o| !o.trim().is_empty()).unwrap_or_default();
                    *text != format!("{old}{note}")
                }
                (_, None) => true,
            });
            let lost = before.keys().chain(cells.iter().filter(|(_, n)| !n.is_empty()).map(|(at, _)| at));
            if wrong || lost.into_iter().any(|at| !after.contains_key(at)) {
                self.differs(&part, "メモ");
            }
        }
    }
}

fn notes_of(book: &mut Book<'_>, part: &str) -> BTreeMap<CellRef, String> {
    let relation = book.relations(part).into_iter().find(|r| r.kind.ends_with("/comments") && !r.external);
    let text = relation.and_then(|r| book.text(&r.target).ok());
    text.and_then(|text| notes::parse(&text).ok()).unwrap_or_default()
}

fn look(book: &mut Book<'_>) -> Vec<styles::CellStyle> {
    book.styles()
}

/// A text with the values of `count` taken out.
fn without_counts(text: &str) -> String {
    let mut pieces = text.split(" count=\"");
    let mut out = pieces.next().unwrap_or_default().to_string();
    pieces.for_each(|piece| out.push_str(piece.split_once('"').map_or("", |(_, rest)| rest)));
    out
}

/// Whether a text holds all of another, in its order.
fn holds(all: &str, some: &str) -> bool {
    let mut bytes = all.bytes();
    some.bytes().all(|b| bytes.any(|a| a == b))
}

/// A sheet without what marks may change.
fn bare(side: &Loaded, before: &Sheet, cells: &BTreeMap<CellRef, String>, had_drawing: bool) -> String {
    let Loaded { text, sheet } = side;
    let mut edits = Edits::default();
    sheet.dimension.iter().for_each(|(at, _)| edits.put(at.clone(), ""));
    for row in &sheet.rows {
        let of_row = sheet.cells_of(row);
        let new_cell = |at: CellRef| before.cells_at(at).next().is_none() && cells.contains_key(&at);
        if before.rows_at(row.number).next().is_none() && of_row.iter().all(|c| new_cell(c.at)) {
            edits.put(row.tag.start..row.end, "");
            continue;
        }
        attribute(text, &row.tag, "spans").into_iter().for_each(|at| edits.put(at, ""));
        for cell in of_row.iter().filter(|c| cells.contains_key(&c.at)) {
            if new_cell(cell.at) {
                edits.put(cell.whole(), "");
            } else if let Some(at) = attribute(text, &cell.tag(), "s") {
                // With its name, for it may not have been there.
                edits.put(at.start - 4..at.end + 1, "");
            }
        }
    }
    let text = edits.apply(text);
    let text = if had_drawing { text } else { without_drawing(&text) };
    opened(&text, &sheet.prefix)
}

fn without_drawing(text: &str) -> String {
    let Some(at) = text.rfind("legacyDrawing ") else { return text.to_string() };
    let from = text.get(..at).and_then(|t| t.rfind('<')).unwrap_or(at);
    let to = text.get(at..).and_then(|t| t.find("/>")).map_or(at, |n| at + n + 2);
    let mut edits = Edits::default();
    edits.put(from..to, "");
    edits.apply(text)
}

/// A row or `sheetData` that closed itself compares with one that was opened up.
fn opened(text: &str, p: &str) -> String {
    let mut out = text.to_string();
    for name in ["row", "sheetData"] {
        out = out.replace(&format!("</{p}{name}>"), "");
    }
    out.replace("/>", ">").replace(" >", ">")
}
