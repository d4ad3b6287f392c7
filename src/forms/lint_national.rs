//! Checks the maps of the ministry's workbooks against forms, rates and code lists.

use std::collections::{BTreeMap, BTreeSet};

use super::lint::Lint;
use crate::model::form::Layout;
use crate::model::master::RateCount;
use crate::model::national::{Figure, NationalBlock, NationalColumn, NationalMap};
use crate::model::{CellRef, Form, Predicate, Slot};

/// Attributes that are no column of a code list.
const ATTRS: [&str; 9] =
    ["key", "name", "division", "bureau", "prefecture", "municipality", "municipality_code", "full_name", "as_of"];

impl Lint<'_> {
    /// One map.
    pub(super) fn national(&mut self, map: &NationalMap) {
        let file = format!("national/{}/map.toml", map.id);
        if map.from.is_some_and(|from| map.to.is_some_and(|to| to < from)) {
            self.say(&file, Some("to ="), "適用終了日が適用開始日より前です。".into());
        }
        for sheet in &map.sheets {
            let mut ids = BTreeSet::new();
            for block in &sheet.blocks {
                let near = format!("\"{}\"", block.id);
                if !ids.insert(&block.id) {
                    self.say(&file, Some(&near), format!("ブロック「{}」が重なっています。", block.id));
                }
                self.national_block(&file, block);
            }
        }
    }

    fn national_block(&mut self, file: &str, block: &NationalBlock) {
        let near = format!("\"{}\"", block.id);
        let Some(form) = self.t.forms.get(&block.form) else {
            self.say(file, Some(&format!("\"{}\"", block.form)), format!("様式「{}」がありません。", block.form));
            return;
        };
        match (block.layout, block.keys.is_empty()) {
            (Layout::Table, true) => self.say(file, Some(&near), "表には、行を見分ける key が必要です。".into()),
            (Layout::Card, false) => self.say(file, Some(&near), "カードに key は書けません。".into()),
            _ => {}
        }
        let kinds: BTreeSet<_> = block.keys.iter().map(|k| k.is).collect();
        if kinds.len() < block.keys.len() {
            self.say(file, Some(&near), "同じ種類の key が2つあります。".into());
        }
        let roster = form.roster.as_ref().and_then(|r| self.t.lists.get(r));
        let columns: Vec<String> = roster.map(|l| l.columns.clone()).unwrap_or_default();
        if let Some(order) = block.order_by.as_ref().filter(|o| !columns.contains(o)) {
            self.say(file, Some(&format!("\"{order}\"")), format!("対象の一覧に列「{order}」がありません。"));
        }
        let slots = form.slots(&self.t.lists);
        let keys: BTreeMap<String, &Slot<'_>> = slots.iter().map(|s| (s.key(), s)).collect();
        if let Some(only) = &block.only {
            self.predicate(file, form, only, &keys);
        }
        for key in &block.keys {
            let near = format!("\"{}\"", key.label);
            self.national_address(file, &near, key.fallback.as_deref().map(|a| (a, true)), block.layout);
        }
        let by_item = block.keys.iter().any(|k| k.is.is_item());
        for column in &block.columns {
            self.national_column(file, form, column, (block.layout, by_item), &keys, &columns);
        }
    }

    /// An address that stands in for a label: a column's letters in a table, a cell on a card.
    fn national_address(&mut self, file: &str, near: &str, address: Option<(&str, bool)>, layout: Layout) {
        let Some((text, single)) = address else { return };
        let cell = if layout == Layout::Table { format!("{text}1") } else { text.to_string() };
        if !single || CellRef::parse(&cell).is_none() {
            self.say(file, Some(near), format!("番地「{text}」の書き方が正しくありません。"));
        }
    }

    fn national_column(
        &mut self,
        file: &str,
        form: &Form,
        column: &NationalColumn,
        (layout, by_item): (Layout, bool),
        keys: &BTreeMap<String, &Slot<'_>>,
        attrs: &[String],
    ) {
        let near = format!("\"{}\"", column.label);
        let across = column.each.as_deref().filter(|e| *e != "items");
        if let Some(list) = across {
            self.list(file, list);
        }
        self.national_address(file, &near, column.fallback.as_deref().map(|a| (a, column.each.is_none())), layout);
        for case in &column.cases {
            self.predicate(file, form, &case.when, keys);
        }
        let of_item = by_item || column.each.as_deref() == Some("items");
        let mut fields: Vec<String> = Vec::new();
        match &column.write {
            Figure::Field { field, or_field, .. } => {
                let rows = across.and_then(|l| self.t.lists.get(l)).map(|l| l.codes.as_slice()).unwrap_or_default();
                for key in std::iter::once(field).chain(or_field) {
                    if key.contains("{row}") {
                        fields.extend(rows.iter().map(|c| key.replace("{row}", &c.code)));
                    } else {
                        fields.push(key.clone());
                    }
                }
            }
            Figure::Share { part, whole, .. } => fields.extend([part.clone(), whole.clone()]),
            Figure::Mark { when, .. } => self.predicate(file, form, when, keys),
            Figure::Rate { rate } => {
                let known = self.t.rates.iter().find(|r| r.id == *rate && r.form == form.id);
                match known.map(|r| &r.count) {
                    None => {
                        self.say(
                            file,
                            Some(&format!("\"{rate}\"")),
                            format!("率「{rate}」が rates.toml にありません。"),
                        );
                    }
                    Some(RateCount::ShareOfItems { .. }) if of_item => {
                        let message = format!("率「{rate}」は対象ごとには求められません。");
                        self.say(file, Some(&format!("\"{rate}\"")), message);
                    }
                    Some(_) => {}
                }
            }
            Figure::Attr { attr } => {
                if !ATTRS.contains(&attr.as_str()) && !attrs.contains(attr) {
                    self.say(file, Some(&format!("\"{attr}\"")), format!("対象の一覧に列「{attr}」がありません。"));
                }
            }
        }
        if !of_item && !matches!(column.write, Figure::Rate { .. } | Figure::Attr { .. }) {
            self.say(
                file,
                Some(&near),
                "対象ごとの値を書くには、name か key の行、または each = \"items\" が必要です。".into(),
            );
        }
        for key in fields.into_iter().filter(|k| !keys.contains_key(k)) {
            self.say(file, Some(&near), format!("様式「{}」に項目「{key}」がありません。", form.id));
        }
    }

    fn predicate(&mut self, file: &str, form: &Form, p: &Predicate, keys: &BTreeMap<String, &Slot<'_>>) {
        self.codes_in(p, keys, file);
        let mut named = Vec::new();
        p.fields(&mut |f| named.push(f));
        for key in named.into_iter().filter(|k| !keys.contains_key(*k)) {
            self.say(file, Some(&format!("\"{key}\"")), format!("様式「{}」に項目「{key}」がありません。", form.id));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::forms::Templates;

    #[test]
    fn mistakes_in_a_map_are_told_with_their_line() {
        let map = "id = \"x\"\ntitle = \"甲\"\nsource = \"乙\"\nfrom = \"2025-04-01\"\nto = \"2024-04-01\"\n\
                   [[sheet]]\nname = \"一覧\"\n[[sheet.block]]\nid = \"b\"\nlayout = \"table\"\nform = \"nothing\"\ncolumn = []\n";
        let load = |text: &str| {
            let overlay = BTreeMap::from([("national/x/map.toml".to_string(), text.as_bytes().to_vec())]);
            Templates::load(&overlay).map(|_| ()).expect_err("a mistake")
        };
        let errors = load(map);
        let told: Vec<_> = errors.iter().map(|e| (e.file.as_str(), e.line)).collect();
        assert_eq!(told, [("national/x/map.toml", Some(5)), ("national/x/map.toml", Some(11))]);
        let errors = load(&map.replace("id = \"x\"", "id = \"y\""));
        assert!(errors.iter().any(|e| e.line == Some(1)), "{errors:?}");
        let errors = load(&map.replace("layout = \"table\"", "layout = \"tabel\""));
        assert_eq!((errors.len(), errors[0].line), (1, Some(10)), "{errors:?}");
    }
}
