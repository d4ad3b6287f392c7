//! The gate: what must not leave the house, every reason at once. One finding of severity E refuses the publication.

use super::list::{Cell, List, Row};
use super::personal;
use crate::model::finding::FIELD_NAME;
use crate::model::publication::PublicColumn;
use crate::model::{Finding, Place, Veil};
use crate::normalise::text::key;
use crate::write::context::Context;

/// The code list of words that name a column of personal data.
const PERSONAL_COLUMNS: &str = "personal-columns";

/// Everything that speaks against publishing the list.
pub fn findings(ctx: &Context<'_>, list: &List<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = list.def.columns.iter().filter_map(|c| column(ctx, list, c)).collect();
    for row in &list.rows {
        findings.extend(refused(list, row));
        findings.extend(consent_cell(ctx, list, row));
        let heads = list.plain.iter().zip(&row.cells);
        let series = list.long.iter().zip(&row.series).flat_map(|(c, s)| s.iter().map(move |p| (c, &p.cell)));
        for (column, cell) in heads.chain(series) {
            findings.extend(cell_findings(ctx, list, row, column, cell));
        }
    }
    findings
}

/// A column whose name, here or on the form, is that of personal data.
fn column(ctx: &Context<'_>, list: &List<'_>, column: &PublicColumn) -> Option<Finding> {
    let words = ctx.templates.lists.get(PERSONAL_COLUMNS)?;
    let asked = column.field.as_ref().and_then(|f| ctx.slot(&list.def.form, f));
    let labels = asked.iter().flat_map(|s| s.field.aliases.iter().chain([&s.field.label])).chain([&column.label]);
    let labels: Vec<String> = labels.map(|l| key(l)).collect();
    let word = words.codes.iter().find(|w| labels.iter().any(|l| l.contains(&key(&w.name))))?;
    let file = arcstr::ArcStr::from(format!("templates/publish/{}.toml", list.def.id));
    let finding = Finding::new("X140E").at(Place::file(&file)).given(&column.label).expected(&word.name);
    Some(finding.of(&list.def.form, "", ""))
}

/// A record that its division does not want published and that the definition would publish.
fn refused(list: &List<'_>, row: &Row<'_>) -> Option<Finding> {
    let consent = list.def.consent.as_ref()?;
    let answer = row.item.record.as_ref()?.fields.get(&consent.field)?;
    let no = answer.value.choice().is_some_and(|c| consent.refused.iter().any(|r| r == c));
    no.then(|| {
        of(list, row, Finding::new("X142E").at(answer.place.clone()).given(answer.raw.as_str()).field(&consent.field))
    })
}

/// The division's word itself, when it stands hidden or struck through: then it is not its word.
fn consent_cell(ctx: &Context<'_>, list: &List<'_>, row: &Row<'_>) -> Option<Finding> {
    let consent = list.def.consent.as_ref()?;
    let answer = row.item.record.as_ref()?.fields.get(&consent.field)?;
    veiled(ctx, list, row, &answer.place, &consent.field)
}

fn cell_findings(
    ctx: &Context<'_>,
    list: &List<'_>,
    row: &Row<'_>,
    column: &PublicColumn,
    cell: &Cell,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut kinds = personal::kinds(&cell.text);
    if let crate::write::csv::Datum::Number(n) = &cell.data {
        // As it stands in the data, without separators.
        kinds.extend(personal::kinds(&n.to_string()));
        kinds.dedup();
    }
    if !kinds.is_empty() {
        let finding = Finding::new("X141E").given(kinds.join("、")).field(&cell.key).arg(FIELD_NAME, &column.label);
        let finding = cell.place.clone().map_or(finding.clone(), |p| finding.at(p));
        findings.push(of(list, row, finding));
    }
    findings.extend(cell.place.as_ref().and_then(|p| veiled(ctx, list, row, p, &cell.key)));
    findings
}

fn veiled(ctx: &Context<'_>, list: &List<'_>, row: &Row<'_>, place: &Place, field: &str) -> Option<Finding> {
    let mut files = ctx.ledger.submissions.iter().filter(|s| s.file == *place.file);
    let veil = files.find_map(|s| s.veiled.get(place))?;
    let code = if *veil == Veil::Struck { "X144E" } else { "X143E" };
    Some(of(list, row, Finding::new(code).at(place.clone()).arg("where", veil.words()).field(field)))
}

fn of(list: &List<'_>, row: &Row<'_>, finding: Finding) -> Finding {
    let division = row.item.record.as_ref().map(|r| r.division.as_str()).unwrap_or_default();
    finding.of(&list.def.form, division, &row.item.item.key).arg("item_name", &*row.item.item.name)
}
