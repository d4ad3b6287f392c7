//! What people call the forms, the answers of a form, and items, for whoever writes a name where a key is meant.

use std::collections::BTreeSet;

use super::Templates;
use crate::model::{CodeLists, FieldType, Form, Item, Offers, Slot};
use crate::normalise::text;

/// Likeness from which a name is suggested for one that is nowhere.
const ALIKE: f64 = 0.5;

/// What a text was found to mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// This key.
    Key(String),
    /// Several things of that name; what each is called.
    Several(Vec<String>),
    /// Nothing; what is called most alike.
    Nothing(Option<String>),
}

impl Meant {
    /// The key, where there is one.
    #[must_use]
    pub fn key(self) -> Option<String> {
        match self {
            Self::Key(key) => Some(key),
            _ => None,
        }
    }
}

/// Something that can be meant, with its names from the surest to the loosest.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The key.
    pub key: String,
    /// What it is called where it must be told from all others.
    pub printed: String,
    names: [Vec<String>; 4],
}

/// What a text means among these.
#[must_use]
pub fn meant(typed: &str, among: &[Candidate]) -> Meant {
    let wanted = text::key(typed);
    if let Some(one) = among.iter().find(|c| text::key(&c.key) == wanted) {
        return Meant::Key(one.key.clone());
    }
    for rank in 0..4 {
        let named = |c: &&Candidate| c.names[rank].iter().any(|n| text::key(n) == wanted);
        let found: Vec<&Candidate> = among.iter().filter(named).collect();
        let keys: BTreeSet<&str> = found.iter().map(|c| c.key.as_str()).collect();
        match (found.first(), keys.len()) {
            (None, _) => {}
            (Some(one), 1) => return Meant::Key(one.key.clone()),
            _ => return Meant::Several(found.iter().map(|c| c.printed.clone()).collect()),
        }
    }
    let likeness = |c: &Candidate| strsim::normalized_levenshtein(&wanted, &text::key(&c.printed));
    let best = among.iter().map(|c| (likeness(c), &c.printed)).filter(|(l, _)| *l >= ALIKE);
    Meant::Nothing(best.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, printed)| printed.clone()))
}

/// The form that an id or a title means.
#[must_use]
pub fn form<'a>(templates: &'a Templates, typed: &str) -> Option<&'a Form> {
    let wanted = text::key(typed);
    let known = || templates.asked();
    known().find(|f| f.id == typed).or_else(|| {
        let last = |f: &&Form| f.title.split_whitespace().last().is_some_and(|word| text::key(word) == wanted);
        let titled = known().find(|f| [&f.id, &f.title].into_iter().any(|n| text::key(n) == wanted));
        titled.or_else(|| known().find(last))
    })
}

/// The answers that may be meant: those of one form, or of all.
#[must_use]
pub fn fields(templates: &Templates, form: Option<&Form>, wanted: Offers) -> Vec<Candidate> {
    let forms: Vec<&Form> = form.map_or_else(|| templates.asked().collect(), |f| vec![f]);
    forms.into_iter().flat_map(|f| of_form(f, &templates.lists, wanted)).collect()
}

/// What a drop-down offers: the printed names, each once.
#[must_use]
pub fn offered(templates: &Templates, offers: Offers) -> Vec<String> {
    let mut names: Vec<String> = match offers {
        Offers::Forms => templates.asked().map(|f| f.title.clone()).collect(),
        Offers::Findings => templates.catalogue.iter().map(|e| e.code.clone()).collect(),
        Offers::Items => {
            let rosters = templates.asked().filter_map(|f| templates.lists.get(f.roster.as_ref()?));
            rosters.flat_map(|l| &l.codes).map(|c| format!("{} {}", c.code, c.name)).collect()
        }
        Offers::Fields | Offers::DateFields | Offers::CommonFields => {
            fields(templates, None, offers).into_iter().map(|c| c.printed).collect()
        }
        Offers::CommonValues => {
            let slots = templates.asked().flat_map(|f| f.slots(&templates.lists));
            let lists = slots.filter(Slot::is_common).filter_map(|s| templates.lists.get(s.field.codes.as_ref()?));
            lists.flat_map(|l| &l.codes).map(|c| c.name.clone()).collect()
        }
        Offers::Divisions => Vec::new(),
    };
    let mut seen = BTreeSet::new();
    names.retain(|n| seen.insert(n.clone()));
    names
}

fn of_form(form: &Form, lists: &CodeLists, wanted: Offers) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    let fits = |s: &Slot<'_>| match wanted {
        Offers::CommonFields => s.is_common(),
        Offers::DateFields => s.field.kind == FieldType::Date,
        _ => true,
    };
    let mut rows: BTreeSet<(String, String)> = BTreeSet::new();
    for slot in form.slots(lists).into_iter().filter(fits) {
        // A row is its first answer.
        let first = slot.row.is_some_and(|r| rows.insert((slot.block.id.clone(), r.code.clone())));
        if let Some((column, true)) = slot.row.map(|_| (&slot.field.id, wanted == Offers::Fields))
            && all.iter().all(|c| c.key != *column)
        {
            all.push(candidate(column.clone(), slot.field.printed(), [vec![], vec![slot.field.label.clone()]]));
        }
        all.push(of_slot(&slot, first));
    }
    all
}

fn of_slot(slot: &Slot<'_>, first: bool) -> Candidate {
    let (field, key) = (slot.field, slot.key());
    let Some((number, name)) = slot.row_names() else {
        let mut it = candidate(key, field.printed(), [vec![slot.label()], vec![field.printed(), field.label.clone()]]);
        it.names[2].clone_from(&field.aliases);
        return it;
    };
    let row = format!("{number} {name}");
    let printed = if first { row.trim().to_string() } else { format!("{}の{}", row.trim(), field.label) };
    let mut it =
        candidate(key, printed.clone(), [vec![slot.label(), printed], vec![format!("{row}の{}", field.label)]]);
    if first {
        it.names[1].push(row);
        it.names[2] = vec![number.to_string(), name.to_string()];
        it.names[3] = slot.row.map(|r| r.aliases.clone()).unwrap_or_default();
    }
    it
}

/// What an answer is called where it must be told from all others of its form: in a row that the form numbers, by the row.
#[must_use]
pub fn called(slot: &Slot<'_>) -> String {
    slot.row_names()
        .map_or_else(|| slot.field.printed(), |(number, name)| format!("{number} {name}").trim().to_string())
}

fn candidate(key: String, printed: String, [surest, next]: [Vec<String>; 2]) -> Candidate {
    Candidate { key, printed, names: [surest, next, Vec::new(), Vec::new()] }
}

impl Candidate {
    /// An item, by its number, its name, and other names.
    #[must_use]
    pub fn item(item: &Item) -> Self {
        let printed = format!("{} {}", item.key, item.name);
        let mut it =
            candidate(item.key.clone(), printed.clone(), [vec![item.name.clone(), printed], item.aliases.clone()]);
        // 0101 and 101 are one number.
        it.names[2].push(item.key.trim_start_matches('0').to_string());
        it
    }
}
