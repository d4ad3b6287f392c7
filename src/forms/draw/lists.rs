//! The very hidden sheet that drop-downs take their words from, one column per code list.
//!
//! A list inside the validation itself would break at commas and at 255 characters.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_xlsxwriter::{Workbook, XlsxError};

use crate::forms::{Templates, called};
use crate::look;
use crate::model::{Code, CodeList, Offers, Role};

/// Columns of a code list that say from when and until when a code is in force.
const FROM: &str = "適用開始日";
const UNTIL: &str = "適用終了日";

/// The name of the cells in which the divisions' names stand.
const DIVISIONS: &str = "list_divisions";

/// The lists used so far in one workbook, in the order of their first use.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Where numbers and names of free rows stand, by block and role: address and text of each row's cell.
    pub tables: BTreeMap<(String, Role), Vec<(String, String)>>,
    columns: Vec<Column>,
    /// Where the names of the divisions stand.
    pub divisions: Option<String>,
    /// Whether a drop-down offers them.
    asks_divisions: bool,
}

#[derive(Debug)]
struct Column {
    title: String,
    words: Vec<String>,
}

impl Lists {
    /// The formula for the names of a list's codes in force on `as_of`; `None` when there are none.
    pub(super) fn names(&mut self, list: &CodeList, as_of: Option<NaiveDate>) -> Option<String> {
        self.range(&list.id, || words(list, as_of))
    }

    /// The formula for what a key may be chosen from; `None` when there is nothing.
    pub(super) fn offered(&mut self, offers: Offers, templates: &Templates) -> Option<String> {
        if offers == Offers::Divisions {
            self.asks_divisions = true;
            return Some(format!("={DIVISIONS}"));
        }
        self.range(&format!("{offers:?}"), || called::offered(templates, offers))
    }

    fn range(&mut self, title: &str, words: impl FnOnce() -> Vec<String>) -> Option<String> {
        let index = self.columns.iter().position(|c| c.title == title).unwrap_or_else(|| {
            self.columns.push(Column { title: title.to_string(), words: words() });
            self.columns.len() - 1
        });
        let last = self.columns.get(index).map_or(0, |c| c.words.len());
        let column = rust_xlsxwriter::utility::column_number_to_name(u16::try_from(index).ok()?);
        (last > 0).then(|| format!("='{}'!${column}$2:${column}${}", super::LISTS, last + 1))
    }

    /// Adds the sheet at the end of the workbook, if any list was used.
    pub(super) fn write(&self, workbook: &mut Workbook) -> Result<(), XlsxError> {
        if let Some(range) = self.divisions.as_ref().filter(|_| self.asks_divisions) {
            workbook.define_name(DIVISIONS, range)?;
        }
        if self.columns.is_empty() {
            return Ok(());
        }
        let sheet = workbook.add_worksheet();
        sheet.set_name(super::LISTS)?.set_very_hidden(true);
        for (column, list) in (0u16..).zip(&self.columns) {
            sheet.write_string_with_format(0, column, &list.title, &look::small())?;
            for (row, word) in (1u32..).zip(&list.words) {
                sheet.write_string_with_format(row, column, word, &look::base())?;
            }
        }
        Ok(())
    }
}

/// The names of a list's codes in force on a day.
pub(super) fn words(list: &CodeList, as_of: Option<NaiveDate>) -> Vec<String> {
    list.codes.iter().filter(|c| in_force(c, as_of)).map(|c| c.name.clone()).collect()
}

/// Whether a code may be chosen on a day. Without a day every code may.
fn in_force(code: &Code, as_of: Option<NaiveDate>) -> bool {
    let day = |column: &str| code.attr(column).parse::<NaiveDate>().ok();
    as_of.is_none_or(|as_of| day(FROM).is_none_or(|d| d <= as_of) && day(UNTIL).is_none_or(|d| as_of <= d))
}
