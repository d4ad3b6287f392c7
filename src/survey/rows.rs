//! The rows of every export as answers, with what is to be said of a cell that is no answer.

use std::collections::{BTreeMap, BTreeSet};

use arcstr::ArcStr;
use chrono::NaiveDate;

use super::choices::Choices;
use super::columns::{Columns, Names, Target};
use super::{Answers, FileRead, Given, Response, Source, Written, moment};
use crate::model::finding::FIELD_NAME;
use crate::model::form::FieldType;
use crate::model::survey::{Kind, Slot, Survey};
use crate::model::{Cell, CellRef, CodeLists, Field, Finding, Grid, Place};
use crate::normalise::{self, text};

/// Reads the rows of every export.
#[must_use]
pub fn read(survey: &Survey, exports: &[&Source]) -> Answers {
    let slots = survey.slots();
    let names = Names::new(survey, &slots);
    let reader = Reader::new(survey, &slots);
    let mut answers = Answers::default();
    for source in exports {
        let before = answers.responses.len();
        let mut found = false;
        for grid in &source.book.sheets {
            let Some(columns) = names.columns(grid, &source.name) else { continue };
            found = true;
            reader.sheet(grid, source, &columns, &mut answers);
            answers.findings.extend(columns.findings);
        }
        if !found {
            let first = survey.questions.first().map(|q| q.text.as_str()).unwrap_or_default();
            let finding = Finding::new("Q002E").at(Place::file(&source.name)).expected(first);
            answers.findings.push(finding.arg(FIELD_NAME, "すべての問い"));
        }
        answers.files.push(FileRead { name: source.name.clone(), rows: answers.responses.len() - before });
    }
    answers
}

struct Reader<'a> {
    slots: &'a [Slot<'a>],
    choices: Vec<Choices<'a>>,
    trial: BTreeSet<String>,
    /// For each slot, the slot that it branches from and the choices.
    branches: Vec<Option<(usize, Vec<u16>)>>,
    lists: CodeLists,
}

impl<'a> Reader<'a> {
    fn new(survey: &Survey, slots: &'a [Slot<'a>]) -> Self {
        let branch = |slot: &Slot<'_>| {
            let branch = slot.question.branch.as_ref()?;
            let base = slots.iter().position(|s| s.question.id == branch.question)?;
            let own = (0u16..).zip(&slots[base].question.choices);
            Some((base, own.filter(|(_, c)| branch.any.contains(c)).map(|(n, _)| n).collect()))
        };
        Self {
            slots,
            choices: slots.iter().map(|s| Choices::new(s.question, survey.bare_other)).collect(),
            trial: survey.trial.iter().map(|w| text::key(w)).collect(),
            branches: slots.iter().map(branch).collect(),
            lists: CodeLists::new(),
        }
    }

    fn sheet(&self, grid: &Grid, source: &Source, columns: &Columns, answers: &mut Answers) {
        let sheet = ArcStr::from(grid.name.as_str());
        let bad: BTreeSet<CellRef> = grid.bad_cells.iter().map(|(at, _)| *at).collect();
        let mut rows: BTreeMap<u32, Vec<(u32, &Cell)>> = BTreeMap::new();
        for (at, cell) in grid.cells.range(CellRef::new(columns.data, 0)..).filter(|(_, c)| !c.is_blank()) {
            rows.entry(at.row).or_default().push((at.col, cell));
        }
        for (row, cells) in rows {
            let mut response = Response { file: source.name.clone(), sheet: sheet.clone(), row, ..Response::default() };
            response.given = (0..self.slots.len())
                .map(|n| if columns.missing.contains(&n) { Given::NotAsked } else { Given::Blank })
                .collect();
            for (col, cell) in cells {
                let at = CellRef::new(row, col);
                let Some(target) = columns.targets.get(&col) else { continue };
                if bad.contains(&at) {
                    self.garbled(&mut response, *target, at, cell);
                } else {
                    self.cell(&mut response, *target, at, (cell, source.book.date1904));
                }
            }
            self.not_asked(&mut response, columns);
            answers.responses.push(response);
        }
    }

    /// A cell that could not be decoded is no answer.
    fn garbled(&self, response: &mut Response, target: Target, at: CellRef, cell: &Cell) {
        let (Target::Slot(n) | Target::Flag(n, _)) = target else { return };
        response.given[n] = Given::Invalid;
        self.say(response, n, at, Finding::new("Q006E").given(shown(&cell.written())));
    }

    fn say(&self, response: &mut Response, slot: usize, at: CellRef, finding: Finding) {
        let place = Place::cell(&response.file, &response.sheet, at);
        response.findings.push(finding.at(place).arg(FIELD_NAME, self.slots[slot].name()));
    }

    fn cell(&self, response: &mut Response, target: Target, at: CellRef, (cell, date1904): (&Cell, bool)) {
        let raw = cell.written();
        match target {
            Target::Unused => {}
            Target::Key => response.key = text::half(&raw),
            Target::Time => {
                response.time = moment::read(cell, date1904);
                if response.time.is_none() {
                    let place = Place::cell(&response.file, &response.sheet, at);
                    response.findings.push(Finding::new("Q013W").at(place).given(shown(&raw)));
                }
            }
            Target::Flag(n, choice) => self.flag(response, (n, choice), at, cell),
            Target::Slot(n) => match self.slots[n].question.kind {
                Kind::Text => {
                    response.given[n] = Given::Text;
                    let text = text::tidy(&raw).to_string();
                    response.written.push(Written { slot: n, other: false, text });
                }
                Kind::Number => self.number(response, n, at, cell),
                _ => self.choose(response, n, at, &raw),
            },
        }
        if self.trial.contains(&text::key(&raw)) {
            response.fate = Some(super::Fate::Trial);
        }
    }

    /// 1 or ○, or the choice's own words, in a column of one choice.
    fn flag(&self, response: &mut Response, (n, choice): (usize, u16), at: CellRef, cell: &Cell) {
        let raw = cell.written();
        let key = text::key(&raw);
        let taken = matches!(key.as_str(), "1" | "true" | "○" | "✓" | "✔" | "レ" | "はい")
            || self.choices[n].of(&raw) == Some(choice);
        let not = matches!(key.as_str(), "0" | "false" | "×" | "-" | "いいえ");
        if !taken && !not {
            self.say(response, n, at, Finding::new("Q010W").given(shown(&raw)).expected("1か0"));
            return;
        }
        if let Given::Choices(all) = &mut response.given[n] {
            all.extend(taken.then_some(choice));
        } else if taken {
            response.given[n] = Given::Choices(vec![choice]);
        }
    }

    fn choose(&self, response: &mut Response, n: usize, at: CellRef, raw: &str) {
        let question = self.slots[n].question;
        let many = question.kind == Kind::Multiple;
        let picked = if many { self.choices[n].many(raw) } else { self.choices[n].one(raw) };
        for stray in &picked.strays {
            let finding = Finding::new("Q010W").given(shown(stray)).expected(in_short(&question.choices));
            self.say(response, n, at, finding);
        }
        let written = picked.other.map(|text| Written { slot: n, other: true, text });
        response.written.extend(written);
        response.given[n] = if picked.choices.is_empty() { Given::Invalid } else { Given::Choices(picked.choices) };
        self.too_many(response, n, at);
    }

    fn too_many(&self, response: &mut Response, n: usize, at: CellRef) {
        let (Some(most), Given::Choices(all)) = (self.slots[n].question.max, &response.given[n]) else { return };
        let count = all.len();
        if self.slots[n].question.kind == Kind::Multiple && count > most {
            response.given[n] = Given::Invalid;
            let finding = Finding::new("Q011W").given(count.to_string()).expected(most.to_string());
            self.say(response, n, at, finding);
        }
    }

    fn number(&self, response: &mut Response, n: usize, at: CellRef, cell: &Cell) {
        let question = self.slots[n].question;
        let unit = Some(question.unit.clone()).filter(|u| !u.is_empty());
        let field = Field { kind: FieldType::Number, unit, ..Field::default() };
        let context = normalise::Context { as_of: NaiveDate::default(), date1904: false, codes: &self.lists };
        let read = normalise::normalise(cell, &field, &context);
        let number = read.value.number().filter(|v| v.is_finite() && v.abs() < 1e9);
        // Within nine digits and three decimals.
        #[allow(clippy::cast_possible_truncation)]
        let number = number.map(|v| (v * 1000.0).round() as i64);
        let bound = |b: Option<usize>| b.and_then(|b| i64::try_from(b).ok()).map(|b| b * 1000);
        let within =
            |v: &i64| bound(question.min).is_none_or(|b| *v >= b) && bound(question.max).is_none_or(|b| *v <= b);
        if let Some(number) = number.filter(within) {
            response.given[n] = Given::Number(number);
        } else {
            response.given[n] = Given::Invalid;
            self.say(response, n, at, Finding::new("Q010W").given(shown(&cell.written())).expected(range(question)));
        }
    }

    /// What was not asked is no answer, whatever stands there; and what was chosen in columns of their own may be too much.
    fn not_asked(&self, response: &mut Response, columns: &Columns) {
        for n in 0..self.slots.len() {
            let flags =
                columns.targets.iter().find(|(_, t)| matches!(t, Target::Flag(s, _) if *s == n)).map(|(col, _)| *col);
            let whole = columns.targets.iter().find(|(_, t)| **t == Target::Slot(n)).map(|(col, _)| *col);
            let Some(col) = whole.or(flags) else { continue };
            let at = CellRef::new(response.row, col);
            if let (Some(_), Given::Choices(all)) = (flags, &mut response.given[n]) {
                all.sort_unstable();
                all.dedup();
                self.too_many(response, n, at);
            }
            let Some((base, any)) = &self.branches[n] else { continue };
            let asked = matches!(&response.given[*base], Given::Choices(all) if all.iter().any(|c| any.contains(c)));
            // Where it is not known what the other question was answered, an answer is one, and nothing is no refusal.
            let unknown = columns.missing.contains(base);
            if unknown && response.given[n] != Given::Blank {
                continue;
            }
            if !asked {
                if !matches!(response.given[n], Given::Blank | Given::NotAsked) {
                    let base = self.slots[*base].name();
                    self.say(response, n, at, Finding::new("Q012W").expected(base));
                }
                response.given[n] = Given::NotAsked;
                response.written.retain(|w| w.slot != n);
            }
        }
    }
}

/// As much of a cell as a finding shows.
fn shown(text: &str) -> String {
    let text = text::tidy(text);
    let cut: String = text.chars().take(40).collect();
    if cut.len() < text.len() { cut + "…" } else { cut }
}

fn in_short(choices: &[String]) -> String {
    let first: Vec<&str> = choices.iter().take(3).map(String::as_str).collect();
    let more = if choices.len() > first.len() {
        format!("など{}個のどれか", choices.len())
    } else {
        "のどれか".into()
    };
    first.join("、") + &more
}

fn range(question: &crate::model::survey::Question) -> String {
    match (question.min, question.max) {
        (Some(least), Some(most)) => format!("{least}から{most}までの数"),
        (Some(least), None) => format!("{least}以上の数"),
        (None, Some(most)) => format!("{most}以下の数"),
        (None, None) => "数".into(),
    }
}
