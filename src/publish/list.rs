//! Which records are published, and what is shown of each: the columns of the definition and nothing else.

use chrono::{Datelike, NaiveDate};

use crate::check::words::separated;
use crate::model::date::describe;
use crate::model::form::FieldType;
use crate::model::ledger::LedgerItem;
use crate::model::predicate::Facts;
use crate::model::publication::{PublicColumn, Publication};
use crate::model::{Answer, Finding, Interval, NoneKind, Place, Precision, Slot, Truth, Value};
use crate::normalise::{self, text::tidy};
use crate::write::context::Context;
use crate::write::csv::Datum;

/// What 「未定」 is published as, where the column holds no numbers.
pub const UNDECIDED: &str = "未定";
/// What 「該当なし」 is published as, where the column holds no numbers.
pub const NOT_APPLICABLE: &str = "該当なし";

/// One published value.
#[derive(Clone, Debug)]
pub struct Cell {
    /// For people.
    pub text: String,
    /// For programs.
    pub data: Datum<'static>,
    /// Where it comes from, when it was read from a file.
    pub place: Option<Place>,
    /// The key of the answer, or of the column.
    pub key: String,
    /// Whether line breaks or blanks at the ends were left out of the value for programs.
    pub flattened: bool,
}

/// One value of a series: the row of the code list it belongs to (a year), and the value.
#[derive(Clone, Debug)]
pub struct Point {
    /// Code of the row.
    pub code: String,
    /// Name of the row.
    pub name: String,
    /// The value.
    pub cell: Cell,
}

/// One published record.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// The record.
    pub item: &'a LedgerItem,
    /// Name of the section.
    pub group: String,
    /// One value for each plain column.
    pub cells: Vec<Cell>,
    /// One series for each column of the long form.
    pub series: Vec<Vec<Point>>,
}

/// A record that is not published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withheld {
    /// Key of the item.
    pub item: String,
    /// Its name.
    pub name: String,
    /// Code of the division.
    pub division: Option<String>,
    /// Code of the finding, when somebody has to decide.
    pub code: Option<String>,
    /// Why, in words.
    pub reason: String,
}

/// The list as it is published.
pub struct List<'a> {
    /// The definition.
    pub def: &'a Publication,
    /// Columns with one value a record.
    pub plain: Vec<&'a PublicColumn>,
    /// Columns with a value for each row of a code list.
    pub long: Vec<&'a PublicColumn>,
    /// Records in the ledger's order.
    pub rows: Vec<Row<'a>>,
    /// Records that were held back.
    pub withheld: Vec<Withheld>,
    /// What somebody has to decide about those.
    pub findings: Vec<Finding>,
}

/// What becomes of a record.
enum Choice {
    /// It is none of the list's.
    Elsewhere,
    /// It is published.
    Publish,
    /// Its division does not want it published.
    Refused,
    /// It is not settled whether it may be, or whether it belongs here: the answer that is missing.
    Open(&'static str),
}

/// Facts in which the division allowed the publication, to ask what else decides.
struct Allowing<'b, F> {
    facts: &'b F,
    field: &'b str,
    allowed: Value,
}

impl<F: Facts> Facts for Allowing<'_, F> {
    fn value(&self, field: &str) -> Option<&Value> {
        if field == self.field { Some(&self.allowed) } else { self.facts.value(field) }
    }

    fn attr(&self, name: &str) -> &str {
        self.facts.attr(name)
    }

    fn deadline(&self, id: &str) -> Option<NaiveDate> {
        self.facts.deadline(id)
    }
}

impl<'a> List<'a> {
    /// Takes what the definition allows from the ledger.
    pub fn new(ctx: &Context<'a>, def: &'a Publication) -> Self {
        let is_long = |c: &&PublicColumn| c.field.as_ref().is_some_and(|f| f.contains('*'));
        let (long, plain): (Vec<&PublicColumn>, Vec<&PublicColumn>) = def.columns.iter().partition(is_long);
        let mut list = Self { def, plain, long, rows: Vec::new(), withheld: Vec::new(), findings: Vec::new() };
        for item in ctx.ledger.items.iter().filter(|i| i.form == def.form) {
            list.take(ctx, item);
        }
        list
    }

    /// The column that names a record.
    pub fn heading(&self) -> usize {
        self.plain.iter().position(|c| c.heading).unwrap_or(0)
    }

    fn take(&mut self, ctx: &Context<'a>, item: &'a LedgerItem) {
        if item.record.is_none() {
            let reason = "回答がありません。".to_string();
            self.hold(ctx, item, None, reason);
            return;
        }
        match choose(ctx, self.def, item) {
            Choice::Elsewhere => {}
            Choice::Publish => self.publish(ctx, item),
            Choice::Refused => self.hold(ctx, item, None, "課が公表しないとしています。".into()),
            Choice::Open(what) => {
                let answer = self.consent_answer(item);
                let mut finding = Finding::new("X146W").arg("what", what);
                if let Some(a) = answer {
                    finding = finding.at(a.place.clone());
                }
                let field = self.def.consent.as_ref().map(|c| c.field.as_str()).unwrap_or_default();
                self.hold(ctx, item, Some(finding.field(field)), format!("{what}。"));
            }
        }
    }

    fn consent_answer(&self, item: &'a LedgerItem) -> Option<&'a Answer> {
        let field = &self.def.consent.as_ref()?.field;
        item.record.as_ref()?.fields.get(field)
    }

    fn hold(&mut self, ctx: &Context<'_>, item: &LedgerItem, finding: Option<Finding>, reason: String) {
        let division = item.record.as_ref().map(|r| r.division.clone()).or_else(|| item.item.owner.clone());
        let division = division.filter(|d| !d.is_empty());
        self.withheld.push(Withheld {
            item: item.item.key.clone(),
            name: ctx.item_name(&item.form, &item.item.key).to_string(),
            division: division.clone(),
            code: finding.as_ref().map(|f| f.code.clone()),
            reason,
        });
        self.findings.extend(finding.map(|f| {
            f.of(&item.form, division.as_deref().unwrap_or_default(), &item.item.key).arg("item_name", &*item.item.name)
        }));
    }

    fn publish(&mut self, ctx: &Context<'a>, item: &'a LedgerItem) {
        let cells: Vec<Cell> = self.plain.iter().map(|c| plain(ctx, item, c)).collect();
        let series: Vec<Vec<Point>> = self.long.iter().map(|c| points(ctx, item, c)).collect();
        // What could not be read stands as typed in the master; in public it would be somebody's slip.
        let keys = cells.iter().chain(series.iter().flatten().map(|p| &p.cell)).map(|c| c.key.as_str());
        let unread = keys
            .filter_map(|k| Some((k, item.record.as_ref()?.fields.get(k)?)))
            .find(|(_, a)| matches!(a.value, Value::Unreadable | Value::None { kind: NoneKind::SeeOther, .. }));
        if let Some((key, answer)) = unread {
            let label = ctx.field_label(&item.form, key);
            let finding = Finding::new("X145W").at(answer.place.clone()).given(answer.raw.as_str()).field(key);
            self.hold(ctx, item, Some(finding), format!("「{label}」を読み取れません。"));
            return;
        }
        if let Some((label, cell)) = still_to_come(item, &self.plain, &cells) {
            let what = format!("公表する「{label}」が「{}」となっていて、公表用の文ではありません", cell.text.trim());
            let finding = Finding::new("X146W").arg("what", what.clone()).field(&cell.key);
            let finding = cell.place.clone().map_or(finding.clone(), |place| finding.at(place));
            self.hold(ctx, item, Some(finding), format!("{what}。"));
            return;
        }
        let group = self.def.group.as_ref().map_or_else(String::new, |g| {
            let value = item.record.as_ref().and_then(|r| r.value(&g.field)).and_then(Value::choice);
            let slot = ctx.slot(&item.form, &g.field);
            let word = slot.zip(value).map(|(s, v)| ctx.choice(s.field, v, g.word.as_deref()));
            word.unwrap_or_else(|| "その他".to_string())
        });
        self.rows.push(Row { item, group, cells, series });
    }
}

/// A text that somebody still has to write: 検討中, （案）….
fn still_to_come<'c>(
    item: &LedgerItem,
    columns: &[&'c PublicColumn],
    cells: &'c [Cell],
) -> Option<(&'c str, &'c Cell)> {
    // 未定 as the value of a date or a choice is published as such.
    let is_text =
        |key: &str| item.record.as_ref().and_then(|r| r.value(key)).is_some_and(|v| matches!(v, Value::Text(_)));
    let all = columns.iter().zip(cells).filter(|(c, cell)| c.field.is_some() && is_text(&cell.key));
    all.map(|(c, cell)| (c.label.as_str(), cell)).find(|(_, cell)| normalise::is_still_to_come(&cell.text))
}

fn choose(ctx: &Context<'_>, def: &Publication, item: &LedgerItem) -> Choice {
    let facts = ctx.facts(item);
    let holds = |f: &dyn Fn() -> Truth| f();
    let only = holds(&|| def.only.as_ref().map_or(Truth::Yes, |p| p.holds(&facts)));
    let Some(consent) = &def.consent else {
        return match only {
            Truth::Yes => Choice::Publish,
            Truth::No => Choice::Elsewhere,
            Truth::Unknown => Choice::Open("公表の対象かどうかを決める回答がありません"),
        };
    };
    let allowed = Value::Choice(consent.allowed.first().map(|c| c.as_str().into()).unwrap_or_default());
    let allowing = Allowing { facts: &facts, field: &consent.field, allowed };
    let otherwise = def.only.as_ref().map_or(Truth::Yes, |p| p.holds(&allowing));
    let said = facts.value(&consent.field).and_then(Value::choice);
    let refused = said.is_some_and(|c| consent.refused.iter().any(|r| r == c));
    match otherwise {
        Truth::No => Choice::Elsewhere,
        // What the definition would publish against the division's word is for the gate to refuse.
        _ if refused && only == Truth::Yes => Choice::Publish,
        _ if refused => Choice::Refused,
        Truth::Unknown => Choice::Open("公表の対象かどうかを決める回答がありません"),
        Truth::Yes if said.is_some_and(|c| consent.allowed.iter().any(|a| a == c)) => Choice::Publish,
        Truth::Yes => Choice::Open("公表してよいかどうかが決まっていません"),
    }
}

/// The value of a column with one value a record.
fn plain(ctx: &Context<'_>, item: &LedgerItem, column: &PublicColumn) -> Cell {
    if let Some(key) = &column.field {
        return answered(ctx, item, key, column.word.as_deref());
    }
    let text = match (&column.attr, &column.mark) {
        (Some(attr), _) => ctx.attr(item, attr),
        (_, Some(mark)) if mark.when.holds(&ctx.facts(item)) == Truth::Yes => mark.text.clone(),
        (_, Some(mark)) => mark.or.clone(),
        _ => String::new(),
    };
    let place = column.attr.as_ref().and_then(|_| item.item.place.clone());
    Cell { data: Datum::copied(&text), text, place, key: column.key.clone(), flattened: false }
}

fn points(ctx: &Context<'_>, item: &LedgerItem, column: &PublicColumn) -> Vec<Point> {
    let pattern = column.field.as_deref().unwrap_or_default();
    let Some(index) = ctx.form(&item.form) else { return Vec::new() };
    let list = column.over.as_ref().and_then(|id| ctx.templates.lists.get(id));
    let keys = index.form.expand(pattern, &ctx.templates.lists);
    let point = |key: String| {
        let slot = ctx.slot(&item.form, &key)?;
        let code = slot.row.map(|r| r.code.as_str()).or(slot.field.column.as_deref())?;
        let name = list.map_or(code, |l| l.name(code)).to_string();
        Some(Point { code: code.to_string(), name, cell: answered(ctx, item, &key, column.word.as_deref()) })
    };
    keys.into_iter().filter_map(point).collect()
}

fn answered(ctx: &Context<'_>, item: &LedgerItem, key: &str, word: Option<&str>) -> Cell {
    let empty =
        |place| Cell { text: String::new(), data: Datum::text(""), place, key: key.to_string(), flattened: false };
    let (Some(slot), Some(answer)) = (ctx.slot(&item.form, key), item.record.as_ref().and_then(|r| r.fields.get(key)))
    else {
        return empty(None);
    };
    let (text, data) = shown(ctx, slot, answer, word);
    let flattened = matches!((&answer.value, &data), (Value::Text(t), Datum::Text(d)) if t != d);
    Cell { text, data, flattened, ..empty(Some(answer.place.clone())) }
}

/// Whether a field holds numbers.
pub const fn numeric(kind: FieldType) -> bool {
    matches!(kind, FieldType::Integer | FieldType::Number | FieldType::Money | FieldType::Percent)
}

/// An answer for people and for programs.
fn shown(ctx: &Context<'_>, slot: &Slot<'_>, answer: &Answer, attr: Option<&str>) -> (String, Datum<'static>) {
    let word = |w: &str| {
        let data = if numeric(slot.field.kind) { Datum::text("") } else { Datum::copied(w) };
        (w.to_string(), data)
    };
    match &answer.value {
        Value::Blank | Value::Unreadable | Value::None { kind: NoneKind::SeeOther, .. } => {
            (String::new(), Datum::text(""))
        }
        Value::None { kind: NoneKind::Undecided, .. } => word(UNDECIDED),
        Value::None { kind: NoneKind::NotApplicable, .. } => word(NOT_APPLICABLE),
        Value::Number(n) if slot.field.kind == FieldType::Percent => {
            (format!("{}%", rounded(n * 100.0)), Datum::Number(*n))
        }
        Value::Number(n) => {
            let unit = slot.field.unit.as_deref().unwrap_or_default();
            (format!("{}{unit}", amount(*n)), Datum::Number(*n))
        }
        Value::Text(t) => (tidy(t).to_string(), Datum::text(one_line(t))),
        Value::Choice(code) => {
            let word = ctx.choice(slot.field, code, attr);
            (word.clone(), Datum::text(word))
        }
        Value::Date(i) => (describe(i), Datum::text(iso(i))),
    }
}

/// A number with thousands separators.
fn amount(n: f64) -> String {
    let text = n.abs().to_string();
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), String::new()), |(w, r)| (w, format!(".{r}")));
    format!("{}{}{rest}", if n < 0.0 { "-" } else { "" }, separated(whole))
}

/// A share in per cent without the noise of binary fractions.
fn rounded(n: f64) -> f64 {
    (n * 1e6).round() / 1e6
}

/// A text on one line, without blanks at its ends.
fn one_line(text: &str) -> String {
    text.lines().map(tidy).filter(|l| !l.is_empty()).collect::<Vec<_>>().join(" ")
}

/// A date for programs: 2023-03-31, 2023-03, 2022年度, or both ends with a stroke between them. 頃 stays behind it.
fn iso(i: &Interval) -> String {
    let about = if i.approx { "頃" } else { "" };
    let text = match (i.from, i.to, i.precision) {
        (Some(a), _, Precision::FiscalYear) if (a.month(), a.day()) == (4, 1) => format!("{}年度", a.year()),
        (Some(a), _, Precision::Month) => format!("{}-{:02}", a.year(), a.month()),
        (Some(a), _, Precision::Year) if (a.month(), a.day()) == (1, 1) => format!("{}", a.year()),
        (Some(a), Some(b), _) if a == b => a.to_string(),
        (a, b, _) => {
            let end = |d: Option<NaiveDate>| d.map_or_else(|| "..".to_string(), |d| d.to_string());
            format!("{}/{}", end(a), end(b))
        }
    };
    text + about
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_for_programs() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d);
        let of = |from, to, precision| Interval { from, to, precision, approx: false, inferred: false };
        for (interval, text) in [
            (of(day(2023, 3, 31), day(2023, 3, 31), Precision::Day), "2023-03-31"),
            (of(day(2023, 3, 1), day(2023, 3, 31), Precision::Month), "2023-03"),
            (of(day(2022, 4, 1), day(2023, 3, 31), Precision::FiscalYear), "2022年度"),
            (of(day(2022, 4, 1), None, Precision::Day), "2022-04-01/.."),
            (of(day(2022, 4, 1), day(2022, 9, 30), Precision::Half), "2022-04-01/2022-09-30"),
        ] {
            assert_eq!(iso(&interval), text);
        }
        let about = Interval { approx: true, ..of(day(2023, 3, 1), day(2023, 3, 31), Precision::Month) };
        assert_eq!(iso(&about), "2023-03頃");
    }

    #[test]
    fn amounts_are_grouped_before_the_point_only() {
        for (n, text) in [(0.0, "0"), (1234.5678, "1,234.5678"), (-250_000.0, "-250,000"), (999.0, "999")] {
            assert_eq!(amount(n), text);
        }
    }

    #[test]
    fn texts_come_to_stand_on_one_line() {
        assert_eq!(one_line("　甲\n\n乙 \r\n"), "甲 乙");
        assert_eq!(one_line("甲　乙"), "甲　乙");
    }
}
