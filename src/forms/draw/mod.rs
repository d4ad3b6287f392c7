//! Draws blank workbooks from a form definition: a division's form, the settings of a round.
//!
//! A sheet has the marker line, the title, the instructions and the blocks from top to bottom. Cells to be filled in
//! are tinted and unlocked and carry format "text", so that what is typed stays what was typed; all others are locked.
//! The same input gives the same bytes.

mod block;
mod check;
mod example;
mod expr;
mod grid;
mod guide;
mod judge;
mod lists;
mod names;
mod odd;
mod places;
mod sheet;
mod shown;
mod spelled;
mod value;
mod watch;

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use rust_xlsxwriter::XlsxError;

use super::Templates;
use crate::look;
use crate::model::form::{Form, Repeat, SheetDef};
use crate::model::{Division, Item};

/// Name of the very hidden sheet that drop-downs take their words from. Readers pass over it.
pub const LISTS: &str = "_一覧";

pub use watch::CHECKS;

/// A value that stands in a cell when it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub enum CellValue {
    /// Text.
    Text(String),
    /// A number.
    Number(f64),
    /// A day; written in words (令和8年3月31日), because date cells hold text.
    Date(NaiveDate),
}

/// A filled row: field id to value.
pub type GivenRow = BTreeMap<String, CellValue>;

/// What a drawing needs besides the form.
#[derive(Clone, Debug, Default)]
pub struct Fill<'a> {
    /// Name of the round.
    pub round_name: &'a str,
    /// Mark printed on every sheet (見本 …); empty for none.
    pub mark: &'a str,
    /// What answers describe; codes that are not in force on this day are left out of drop-downs.
    pub as_of: Option<NaiveDate>,
    /// The division that gets the form.
    pub division: Option<&'a Division>,
    /// The items it is asked about, in order.
    pub items: Vec<&'a Item>,
    /// Answers that stand in the form already: (item key, answer key) to value; the item key is empty on sheets that
    /// are drawn once, except in rows of a roster.
    pub answers: BTreeMap<(String, String), CellValue>,
    /// Filled rows of tables with code rows or free rows, by block id. A row whose key field (role `key` or `row`)
    /// equals a code fills that code's row; the others fill free rows, of which more are added when needed.
    pub rows: BTreeMap<String, Vec<GivenRow>>,
    /// Whether the answers and rows are those of earlier rounds, which is shown.
    pub earlier: bool,
    /// Answers of common rows, by answer key; a code or a name.
    pub common: BTreeMap<String, String>,
    /// The day of each deadline of the round by id, so that dates past it are seen while they are typed.
    pub deadlines: BTreeMap<String, NaiveDate>,
    /// Until when replies are due, for the sheet that explains the form.
    pub reply_by: Option<NaiveDate>,
    /// Whom to ask, for the sheet that explains the form.
    pub contact: &'a str,
    /// Where it is handed in; as the definition says where it is empty.
    pub hand_in: &'a str,
    /// Date in the document's properties, for reproducible bytes.
    pub created: NaiveDate,
}

/// A drawing that failed, with the sheet it failed on.
#[derive(Debug)]
pub struct DrawError {
    /// Name of the sheet; empty for the workbook itself.
    pub sheet: String,
    /// What the library said.
    pub source: XlsxError,
}

impl fmt::Display for DrawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "シート「{}」を作成できません: {}", self.sheet, self.source)
    }
}

impl std::error::Error for DrawError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// What the parts of a drawing share while one sheet is drawn.
#[derive(Clone, Copy)]
struct Scene<'a> {
    form: &'a Form,
    templates: &'a Templates,
    fill: &'a Fill<'a>,
    sheet: &'a SheetDef,
    item: Option<&'a Item>,
    /// Whether it is the filled example, in which nothing can be typed.
    example: bool,
}

/// Draws a form's workbook; gives the bytes of an .xlsx file.
///
/// # Errors
/// When the library refuses something, such as more rows than a sheet has; the error names the sheet.
pub fn workbook(form: &Form, templates: &Templates, fill: &Fill<'_>) -> Result<Vec<u8>, DrawError> {
    let whole = |source| DrawError { sheet: String::new(), source };
    let mut workbook = look::new_workbook(&form.title, fill.created).map_err(whole)?;
    let mut names = names::Names::new();
    let mut lists = lists::Lists::default();
    let mut watch = watch::Watch::default();
    // The card of the workbook, wherever its parts stand, is the first scope.
    watch.scope(false, None);
    let mut index = 0;
    for sheet in &form.sheets {
        let items: Vec<Option<&Item>> = match sheet.repeat {
            Repeat::Once => vec![None],
            Repeat::Item => fill.items.iter().map(|i| Some(*i)).collect(),
        };
        for item in items {
            let name = names.give(&sheet.name.replace("{item}", item.map_or("", |i| &i.name)));
            let scene = Scene { form, templates, fill, sheet, item, example: false };
            watch.page(index, &name);
            index += 1;
            let drawn = sheet::draw(workbook.add_worksheet(), &name, scene, &mut lists, &mut watch);
            drawn.map_err(|source| DrawError { sheet: name, source })?;
        }
    }
    // The settings explain themselves; a form that goes out brings its explanation along.
    if form.roster.is_some() {
        guide::draw(&mut workbook, form, templates, fill, &mut names)?;
        example::draw(&mut workbook, form, templates, fill, &mut names)?;
    }
    judge::Judge { form, templates, as_of: fill.as_of, deadlines: &fill.deadlines }.fill(&mut watch);
    watch.write(&mut workbook).map_err(|source| DrawError { sheet: CHECKS.to_string(), source })?;
    lists.write(&mut workbook).map_err(|source| DrawError { sheet: LISTS.to_string(), source })?;
    look::saved(&mut workbook).map_err(whole)
}

#[cfg(test)]
mod tests;
