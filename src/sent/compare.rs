//! One workbook that was sent against the ledger: what the map would write into each cell now, and what stands there.

use super::value;
use crate::model::reconcile::{Exact, Scale};
use crate::model::reported::Correction;
use crate::model::{Answer, Cell, Content, Grid, Workbook};
use crate::national::{Filling, Target};
use crate::normalise;
use crate::write::context::Context;

/// How many differences a finding names.
const EXAMPLES: usize = 3;

/// What comparing needs beside the file.
pub struct Comparing<'a> {
    /// The figures of today.
    pub filling: Filling<'a>,
    /// Names and answers.
    pub ctx: Context<'a>,
}

/// A workbook that was compared.
pub struct Compared {
    /// Title of the ministry's workbook.
    pub title: String,
    /// How many cells.
    pub cells: usize,
    /// What would have to be corrected.
    pub corrections: Vec<Correction>,
}

impl Comparing<'_> {
    /// Compares a workbook, named relative to the round; `None` when no map fits.
    pub fn book(&self, book: &Workbook, bytes: &[u8], file: &str) -> Option<Compared> {
        let plan = self.filling.plan(book, bytes, file)?;
        let mut out = Compared { title: plan.title.clone(), cells: 0, corrections: Vec::new() };
        for target in &plan.targets {
            // Where nothing is asked for, what stands there is the form's own; so is the name of the municipality.
            if target.names_the_row || (!target.check.owed && !target.check.left.is_empty()) {
                continue;
            }
            out.cells += 1;
            let Some(grid) = book.sheets.iter().find(|g| g.name == target.check.sheet) else { continue };
            let cell = shown(grid, target);
            if !self.agrees(cell, target, book) {
                out.corrections.push(self.correction(cell, target, file, &plan.title));
            }
        }
        Some(out)
    }

    fn agrees(&self, cell: Option<&Cell>, target: &Target, book: &Workbook) -> bool {
        if value::same(cell, (&target.check.planned, target.check.scale), book.date1904) {
            return true;
        }
        let Some((key, answer)) = self.answer(target) else { return false };
        let form = &target.answers.0;
        let slot = self.ctx.slot(form, key);
        let (Some(slot), Some(as_of), Some(cell)) = (slot, self.ctx.as_of(form), cell) else { return false };
        let lists = &self.ctx.templates.lists;
        let reading = normalise::Context { as_of, date1904: book.date1904, codes: lists };
        // The same answer is no correction, even where it is not settled yet: that is told where it stands.
        target.is_answer && value::means(cell, slot.field, &answer.value, &reading)
    }

    /// The answer that the figure is, or the first it is made of.
    fn answer<'t>(&self, target: &'t Target) -> Option<(&'t str, &Answer)> {
        let (form, keys) = &target.answers;
        let record = self.ctx.item(form, &target.check.item)?.record.as_ref()?;
        let given = keys.iter().filter_map(|k| Some((k.as_str(), record.fields.get(k)?)));
        given.clone().find(|(_, a)| !a.value.is_blank()).or_else(|| given.clone().next())
    }

    fn correction(&self, cell: Option<&Cell>, target: &Target, file: &str, title: &str) -> Correction {
        let check = &target.check;
        let answer = self.answer(target).map(|(_, a)| a);
        let form = &target.answers.0;
        let item = self.ctx.item(form, &check.item);
        let division = answer.and(item).and_then(|i| i.record.as_ref()).map(|r| r.division.clone());
        let (old, new) = (value::number(cell), check.planned.number());
        Correction {
            file: file.to_string(),
            title: title.to_string(),
            sheet: check.sheet.clone(),
            cell: check.cell,
            form: form.clone(),
            item: check.item.clone(),
            label: check.label.clone(),
            reported: reported(cell, check.scale),
            current: check.planned.to_string(),
            unsettled: if target.check.owed { check.left.clone() } else { String::new() },
            // Of decimals, without what binary numbers leave behind.
            difference: new.zip(old).map(|(n, o)| ((n - in_units(o, check.scale)) * 1e9).round() / 1e9),
            share: matches!(check.planned, Exact::Fraction(..)),
            division: division.unwrap_or_default(),
            source: answer.map(|a| a.place.clone()),
        }
    }

    /// The first differences in words.
    pub fn examples(&self, corrections: &[Correction]) -> String {
        let shown = corrections.iter().take(EXAMPLES).map(|c| {
            let item = if c.item.is_empty() { "" } else { self.ctx.item_name(&c.form, &c.item) };
            let current = if c.unsettled.is_empty() { blank(&c.current) } else { "未確定" };
            format!("{item}{}{}→{current}", label(&c.label, item), blank(&c.reported))
        });
        let list: Vec<String> = shown.collect();
        let rest = corrections.len().saturating_sub(EXAMPLES);
        let rest = if rest > 0 { format!(" ほか{rest}件") } else { String::new() };
        format!("{}{rest}", list.join("、"))
    }
}

/// What stands in the cell, as it is shown: a number in a cell that shows per cent with its sign.
fn reported(cell: Option<&Cell>, scale: Scale) -> String {
    match cell.map(|c| &c.content) {
        Some(Content::Number(n)) if scale == Scale::Hundredth => format!("{}%", (n * 1e11).round() / 1e9),
        _ => cell.map(Cell::raw).unwrap_or_default().trim().to_string(),
    }
}

/// A number of the cell in the unit of the figure.
fn in_units(n: f64, scale: Scale) -> f64 {
    match scale {
        Scale::AsIs => n,
        Scale::Hundredth => n * 100.0,
        Scale::Hundredfold => n / 100.0,
    }
}

/// The label in brackets behind the item; alone where there is no item.
fn label(label: &str, item: &str) -> String {
    let one_line: String = label.split_whitespace().collect();
    if item.is_empty() { format!("{one_line} ") } else { format!("（{one_line}） ") }
}

fn blank(text: &str) -> &str {
    if text.is_empty() { "空欄" } else { text }
}

fn shown<'g>(grid: &'g Grid, target: &Target) -> Option<&'g Cell> {
    grid.get(grid.area_at(target.check.cell).first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_told_as_it_was_shown() {
        let number = |n: f64| Cell { content: Content::Number(n), ..Cell::default() };
        for (cell, scale, shown, in_units_is) in [
            (number(0.523), Scale::Hundredth, "52.3%", 52.3),
            (number(23.6), Scale::Hundredth, "2360%", 2360.0),
            (number(52.3), Scale::AsIs, "52.3", 52.3),
            (number(27.9), Scale::Hundredfold, "27.9", 0.279),
        ] {
            assert_eq!(reported(Some(&cell), scale), shown);
            let Content::Number(n) = cell.content else { continue };
            assert!((in_units(n, scale) - in_units_is).abs() < 1e-9);
        }
        assert_eq!(reported(Some(&Cell::text(" 52.3% ")), Scale::Hundredth), "52.3%");
    }
}
