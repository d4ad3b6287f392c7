//! Items that went from one division to another (前所管課コード, 移管日): whose they are on the day that a form asks about.

use crate::forms::Templates;
use crate::model::date::wareki;
use crate::model::{Finding, Round};

/// Until the day of its move an item is its former owner's. Gives what is to be said of those that are taken so.
pub(super) fn not_yet(round: &mut Round, templates: &Templates) -> Vec<Finding> {
    let mut told = Vec::new();
    let Round { rosters, forms, divisions, .. } = round;
    let name = |code: &str| divisions.iter().find(|d| d.code == code).map(|d| d.name.clone());
    for (roster, items) in rosters {
        let asked = templates.asked().filter(|f| f.roster.as_ref() == Some(roster));
        let days = asked.filter_map(|f| Some((f, forms.get(&f.id)?.as_of)));
        let Some((form, as_of)) = days.max_by_key(|(_, day)| *day) else { continue };
        for item in items {
            let moved = item.moved_on.filter(|day| *day > as_of);
            let Some((moved, former)) = moved.zip(item.came_from()) else { continue };
            let Some((was, is)) = name(former).zip(item.owner.as_deref().and_then(name)) else { continue };
            let finding = Finding::new("X240I").of(&form.id, former, &item.key);
            let finding = finding.given(wareki(moved)).expected(wareki(as_of)).arg("former", was).arg("owner", is);
            told.push(Finding { place: item.place.clone(), ..finding });
            item.owner = item.former_owner.take();
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

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
