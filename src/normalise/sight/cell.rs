//! Cells whose answer is what the screen shows of them, and not what they store.

use super::{Section, calendar, fifteen, is_plain, with_text};
use crate::model::form::{Field, FieldType};
use crate::model::grid::{Cell, Content};
use crate::model::value::{Doubt, Note, NoteKind};
use crate::normalise::number_format::shows;

/// What is seen where nothing is.
pub const NOTHING: &str = "何も見えません";

/// A cell as it is seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    /// A cell with the text that the screen shows.
    pub cell: Cell,
    /// The step from what is stored; none where nothing is seen.
    pub note: Option<Note>,
    /// What has to be asked about it.
    pub doubt: Option<Doubt>,
}

impl Seen {
    fn text(cell: &Cell, shown: String) -> Self {
        let note = Note { kind: NoteKind::Seen, before: cell.raw().into(), after: shown.as_str().into() };
        Self { cell: Cell::text(shown), note: Some(note), doubt: None }
    }

    /// Something is stored and nothing is shown.
    fn nothing(cell: &Cell) -> Self {
        Self { cell: cell.clone(), note: None, doubt: Some(Doubt::Unseen(NOTHING.into())) }
    }
}

/// What is seen of a cell where the answer is read from that: a text under a format that adds to it, and a number or a day
/// where the field does not ask for one. `None` where what is stored is read.
#[must_use]
pub fn seen(cell: &Cell, field: &Field, date1904: bool) -> Option<Seen> {
    let format = cell.format.as_deref();
    match &cell.content {
        Content::Text(text) => of_text(cell, text, format?),
        Content::Number(n) if !n.is_finite() => None,
        Content::Number(n) => match field.kind {
            FieldType::Integer | FieldType::Number | FieldType::Money | FieldType::Percent => None,
            FieldType::Date => of_number(cell, *n, format?),
            _ if is_date(*n, format) => of_day(cell, *n, field, date1904),
            _ => otherwise(cell, *n),
        },
        Content::DateTime(n) if n.is_finite() => match field.kind {
            FieldType::Text | FieldType::Item | FieldType::Division | FieldType::Choice | FieldType::Flag => {
                of_day(cell, *n, field, date1904)
            }
            // A section of the format may show a word instead of the day.
            FieldType::Date => of_number(cell, *n, format?),
            _ => None,
        },
        _ => None,
    }
}

/// A day that is shown as its year alone: 2022, R4, 令和4年.
#[must_use]
pub fn year_alone(n: f64, format: Option<&str>, date1904: bool) -> Option<String> {
    let code = Section::of(format?, n).code;
    let parts = shows(code);
    let alone = parts.is_date() && parts.year && !(parts.month || parts.day || parts.weekday || parts.time);
    alone.then(|| calendar::show(code, n, date1904)).flatten()
}

fn is_date(n: f64, format: Option<&str>) -> bool {
    format.is_some_and(|f| !is_plain(f) && shows(Section::of(f, n).code).is_date())
}

fn of_text(cell: &Cell, text: &str, format: &str) -> Option<Seen> {
    // Nearly all texts have no format, or the one that shows them as they are.
    let own = format != "@" && (format.contains('@') || format.bytes().filter(|b| *b == b';').count() > 2);
    if !own || text.trim().is_empty() {
        return None;
    }
    let shown = with_text(Section::of_text(format)?, text);
    if shown.trim().is_empty() {
        return Some(Seen::nothing(cell));
    }
    (shown.trim() != text.trim()).then(|| Seen::text(cell, shown.trim().to_string()))
}

/// A number in a date's cell whose format adds words: 7 as 令和7年度.
fn of_number(cell: &Cell, n: f64, format: &str) -> Option<Seen> {
    if is_plain(format) {
        return None;
    }
    let section = Section::of(format, n);
    if shows(section.code).is_date() {
        return None;
    }
    let sight = section.sight(n);
    // A number that is not shown at all is asked about where dates are read.
    if sight.shown.is_empty() {
        return None;
    }
    let unseen = (!sight.digits).then(|| Doubt::Unseen(format!("「{}」と見えます", sight.shown)));
    sight.words.then(|| Seen { doubt: unseen, ..Seen::text(cell, sight.shown) })
}

/// A number in a cell that asks for words: 85 %, 0012, 080-1234-5678.
fn otherwise(cell: &Cell, n: f64) -> Option<Seen> {
    let raw = cell.raw();
    let shown = cell.format.as_deref().map_or_else(|| fifteen(n).to_string(), |f| Section::of(f, n).sight(n).shown);
    if shown.is_empty() {
        return Some(Seen::nothing(cell));
    }
    (shown != raw).then(|| Seen::text(cell, shown))
}

/// A day or a time in a cell that asks for words.
fn of_day(cell: &Cell, n: f64, field: &Field, date1904: bool) -> Option<Seen> {
    let format = cell.format.as_deref().filter(|f| is_date(n, Some(f)));
    let usual = if (0.0..1.0).contains(&n) { "h:mm" } else { "yyyy/m/d" };
    let code = format.map_or(usual, |f| Section::of(f, n).code);
    let mut seen = Seen::text(cell, calendar::show(code, n, date1904).filter(|s| !s.is_empty())?);
    if field.kind == FieldType::Text {
        seen.doubt = calendar::typed(code, n, date1904)
            .map(|(changed, words)| if changed { Doubt::BecameDay(words) } else { Doubt::DayInText(words) });
    }
    Some(seen)
}
