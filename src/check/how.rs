//! How a field is to be answered, as remedies say it. What is suggested follows from the field's type and from the rules
//! that it stands under, so that whoever does as told is not told again.

use chrono::NaiveDate;

use super::case::Case;
use super::words;
use crate::model::{Check, Code, Field, FieldType, Slot};

/// How many choices a sentence lists before it says など.
const LISTED: usize = 12;

/// Columns of a code list that say from when until when a code may be used.
pub(super) const VALID_FROM: &str = "適用開始日";
pub(super) const VALID_UNTIL: &str = "適用終了日";

/// What to write into a blank, beyond that something has to be written.
pub(super) fn filled(case: &Case<'_>, key: &str) -> String {
    let Some(slot) = case.slot(key) else { return String::new() };
    let open = match slot.field.kind {
        FieldType::Choice | FieldType::Flag => return format!("{}から選んでください。", choices(case, slot)),
        // What the program itself goes by is no plan that could be undecided, and what is over was decided.
        _ if slot.field.role.is_some() || has_happened(case, key) => "",
        FieldType::Date | FieldType::Money => {
            "日付や金額が決まっていないときは「未定」と、その理由を記入してください。"
        }
        FieldType::Integer | FieldType::Number | FieldType::Percent => {
            "数が決まっていないときは「未定」と、その理由を記入してください。"
        }
        FieldType::Text | FieldType::Item | FieldType::Division => "",
    };
    open.to_string()
}

/// What is missing where something is said to be over.
pub(super) fn over(case: &Case<'_>, key: &str) -> String {
    match case.slot(key).map(|s| s.field.kind) {
        Some(FieldType::Choice | FieldType::Flag) => filled(case, key),
        _ => "終わった日付などを記入してください。".to_string(),
    }
}

/// Which date to write where there is a status.
pub(super) fn dated(case: &Case<'_>, key: &str) -> &'static str {
    if has_happened(case, key) {
        "終わった日付を記入してください。まだ終わっていないときは、この欄を空欄にしてください。"
    } else {
        "終わった日付（まだのときは予定の日付）を記入してください。"
    }
}

/// How a negative number is written; nothing where there can be none.
pub(super) fn negative(field: &Field) -> &'static str {
    if field.min.is_some_and(|min| min >= 0.0) {
        ""
    } else {
        "負の数は「-25」のように記入してください。"
    }
}

/// The choices that may be taken, in words.
pub(super) fn choices(case: &Case<'_>, slot: &Slot<'_>) -> String {
    let list = slot.field.codes.as_ref().and_then(|id| case.ctx.templates.lists.get(id));
    let codes = list.map(|l| l.codes.as_slice()).unwrap_or_default();
    let usable: Vec<&str> = codes.iter().filter(|c| case.as_of.is_none_or(|d| holds_on(c, d))).map(name).collect();
    let more = if usable.len() > LISTED { "など" } else { "" };
    format!("{}{more}", words::quoted(usable.iter().take(LISTED)))
}

fn name(code: &Code) -> &str {
    &code.name
}

/// Whether a rule of the form takes only days that are over here.
fn has_happened(case: &Case<'_>, key: &str) -> bool {
    let names = |fields: &Vec<String>| case.expand(fields).iter().any(|k| k == key);
    case.form.rules.iter().any(|r| matches!(&r.check, Check::NotAfterAsOf { fields } if names(fields)))
}

/// A day that a code list gives for a code.
pub(super) fn day(code: &Code, column: &str) -> Option<NaiveDate> {
    code.attr(column).trim().parse().ok()
}

/// Whether a code may be used on a day.
pub(super) fn holds_on(code: &Code, on: NaiveDate) -> bool {
    day(code, VALID_FROM).is_none_or(|from| from <= on) && day(code, VALID_UNTIL).is_none_or(|until| on <= until)
}
