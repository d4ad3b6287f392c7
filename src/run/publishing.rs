//! The command `publish`: from the round as it lies there to the lists below 結果/公表/.

use std::path::Path;

use super::{Options, Stop, as_of_label, bring_together};
use crate::discover::{self, PUBLIC, RESULTS};
use crate::error::Error;
use crate::fill;
use crate::forms::Templates;
use crate::made_from;
use crate::model::Round;
use crate::model::ledger::Ledger;
use crate::output::{self, Job, Placed};
use crate::publish::{self, Published, Wishes};
use crate::write::Output;

/// What `publish` did.
pub struct Publishing {
    /// Everything that was brought together, with what the gate found.
    pub ledger: Ledger,
    /// What became of each publication.
    pub published: Vec<Published>,
    /// What was written below 結果/公表/; nothing when the gate refused.
    pub outputs: Vec<Output>,
    /// How the files were put in place; `None` when the gate refused one of them and nothing was touched.
    pub placed: Option<Placed>,
}

/// Publishes the lists of `templates/publish/` into 結果/公表/, from what lies in the round now; the other results stay.
///
/// # Errors
/// When the folder is no round, the settings have errors, there is nothing to publish, or the files cannot be written.
pub fn publish(dir: &Path, templates: &Templates, options: &Options, cp932: bool) -> Result<Publishing, Stop> {
    let mut ledger = bring_together(dir, templates, options)?;
    let folder = dir.join(RESULTS).join(PUBLIC);
    if folder.is_dir() {
        output::finish(&folder)?;
    }
    let wishes = Wishes { cp932, last_heads: discover::headers(&folder) };
    let published = publish::publish(&ledger, templates, &wishes);
    let published = published.map_err(|e| output::with_standing(&folder, e.into()))?;
    let refused = published.iter().any(Published::refused);
    if !refused {
        let some = published.iter().try_for_each(|p| something_to_publish(p, &ledger.round));
        some.map_err(|e| output::with_standing(&folder, e))?;
    }
    if published.is_empty() {
        return Err(Error::new(
            "公表する一覧がありません。",
            "公表の定義（templates/publish）にある様式が、この調査回で聞かれているかどうかを、調査設定の「基本」で確かめてください。",
        )
        .into());
    }
    let mut outputs: Vec<Output> = published.iter().flat_map(|p| p.outputs.iter().cloned()).collect();
    outputs.push(publish::record(&published));
    fill::tidy(&mut outputs);
    let label = as_of_label(&ledger.round, options.today);
    let inputs = made_from::inputs(dir, &ledger.round, &ledger.submissions, options);
    let job = Job { inputs: Some(&inputs), ..made_from::job(&ledger.round, &label, &outputs) };
    let placed = (!refused).then(|| output::place_as(&folder, &job)).transpose()?;
    let outputs = if refused { Vec::new() } else { outputs };
    ledger.findings.extend(published.iter().flat_map(|p| p.gate.iter().chain(&p.files)).cloned());
    Ok(Publishing { ledger, published, outputs, placed })
}

/// An empty list would silently take the place of the last one.
fn something_to_publish(p: &Published, round: &Round) -> Result<(), Error> {
    if p.count > 0 {
        return Ok(());
    }
    let held = p.withheld.iter().map(|w| {
        let division = w.division.as_deref().map(|d| round.division_name(d)).unwrap_or_default();
        format!("\n    {} {}（{division}）: {}", w.item, w.name, w.reason)
    });
    let held: String = held.collect();
    Err(Error::new(
        format!("「{}」に載せるものがありません。", p.title),
        if held.is_empty() {
            "回答が届いてから、もう一度実行してください。".into()
        } else {
            format!("公表しなかったもの:{held}")
        },
    ))
}
