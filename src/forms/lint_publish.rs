//! Checks `templates/publish/*.toml` against the forms: every column names something that is there, and no field that is not
//! 公表可 stands on an allow list.

use std::collections::{BTreeMap, BTreeSet};

use super::load::{TemplateError, Templates, line_of};
use crate::model::publication::{PublicColumn, Publication};
use crate::model::{Form, Handling, Predicate, Slot};

/// All errors of the publications.
#[must_use]
pub fn lint(t: &Templates) -> Vec<TemplateError> {
    let mut errors = Vec::new();
    let mut files = BTreeSet::new();
    for p in t.publications.values() {
        let mut said = Vec::new();
        if !files.insert(p.file.as_str()) {
            said.push((p.file.clone(), format!("ファイル名「{}」が、ほかの公表の定義と重なっています。", p.file)));
        }
        if !t.sources.contains_key(&page_path(p)) {
            said.push((p.page.clone(), format!("ページのひな形「{}」がありません。", page_path(p))));
        }
        match t.forms.get(&p.form) {
            Some(form) => one(t, p, form, &mut said),
            None => said.push((p.form.clone(), format!("様式「{}」がありません。", p.form))),
        }
        let file = format!("publish/{}.toml", p.id);
        errors.extend(said.into_iter().map(|(near, message)| TemplateError {
            line: t.sources.get(&file).and_then(|text| line_of(text, &near)),
            file: file.clone(),
            message,
        }));
    }
    errors
}

/// Where a publication's page stands below `templates/`.
#[must_use]
pub fn page_path(p: &Publication) -> String {
    format!("publish/{}", p.page)
}

fn one(t: &Templates, p: &Publication, form: &Form, said: &mut Vec<(String, String)>) {
    let slots = form.slots(&t.lists);
    let keys: BTreeMap<String, &Slot<'_>> = slots.iter().map(|s| (s.key(), s)).collect();
    let mut need = |key: &str| {
        if !keys.contains_key(key) {
            said.push((format!("\"{key}\""), format!("様式「{}」に項目「{key}」がありません。", form.id)));
        }
    };
    p.consent.iter().for_each(|c| need(&c.field));
    p.group.iter().for_each(|g| need(&g.field));
    let marks = p.columns.iter().filter_map(|c| c.mark.as_ref()).map(|m| &m.when);
    p.only.iter().chain(marks).for_each(|when: &Predicate| when.fields(&mut need));
    let mut seen = BTreeSet::new();
    for column in &p.columns {
        for name in [&column.key, &column.label] {
            if !seen.insert(name.as_str()) {
                said.push((format!("\"{name}\""), format!("列「{name}」が重なっています。")));
            }
        }
        said.extend(column_errors(t, form, &keys, column).map(|m| (format!("key = \"{}\"", column.key), m)));
    }
    if let Some(slot) = p.group.as_ref().and_then(|g| keys.get(&g.field)) {
        said.extend(not_public(slot).map(|m| ("[group]".to_string(), m)));
    }
    if p.columns.iter().filter(|c| c.heading).count() != 1 {
        said.push(("[[column]]".to_string(), "heading = true の列を一つだけ置いてください。".to_string()));
    }
}

fn column_errors(
    t: &Templates,
    form: &Form,
    keys: &BTreeMap<String, &Slot<'_>>,
    column: &PublicColumn,
) -> Option<String> {
    let sources = [column.field.is_some(), column.attr.is_some(), column.mark.is_some()];
    if sources.into_iter().filter(|s| *s).count() != 1 {
        return Some(format!("列「{}」には field, attr, mark のどれか一つだけを書いてください。", column.label));
    }
    let pattern = column.field.as_deref()?;
    let found = form.expand(pattern, &t.lists);
    match &column.over {
        None if pattern.contains('*') => {
            return Some(format!("列「{}」には、行のコード表を示す over が必要です。", column.label));
        }
        Some(list) if !t.lists.contains_key(list) => return Some(format!("コード表「{list}」がありません。")),
        _ => {}
    }
    let slots: Vec<&&Slot<'_>> = found.iter().filter_map(|k| keys.get(k)).collect();
    if slots.is_empty() {
        return Some(format!("様式「{}」に項目「{pattern}」がありません。", form.id));
    }
    slots.into_iter().find_map(|s| not_public(s))
}

fn not_public(slot: &Slot<'_>) -> Option<String> {
    let handling = slot.field.handling;
    (handling != Handling::Public).then(|| format!("項目「{}」の取扱区分は公表可ではありません。", slot.label()))
}
