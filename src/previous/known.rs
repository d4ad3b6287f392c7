//! What is known from all earlier rounds together: of each answer the newest, whoever missed a round.

use std::collections::{BTreeMap, BTreeSet};

use crate::forms::Templates;
use crate::model::{Division, EarlierRound, Form, Role, Round, Told};
use crate::normalise::text::other_year;

/// Form, item and answer key.
pub type Whose = (String, String, String);

/// What each answer is called now, by form and key.
fn labels(templates: &Templates) -> BTreeMap<(String, String), String> {
    let of_form = |form: &Form| -> Vec<((String, String), String)> {
        let slots = form.slots(&templates.lists);
        slots.iter().map(|s| ((form.id.clone(), s.key()), s.label())).collect()
    };
    templates.asked().flat_map(of_form).collect()
}

/// The newest answer to everything that was asked before.
#[derive(Debug, Default)]
pub struct Known {
    /// Answers about items.
    pub told: BTreeMap<Whose, Told>,
    /// What was told of another year and is asked anew: form and answer key.
    pub renewed: BTreeSet<(String, String)>,
    /// Answers on cards, by form, division and answer key.
    pub cards: BTreeMap<(String, String, String), Told>,
    /// Forms that were asked before.
    pub forms: BTreeSet<String>,
    /// The items that a division had when it last answered a form, by form and the division's code of that time.
    pub items: BTreeMap<(String, String), BTreeSet<String>>,
    /// Names of divisions by their code, as they were called last.
    names: BTreeMap<String, String>,
}

impl Known {
    /// Rounds come newest first. An answer is whatever was written: 未定 takes the place of an older date, a blank of nothing. What
    /// was answered under the heading of another year (令和3年度の件数) is no answer to what is asked now.
    #[must_use]
    pub fn of(rounds: &[EarlierRound], templates: &Templates) -> Self {
        let mut known = Self::default();
        let labels = labels(templates);
        for round in rounds {
            let stale: BTreeSet<&(String, String)> = round
                .previous
                .fields
                .iter()
                .filter(|(whose, label)| labels.get(*whose).is_some_and(|now| other_year(label, now)))
                .map(|(whose, _)| whose)
                .collect();
            let mut here: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
            for ((form, division, _), _) in round.cards.iter().filter(|(_, t)| t.says()) {
                here.entry((form.clone(), division.clone())).or_default();
            }
            for ((form, item, key), told) in round.previous.answers.iter().filter(|(_, t)| t.says()) {
                here.entry((form.clone(), told.division.clone())).or_default().insert(item.clone());
                let whose = (form.clone(), key.clone());
                if stale.contains(&whose) {
                    known.renewed.insert(whose);
                    continue;
                }
                known.told.entry((form.clone(), item.clone(), key.clone())).or_insert_with(|| told.clone());
            }
            for (whose, told) in round.cards.iter().filter(|(_, t)| t.says()) {
                known.cards.entry(whose.clone()).or_insert_with(|| told.clone());
            }
            known.forms.extend(round.previous.divisions.keys().map(|(form, _)| form.clone()));
            // What a division no longer lists, it has taken off its list.
            for (whose, items) in here {
                known.items.entry(whose).or_insert(items);
            }
            for (code, name) in round.previous.divisions.values().filter(|(code, _)| !code.is_empty()) {
                known.names.entry(code.clone()).or_insert_with(|| name.clone());
            }
        }
        known
    }

    /// The codes under which a division answered: its own, and those of the divisions that became part of it.
    pub fn codes<'a>(&'a self, division: &'a Division, round: &Round) -> Vec<&'a str> {
        let gone = self.names.keys().map(String::as_str).filter(|code| round.division(code).is_none());
        let heirs = gone.filter(|code| self.went_to(code, division));
        std::iter::once(division.code.as_str()).chain(heirs).collect()
    }

    /// Whether a division that there is no longer went to this one: its name or its code is a former name.
    fn went_to(&self, code: &str, division: &Division) -> bool {
        let name = self.names.get(code).map_or("", String::as_str);
        division.former_names.iter().any(|f| f == code || (!name.is_empty() && f == name))
            || (!name.is_empty() && division.name == name)
    }

    /// An item that a division added, by its number and the name it was given.
    #[must_use]
    pub fn name_of(&self, form: &str, item: &str, templates: &Templates) -> String {
        let field = templates.forms.get(form).and_then(|f| f.field_with(Role::ItemName));
        let key = field.map(|f| f.answer_key("")).unwrap_or_default();
        let told = self.told.get(&(form.to_string(), item.to_string(), key));
        told.map_or_else(|| item.to_string(), |t| format!("{item} {}", t.raw.trim()))
    }

    /// The items that the divisions add themselves and whose division there is no longer, with nobody in its place: form, name of
    /// the division, items. `adds` says whether divisions add the items of a form.
    #[must_use]
    pub fn orphans(&self, round: &Round, adds: &dyn Fn(&str) -> bool) -> Vec<(String, String, Vec<String>)> {
        let alone =
            |code: &str| round.division(code).is_none() && !round.divisions.iter().any(|d| self.went_to(code, d));
        let left = self.items.iter().filter(|((form, code), items)| adds(form) && !items.is_empty() && alone(code));
        // Somebody else may have answered for one of them since.
        let taken = |form: &str, item: &String| {
            self.items.iter().any(|((f, code), items)| f == form && !alone(code) && items.contains(item))
        };
        let told = left.map(|((form, code), items)| {
            let items: Vec<String> = items.iter().filter(|i| !taken(form, i)).cloned().collect();
            (form.clone(), self.names.get(code).unwrap_or(code).clone(), items)
        });
        told.filter(|(.., items)| !items.is_empty()).collect()
    }
}
