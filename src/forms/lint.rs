//! Checks the definitions against one another when they are loaded, so that a mistake in `templates/` is told
//! with file and line before a round is touched.

use std::collections::{BTreeMap, BTreeSet};

use super::load::{SETTINGS, TemplateError, Templates, line_of};
use crate::model::form::{AskedOf, BlockRole, FieldType, Form, Layout, Repeat};
use crate::model::master::{ChartOf, Column, MasterKind, MasterSheet, RateCount, Section};
use crate::model::{Check, Predicate, Slot};

/// All errors in the definitions, in no particular order.
#[must_use]
pub fn lint(t: &Templates) -> Vec<TemplateError> {
    let mut l = Lint { t, errors: Vec::new() };
    match t.settings() {
        None => l.say("forms/settings.toml", None, format!("様式「{SETTINGS}」がありません。")),
        Some(settings) => l.settings(settings),
    }
    for form in t.forms.values() {
        l.form(form);
    }
    for rate in &t.rates {
        l.rate(rate);
    }
    for sheet in &t.master {
        l.master(sheet);
    }
    for map in &t.national {
        l.national(map);
    }
    for entry in t.catalogue.iter() {
        l.code_shape(&entry.code);
    }
    l.errors.extend(super::lint_brief::lint(t));
    l.errors.extend(super::lint_publish::lint(t));
    l.errors.extend(super::lint_survey::lint(t));
    l.errors
}

pub(super) struct Lint<'a> {
    pub(super) t: &'a Templates,
    errors: Vec<TemplateError>,
}

impl Lint<'_> {
    /// Notes an error; the line is where `near` first stands in the file.
    pub(super) fn say(&mut self, file: &str, near: Option<&str>, message: String) {
        let line = near.and_then(|n| self.t.sources.get(file).and_then(|text| line_of(text, n)));
        self.errors.push(TemplateError { file: file.to_string(), line, message });
    }

    fn code_shape(&mut self, code: &str) {
        let b = code.as_bytes();
        let good = b.len() == 5
            && b"SFRXDQ".contains(&b[0])
            && b[1..4].iter().all(u8::is_ascii_digit)
            && b"EWI".contains(&b[4]);
        if !good {
            self.say("findings.toml", Some(code), format!("指摘コード「{code}」の形が正しくありません。"));
        }
    }

    fn settings(&mut self, settings: &Form) {
        let roles: Vec<BlockRole> = settings.sheets.iter().flat_map(|s| &s.blocks).filter_map(|b| b.role).collect();
        for needed in
            [BlockRole::Round, BlockRole::Forms, BlockRole::Deadlines, BlockRole::Divisions, BlockRole::Roster]
        {
            if !roles.contains(&needed) {
                self.say("forms/settings.toml", None, format!("役割 {needed:?} の表がありません。"));
            }
        }
    }

    fn form(&mut self, form: &Form) {
        let file = format!("forms/{}.toml", form.id);
        if let Some(roster) = form.roster.as_ref().filter(|_| form.asked_of == AskedOf::Owners) {
            let known = self.t.settings().is_some_and(|s| {
                s.sheets.iter().flat_map(|s| &s.blocks).any(|b| b.role == Some(BlockRole::Roster) && &b.id == roster)
            });
            if !known {
                self.say(&file, Some("roster"), format!("名簿「{roster}」が調査設定の様式にありません。"));
            }
        }
        let mut ids = BTreeSet::new();
        for sheet in &form.sheets {
            for block in &sheet.blocks {
                if !ids.insert(format!("block {}", block.id)) {
                    self.say(
                        &file,
                        Some(&format!("\"{}\"", block.id)),
                        format!("ブロック「{}」が重なっています。", block.id),
                    );
                }
                if let Some(list) = &block.rows.codes
                    && !self.t.lists.contains_key(list)
                {
                    self.say(&file, Some(list), format!("行のコード表「{list}」がありません。"));
                }
                for field in &block.fields {
                    let near = format!("id = \"{}\"", field.id);
                    // Ids are unique per block in the settings, where every block is read on its own.
                    let scope = if form.id == SETTINGS { block.id.as_str() } else { "" };
                    if !ids.insert(format!("{scope}/{}", field.id)) {
                        self.say(&file, Some(&near), format!("項目「{}」が重なっています。", field.id));
                    }
                    let chooses = matches!(field.kind, FieldType::Choice | FieldType::Flag);
                    match &field.codes {
                        Some(list) if !self.t.lists.contains_key(list) => {
                            self.say(&file, Some(&near), format!("コード表「{list}」がありません。"));
                        }
                        None if chooses => self.say(&file, Some(&near), "選択肢のコード表がありません。".into()),
                        _ => {}
                    }
                    if let Some(p) = &field.prefill
                        && !prefill_is_known(p)
                    {
                        self.say(&file, Some(&near), format!("記入済みの値「{p}」の書き方が正しくありません。"));
                    }
                    let in_rows = sheet.repeat == Repeat::Item && block.layout == Layout::Table;
                    if in_rows && !field.locked && field.key.as_ref().is_none_or(|k| !k.contains("{row}")) {
                        self.say(&file, Some(&near), "行ごとの項目には {row} を含む key が必要です。".into());
                    }
                }
            }
        }
        self.rules(form, &file);
    }

    fn rules(&mut self, form: &Form, file: &str) {
        let slots = form.slots(&self.t.lists);
        let keys: BTreeMap<String, &Slot<'_>> = slots.iter().map(|s| (s.key(), s)).collect();
        for (slot, means) in slots.iter().filter_map(|s| Some((s, s.field.blank_means.as_ref()?))) {
            let own = Predicate::In { field: slot.key(), r#in: vec![means.code.clone()] };
            self.codes_in(&own, &keys, file);
            self.codes_in(&means.when, &keys, file);
        }
        for rule in &form.rules {
            let near = format!("\"{}\"", rule.code);
            if self.t.catalogue.get(&rule.code).is_none() {
                self.say(file, Some(&near), format!("指摘コード「{}」が一覧にありません。", rule.code));
            }
            let mut named: Vec<&str> = Vec::new();
            rule.check.fields(&mut |f| named.push(f));
            if let Some(when) = &rule.when {
                when.fields(&mut |f| named.push(f));
                self.codes_in(when, &keys, file);
            }
            if let Check::Must { that, .. } = &rule.check {
                self.codes_in(that, &keys, file);
            }
            for key in named {
                let found = if key.contains('*') {
                    !form.expand(key, &self.t.lists).is_empty()
                } else {
                    keys.contains_key(key)
                };
                if !found {
                    self.say(
                        file,
                        Some(&format!("\"{key}\"")),
                        format!("規則 {} の項目「{key}」がありません。", rule.code),
                    );
                }
            }
            let mut named: Vec<(&str, &[String])> = Vec::new();
            rule.check.codes(&mut |key, codes| named.push((key, codes)));
            for (pattern, codes) in named {
                // All rows of a pattern share one field.
                let field = form.expand(pattern, &self.t.lists).into_iter().next().unwrap_or_default();
                self.codes_in(&Predicate::In { field, r#in: codes.to_vec() }, &keys, file);
            }
            if let Check::Deadline { deadline, .. } | Check::MonthsLeft { deadline, .. } = &rule.check {
                self.deadline(file, deadline);
            }
        }
    }

    fn deadline(&mut self, file: &str, id: &str) {
        if self.t.lists.get("deadlines").is_none_or(|l| l.get(id).is_none()) {
            self.say(file, Some(&format!("\"{id}\"")), format!("期限ID「{id}」が codes/deadlines.csv にありません。"));
        }
    }

    /// Whether the codes that a predicate asks for are on the field's list.
    pub(super) fn codes_in(&mut self, p: &Predicate, keys: &BTreeMap<String, &Slot<'_>>, file: &str) {
        match p {
            Predicate::All { all: parts } | Predicate::Any { any: parts } => {
                parts.iter().for_each(|p| self.codes_in(p, keys, file));
            }
            Predicate::Not { not } => self.codes_in(not, keys, file),
            Predicate::In { field, r#in } => {
                let list = keys.get(field).and_then(|s| s.field.codes.as_ref()).and_then(|id| self.t.lists.get(id));
                for code in r#in.iter().filter(|c| list.is_none_or(|l| l.get(c).is_none())) {
                    self.say(
                        file,
                        Some(&format!("\"{code}\"")),
                        format!("項目「{field}」の選択肢に「{code}」がありません。"),
                    );
                }
            }
            Predicate::Meets { meets, .. } => self.deadline(file, meets),
            _ => {}
        }
    }

    fn rate(&mut self, rate: &crate::model::master::RateDef) {
        let file = "rates.toml";
        let near = format!("id = \"{}\"", rate.id);
        let Some(form) = self.t.forms.get(&rate.form) else {
            self.say(file, Some(&near), format!("様式「{}」がありません。", rate.form));
            return;
        };
        let slots = form.slots(&self.t.lists);
        let keys: BTreeMap<String, &Slot<'_>> = slots.iter().map(|s| (s.key(), s)).collect();
        match &rate.count {
            RateCount::MeanOfItems { fields, .. } => {
                if form.expand(fields, &self.t.lists).is_empty() {
                    self.say(file, Some(&near), format!("項目「{fields}」がありません。"));
                }
            }
            RateCount::ShareOfItems { population, except, numerator, needs, .. } => {
                for p in population.iter().chain(except).chain([numerator]) {
                    self.codes_in(p, &keys, file);
                    let mut named = Vec::new();
                    p.fields(&mut |f| named.push(f));
                    for key in named.into_iter().filter(|k| !keys.contains_key(*k)) {
                        self.say(file, Some(&near), format!("項目「{key}」がありません。"));
                    }
                }
                if let Some(needs) = needs.as_ref().filter(|n| !self.t.lists.contains_key(&n.list)) {
                    self.say(file, Some(&near), format!("コード表「{}」がありません。", needs.list));
                }
            }
        }
    }

    fn master(&mut self, sheet: &MasterSheet) {
        let file = format!("master/{}.toml", sheet.id);
        let rate_ids: BTreeSet<&str> = self.t.rates.iter().map(|r| r.id.as_str()).collect();
        let mut rates: Vec<&str> = Vec::new();
        let mut columns: &[Column] = &[];
        let mut forms: Vec<(&str, Vec<&str>)> = Vec::new();
        match &sheet.kind {
            MasterKind::List { columns: c } => columns = c,
            MasterKind::SideBySide { columns: c, date, done } => {
                columns = c;
                let dates = done.iter().chain([date]).map(String::as_str).collect();
                forms.extend(sheet.form.as_deref().map(|form| (form, dates)));
            }
            MasterKind::Matrix { columns: c, codes, .. } => {
                columns = c;
                self.list(&file, codes);
            }
            MasterKind::Gantt { codes, deadline, .. } => {
                self.list(&file, codes);
                self.deadline(&file, deadline);
            }
            MasterKind::RateRow { rate, .. } => rates.push(rate),
            MasterKind::Rates { rates: r } => rates.extend(r.iter().map(String::as_str)),
            MasterKind::Summary { sections, charts, below } => {
                for chart in charts {
                    match &chart.of {
                        ChartOf::Replies {} => {}
                        ChartOf::Rates { form, parts, .. } => {
                            rates.extend(parts.iter().map(|p| p.rate.as_str()));
                            forms.push((form, Vec::new()));
                        }
                        ChartOf::Counts { form, field, .. } => forms.push((form, vec![field])),
                    }
                }
                for section in sections.iter().chain(below) {
                    match section {
                        Section::Rates { rates: r, .. } => rates.extend(r.iter().map(String::as_str)),
                        Section::Counts { form, field, .. } => forms.push((form, vec![field])),
                        Section::Reconciliation { form, .. } => forms.push((form, Vec::new())),
                        Section::Decisions { codes, .. } => {
                            for code in codes.iter().filter(|c| self.t.catalogue.get(c).is_none()) {
                                self.say(&file, Some(code), format!("指摘コード「{code}」が一覧にありません。"));
                            }
                        }
                        Section::Sums { form, totals, .. } => {
                            forms.push((
                                form,
                                totals.iter().flat_map(|t| t.fields.iter()).map(String::as_str).collect(),
                            ));
                        }
                        Section::Replies { .. } => {}
                    }
                }
            }
        }
        if let Some(form) = &sheet.form {
            forms.push((
                form,
                columns.iter().flat_map(|c| c.field.iter().chain(&c.or_field)).map(String::as_str).collect(),
            ));
        }
        rates.extend(columns.iter().filter_map(|c| c.rate.as_deref()));
        for rate in rates.into_iter().filter(|r| !rate_ids.contains(r)) {
            self.say(&file, Some(rate), format!("率「{rate}」が rates.toml にありません。"));
        }
        for (id, fields) in forms {
            let Some(form) = self.t.forms.get(id) else {
                self.say(&file, Some(id), format!("様式「{id}」がありません。"));
                continue;
            };
            let keys: BTreeSet<String> = form.slots(&self.t.lists).iter().map(Slot::key).collect();
            for key in fields.into_iter().filter(|k| form.expand(k, &self.t.lists).iter().all(|k| !keys.contains(k))) {
                self.say(&file, Some(&format!("\"{key}\"")), format!("様式「{id}」に項目「{key}」がありません。"));
            }
        }
    }

    pub(super) fn list(&mut self, file: &str, id: &str) {
        if !self.t.lists.contains_key(id) {
            self.say(file, Some(id), format!("コード表「{id}」がありません。"));
        }
    }
}

fn prefill_is_known(p: &str) -> bool {
    p.starts_with('=')
        || p.starts_with("item.")
        || p.starts_with("row.")
        || matches!(
            p,
            "joined"
                | "division.code"
                | "division.name"
                | "division.bureau"
                | "form.id"
                | "form.version"
                | "round.name"
        )
}
