//! The catalogue of findings: one table of sentences, remedies and sources for terminal, workbook, return sheets and docs.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::finding::{Finding, Severity};

/// One kind of finding.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Code: family letter, number, severity letter.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// The sentence, with `{given}`, `{expected}`, `{field}`, `{item}` and the finding's own words filled in.
    pub sentence: String,
    /// What to do.
    pub remedy: String,
    /// Why it matters.
    pub why: String,
    /// Source of the rule.
    pub source: String,
}

/// All kinds of findings by code.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    entries: BTreeMap<String, Entry>,
}

/// The families, in the order they are listed, with their names.
pub const FAMILIES: [(char, &str); 5] = [
    ('S', "ファイルと様式の形"),
    ('F', "記入内容"),
    ('R', "項目どうしの関係"),
    ('X', "課・様式・調査回どうしの関係"),
    ('D', "期限"),
];

impl Catalogue {
    /// A catalogue of these entries; of two with one code the later counts.
    #[must_use]
    pub fn new(entries: Vec<Entry>) -> Self {
        Self { entries: entries.into_iter().map(|e| (e.code.clone(), e)).collect() }
    }

    /// The entry of a code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Entry> {
        self.entries.get(code)
    }

    /// All entries by family (in the order of [`FAMILIES`]), then by code.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        FAMILIES.iter().flat_map(|(letter, _)| self.entries.values().filter(|e| e.code.starts_with(*letter)))
    }

    /// The sentence of a finding with its words filled in. `field` and `item` are names for people.
    #[must_use]
    pub fn sentence(&self, finding: &Finding, field: &str, item: &str) -> String {
        self.fill(finding, field, item, |e| &e.sentence)
    }

    /// The remedy of a finding with its words filled in.
    #[must_use]
    pub fn remedy(&self, finding: &Finding, field: &str, item: &str) -> String {
        self.fill(finding, field, item, |e| &e.remedy)
    }

    fn fill(&self, finding: &Finding, field: &str, item: &str, part: impl Fn(&Entry) -> &String) -> String {
        let Some(entry) = self.get(&finding.code) else { return finding.code.clone() };
        // One pass, so that braces inside what somebody typed are never taken for a placeholder.
        let mut text = String::new();
        let mut rest = part(entry).as_str();
        while let Some(open) = rest.find('{') {
            let (before, from) = rest.split_at(open);
            text.push_str(before);
            let Some(close) = from.find('}') else { break };
            let name = &from[1..close];
            let value = match name {
                "given" => finding.given.as_deref(),
                "expected" => finding.expected.as_deref(),
                "field" => Some(field),
                "item" => Some(item),
                other => finding.args.get(other).map(String::as_str),
            };
            text.push_str(value.unwrap_or(""));
            rest = &from[close + 1..];
        }
        text.push_str(rest);
        text
    }
}

impl Entry {
    /// Its severity.
    #[must_use]
    pub fn severity(&self) -> Severity {
        Severity::of(&self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_braces_are_not_placeholders() {
        let entry = Entry {
            code: "F001E".into(),
            title: String::new(),
            sentence: "「{field}」は{given}です（{n}）。".into(),
            remedy: String::new(),
            why: String::new(),
            source: String::new(),
        };
        let finding = Finding::new("F001E").given("{field}").arg("n", "3");
        assert_eq!(Catalogue::new(vec![entry]).sentence(&finding, "甲", ""), "「甲」は{field}です（3）。");
    }
}
