//! Checks `templates/brief.toml` against the other definitions: forms, fields, rates, codes, deadlines' placeholders — and
//! that no restricted field (関係課限り) stands in papers that go to everybody.

use std::collections::BTreeSet;

use super::load::{TemplateError, Templates, line_of};
use crate::model::brief::{BriefBlock, Topic};
use crate::model::master::{ChartOf, Column};
use crate::model::{Handling, Slot};

const FILE: &str = "brief.toml";

/// All errors of the papers' definition.
#[must_use]
pub fn lint(t: &Templates) -> Vec<TemplateError> {
    let mut errors = Vec::new();
    let ids: BTreeSet<&str> = t.brief.topics.iter().map(|t| t.id.as_str()).collect();
    for topic in &t.brief.topics {
        let mut said: Vec<(String, String)> = Vec::new();
        if let Some(form) = &topic.form
            && !t.forms.contains_key(form)
        {
            said.push((form.clone(), format!("様式「{form}」がありません。")));
        }
        for block in &topic.blocks {
            one(t, topic, block, &ids, &mut said);
        }
        errors.extend(said.into_iter().map(|(near, message)| TemplateError {
            file: FILE.to_string(),
            line: t.sources.get(FILE).and_then(|text| line_of(text, &near)),
            message,
        }));
    }
    errors
}

fn one(t: &Templates, topic: &Topic, block: &BriefBlock, ids: &BTreeSet<&str>, said: &mut Vec<(String, String)>) {
    let form = topic.form.as_deref().unwrap_or_default();
    let mut rates: Vec<&str> = Vec::new();
    match block {
        BriefBlock::Text { text } | BriefBlock::Heading { text } => {
            let named = text.split("{topic:").skip(1).filter_map(|rest| rest.split('}').next());
            let unknown = named.filter(|id| !ids.contains(id));
            said.extend(unknown.map(|id| (id.to_string(), format!("題目「{id}」がありません。"))));
        }
        BriefBlock::Rates { rates: r } => rates.extend(r.iter().map(String::as_str)),
        BriefBlock::ByOwner { rate } => rates.extend(rate.as_deref()),
        BriefBlock::Bars { of, .. } => match of {
            ChartOf::Replies {} => {}
            ChartOf::Rates { parts, .. } => rates.extend(parts.iter().map(|p| p.rate.as_str())),
            ChartOf::Counts { form, field, .. } => fields(t, form, &[field], said),
        },
        BriefBlock::Items { columns, found, .. } => {
            let unknown = found.iter().filter(|c| t.catalogue.get(c).is_none());
            said.extend(unknown.map(|c| (c.clone(), format!("指摘コード「{c}」が一覧にありません。"))));
            rates.extend(columns.iter().filter_map(|c: &Column| c.rate.as_deref()));
            let named: Vec<&str> =
                columns.iter().flat_map(|c| c.field.iter().chain(&c.or_field)).map(String::as_str).collect();
            fields(t, form, &named, said);
        }
        BriefBlock::Lines { .. } | BriefBlock::Schedule { .. } => {}
    }
    for rate in rates.into_iter().filter(|r| !t.rates.iter().any(|d| d.id == **r)) {
        said.push((rate.to_string(), format!("率「{rate}」が rates.toml にありません。")));
    }
}

/// Fields that the form does not have, and those that may not stand here.
fn fields(t: &Templates, form: &str, named: &[&str], said: &mut Vec<(String, String)>) {
    let Some(form) = t.forms.get(form) else { return };
    let slots = form.slots(&t.lists);
    for key in named {
        let near = format!("\"{key}\"");
        match slots.iter().find(|s: &&Slot<'_>| s.key() == *key) {
            None => said.push((near, format!("様式「{}」に項目「{key}」がありません。", form.id))),
            Some(slot) if slot.field.handling == Handling::Restricted => {
                said.push((near, format!("項目「{key}」は関係課限りのため、会議の資料に載せられません。")));
            }
            Some(_) => {}
        }
    }
}
