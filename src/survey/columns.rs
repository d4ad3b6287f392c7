//! Which column of an export holds which answer: by the words of the question, else by its number, else by words nearly the same.

use std::collections::{BTreeMap, BTreeSet};

use arcstr::ArcStr;

use crate::model::finding::FIELD_NAME;
use crate::model::survey::{Kind, Slot, Survey};
use crate::model::{CellRef, Finding, Grid, Place};
use crate::normalise::text::tidy;
use crate::read::labels::label_key;

/// As alike are the words of a question before and after somebody changed them.
const ALIKE: f64 = 0.75;
/// Rows in which headers are looked for.
const TOP: u32 = 20;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// When it was answered.
    Time,
    /// Who answered.
    Key,
    /// The answer to a slot.
    Slot(usize),
    /// Whether a choice of a slot was taken.
    Flag(usize, u16),
    /// Something of the form itself.
    Unused,
}

/// The columns of a sheet.
#[derive(Debug)]
pub struct Columns {
    /// First row below the headers.
    pub data: u32,
    /// What each column holds.
    pub targets: BTreeMap<u32, Target>,
    /// Slots that no column holds.
    pub missing: BTreeSet<usize>,
    /// What is to be said of them.
    pub findings: Vec<Finding>,
}

/// The words by which columns are known.
pub struct Names<'a> {
    survey: &'a Survey,
    slots: &'a [Slot<'a>],
    exact: BTreeMap<String, Option<Target>>,
}

/// A header as it is compared: letters and digits only.
fn squeeze(text: &str) -> String {
    label_key(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

impl<'a> Names<'a> {
    /// The names of a survey.
    pub fn new(survey: &'a Survey, slots: &'a [Slot<'a>]) -> Self {
        let mut names = Self { survey, slots, exact: BTreeMap::new() };
        for (all, target) in
            [(&survey.time, Target::Time), (&survey.key, Target::Key), (&survey.unused, Target::Unused)]
        {
            all.iter().for_each(|name| names.add(squeeze(name), target));
        }
        for (n, slot) in slots.iter().enumerate() {
            let q = slot.question;
            let words =
                std::iter::once(&q.text).chain(&q.aliases).flat_map(|t| [squeeze(t), squeeze(&format!("{}{t}", q.id))]);
            let own: Vec<String> = words.chain([squeeze(&q.id)]).collect();
            match slot.item_text().map(squeeze) {
                Some(item) => {
                    own.iter().for_each(|name| names.add(format!("{name}{item}"), Target::Slot(n)));
                    names.add(item, Target::Slot(n));
                }
                None => own.iter().for_each(|name| names.add(name.clone(), Target::Slot(n))),
            }
            if q.kind == Kind::Multiple {
                for (choice, words) in (0u16..).zip(&q.choices) {
                    own.iter().for_each(|name| names.add(format!("{name}{}", squeeze(words)), Target::Flag(n, choice)));
                }
            }
        }
        names
    }

    /// A name that two things have says nothing.
    fn add(&mut self, name: String, target: Target) {
        let known = self.exact.entry(name).or_insert(Some(target));
        if *known != Some(target) {
            *known = None;
        }
    }

    fn exact(&self, header: &str) -> Option<Target> {
        self.exact.get(header).copied().flatten()
    }

    /// The target of a header that begins with a question's number, or is nearly one of the names.
    fn changed(&self, header: &str, open: &dyn Fn(Target) -> bool) -> Option<Target> {
        let by_number = self.slots.iter().enumerate().filter_map(|(n, slot)| {
            let rest = header.strip_prefix(&squeeze(&slot.question.id))?;
            let more = rest.starts_with(|c: char| c.is_ascii_digit());
            let item = slot.item_text().map(squeeze);
            let flag = (0u16..).zip(&slot.question.choices).find(|(_, c)| rest.ends_with(&squeeze(c)));
            // A column of one choice holds 1 or 0, which must not be taken for numbers of choices.
            let target = match flag.filter(|_| slot.question.kind == Kind::Multiple) {
                Some((choice, _)) => Target::Flag(n, choice),
                None => Target::Slot(n),
            };
            (!more && item.is_none_or(|i| rest.ends_with(&i)) && open(target)).then_some(target)
        });
        let mut by_number = by_number.collect::<Vec<_>>().into_iter();
        if let (Some(one), None) = (by_number.next(), by_number.next()) {
            return Some(one);
        }
        let like = |name: &str| strsim::normalized_levenshtein(name, header);
        let named = self.exact.iter().filter_map(|(name, target)| target.filter(|t| open(*t)).map(|t| (like(name), t)));
        let near =
            named.filter(|(alike, t)| *alike >= ALIKE && !matches!(t, Target::Time | Target::Key | Target::Unused));
        near.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, t)| t)
    }

    /// The columns of a sheet; `None` where it holds no answers.
    pub fn columns(&self, grid: &Grid, file: &ArcStr) -> Option<Columns> {
        let known = |row: u32| cells_of(grid, row).filter(|(_, text)| self.exact(&squeeze(text)).is_some()).count();
        let header =
            (0..TOP).map(|row| (known(row), row)).filter(|(n, _)| *n > 0).max_by_key(|(n, row)| (*n, u32::MAX - row));
        let header = header?.1;
        let sheet = ArcStr::from(grid.name.as_str());
        let place = |col: u32| Place::cell(file, &sheet, CellRef::new(header, col));
        let mut columns =
            Columns { data: header + 1, targets: BTreeMap::new(), missing: BTreeSet::new(), findings: Vec::new() };
        let mut taken: BTreeSet<Target> = BTreeSet::new();
        let mut rest: Vec<(u32, String)> = Vec::new();
        for (col, text) in cells_of(grid, header) {
            match self.exact(&squeeze(&text)).filter(|t| *t == Target::Unused || taken.insert(*t)) {
                Some(target) => drop(columns.targets.insert(col, target)),
                None => rest.push((col, text)),
            }
        }
        for (col, text) in rest {
            let answers = |n: usize| taken.iter().any(|t| matches!(t, Target::Slot(s) | Target::Flag(s, _) if *s == n));
            let open = |t: Target| match t {
                Target::Slot(n) => !answers(n),
                Target::Flag(n, _) => !taken.contains(&t) && !taken.contains(&Target::Slot(n)),
                other => !taken.contains(&other),
            };
            match self.changed(&squeeze(&text), &open) {
                Some(target @ (Target::Slot(n) | Target::Flag(n, _))) => {
                    let slot = &self.slots[n];
                    let finding = Finding::new("Q003W").at(place(col)).given(&*text).expected(&*slot.question.text);
                    columns.findings.push(finding.arg(FIELD_NAME, slot.name()));
                    taken.insert(target);
                    columns.targets.insert(col, target);
                }
                _ => columns.findings.push(Finding::new("Q004I").at(place(col)).given(&*text)),
            }
        }
        self.missing(&mut columns, &taken, &Place::sheet(file, &sheet));
        Some(columns)
    }

    fn missing(&self, columns: &mut Columns, taken: &BTreeSet<Target>, place: &Place) {
        for (n, slot) in self.slots.iter().enumerate() {
            let there = taken.iter().any(|t| matches!(t, Target::Slot(s) | Target::Flag(s, _) if *s == n));
            if !there {
                columns.missing.insert(n);
                let finding = Finding::new("Q002E").at(place.clone()).expected(&*slot.question.text);
                columns.findings.push(finding.arg(FIELD_NAME, slot.name()));
            }
        }
        if !self.survey.time.is_empty() && !taken.contains(&Target::Time) {
            columns.findings.push(Finding::new("Q005W").at(place.clone()).expected(self.survey.time.join("、")));
        }
    }
}

/// The texts of a row with their columns.
fn cells_of(grid: &Grid, row: u32) -> impl Iterator<Item = (u32, String)> + '_ {
    let cells = grid.cells.range(CellRef::new(row, 0)..CellRef::new(row + 1, 0));
    cells.map(|(at, cell)| (at.col, tidy(&cell.written()).to_string())).filter(|(_, text)| !text.is_empty())
}
