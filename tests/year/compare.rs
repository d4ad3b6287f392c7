//! What the program found beside the truth. Every difference is one line that begins with its kind.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value as Json;

use crate::book::Book;
use crate::said::Said;
use crate::truth::{Called, FIELDS, FORM, Month};

/// Differences, and how many things were compared.
#[derive(Default)]
pub struct Compared {
    pub differences: Vec<String>,
    pub compared: usize,
}

fn string(j: &Json, key: &str) -> String {
    j[key].as_str().unwrap_or_default().to_string()
}

fn all<'a>(j: &'a Json, key: &str) -> impl Iterator<Item = &'a Json> {
    j[key].as_array().into_iter().flatten()
}

impl Compared {
    fn same<T: PartialEq + std::fmt::Debug>(&mut self, kind: &str, what: &str, truth: &T, found: &T) {
        self.compared += 1;
        if truth != found {
            self.differences.push(format!("{kind}: {what}: truth {truth:?}, program {found:?}"));
        }
    }

    /// Everything of one month.
    pub fn month(month: &Month, found: &Json, dir: &Path) -> Self {
        let mut out = Self::default();
        out.files(month, found);
        out.answers(month, found);
        out.findings(month, found);
        out.rates(month, found);
        out.revisions(month, found);
        let mut master = Book::open(&dir.join("結果/取りまとめ.xlsx"));
        out.changes(month, &mut master);
        out
    }

    fn files(&mut self, month: &Month, found: &Json) {
        let mut states = BTreeMap::new();
        for s in all(found, "submissions").filter(|s| s["state"] != "not-expected") {
            let file = string(s, "file");
            let key = if file.is_empty() { string(s, "division") } else { file };
            let late = s["late_days"].as_i64().unwrap_or_default();
            let extended = s["extended"].as_bool().unwrap_or_default();
            states.insert(key, (string(s, "division"), string(s, "state"), late, extended));
        }
        for key in month.expected.files.keys().chain(states.keys()).collect::<std::collections::BTreeSet<_>>() {
            self.same("state", key, &month.expected.files.get(key), &states.get(key));
        }
        for (division, (days, open)) in &month.expected.lateness {
            let told = all(found, "findings").find(|f| f["code"] == "D020I" && f["division"] == division.as_str());
            let message = told.map(|f| string(f, "message")).unwrap_or_default();
            let numbers: Vec<i64> = numbers(&message);
            self.same("lateness", division, &true, &(numbers.contains(days) && numbers.contains(open)));
        }
    }

    fn answers(&mut self, month: &Month, found: &Json) {
        let mut records: BTreeMap<String, &Json> = BTreeMap::new();
        for r in all(found, "records").filter(|r| r["form"] == FORM) {
            records.insert(string(r, "item"), &r["fields"]);
        }
        for item in &month.items {
            let truth = month.expected.answers.get(&item.key);
            let record = records.get(&item.key);
            self.same("record", &item.key, &truth.is_some(), &record.is_some());
            let (Some((row, sources)), Some(fields)) = (truth, record) else { continue };
            for (key, _) in FIELDS {
                let said = row.get(key).unwrap_or(&Said::Blank);
                let what = format!("{} {key}", item.key);
                self.same("answer", &what, &said.json(), &bare(&fields[key]["value"]));
                if let Some(file) = sources.get(key) {
                    self.same("source", &what, file, &string(&fields[key], "file"));
                }
            }
        }
    }

    fn findings(&mut self, month: &Month, found: &Json) {
        let mut told: BTreeMap<Called, usize> = BTreeMap::new();
        for f in all(found, "findings").filter(|f| f["severity"] != "I") {
            let called = (string(f, "code"), string(f, "division"), string(f, "item"), !f["waived"].is_null());
            *told.entry(called).or_default() += 1;
        }
        for (code, item) in &month.expected.lapsed {
            let told = all(found, "findings").find(|f| f["code"] == *code && f["item"] == item.as_str());
            let says = told.is_some_and(|f| string(f, "message").contains("了承"));
            self.same("lapsed approval", &format!("{code} {item}"), &true, &says);
        }
        let idle = all(found, "findings").filter(|f| f["code"] == "X192I").count();
        self.same("idle approval", "X192I", &month.expected.idle, &idle);
        let keys: std::collections::BTreeSet<&Called> = month.expected.findings.keys().chain(told.keys()).collect();
        for called in keys {
            let kind = format!("finding {}", called.0);
            self.same(&kind, &format!("{called:?}"), &month.expected.findings.get(called), &told.get(called));
        }
    }

    fn rates(&mut self, month: &Month, found: &Json) {
        for (id, truth) in &month.expected.rates {
            let rate = all(&found["totals"], "rates").find(|r| r["id"] == *id).cloned().unwrap_or_default();
            let n = |key: &str| usize::try_from(rate[key].as_u64().unwrap_or(9999)).expect("small");
            self.same("rate", id, truth, &(n("numerator"), n("numerator_max"), n("denominator")));
            let count = |n: usize| f64::from(u32::try_from(n).expect("small"));
            let part = |n: usize| format!("{:.6}", count(n) / count(truth.2));
            let given = |key: &str| format!("{:.6}", rate[key].as_f64().unwrap_or(-1.0));
            self.same("rate", id, &(part(truth.0), part(truth.1)), &(given("from"), given("to")));
        }
    }

    fn revisions(&mut self, month: &Month, found: &Json) {
        let told = all(found, "revisions").map(|r| (string(r, "division"), string(r, "item"), string(r, "field")));
        self.same("revision", "all", &month.expected.revisions, &told.collect());
    }

    fn changes(&mut self, month: &Month, master: &mut Book) {
        let mut told: BTreeMap<(String, String, String, String), usize> = BTreeMap::new();
        if let Some(sheet) = master.sheets.iter().find(|s| s.name == "前回との差") {
            for row in sheet.table("様式") {
                self.same("division of a change", &row["対象名"], &false, &row["課"].is_empty());
                let label = row["項目"].rsplit(['　', '・', '/', '＞']).next().unwrap_or_default().to_string();
                let whose = (row["課"].clone(), row["対象"].clone(), label, row["変化"].clone());
                *told.entry(whose).or_default() += 1;
            }
        }
        let truth = &month.expected.changes;
        for whose in truth.keys().chain(told.keys()).collect::<std::collections::BTreeSet<_>>() {
            self.same("change", &format!("{whose:?}"), &truth.get(whose), &told.get(whose));
        }
    }
}

/// All numbers in a sentence.
fn numbers(text: &str) -> Vec<i64> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect()
}

/// A value without what the truth does not say.
fn bare(value: &Json) -> Json {
    let mut value = value.clone();
    if let Some(object) = value.as_object_mut() {
        ["precision", "inferred", "reason"].iter().for_each(|k| drop(object.remove(*k)));
    }
    let whole = value.as_f64().and_then(|n| n.to_string().parse::<i64>().ok());
    whole.map_or(value, Json::from)
}
