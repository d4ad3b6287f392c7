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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::round::FormRound;
    use crate::model::{Division, Item};

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2022, month, day).expect("a day")
    }

    /// The owner of an item that goes from 2 to 1 on a day, in a round of 31 October, and what is said.
    fn owner(templates: &Templates, moved_on: Option<NaiveDate>) -> (Option<String>, usize) {
        let form = templates.asked().find(|f| f.roster.is_some()).expect("a form with items");
        let roster = form.roster.clone().expect("its roster");
        let as_of = day(10, 31);
        let division = |code: &str| Division { code: code.into(), name: format!("{code}課"), ..Division::default() };
        let (owner, former_owner) = (Some("1".to_string()), Some("2".to_string()));
        let item = Item { key: "a".into(), owner, former_owner, moved_on, ..Item::default() };
        let of_form = FormRound { as_of, count_year: None, reply_deadline: as_of, asked: Vec::new() };
        let mut round = Round { divisions: vec![division("1"), division("2")], ..Round::default() };
        round.forms.insert(form.id.clone(), of_form);
        round.rosters.insert(roster.clone(), vec![item]);
        let told = not_yet(&mut round, templates).len();
        (round.rosters[&roster][0].owner.clone(), told)
    }

    #[test]
    fn until_the_day_of_its_move_an_item_is_its_former_owners() {
        let templates = Templates::load(&std::collections::BTreeMap::new()).expect("sound templates");
        assert_eq!(owner(&templates, Some(day(11, 1))), (Some("2".into()), 1));
        assert_eq!(owner(&templates, Some(day(10, 31))), (Some("1".into()), 0), "from that day on the new one's");
        assert_eq!(owner(&templates, None), (Some("1".into()), 0));
    }
}
