//! What a finding's form, field and item are called by people; and its sentence and remedy with these words filled in.

use super::Templates;
use crate::model::finding::{FIELD_NAME, ITEM_NAME};
use crate::model::{Finding, Round, Slot};

/// Names for people.
#[derive(Clone, Copy)]
pub struct Words<'a> {
    /// Definitions.
    pub templates: &'a Templates,
    /// The round, for items and divisions.
    pub round: &'a Round,
}

impl Words<'_> {
    /// The label of a field of a form; the key itself when the form does not know it.
    #[must_use]
    pub fn field_of(&self, form: &str, key: &str) -> String {
        let Some(form) = self.templates.forms.get(form) else { return key.to_string() };
        let slots = form.slots(&self.templates.lists);
        let by_key = slots.iter().find(|s| s.key() == key).map(Slot::label);
        // A header that is missing is named by the field's id, which no row has as its key.
        let by_id = || slots.iter().find(|s| s.field.id == key).map(|s| s.field.printed());
        by_key.or_else(by_id).unwrap_or_else(|| key.to_string())
    }

    /// The name of an item of a form; its key when it is unknown.
    #[must_use]
    pub fn item_of(&self, form: &str, key: &str) -> String {
        let roster = self.templates.forms.get(form).and_then(|f| f.roster.as_deref());
        let item = self.round.item(roster, key);
        let listed =
            || roster.and_then(|r| self.templates.lists.get(r)).and_then(|l| l.get(key)).map(|c| c.name.clone());
        item.map(|i| i.name.clone()).or_else(listed).unwrap_or_else(|| key.to_string())
    }

    /// The title of a form.
    #[must_use]
    pub fn form<'b>(&'b self, id: &'b str) -> &'b str {
        self.templates.forms.get(id).map_or(id, |f| f.title.as_str())
    }

    /// The field a finding is about, in words; empty when it is about none.
    #[must_use]
    pub fn field(&self, f: &Finding) -> String {
        let named = f.args.get(FIELD_NAME).cloned();
        let looked_up = || Some(self.field_of(f.form.as_deref()?, f.field.as_deref()?));
        named.or_else(looked_up).unwrap_or_default()
    }

    /// The item a finding is about, in words; empty when it is about none.
    #[must_use]
    pub fn item(&self, f: &Finding) -> String {
        let named = f.args.get(ITEM_NAME).cloned();
        let looked_up = || Some(self.item_of(f.form.as_deref()?, f.item.as_deref()?));
        named.or_else(looked_up).unwrap_or_default()
    }

    /// The sentence of a finding.
    #[must_use]
    pub fn sentence(&self, f: &Finding) -> String {
        self.templates.catalogue.sentence(f, &self.field(f), &self.item(f))
    }

    /// The remedy of a finding.
    #[must_use]
    pub fn remedy(&self, f: &Finding) -> String {
        self.templates.catalogue.remedy(f, &self.field(f), &self.item(f))
    }
}
