//! What the settings of a new round take over from those of an old one, and what is to be said of it.

use std::collections::BTreeMap;

use chrono::{Days, Months, NaiveDate};

use super::lists;
use crate::check::is_business_day;
use crate::forms::Templates;
use crate::forms::draw::{CellValue, Fill, GivenRow};
use crate::model::date::{fiscal_year_of, last_of_month, wareki, wareki_fiscal};
use crate::model::form::{Block, BlockRole, Form};
use crate::model::{Answer, Cell, Field, FieldType, Record, Role, Round, Submission, Value};
use crate::normalise::{self, Context};

/// Blocks of the settings that a new round takes over from an old one as they are. What belonged to the old round alone (延長,
/// 受付, the dates of its forms) is not taken over.
const KEPT: [BlockRole; 6] = [
    BlockRole::Divisions,
    BlockRole::Roster,
    BlockRole::CommonAnswers,
    BlockRole::Decisions,
    BlockRole::Passwords,
    BlockRole::YearRanges,
];

/// Cells of the cards that belong to one round alone.
const OWN: [Role; 10] = [
    Role::Round,
    Role::DocumentNumber,
    Role::IssuedOn,
    Role::JudgedOn,
    Role::Basis,
    Role::ReturnNumber,
    Role::ReminderNumber,
    Role::MeetingNumber,
    Role::MeetingOn,
    Role::PreviousFolder,
];

/// Of the forms, what is asked of whom and of which year; the dates are each round's own.
const OF_FORMS: [Role; 3] = [Role::Key, Role::AskedDivisions, Role::CountYear];

/// 上申期限 in the list of kinds of deadlines.
const REPORTS: &str = "report";

/// What was taken over and what was not, in the office's words.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Taken over.
    pub(super) taken: Vec<String>,
    /// Not taken over, and why.
    pub(super) left: Vec<String>,
}

/// What is needed to take over.
pub(super) struct Taking<'a> {
    pub(super) form: &'a Form,
    pub(super) old: &'a Submission,
    pub(super) round: &'a Round,
    /// Name of the new round.
    pub(super) name: &'a str,
    pub(super) today: NaiveDate,
    pub(super) templates: &'a Templates,
}

impl Taking<'_> {
    /// Fills the settings with what an old round's had.
    pub(super) fn over(&self, fill: &mut Fill<'_>) -> Said {
        let mut said = Said::default();
        for (key, answer) in &self.old.card {
            let mut fields = self.blocks().flat_map(|b| &b.fields);
            let round_only = fields.any(|f| f.answer_key("") == *key && f.role.is_some_and(|r| OWN.contains(&r)));
            if !round_only && let Some(value) = cell(answer) {
                fill.answers.insert((String::new(), key.to_string()), value);
            }
        }
        for block in self.blocks() {
            let rows = match block.role {
                Some(role) if KEPT.contains(&role) => self.rows(block, |_| true),
                Some(BlockRole::Deadlines) => self.deadlines(block, &mut said),
                Some(BlockRole::Waivers) => self.waivers(block, &mut said),
                Some(BlockRole::Forms) => self.forms(block, &mut said),
                Some(BlockRole::CodeList) if !lists(self.round, self.templates).contains_key(&block.id) => {
                    self.topics(block, &mut said)
                }
                _ => continue,
            };
            fill.rows.insert(block.id.clone(), rows);
        }
        said
    }

    fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.form.sheets.iter().flat_map(|s| &s.blocks)
    }

    fn records<'a>(&'a self, block: &'a Block) -> impl Iterator<Item = &'a Record> {
        self.old.records.iter().map(|r| &**r).filter(|r| r.block == block.id)
    }

    fn rows(&self, block: &Block, keep: impl Fn(&Record) -> bool) -> Vec<GivenRow> {
        self.records(block).filter(|r| keep(r)).map(|r| row(block, r, |_| true)).filter(|r| !r.is_empty()).collect()
    }

    /// Approvals that are still in force, with their days.
    fn waivers(&self, block: &Block, said: &mut Said) -> Vec<GivenRow> {
        let until = |r: &Record| answer(block, r, Role::Until)?.value.date()?.to;
        let over = |r: &Record| until(r).is_some_and(|day| day < self.today);
        let rows = self.rows(block, |r| !over(r));
        if !rows.is_empty() {
            said.taken.push(format!("了承 {} 件", rows.len()));
        }
        for r in self.records(block).filter(|r| over(r)) {
            let what = [Role::FindingCode, Role::Division, Role::Form, Role::Item, Role::Field];
            let what = what.into_iter().filter_map(|role| text(block, r, role));
            let what: Vec<&str> = what.filter(|t| !t.is_empty()).collect();
            let day = until(r).map(wareki).unwrap_or_default();
            said.left.push(format!("了承「{}」は有効期限（{day}）が過ぎています", what.join("　")));
        }
        rows
    }

    /// Which divisions are asked, and the year that counts are of.
    fn forms(&self, block: &Block, said: &mut Said) -> Vec<GivenRow> {
        let of_forms = |f: &Field| f.role.is_some_and(|r| OF_FORMS.contains(&r));
        let rows: Vec<GivenRow> = self
            .records(block)
            .map(|r| {
                let mut row = row(block, r, of_forms);
                let year = answer(block, r, Role::CountYear).and_then(|a| a.value.date()?.from);
                if let Some((field, day)) = block.field_with(Role::CountYear).zip(year) {
                    row.insert(field.id.clone(), CellValue::Text(wareki_fiscal(fiscal_year_of(day))));
                }
                row
            })
            .filter(|row| row.len() > 1)
            .collect();
        for field in [Role::AskedDivisions, Role::CountYear].into_iter().filter_map(|role| block.field_with(role)) {
            let n = rows.iter().filter(|row| row.contains_key(&field.id)).count();
            if n > 0 {
                said.taken.push(format!("「{}」{n} 様式", field.label));
            }
            if n > 0 && field.role == Some(Role::CountYear) && self.goes_into_another_year() {
                said.taken.push(format!(
                    "「{}」は前回のままです。年度が改まるので、次の年度の件数を調べるときは書き換えてください",
                    field.label
                ));
            }
        }
        rows
    }

    /// The topics of the meeting. One of the round's own that is no longer printed is settled.
    fn topics(&self, block: &Block, said: &mut Said) -> Vec<GivenRow> {
        let list = block.rows.codes.as_ref().and_then(|id| self.templates.lists.get(id));
        let shipped = |r: &Record| list.zip(text(block, r, Role::Key)).is_some_and(|(l, key)| l.get(key).is_some());
        let out = |r: &Record| {
            let mut flags = block.fields.iter().filter(|f| f.kind == FieldType::Flag);
            flags.any(|f| r.fields.get(&f.answer_key("")).is_some_and(|a| a.value.choice() == Some("yes")))
        };
        let closed = |r: &Record| !shipped(r) && out(r);
        let rows = self.rows(block, |r| !closed(r));
        let own = self.records(block).filter(|r| !shipped(r) && !closed(r)).count();
        if !rows.is_empty() {
            said.taken.push(format!("会議の議題 {} 件（うち独自のもの {own} 件）", rows.len()));
        }
        for r in self.records(block).filter(|r| closed(r)) {
            let name = text(block, r, Role::Name).unwrap_or_default();
            said.left.push(format!("議題「{name}」は、載せないことになっています"));
        }
        rows
    }

    /// Deadlines; those for reports move on as far as the round does.
    fn deadlines(&self, block: &Block, said: &mut Said) -> Vec<GivenRow> {
        let distance = self.distance();
        let mut rows = Vec::new();
        for r in self.records(block) {
            let mut given = row(block, r, |_| true);
            if given.is_empty() {
                continue;
            }
            let is_report = answer(block, r, Role::Kind).is_some_and(|a| a.value.choice() == Some(REPORTS));
            let day = answer(block, r, Role::Date).and_then(|a| a.value.date()?.to);
            if is_report && let (Some(day), Some(field)) = (day, block.field_with(Role::Date)) {
                let name = text(block, r, Role::Name).unwrap_or_default();
                match distance.and_then(|d| d.after(day)) {
                    Some(next) => {
                        let next = self.open_day(next);
                        given.insert(field.id.clone(), CellValue::Date(next));
                        let line = format!("上申期限「{name}」を {} から {} に移しました", wareki(day), wareki(next));
                        // One deadline of several forms stands in several rows.
                        if !said.taken.contains(&line) {
                            said.taken.push(line);
                        }
                    }
                    None => said.left.push(format!(
                        "上申期限「{name}」（{}）は、次の期日が分からないため前回のままです。直してください",
                        wareki(day)
                    )),
                }
            }
            rows.push(given);
        }
        rows
    }

    /// The day itself, or the last one before it on which the office is open: what is due must not come late.
    fn open_day(&self, day: NaiveDate) -> NaiveDate {
        let before = (0..15).filter_map(|n| day.checked_sub_days(Days::new(n)));
        before.into_iter().find(|d| is_business_day(*d, &self.round.holidays)).unwrap_or(day)
    }

    /// Whether the 基準日 of the new round, as its name says, lies in another fiscal year than the old one.
    fn goes_into_another_year(&self) -> bool {
        let old = self.round.forms.values().map(|f| f.as_of).max();
        let new = old.and_then(|old| self.day_of(self.name, old));
        old.zip(new).is_some_and(|(old, new)| fiscal_year_of(old) != fiscal_year_of(new))
    }

    /// From the old 基準日 to that of the new round, which its name says.
    fn distance(&self) -> Option<Distance> {
        let old = self.round.forms.values().map(|f| f.as_of).max()?;
        let new = self.day_of(self.name, old)?;
        let old = self.day_of(&self.round.name, old).unwrap_or(old);
        (new > old).then(|| Distance::between(old, new))
    }

    fn day_of(&self, name: &str, as_of: NaiveDate) -> Option<NaiveDate> {
        let field = Field { kind: FieldType::Date, ..Field::default() };
        let context = Context { as_of, date1904: false, codes: &self.templates.lists };
        let value = normalise::normalise(&Cell::text(name), &field, &context).value;
        value.date().and_then(|i| i.to)
    }
}

/// How far a round is from the one before: whole months, or days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Distance {
    Months(u32),
    Days(u64),
}

impl Distance {
    fn between(old: NaiveDate, new: NaiveDate) -> Self {
        use chrono::Datelike;
        let at_end = |d: NaiveDate| last_of_month(d.year(), d.month()) == Some(d);
        let months = (new.year() - old.year()) * 12 + i32::try_from(new.month()).unwrap_or(0)
            - i32::try_from(old.month()).unwrap_or(0);
        match u32::try_from(months) {
            Ok(n) if n > 0 && (at_end(old) && at_end(new) || old.day() == new.day()) => Self::Months(n),
            _ => Self::Days((new - old).num_days().unsigned_abs()),
        }
    }

    fn after(self, day: NaiveDate) -> Option<NaiveDate> {
        match self {
            Self::Months(n) => day.checked_add_months(Months::new(n)),
            Self::Days(n) => day.checked_add_days(Days::new(n)),
        }
    }
}

/// What a row of the settings says in the field of a role.
fn answer<'r>(block: &Block, record: &'r Record, role: Role) -> Option<&'r Answer> {
    record.fields.get(&block.field_with(role)?.answer_key(""))
}

/// The same as it was typed.
fn text<'r>(block: &Block, record: &'r Record, role: Role) -> Option<&'r str> {
    answer(block, record, role).map(|a| a.raw.trim())
}

fn row(block: &Block, record: &Record, wanted: impl Fn(&Field) -> bool) -> GivenRow {
    let fields = block.fields.iter().filter(|f| wanted(f));
    let fields = fields.filter_map(|f| Some((f.id.clone(), cell(record.fields.get(&f.answer_key(""))?)?)));
    fields.collect::<BTreeMap<_, _>>()
}

/// An answer as it is written into a new workbook: a day as a day, everything else as typed.
fn cell(answer: &Answer) -> Option<CellValue> {
    match &answer.value {
        Value::Blank => None,
        Value::Date(i) if i.from == i.to => i.from.map(CellValue::Date),
        _ => Some(CellValue::Text(answer.raw.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_moves_as_far_as_the_round() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).expect("a day");
        let moved = |old, new, due: NaiveDate| Distance::between(old, new).after(due);
        let (oct, nov, feb) = (day(2022, 10, 31), day(2022, 11, 30), day(2023, 2, 28));
        assert_eq!(moved(oct, nov, day(2022, 12, 5)), Some(day(2023, 1, 5)));
        assert_eq!(moved(nov, feb, day(2022, 12, 31)), Some(day(2023, 3, 31)));
        assert_eq!(moved(oct, day(2022, 11, 15), day(2022, 12, 5)), Some(day(2022, 12, 20)));
    }
}
