//! What `templates/national/<id>/map.toml` may say: how a ministry's workbook is recognised, and what is written where.
//!
//! In the words of a form definition: sheets with blocks, labels with aliases. Rows are found by what stands in their key
//! columns, columns by their headers; an address is the fallback and never the rule.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;

use super::form::Layout;
use super::predicate::Predicate;

/// A ministry's workbook.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NationalMap {
    /// Id; also the name of its folder.
    pub id: String,
    /// What the workbook is called.
    pub title: String,
    /// Where its layout comes from.
    pub source: String,
    /// First as-of date of a round that may fill it (the day of the rule that asks for it); any without it.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last as-of date of such a round.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// Names of sheets that are never filled though they have the same labels (記入例), `*` for anything.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// Its sheets.
    #[serde(rename = "sheet")]
    pub sheets: Vec<NationalSheet>,
}

/// A sheet that is filled.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NationalSheet {
    /// Its name, `*` for anything (令和8年1月_進捗状況 is `*進捗状況`). A sheet of another name is taken by its labels.
    pub name: String,
    /// Other names.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Whether a workbook without it is complete.
    #[serde(default)]
    pub optional: bool,
    /// Its blocks.
    #[serde(rename = "block")]
    pub blocks: Vec<NationalBlock>,
}

/// A card or a table on a sheet.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NationalBlock {
    /// Id, unique on the sheet.
    pub id: String,
    /// Card (label, cell to its right or below) or table.
    pub layout: Layout,
    /// The form whose answers are written.
    pub form: String,
    /// Only items for which this holds are looked for and written.
    #[serde(default)]
    pub only: Option<Predicate>,
    /// Column of the item's code list that the ministry's own order follows (a number); only checked, never relied on.
    #[serde(default)]
    pub order_by: Option<String>,
    /// What names the rows of a table.
    #[serde(default, rename = "key")]
    pub keys: Vec<KeyColumn>,
    /// What is written.
    #[serde(rename = "column")]
    pub columns: Vec<NationalColumn>,
}

/// A column that names the row.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyColumn {
    /// What stands in it.
    pub is: KeyKind,
    /// Header.
    pub label: String,
    /// Other headers.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The column (`B`) that it is when its header is not found though the table is. Its cells still have to name the rows.
    #[serde(default)]
    pub fallback: Option<String>,
}

/// What names a row. One of the item's, one of the municipality's, or one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// An item's name or alias.
    Name,
    /// An item's key.
    Key,
    /// 都道府県.
    Prefecture,
    /// 市区町村, with or without the prefecture before it.
    Municipality,
    /// 団体コード of five or six digits.
    MunicipalityCode,
}

impl KeyKind {
    /// Whether it names an item.
    #[must_use]
    pub const fn is_item(self) -> bool {
        matches!(self, Self::Name | Self::Key)
    }
}

/// A column of a table, or a cell of a card.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NationalColumn {
    /// Header; with `each`, columns of the code list in braces are filled in.
    pub label: String,
    /// Other headers, written in the same way.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Header above, shared by neighbours.
    #[serde(default)]
    pub group: Option<String>,
    /// One column for each: `items` of the form, or each code of this list.
    #[serde(default)]
    pub each: Option<String>,
    /// Whether a workbook without it is complete.
    #[serde(default)]
    pub optional: bool,
    /// Whether a formula that stands there may go.
    #[serde(default)]
    pub replace_formula: bool,
    /// Where it stands when its header is not found: a column (`C`) of a table, a cell (`C5`) of a card.
    #[serde(default)]
    pub fallback: Option<String>,
    /// Words for the ministry's own, where the cell has a list that holds ours in another way: `{ "移行済み" = "完了" }`.
    #[serde(default)]
    pub words: BTreeMap<String, String>,
    /// What is written instead of the figure, where the condition certainly holds; the first that does.
    #[serde(default)]
    pub cases: Vec<Case>,
    /// What is written.
    pub write: Figure,
}

/// A word that is written where a condition holds.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The condition.
    pub when: Predicate,
    /// The word; nothing leaves the cell empty on purpose.
    #[serde(default)]
    pub text: String,
}

/// What is written into a cell.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Figure {
    /// An answer. With a code list in `each`, `{row}` stands for the code.
    Field {
        /// Field key.
        field: String,
        /// A field that is used where the first one is blank.
        #[serde(default)]
        or_field: Option<String>,
        /// Attribute of the choice's code list that gives the ministry's word.
        #[serde(default)]
        word: Option<String>,
        /// How a date is written.
        #[serde(default)]
        date: DateStyle,
    },
    /// A rate: the item's own where the row or the column is an item, else the municipality's.
    Rate {
        /// Rate id.
        rate: String,
    },
    /// An attribute: of the item, or `prefecture`, `municipality`, `municipality_code`, `full_name`, `as_of`.
    Attr {
        /// Its name.
        attr: String,
    },
    /// A sign where a condition holds, nothing where it does not.
    Mark {
        /// The condition.
        when: Predicate,
        /// The sign.
        text: String,
    },
    /// A part of a whole in per cent, half up, 0 of 0 being 0. Both are whole counts.
    Share {
        /// Field key of the part.
        part: String,
        /// Field key of the whole.
        whole: String,
        /// Decimals.
        decimals: u8,
    },
}

impl Figure {
    /// The keys of the answers that it is made of, `{row}` filled in; none for a rate or an attribute.
    #[must_use]
    pub fn keys(&self, row: &str) -> Vec<String> {
        let fields: Vec<&String> = match self {
            Self::Field { field, or_field, .. } => std::iter::once(field).chain(or_field).collect(),
            Self::Share { part, whole, .. } => vec![part, whole],
            Self::Rate { .. } | Self::Attr { .. } | Self::Mark { .. } => Vec::new(),
        };
        fields.into_iter().map(|f| f.replace("{row}", row)).collect()
    }
}

/// How a date is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateStyle {
    /// In words: 令和8年3月.
    #[default]
    Words,
    /// As a day of the calendar where it is one without "about", else in words.
    Day,
}

impl NationalMap {
    /// Whether a round with this as-of date may fill it.
    #[must_use]
    pub fn holds_on(&self, as_of: NaiveDate) -> bool {
        self.from.is_none_or(|from| from <= as_of) && self.to.is_none_or(|to| as_of <= to)
    }

    /// Every block with its sheet.
    pub fn blocks(&self) -> impl Iterator<Item = (&NationalSheet, &NationalBlock)> {
        self.sheets.iter().flat_map(|s| s.blocks.iter().map(move |b| (s, b)))
    }
}
