//! Items that went from one division to another (前所管課コード, 移管日): whose they are on the day that a form asks about.

use chrono::NaiveDate;

use crate::forms::Templates;
use crate::model::date::wareki;
use crate::model::{Finding, Round};

/// Until the day of its move an item is its former owner's. Gives what is to be said of those that are taken so.
pub(super) fn not_yet(round: &mut Round, templates: &Templates) -> Vec<Finding> {
    let mut told = Vec::new();
    let as_of = |roster: &str| -> Option<(String, NaiveDate)> {
        let forms = templates.asked().filter(|f| f.roster.as_deref() == Some(roster));
        forms.filter_map(|f| Some((f.id.clone(), round.forms.get(&f.id)?.as_of))).max_by_key(|(_, day)| *day)
    };
    let days: Vec<(String, (String, NaiveDate))> =
        round.rosters.keys().filter_map(|id| Some((id.clone(), as_of(id)?))).collect();
    let name = |code: &str| round.division_name(code).to_string();
    let mut moves = Vec::new();
    for (roster, (form, as_of)) in &days {
        for (at, item) in round.rosters.get(roster).into_iter().flatten().enumerate() {
            let (Some(owner), Some(former), Some(moved)) = (&item.owner, &item.former_owner, item.moved_on) else {
                continue;
            };
            if owner == former || moved <= *as_of || round.division(former).is_none() {
                continue;
            }
            let mut finding =
                Finding::new("X240I").of(form, former, &item.key).given(wareki(moved)).expected(wareki(*as_of));
            finding.place.clone_from(&item.place);
            told.push(finding.arg("former", name(former)).arg("owner", name(owner)));
            moves.push((roster.clone(), at));
        }
    }
    for (roster, at) in moves {
        if let Some(item) = round.rosters.get_mut(&roster).and_then(|items| items.get_mut(at)) {
            item.owner = item.former_owner.take();
        }
    }
    told
}
