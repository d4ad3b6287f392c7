//! What a form prints besides the answers: one list, which the drawing takes its texts from and the reading knows them by.
//!
//! What is on the list is nobody's remark; what is not was written by somebody, however much it looks like the form's own words.

use chrono::NaiveDate;

use crate::model::form::{Block, Form, SheetDef};
use crate::model::marker::Marker;
use crate::model::{CodeLists, sign};

/// What a printed text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Printed {
    /// The locked line that says which form it is.
    Marker,
    /// The mark of a sample round.
    Mark,
    /// The title.
    Title,
    /// The round, with its as-of date.
    Round,
    /// What the signs in the margin mean.
    Legend,
    /// What the look of answers of an earlier round means.
    Earlier,
    /// A sentence that says how to fill it in.
    Note,
    /// The heading of a block.
    Section,
    /// The label of a field, or its header.
    Label,
    /// The header over several columns.
    Group,
    /// What a row of a code list is about.
    Row,
}

/// What the head of a sheet is printed for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Occasion<'a> {
    /// Name of the round; empty for none.
    pub round: &'a str,
    /// What the answers describe.
    pub as_of: Option<NaiveDate>,
    /// The mark; empty for none.
    pub mark: &'a str,
    /// Name of the item that a repeated sheet is about.
    pub item: Option<&'a str>,
    /// Whether it is the filled example.
    pub example: bool,
    /// Whether answers of an earlier round stand on it.
    pub earlier: bool,
}

/// A text with what it is.
pub type Text = (Printed, String);

/// The texts above the blocks of a sheet, from top to bottom.
#[must_use]
pub fn head(form: &Form, sheet: &SheetDef, on: &Occasion<'_>) -> Vec<Text> {
    let marker = Marker {
        form: form.id.clone(),
        version: form.version.clone(),
        sheet: if on.example { sign::EXPLAINS.into() } else { sheet.id.clone() },
        as_of: on.as_of,
    };
    let line = (!sheet.plain).then(|| marker.line());
    let mark = Some(on.mark.to_string()).filter(|m| !m.is_empty());
    let named = !sheet.plain && (!on.round.is_empty() || on.as_of.is_some());
    let round = named.then(|| round_line(on.round, on.as_of));
    let legend = (!on.example).then(|| format!("　{}", sign::legend()));
    let sentences = if sheet.instructions.is_empty() { &form.instructions } else { &sheet.instructions };
    let one = |what: Printed, text: Option<String>| text.map(|t| (what, t));
    let mut texts: Vec<Text> = Vec::new();
    texts.extend(one(Printed::Marker, line));
    texts.extend(one(Printed::Mark, mark));
    texts.push((Printed::Title, title(form, sheet, on)));
    texts.extend(one(Printed::Round, round));
    texts.extend(one(Printed::Legend, legend));
    texts.extend(one(Printed::Earlier, on.earlier.then(|| sign::EARLIER.to_string())));
    texts.extend(sentences.iter().map(|s| (Printed::Note, format!("・{s}"))));
    texts
}

/// The title of a sheet, with the item that it is about.
fn title(form: &Form, sheet: &SheetDef, on: &Occasion<'_>) -> String {
    let title = sheet.title.as_ref().unwrap_or(&form.title);
    let title = match on.item {
        Some(item) => format!("{title}　{item}"),
        None if sheet.plain && sheet.title.is_none() => format!("{title}　{}", sheet.name),
        None => title.clone(),
    };
    if on.example { format!("　{title}") } else { title }
}

/// The round and the day that the answers describe, in a line.
#[must_use]
pub fn round_line(round: &str, as_of: Option<NaiveDate>) -> String {
    let as_of = as_of.map(|d| format!("（{}現在）", crate::model::date::wareki(d))).unwrap_or_default();
    format!("{round}{as_of}")
}

/// The texts of a block: its heading, its labels or headers, and what its rows of a code list are about.
#[must_use]
pub fn body(block: &Block, lists: &CodeLists) -> Vec<Text> {
    let mut texts: Vec<Text> = block.title.iter().map(|t| (Printed::Section, t.clone())).collect();
    for field in &block.fields {
        texts.push((Printed::Label, field.label.clone()));
        texts.extend(field.group.iter().map(|g| (Printed::Group, g.clone())));
        let Some(token) = field.prefill.as_deref().and_then(|p| p.strip_prefix("row.")) else { continue };
        for code in block.rows.codes.iter().filter_map(|id| lists.get(id)).flat_map(|l| &l.codes) {
            let text = match token {
                "code" => &code.code,
                "name" => &code.name,
                attr => code.attr(attr),
            };
            texts.push((Printed::Row, text.to_string()));
        }
    }
    texts.retain(|(_, t)| !t.is_empty());
    texts
}

/// The one text of a kind that stands once at most.
#[must_use]
pub fn the(what: Printed, texts: &[Text]) -> &str {
    texts.iter().find(|(w, _)| *w == what).map_or("", |(_, t)| t)
}

/// The texts of a kind.
pub fn all(what: Printed, texts: &[Text]) -> impl Iterator<Item = &str> {
    texts.iter().filter(move |(w, _)| *w == what).map(|(_, t)| t.as_str())
}
