//! What lies on a sheet of an .xlsx or .xlsb, by the parts that belong to it.

use super::anchor::Sizes;
use super::controls;
use super::drawing::{self, MAX_FLOATS};
use super::guard::{Budget, Refusal};
use super::package::Package;
use crate::model::grid::Float;

/// Reads the drawings and controls of the sheet in a part; `text` is the part where it is XML, empty elsewhere. A sheet without
/// drawings costs a look at its relations.
///
/// # Errors
/// [`Refusal::TooLarge`] when the texts of the workbook pass their limit. What is damaged is told by the general pass.
pub(super) fn read(
    package: &mut Package<'_>,
    part: &str,
    text: &str,
    budget: &mut Budget<'_>,
) -> Result<Vec<Float>, Refusal> {
    let relations = package.relations(part);
    let drawn = |kind: &str| ["/drawing", "/vmlDrawing", "/ctrlProp", "/control"].iter().any(|k| kind.ends_with(k));
    if !relations.iter().any(|r| drawn(&r.kind)) {
        return Ok(Vec::new());
    }
    let mut floats = Vec::new();
    let mut sizes = None;
    let controls = controls::read(package, &relations, text);
    for relation in relations.iter().filter(|r| r.kind.ends_with("/drawing") && !r.external) {
        let Some(xml) = optional(package.text(&relation.target))? else { continue };
        // A control is drawn there a second time, under its own number.
        let stands_in = |id: Option<u32>| id.is_some_and(|id| controls.iter().any(|c| c.shape == Some(id)));
        for mut found in drawing::parse(&xml).into_iter().filter(|f| !stands_in(f.id)) {
            if let Some(id) = found.diagram.take() {
                let data = package.relations(&relation.target).into_iter().find(|r| r.id == id && !r.external);
                let data = data.map(|r| optional(package.text(&r.target))).transpose()?.flatten();
                found.text = data.map(|data| drawing::diagram(&data)).unwrap_or_default();
            }
            let area = sizes.get_or_insert_with(|| Sizes::read(text)).area(found.anchor);
            floats.push(Float { area, kind: found.kind, text: found.text, linked: None });
        }
    }
    for control in controls {
        let Some((kind, text_of)) = control.told() else { continue };
        let area = control.anchor.and_then(|a| sizes.get_or_insert_with(|| Sizes::read(text)).area(a));
        floats.push(Float { area, kind, text: text_of, linked: control.linked });
    }
    floats.truncate(MAX_FLOATS);
    budget.text(floats.iter().map(|f| f.text.len()).sum())?;
    Ok(floats)
}

/// A part that may be damaged or missing.
fn optional(part: Result<Option<String>, Refusal>) -> Result<Option<String>, Refusal> {
    match part {
        Err(Refusal::Damaged { .. }) => Ok(None),
        other => other,
    }
}
