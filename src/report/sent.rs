//! What was sent, in the object of `--format json`.

use serde_json::{Value as Json, json};

use super::json::{place, some};
use crate::model::reported::Reported;

/// A report, with what would have to be corrected.
pub(super) fn json(r: &Reported) -> Json {
    let files = r.files.iter().map(|f| {
        json!({"path": f.file, "sha256": some(&f.sha256), "state": f.state.id(), "read_as": some(&f.title), "compared": f.compared})
    });
    let corrections = r.corrections.iter().map(|c| {
        json!({"file": c.file, "sheet": c.sheet, "cell": c.cell.to_string(), "read_as": c.title, "form": some(&c.form), "item": some(&c.item),
               "label": c.label, "reported": some(&c.reported), "current": some(&c.current), "unsettled": some(&c.unsettled),
               "difference": c.difference, "division": some(&c.division), "source": c.source.as_ref().map(place)})
    });
    json!({"folder": some(&r.folder), "to": r.to, "on": r.on, "frozen": r.frozen, "files": files.collect::<Vec<_>>(),
           "corrections": corrections.collect::<Vec<_>>()})
}
