//! A figure for the cell that it is written into: the word of the cell's own list, per cent or share as the cell shows it, a
//! day in words where the cell shows none. What the cell does not take is left out, and said.

use std::collections::BTreeMap;

use arcstr::ArcStr;

use super::plan::{Target, one_a_sheet};
use crate::fill::{CellRules, FillValue};
use crate::model::date::wareki;
use crate::model::national::{Figure, NationalColumn};
use crate::model::reconcile::{Exact, Scale};
use crate::model::{CellRef, FieldType, Finding};
use crate::normalise::text::key;
use crate::read::labels::Sheet;
use crate::write::context::Context;

/// What a cell makes of figures.
pub struct Fit<'c> {
    rules: Option<CellRules>,
    words: &'c BTreeMap<String, String>,
    /// How its number stands to the figure.
    pub scale: Scale,
    /// Whether it lies under a merge that begins far away: one of whole rows or columns, which no table is made of.
    pub buried: bool,
}

impl<'c> Fit<'c> {
    /// For a cell; `percent` is whether the header of its column says per cent.
    pub fn new(
        (rules, buried): (Option<CellRules>, bool),
        column: &'c NationalColumn,
        unit: Unit,
        percent: bool,
    ) -> Self {
        let shows = rules.as_ref().map(CellRules::shows).unwrap_or_default();
        let scale = match unit {
            Unit::PerCent if shows.percent => Scale::Hundredth,
            Unit::Quotient if rules.is_some() && percent && !shows.percent => Scale::Hundredfold,
            _ => Scale::AsIs,
        };
        Self { rules, words: &column.words, scale, buried }
    }

    /// The figure in the cell's own words.
    pub fn adapted(&self, figure: Exact) -> Exact {
        let Some(rules) = &self.rules else { return figure };
        match figure {
            Exact::Text(text) => Exact::Text(self.word(rules, &text).unwrap_or(text)),
            // Its number would stand there, which says a day to nobody.
            Exact::Day(day) if !rules.shows().is_date() && rules.broken(&FillValue::Text(wareki(day))).is_none() => {
                Exact::Text(wareki(day))
            }
            other => other,
        }
    }

    /// The word of the cell's list for one of ours: the same in another spelling, or what the map says.
    fn word(&self, rules: &CellRules, ours: &str) -> Option<String> {
        let list = rules.list()?;
        if list.contains(&ours) {
            return None;
        }
        let alike = |wanted: &str| {
            let mut found = list.iter().filter(|w| key(w) == key(wanted));
            // Of two that are alike nobody knows which is meant.
            found.next().filter(|_| found.next().is_none()).map(ToString::to_string)
        };
        let said = self.words.iter().find(|(from, _)| key(from) == key(ours)).map(|(_, to)| to.as_str());
        alike(ours).or_else(|| alike(said?))
    }

    /// Why the cell does not take a value, in words.
    pub fn refused(&self, value: &FillValue) -> Option<String> {
        let rules = self.rules.as_ref()?;
        if self.buried {
            return Some("行全体や列全体にわたる結合セルの中".into());
        }
        if let (FillValue::Number(_), true, Some(format)) = (value, rules.shows().is_date(), &rules.format) {
            return Some(format!("表示形式が日付（{format}）"));
        }
        rules.broken(value)
    }
}

/// The unit of a figure of a map, as far as per cent goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Per cent: 52.3.
    PerCent,
    /// A share of one: 0.523.
    Quotient,
    /// Anything else.
    Other,
}

/// The unit of what a column writes.
pub fn unit(ctx: &Context<'_>, form: &str, write: &Figure, keys: &[String]) -> Unit {
    match write {
        Figure::Share { .. } => Unit::PerCent,
        Figure::Rate { .. } => Unit::Quotient,
        Figure::Field { .. } => {
            let kind = keys.first().and_then(|key| ctx.slot(form, key)).map(|slot| slot.field.kind);
            if kind == Some(FieldType::Percent) { Unit::Quotient } else { Unit::Other }
        }
        Figure::Attr { .. } | Figure::Mark { .. } => Unit::Other,
    }
}

/// Whether the header above a column says per cent: the cell of its label, or one of the three above.
pub fn says_percent(sheet: &Sheet<'_>, label: CellRef) -> bool {
    (label.row.saturating_sub(3)..=label.row).any(|row| {
        let at = sheet.area(CellRef::new(row, label.col)).first;
        sheet.grid.text(at).contains(['%', '％'])
    })
}

/// Cells that do not take what belongs there: they stay empty. One finding a sheet.
pub fn unfit(targets: &[Target], file: &ArcStr) -> Vec<Finding> {
    let mut by_sheet: BTreeMap<&str, Vec<(CellRef, String)>> = BTreeMap::new();
    for target in targets {
        let check = &target.check;
        let words = target.unfit.iter().map(|what| (check.cell, format!("{} {what}", check.cell)));
        by_sheet.entry(&check.sheet).or_default().extend(words);
    }
    by_sheet.retain(|_, cells| !cells.is_empty());
    one_a_sheet("S095W", by_sheet, file)
}
