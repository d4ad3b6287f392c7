//! What Excel itself does while somebody types: drop-downs, limits of numbers, and the message beside the cell.
//!
//! Dates get a message only: 「R8.3」 and 「未定」 are good answers that a date validation would refuse.

use std::collections::BTreeMap;

use rust_xlsxwriter::{DataValidation, DataValidationErrorStyle, DataValidationRule, Formula, XlsxError};

use super::Scene;
use super::lists::Lists;
use super::names::cut;
use crate::model::form::{Field, FieldType};

/// Limits of Excel in UTF-16 units.
const TITLE: usize = 32;
const MESSAGE: usize = 255;

/// Rows of a table whose cells are to be checked, by column.
#[derive(Debug, Default)]
pub(super) struct Checks {
    rows: BTreeMap<usize, Vec<u32>>,
}

impl Checks {
    /// Notes a cell; rows come in order.
    pub(super) fn note(&mut self, column: usize, row: u32) {
        self.rows.entry(column).or_default().push(row);
    }

    /// Whether any cell of a column is to be checked.
    pub(super) fn any(&self, column: usize) -> bool {
        self.rows.contains_key(&column)
    }

    /// First and last row of each unbroken run.
    pub(super) fn runs(&self, column: usize) -> Vec<(u32, u32)> {
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for row in self.rows.get(&column).into_iter().flatten().copied() {
            match runs.last_mut() {
                Some((_, last)) if *last + 1 == row => *last = row,
                _ => runs.push((row, row)),
            }
        }
        runs
    }
}

/// The validation of a field's cells; `None` when there is nothing to say.
pub(super) fn validation(
    scene: Scene<'_>,
    lists: &mut Lists,
    field: &Field,
) -> Result<Option<DataValidation>, XlsxError> {
    let message = message(field);
    let mut validation = DataValidation::new().set_error_title(cut(&field.label, TITLE))?;
    let range = drop_down(scene, lists, field);
    let has_range = range.is_some();
    if let Some(range) = range {
        // Words of the field's own that mean "no value" are not on the list and must stay possible.
        let strict = field.none.is_empty() && matches!(field.kind, FieldType::Choice | FieldType::Flag);
        validation = validation
            .allow_list_formula(Formula::new(range))
            .set_error_style(if strict { DataValidationErrorStyle::Stop } else { DataValidationErrorStyle::Warning })
            .set_error_message("一覧から選んでください。セルの右の▼を押すと一覧が出ます。")?
            // What is offered is a help: the key itself may be written too, and what means nothing is a finding.
            .show_error_message(field.offers.is_none());
    } else if let Some(limits) = limits(field) {
        validation = limited(validation, field)
            .set_error_style(DataValidationErrorStyle::Warning)
            .set_error_message(format!("{limits}数字だけで記入してください。"))?;
    } else if message.is_empty() {
        return Ok(None);
    } else {
        validation = validation.allow_any_value().set_error_title("")?;
    }
    if !message.is_empty() {
        validation = validation.set_input_title(cut(&field.label, TITLE))?.set_input_message(cut(&message, MESSAGE))?;
    } else if !has_range && limits(field).is_none() {
        return Ok(None);
    }
    Ok(Some(validation))
}

fn drop_down(scene: Scene<'_>, lists: &mut Lists, field: &Field) -> Option<String> {
    if let Some(offers) = field.offers {
        return lists.offered(offers, scene.templates);
    }
    let list = field.codes.as_ref().and_then(|id| scene.templates.lists.get(id))?;
    lists.names(list, scene.fill.as_of)
}

/// The range and the words of a field's drop-down.
pub(super) fn choices(scene: Scene<'_>, lists: &mut Lists, field: &Field) -> Option<(String, Vec<String>)> {
    let list = field.codes.as_ref().and_then(|id| scene.templates.lists.get(id))?;
    let range = drop_down(scene, lists, field)?;
    Some((range.trim_start_matches('=').to_string(), super::lists::words(list, scene.fill.as_of)))
}

/// In words what a number may be; `None` when it is not limited, or when words such as 未見積 are answers too.
fn limits(field: &Field) -> Option<String> {
    let number = matches!(field.kind, FieldType::Integer | FieldType::Number | FieldType::Money);
    if !number || !field.none.is_empty() {
        return None;
    }
    match (field.min, field.max) {
        (Some(min), Some(max)) => Some(format!("{min}から{max}までの")),
        (Some(min), None) => Some(format!("{min}以上の")),
        (None, Some(max)) => Some(format!("{max}以下の")),
        (None, None) => None,
    }
}

fn limited(validation: DataValidation, field: &Field) -> DataValidation {
    let rule = match (field.min, field.max) {
        (Some(min), Some(max)) => DataValidationRule::Between(min, max),
        (Some(min), None) => DataValidationRule::GreaterThanOrEqualTo(min),
        (None, Some(max)) => DataValidationRule::LessThanOrEqualTo(max),
        (None, None) => return validation,
    };
    validation.allow_decimal_number(rule)
}

/// The message beside the cell: help, example, unit, and that it is required.
fn message(field: &Field) -> String {
    let mut parts = Vec::new();
    if let Some(help) = &field.help {
        parts.push(help.clone());
    } else if field.kind == FieldType::Date {
        parts.push("日付は「令和8年3月31日」「R8.3」「令和7年度末」などと記入してください。決まっていないときは「未定」と記入してください。".to_string());
    } else if field.kind == FieldType::Percent {
        parts.push("％の数字で記入してください。".to_string());
    }
    if field.help.is_none()
        && let Some(unit) = &field.unit
    {
        parts.push(format!("単位は{unit}です。数字だけを記入してください。"));
    }
    // What the list itself shows needs no example.
    if let Some(example) = field.example.as_ref().filter(|_| field.codes.is_none()) {
        parts.push(format!("例: {example}"));
    }
    if field.required && !parts.is_empty() {
        parts.push("（必ず記入する項目です）".to_string());
    }
    parts.join("\n")
}
