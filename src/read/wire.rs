//! What a reader in a process of its own found, as bytes between two processes of one program.
//!
//! Not a format for files: both ends are always the same build. Numbers travel as their bits, so that nothing is rounded.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};

use super::guard::{Lock, Opened, Problem, ProblemKind, Refusal};
use crate::model::grid::{Cell, CellObject, Content, Float, Grid, Marks, Oddity, Raised, Workbook};
use crate::model::place::{Area, CellRef};

#[derive(Serialize, Deserialize)]
enum Answer {
    Opened { book: Book, problems: Vec<Trouble> },
    TooLarge { what: String, limit: u64, found: u64 },
    Encrypted,
    Dangerous(String),
    Damaged(String),
}

#[derive(Serialize, Deserialize)]
struct Book {
    date1904: bool,
    saved: Option<NaiveDateTime>,
    oddities: Vec<usize>,
    /// Every number format once.
    formats: Vec<String>,
    sheets: Vec<Sheet>,
}

#[derive(Serialize, Deserialize)]
struct Sheet {
    name: String,
    hidden: bool,
    cells: Vec<(u32, u32, Held, Option<usize>, bool)>,
    merges: Vec<Area>,
    hidden_rows: BTreeSet<u32>,
    hidden_cols: BTreeSet<u32>,
    struck: BTreeSet<CellRef>,
    part_struck: Vec<(CellRef, String)>,
    red: BTreeSet<CellRef>,
    notes: Vec<(CellRef, String)>,
    raised: Vec<(CellRef, Raised)>,
    symbols: Vec<(CellRef, String)>,
    objects: Vec<(CellRef, CellObject)>,
    floats: Vec<Float>,
    bad_cells: Vec<(CellRef, String)>,
}

/// A content; numbers as bits.
#[derive(Serialize, Deserialize)]
enum Held {
    E,
    T(String),
    N(u64),
    D(u64),
    B(bool),
    X(String),
}

#[derive(Serialize, Deserialize)]
struct Trouble {
    sheet: String,
    cell: Option<CellRef>,
    detail: String,
    kind: usize,
}

/// Kinds of problems by number.
const KINDS: [ProblemKind; 10] = [
    ProblemKind::BadCell,
    ProblemKind::DuplicateCell,
    ProblemKind::OutOfGrid,
    ProblemKind::TextTooLong,
    ProblemKind::SheetMissing,
    ProblemKind::SheetDamaged,
    ProblemKind::DuplicateSheet,
    ProblemKind::SheetSkipped,
    ProblemKind::StylesDamaged,
    ProblemKind::PartDamaged,
];

/// Oddities by number.
const ODDITIES: [Oddity; 4] = [Oddity::Macros, Oddity::ExternalLinks, Oddity::Objects, Oddity::Password];

/// The bytes of a result.
#[must_use]
pub fn encode(result: &Result<Opened, Refusal>) -> Vec<u8> {
    let answer = match result {
        Ok(opened) => {
            let trouble = |p: &Problem| Trouble {
                sheet: p.sheet.clone(),
                cell: p.cell,
                detail: p.detail.clone(),
                kind: KINDS.iter().position(|k| *k == p.kind).unwrap_or(0),
            };
            Answer::Opened { book: book(&opened.workbook), problems: opened.problems.iter().map(trouble).collect() }
        }
        Err(Refusal::TooLarge { what, limit, found }) => {
            Answer::TooLarge { what: what.clone(), limit: *limit, found: *found }
        }
        Err(Refusal::Encrypted(_)) => Answer::Encrypted,
        Err(Refusal::Dangerous { detail }) => Answer::Dangerous(detail.clone()),
        Err(Refusal::Damaged { detail }) => Answer::Damaged(detail.clone()),
        // The reader of these containers gives no others.
        Err(other) => Answer::Damaged(format!("{other:?}")),
    };
    serde_json::to_vec(&answer).unwrap_or_default()
}

/// The result that bytes stand for; `None` when they are not whole.
#[must_use]
pub fn decode(bytes: &[u8]) -> Option<Result<Opened, Refusal>> {
    Some(match serde_json::from_slice(bytes).ok()? {
        Answer::Opened { book, problems } => {
            let problem = |t: Trouble| {
                Some(Problem { sheet: t.sheet, cell: t.cell, detail: t.detail, kind: *KINDS.get(t.kind)? })
            };
            let problems = problems.into_iter().map(problem).collect::<Option<_>>()?;
            Ok(Opened { workbook: workbook(book)?, problems })
        }
        Answer::TooLarge { what, limit, found } => Err(Refusal::TooLarge { what, limit, found }),
        Answer::Encrypted => Err(Refusal::Encrypted(Lock::NotOpened)),
        Answer::Dangerous(detail) => Err(Refusal::Dangerous { detail }),
        Answer::Damaged(detail) => Err(Refusal::Damaged { detail }),
    })
}

fn book(workbook: &Workbook) -> Book {
    let cells = workbook.sheets.iter().flat_map(|s| s.cells.values());
    let formats: BTreeSet<&str> = cells.filter_map(|c| c.format.as_deref()).collect();
    let number: BTreeMap<&str, usize> = formats.iter().enumerate().map(|(i, f)| (*f, i)).collect();
    let sheet = |g: &Grid| Sheet {
        name: g.name.clone(),
        hidden: g.hidden,
        cells: g
            .cells
            .iter()
            .map(|(at, c)| {
                let format = c.format.as_deref().and_then(|f| number.get(f).copied());
                (at.row, at.col, held(&c.content), format, c.formula)
            })
            .collect(),
        merges: g.merges.clone(),
        hidden_rows: g.hidden_rows.clone(),
        hidden_cols: g.hidden_cols.clone(),
        struck: g.marks.struck.clone(),
        part_struck: g.marks.part_struck.iter().map(|(at, text)| (*at, text.clone())).collect(),
        red: g.marks.red.clone(),
        notes: g.marks.notes.iter().map(|(at, text)| (*at, text.clone())).collect(),
        raised: g.marks.raised.iter().map(|(at, raised)| (*at, raised.clone())).collect(),
        symbols: g.marks.symbols.iter().map(|(at, text)| (*at, text.clone())).collect(),
        objects: g.marks.objects.iter().map(|(at, object)| (*at, *object)).collect(),
        floats: g.floats.clone(),
        bad_cells: g.bad_cells.clone(),
    };
    Book {
        date1904: workbook.date1904,
        saved: workbook.saved,
        oddities: workbook.oddities.iter().filter_map(|o| ODDITIES.iter().position(|k| k == o)).collect(),
        sheets: workbook.sheets.iter().map(sheet).collect(),
        formats: formats.into_iter().map(ToString::to_string).collect(),
    }
}

fn workbook(book: Book) -> Option<Workbook> {
    let formats = book.formats;
    let sheet = |s: Sheet| {
        let cell = |(row, col, content, format, formula): (u32, u32, Held, Option<usize>, bool)| {
            let format = match format {
                Some(i) => Some(formats.get(i)?.clone()),
                None => None,
            };
            Some((CellRef::new(row, col), Cell { content: content_of(content), format, formula }))
        };
        Some(Grid {
            name: s.name,
            hidden: s.hidden,
            cells: s.cells.into_iter().map(cell).collect::<Option<_>>()?,
            merges: s.merges,
            hidden_rows: s.hidden_rows,
            hidden_cols: s.hidden_cols,
            marks: Marks {
                struck: s.struck,
                part_struck: s.part_struck.into_iter().collect(),
                red: s.red,
                notes: s.notes.into_iter().collect(),
                raised: s.raised.into_iter().collect(),
                symbols: s.symbols.into_iter().collect(),
                objects: s.objects.into_iter().collect(),
            },
            floats: s.floats,
            bad_cells: s.bad_cells,
            choices: Vec::new(),
            // None of the containers read this way tells of any.
            guards: None,
        })
    };
    Some(Workbook {
        sheets: book.sheets.into_iter().map(sheet).collect::<Option<_>>()?,
        date1904: book.date1904,
        saved: book.saved,
        oddities: book.oddities.into_iter().filter_map(|i| ODDITIES.get(i).copied()).collect(),
    })
}

fn held(content: &Content) -> Held {
    match content {
        Content::Empty => Held::E,
        Content::Text(t) => Held::T(t.clone()),
        Content::Number(n) => Held::N(n.to_bits()),
        Content::DateTime(n) => Held::D(n.to_bits()),
        Content::Bool(b) => Held::B(*b),
        Content::Error(e) => Held::X(e.clone()),
    }
}

fn content_of(held: Held) -> Content {
    match held {
        Held::E => Content::Empty,
        Held::T(t) => Content::Text(t),
        Held::N(n) => Content::Number(f64::from_bits(n)),
        Held::D(n) => Content::DateTime(f64::from_bits(n)),
        Held::B(b) => Content::Bool(b),
        Held::X(e) => Content::Error(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_comes_back_as_it_was() {
        let at = CellRef::new(3, 2);
        let mut grid = Grid { name: "様式A".into(), hidden: true, ..Grid::default() };
        let contents = [
            Content::Empty,
            Content::Text("甲\"課\u{1}".into()),
            Content::Number(0.1 + 0.2),
            Content::Number(f64::MAX),
            Content::DateTime(-1.5),
            Content::Bool(true),
            Content::Error("#N/A".into()),
        ];
        for (row, content) in (0..).zip(contents) {
            let format = (row % 2 == 0).then(|| format!("書式{}", row % 4));
            grid.cells.insert(CellRef::new(row, 0), Cell { content, format, formula: row == 0 });
        }
        grid.merges.push(Area { first: at, last: CellRef::new(9, 9) });
        grid.hidden_rows.insert(7);
        grid.hidden_cols.insert(1);
        grid.marks.red.insert(at);
        grid.marks.notes.insert(at, "メモ".into());
        grid.marks.raised.insert(at, Raised { kept: "4300".into(), mark: "1".into() });
        grid.marks.symbols.insert(at, "ü".into());
        grid.marks.objects.insert(at, CellObject::Picture);
        let (area, kind) = (Some(Area::cell(at)), crate::model::grid::FloatKind::CheckBox(Some(true)));
        grid.floats.push(Float { area, kind, text: "全部".into(), linked: Some(at) });
        grid.bad_cells.push((at, "壊れた".into()));
        let workbook = Workbook {
            sheets: vec![grid],
            date1904: true,
            saved: NaiveDateTime::parse_from_str("2022-11-11 00:30:00", "%Y-%m-%d %H:%M:%S").ok(),
            oddities: vec![Oddity::Macros, Oddity::Objects],
        };
        let problems = KINDS
            .iter()
            .map(|k| Problem { sheet: "一".into(), cell: Some(at), detail: "d".into(), kind: *k })
            .collect();
        let whole = Ok(Opened { workbook, problems });
        let bytes = encode(&whole);
        assert_eq!(decode(&bytes), Some(whole));
        assert_eq!(decode(&bytes[..bytes.len() - 1]), None);
        let refusals = [
            Refusal::TooLarge { what: "cells".into(), limit: 1, found: 2 },
            Refusal::Encrypted(Lock::NotOpened),
            Refusal::Damaged { detail: "d".into() },
            Refusal::Dangerous { detail: "d".into() },
        ];
        for refusal in refusals {
            assert_eq!(decode(&encode(&Err(refusal.clone()))), Some(Err(refusal)));
        }
    }
}
