//! The proof that a filled workbook holds what was planned, and that nothing else changed.
//!
//! Both packages are read from their bytes, whoever made them. Parts that need not change are compared as they are
//! compressed. Of the others, what may change (trust P3) is cut out on both sides, and the rest must be equal byte by byte;
//! what was written is read back and compared with what was to be written.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use quick_xml::events::Event;

use super::book::Book;
use super::calc;
use super::compute::{Value, rendered};
use super::plan::{Loaded, Plan, style_at};
use super::sheet::{Cell, Row, Sheet};
use super::splice::{Edits, forget, join};
use super::tags::{attribute, attributes};
use super::value::unescape;
use super::{CellWrite, FillValue};
use crate::model::place::{Area, CellRef};
use crate::normalise::serial::{self, Serial};
use crate::read::xml;

/// What was proved.
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// What was read back from the written cells: sheet, anchor, value as planned.
    pub written: Vec<(String, CellRef, FillValue)>,
    /// Formula cells without a stored result, because what they depend on was written.
    pub recalculated: Vec<(String, CellRef)>,
    /// Formula cells whose stored result is the new one.
    pub computed: Vec<(String, CellRef)>,
    /// Whether the workbook asks to be computed when it is opened, because it has formulas.
    pub calculation_requested: bool,
    /// Parts that differ, each only in what may change.
    pub changed_parts: Vec<String>,
    /// How many parts are equal, compressed bytes and all.
    pub identical_parts: usize,
}

/// Something that is not as it must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// One of the two cannot be read, or the writes do not fit the first.
    Unreadable(String),
    /// The list of parts, their order, or the comment of the zip differs.
    Package(String),
    /// A part that must not change did, or one that may change did so elsewhere.
    Part {
        /// The part.
        part: String,
        /// Where it begins to differ: a few characters.
        at: String,
    },
    /// A cell does not hold what was planned.
    Cell {
        /// The sheet.
        sheet: String,
        /// The cell.
        cell: CellRef,
        /// What was planned.
        planned: FillValue,
        /// What stands there, in words.
        found: String,
    },
    /// A written cell has another style, or another attribute.
    Style {
        /// The sheet.
        sheet: String,
        /// The cell.
        cell: CellRef,
    },
    /// A formula has a result from before, or another than it comes to.
    Stale {
        /// The sheet.
        sheet: String,
        /// The cell.
        cell: CellRef,
    },
    /// The workbook has formulas and does not ask to be computed when it is opened.
    NotRequested,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(why) => write!(f, "照合できません。{why}"),
            Self::Package(what) => write!(f, "ファイルの構成が変わっています（{what}）。"),
            Self::Part { part, at } => write!(f, "部品「{part}」が書き込み以外のところで変わっています（{at}）。"),
            Self::Cell { sheet, cell, planned, found } => {
                write!(f, "「{sheet}」!{cell} は{}のはずですが、{found}です。", shown(planned))
            }
            Self::Style { sheet, cell } => write!(f, "「{sheet}」!{cell} の書式が変わっています。"),
            Self::Stale { sheet, cell } => write!(f, "「{sheet}」!{cell} に、書き込み前の計算結果が残っています。"),
            Self::NotRequested => f.write_str("開いたときに再計算する指定がありません。"),
        }
    }
}

fn shown(value: &FillValue) -> String {
    match value {
        FillValue::Number(n) => format!("「{n}」"),
        FillValue::Text(t) if t.is_empty() => "空欄".into(),
        FillValue::Text(t) => format!("「{t}」"),
        FillValue::Date(d) => format!("「{d}」"),
        FillValue::Blank => "空欄".into(),
    }
}

/// Compares a workbook before and after `writes`.
///
/// # Errors
/// All [`Difference`]s found.
pub fn verify(before: &[u8], after: &[u8], writes: &[CellWrite]) -> Result<Proof, Vec<Difference>> {
    let unreadable = |e: &dyn fmt::Display| vec![Difference::Unreadable(e.to_string())];
    let plan = Plan::make(before, writes).map_err(|e| unreadable(&e))?;
    prove(&plan, after, writes)
}

/// As [`verify`], for a plan that is at hand: the workbook before is the one it was made of.
pub(super) fn prove(plan: &Plan<'_>, after: &[u8], writes: &[CellWrite]) -> Result<Proof, Vec<Difference>> {
    let book = Book::open(after).map_err(|e| vec![Difference::Unreadable(e.to_string())])?;
    let stale = plan.stale();
    let mut proof = Comparison { plan, after: book, stale, found: Vec::new(), changed: Vec::new(), identical: 0 };
    let planned = proof.planned(writes);
    proof.parts();
    proof.sheets(&planned);
    proof.main_part();
    proof.chain();
    proof.finish(planned)
}

/// What was to be written, by sheet and anchor.
type Planned = BTreeMap<usize, BTreeMap<CellRef, FillValue>>;

struct Comparison<'p, 'a> {
    plan: &'p Plan<'p>,
    after: Book<'a>,
    stale: BTreeMap<usize, BTreeSet<CellRef>>,
    found: Vec<Difference>,
    changed: Vec<String>,
    identical: usize,
}

impl Comparison<'_, '_> {
    fn planned(&self, writes: &[CellWrite]) -> Planned {
        let mut out = Planned::new();
        for write in writes {
            let Ok(index) = self.plan.book.sheet(&write.sheet) else { continue };
            let anchor = self.plan.sheets.get(&index).map_or(write.cell, |l| l.sheet.anchor(write.cell));
            out.entry(index).or_default().insert(anchor, write.value.clone());
        }
        out
    }

    /// The zip: the same parts in the same order, equal but for those that may change.
    fn parts(&mut self) {
        let (before, after) = (&self.plan.book.container, &self.after.container);
        let names = |list: &[super::container::Entry]| list.iter().map(|e| e.name.clone()).collect::<Vec<_>>();
        if names(before.entries()) != names(after.entries()) {
            self.found.push(Difference::Package("部品の一覧または順序".into()));
            return;
        }
        if before.comment() != after.comment() {
            self.found.push(Difference::Package("ZIPのコメント".into()));
        }
        let touched = self.plan.values.keys().chain(self.stale.keys());
        let sheets = touched.filter_map(|i| self.plan.book.sheets.get(*i)?.part.as_deref());
        let mut may: BTreeSet<&str> = sheets.chain([self.plan.book.main.as_str()]).collect();
        if !self.plan.replaced.is_empty() {
            may.extend(self.plan.book.chain.as_deref());
        }
        for (a, b) in before.entries().iter().zip(after.entries()) {
            let same = before.record(a) == after.record(b) && before.listed_but_offset(a) == after.listed_but_offset(b);
            if same {
                self.identical += 1;
            } else if may.contains(a.name.as_str()) && before.kept(a) == after.kept(b) {
                self.changed.push(a.name.clone());
            } else {
                self.found.push(Difference::Part { part: a.name.clone(), at: "圧縮データ".into() });
            }
        }
    }

    fn sheets(&mut self, planned: &Planned) {
        let (none, nothing, untold) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        let indices: Vec<usize> = self.plan.sheets.keys().copied().collect();
        for index in indices {
            let (values, stale) = (planned.get(&index).unwrap_or(&none), self.stale.get(&index).unwrap_or(&nothing));
            let Some(part) = self.plan.book.sheets.get(index).and_then(|s| s.part.clone()) else { continue };
            if values.is_empty() && stale.is_empty() {
                continue;
            }
            let after = self.after.text(&part).map_err(|e| e.to_string()).and_then(|text| {
                let sheet = Sheet::scan(&text).map_err(|e| format!("{part}: {e:?}"))?;
                Ok(Loaded { text, sheet })
            });
            let (Some(before), Ok(after)) = (self.plan.sheets.get(&index), &after) else {
                self.found.push(Difference::Unreadable(after.err().unwrap_or_default()));
                continue;
            };
            let results = self.plan.computed().get(&index).unwrap_or(&untold);
            let pair = Pair { name: self.plan.name(index), part: &part, before, after, values, stale, results };
            let found = pair.compare(self.plan.book.date1904);
            self.found.extend(found);
        }
    }

    fn main_part(&mut self) {
        let part = self.plan.book.main.clone();
        let (before, after) = (&self.plan.book.main_text, &self.after.main_text);
        let found = match (calc::without_request(before), calc::without_request(after), calc::is_requested(after)) {
            (Ok(a), Ok(b), _) if a != b => Some(Difference::Part { part, at: first_difference(&a, &b) }),
            (Ok(_), Ok(_), Ok(asked)) => (!asked && self.plan.needs_calculation()).then_some(Difference::NotRequested),
            _ => Some(Difference::Unreadable(part)),
        };
        self.found.extend(found);
    }

    fn chain(&mut self) {
        let gone = self.plan.links_gone();
        let Some((part, before)) = self.plan.chain.clone().filter(|_| !gone.is_empty()) else { return };
        let compare = |after: &str| -> Result<Option<String>, String> {
            let none = BTreeSet::new();
            let (a, b) = (calc::bare_chain(&before, &gone)?, calc::bare_chain(after, &none)?);
            let kept: Vec<_> = calc::chain(&before)?.into_iter().filter(|l| !gone.contains(l)).collect();
            Ok((a != b || kept != calc::chain(after)?).then(|| first_difference(&a, &b)))
        };
        match self.after.text(&part).map_err(|e| e.to_string()).and_then(|after| compare(&after)) {
            Ok(None) => {}
            Ok(Some(at)) => self.found.push(Difference::Part { part, at }),
            Err(e) => self.found.push(Difference::Unreadable(e)),
        }
    }

    fn finish(self, planned: Planned) -> Result<Proof, Vec<Difference>> {
        if !self.found.is_empty() {
            return Err(self.found);
        }
        let name = |i: usize| self.plan.name(i).to_string();
        let written = planned.into_iter().flat_map(|(i, v)| v.into_iter().map(move |(at, v)| (i, at, v)));
        let (computed, left) = self.plan.told_apart(&self.stale);
        Ok(Proof {
            written: written.map(|(i, at, v)| (name(i), at, v)).collect(),
            recalculated: left,
            computed,
            calculation_requested: self.plan.needs_calculation(),
            changed_parts: self.changed,
            identical_parts: self.identical,
        })
    }
}

/// A sheet before and after.
struct Pair<'p> {
    name: &'p str,
    part: &'p str,
    before: &'p Loaded,
    after: &'p Loaded,
    values: &'p BTreeMap<CellRef, FillValue>,
    stale: &'p BTreeSet<CellRef>,
    /// What some of the stale formulas come to.
    results: &'p BTreeMap<CellRef, Value>,
}

impl Pair<'_> {
    fn compare(&self, date1904: bool) -> Vec<Difference> {
        let mut found = Vec::new();
        for (at, planned) in self.values {
            found.extend(self.cell(*at, planned, date1904));
        }
        let old = self.stale.iter().filter(|at| !self.after.sheet.cells_at(**at).all(|c| self.has_result(c)));
        found.extend(old.map(|cell| Difference::Stale { sheet: self.name.into(), cell: *cell }));
        let rest = |side: &Loaded| self.cut(side).apply(&side.text);
        let part = self.part.to_string();
        if !self.cut(self.before).agree(&self.before.text, self.cut(self.after), &self.after.text) {
            let at = first_difference(&rest(self.before), &rest(self.after));
            found.push(Difference::Part { part, at });
        } else if !self.dimension_holds() {
            found.push(Difference::Part { part, at: "dimension".into() });
        } else if !self.order_holds() {
            found.push(Difference::Part { part, at: "セルの順序".into() });
        }
        found
    }

    /// Whether a formula cell holds its new result, or none where it is not known; and says its type.
    fn has_result(&self, cell: &Cell) -> bool {
        let text = &self.after.text;
        let said = |name| attribute(text, &cell.tag(), name).and_then(|at| text.get(at));
        let stored = cell.value().and_then(|at| text.get(at));
        let want = self.results.get(&cell.at).map(|value| rendered(value, &self.after.sheet.prefix));
        let (kind, value) = want.map_or((None, None), |(kind, value)| (kind, Some(value)));
        stored == value.as_deref() && said("t") == kind && said("vm").is_none()
    }

    /// One written cell: its value, its style, and that it is there once.
    fn cell(&self, at: CellRef, planned: &FillValue, date1904: bool) -> Option<Difference> {
        let cells: Vec<&Cell> = self.after.sheet.cells_at(at).collect();
        let wrong = |found: &str| {
            let (sheet, found) = (self.name.to_string(), found.to_string());
            Some(Difference::Cell { sheet, cell: at, planned: planned.clone(), found })
        };
        let [cell] = cells.as_slice() else {
            let blank = matches!(planned, FillValue::Blank) || *planned == FillValue::Text(String::new());
            return if cells.is_empty() && blank { None } else { wrong(&format!("{}個のセル", cells.len())) };
        };
        let held = Held::read(&self.after.text, cell);
        if !held.is(planned, date1904) {
            return wrong(&held.shown());
        }
        let style = |loaded| style_at(loaded, at).filter(|s| s != "0");
        let before = self.before.sheet.cells_at(at).next();
        let others = |loaded: &Loaded, cell: &Cell| -> Vec<(String, String)> {
            attributes(&loaded.text, &cell.tag())
                .filter(|(name, _, _)| !matches!(*name, "t" | "cm" | "vm"))
                .map(|(name, _, value)| (name.to_string(), loaded.text.get(value).unwrap_or_default().to_string()))
                .collect()
        };
        let same = match before {
            Some(before) => others(self.before, before) == others(self.after, cell),
            None => others(self.after, cell).iter().all(|(name, _)| matches!(name.as_str(), "r" | "s")),
        };
        let same = same && style(self.before) == style(self.after);
        (!same).then(|| Difference::Style { sheet: self.name.into(), cell: at })
    }

    /// What may change, cut out.
    fn cut(&self, side: &Loaded) -> Edits {
        let Loaded { text, sheet } = side;
        let mut edits = Edits::default();
        if let Some((at, _)) = sheet.dimension.clone().filter(|_| !self.values.is_empty()) {
            edits.put(at, "");
        }
        if sheet.data_empty {
            expand(text, &sheet.data, &mut edits);
        }
        let rows: BTreeSet<u32> = self.values.keys().map(|at| at.row).collect();
        for row in &sheet.rows {
            let cells = sheet.cells_of(row);
            for cell in cells.iter().filter(|c| self.stale.contains(&c.at)) {
                forget(text, cell, &mut edits);
            }
            if !rows.contains(&row.number) {
                continue;
            }
            if self.is_new(side, row) {
                edits.put(row.tag.start..row.end, "");
                continue;
            }
            for cell in cells.iter().filter(|c| self.values.contains_key(&c.at)) {
                edits.put(cell.whole(), "");
            }
            if row.empty {
                expand(text, &row.tag, &mut edits);
            } else if let Some(spans) = attribute(text, &row.tag, "spans") {
                edits.put(spans, "");
            }
        }
        edits
    }

    /// Whether a row was inserted, with written cells only.
    fn is_new(&self, side: &Loaded, row: &Row) -> bool {
        self.before.sheet.rows_at(row.number).next().is_none()
            && attributes(&side.text, &row.tag).all(|(name, _, _)| name == "r")
            && side.sheet.cells_of(row).iter().all(|c| self.values.contains_key(&c.at))
    }

    /// The used range grows by the written cells at most.
    fn dimension_holds(&self) -> bool {
        let (Some((_, before)), Some((_, after))) = (&self.before.sheet.dimension, &self.after.sheet.dimension) else {
            return self.before.sheet.dimension.is_none() == self.after.sheet.dimension.is_none();
        };
        let most = self.values.keys().fold(*before, |area, at| join(area, Area::cell(*at)));
        join(*before, *after) == *after && join(most, *after) == most
    }

    /// Rows and cells stand in order where they did before.
    fn order_holds(&self) -> bool {
        let sorted = |loaded: &Loaded, row: &Row| loaded.sheet.cells_of(row).is_sorted_by(|a, b| a.at.col < b.at.col);
        let rows = self.before.sheet.unsorted || !self.after.sheet.unsorted;
        rows && self.after.sheet.rows.iter().all(|row| {
            let before = self.before.sheet.rows_at(row.number).next();
            sorted(self.after, row) || before.is_some_and(|b| !sorted(self.before, b))
        })
    }
}

/// Cuts `spans` out of a self-closing element and opens it up, so that it compares with one that got a content.
fn expand(text: &str, tag: &std::ops::Range<usize>, edits: &mut Edits) {
    let all = text.get(tag.clone()).unwrap_or_default();
    let name: String = all.chars().skip(1).take_while(|c| !c.is_whitespace() && !"/>".contains(*c)).collect();
    if let Some(spans) = attribute(text, tag, "spans") {
        edits.put(spans, "");
    }
    let close = tag.start + all.trim_end_matches('>').trim_end_matches('/').trim_end().len();
    edits.put(close..tag.end, format!("></{name}>"));
}

/// What a cell holds, read back.
#[derive(Debug, PartialEq)]
enum Held {
    Nothing,
    Number(f64),
    Text(String),
    /// A formula, a reference to a shared string, or something broken.
    Other(String),
}

impl Held {
    fn read(text: &str, cell: &Cell) -> Self {
        let kind = attribute(text, &cell.tag(), "t").and_then(|at| text.get(at)).unwrap_or("n");
        let mut reader = xml::reader(text.get(cell.whole()).unwrap_or_default());
        let (mut open, mut value, mut inline, mut other) = (Vec::new(), None, None, None);
        while let Ok(event) = reader.read_event() {
            match &event {
                Event::Start(e) => {
                    open.push(e.local_name().as_ref().to_string());
                    let path: Vec<&str> = open.iter().map(String::as_str).collect();
                    match path.as_slice() {
                        ["c"] | ["c", "is"] | ["c", "extLst", ..] => {}
                        ["c", "v"] => value = Some(String::new()),
                        ["c", "is", "t"] => inline = Some(String::new()),
                        _ => other = Some(path.join("/")),
                    }
                }
                Event::End(_) => {
                    open.pop();
                }
                Event::Eof => break,
                event => {
                    let into = match open.last().map(String::as_str) {
                        Some("v") => value.as_mut(),
                        Some("t") => inline.as_mut(),
                        _ => None,
                    };
                    into.into_iter().for_each(|out| {
                        xml::push_text(event, out);
                    });
                }
            }
        }
        match (kind, value, inline, other) {
            (_, _, _, Some(other)) => Self::Other(other),
            ("n", None, None, None) => Self::Nothing,
            ("n", Some(v), None, None) => v.parse().map_or(Self::Other(v), Self::Number),
            ("inlineStr", None, Some(t), None) => Self::Text(unescape(&t)),
            (kind, ..) => Self::Other(format!("t={kind}")),
        }
    }

    fn is(&self, planned: &FillValue, date1904: bool) -> bool {
        match (planned, self) {
            (FillValue::Blank, Self::Nothing) => true,
            (FillValue::Text(t), Self::Nothing) => t.is_empty(),
            (FillValue::Text(t), Self::Text(held)) => t == held,
            #[allow(clippy::float_cmp, reason = "the proof is of equality, not of nearness")]
            (FillValue::Number(n), Self::Number(held)) => n == held,
            (FillValue::Date(d), Self::Number(held)) => serial::read(*held, date1904) == Serial::Day(*d, 0),
            _ => false,
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Nothing => "空欄".into(),
            Self::Number(n) => format!("「{n}」"),
            Self::Text(t) => format!("「{t}」"),
            Self::Other(what) => format!("別の内容（{what}）"),
        }
    }
}

/// A few characters from where two texts begin to differ.
fn first_difference(a: &str, b: &str) -> String {
    let same = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let from = (0..=same).rev().find(|i| b.is_char_boundary(*i)).unwrap_or(0);
    b.get(from..).unwrap_or_default().chars().take(40).collect()
}
