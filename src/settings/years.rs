//! 年度を並べる項目: from which year to which a form asks, where it has a row or a column for each.

use super::refer::unused;
use super::rows::Row;
use crate::forms::Templates;
use crate::forms::years::{FROM, MOST, UNTIL, year_of};
use crate::model::date::{fiscal_year_of, wareki_fiscal};
use crate::model::{CodeList, Finding, Role};

/// The list of ranges as the settings have it: a blank is the shipped year. A range that is none is told, and not used (X190W).
pub(super) fn ranges(id: &str, rows: &[Row<'_>], templates: &Templates) -> (CodeList, Vec<Finding>) {
    let mut list = templates.lists.get(id).cloned().unwrap_or_default();
    let mut findings = Vec::new();
    for row in rows {
        let key = row.text(Role::Key);
        let Some(code) = list.codes.iter_mut().find(|c| c.code == key) else { continue };
        let typed = |role: Role| row.date(role).and_then(|i| i.from).map(fiscal_year_of);
        let year = |role: Role, column: &str| typed(role).or_else(|| year_of(code.attr(column)));
        let (Some(first), Some(last)) = (year(Role::FirstYear, FROM), year(Role::LastYear, UNTIL)) else { continue };
        if (0..MOST).contains(&(last - first)) {
            code.attrs.insert(FROM.to_string(), wareki_fiscal(first));
            code.attrs.insert(UNTIL.to_string(), wareki_fiscal(last));
            continue;
        }
        let role = if row.blank(Role::LastYear) { Role::FirstYear } else { Role::LastYear };
        let (from, to) = (wareki_fiscal(first), wareki_fiscal(last));
        let why = format!(
            "は使えません。始めの年度から終わりの年度までが{MOST}年以内になるように記入してください（今は{from}から{to}まで）"
        );
        findings.push(unused(row.place(role), row.label(role), &row.written(role), why));
    }
    (list, findings)
}
