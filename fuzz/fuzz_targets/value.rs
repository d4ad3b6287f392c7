//! Any text as an answer of every kind of field.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::NaiveDate;
use libfuzzer_sys::fuzz_target;
use torimatome::forms::Templates;
use torimatome::model::Field;
use torimatome::model::grid::Cell;
use torimatome::normalise::{Context, normalise};

static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| Templates::embedded().expect("sound templates"));

/// One field of each kind and list of codes: others of the kind are read alike.
static FIELDS: LazyLock<Vec<&'static Field>> = LazyLock::new(|| {
    let all = TEMPLATES.asked().flat_map(|f| &f.sheets).flat_map(|s| &s.blocks).flat_map(|b| &b.fields);
    let mut fields: BTreeMap<String, &Field> = BTreeMap::new();
    for field in all {
        fields.entry(format!("{:?}{:?}", field.kind, field.codes)).or_insert(field);
    }
    fields.into_values().collect()
});

fuzz_target!(|text: &str| {
    let as_of = NaiveDate::from_ymd_opt(2022, 10, 31).expect("a day");
    let context = Context { as_of, date1904: false, codes: &TEMPLATES.lists };
    let cell = Cell::text(text);
    for field in &*FIELDS {
        let _ = normalise(&cell, field, &context);
    }
});
