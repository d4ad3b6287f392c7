//! The catalogue of findings: one table of sentences, remedies and sources for terminal, workbook, return sheets and docs.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Deserialize;

use super::date::wareki;
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
    lapsed: String,
}

/// The families, in the order they are listed, with their names.
pub const FAMILIES: [(char, &str); 6] = [
    ('S', "ファイルと様式の形"),
    ('F', "記入内容"),
    ('R', "項目どうしの関係"),
    ('X', "課・様式・調査回どうしの関係"),
    ('D', "期限"),
    (SURVEY, "職員アンケート"),
];

/// The family of the survey, which has no part in the checks of the replies.
pub const SURVEY: char = 'Q';

impl Catalogue {
    /// A catalogue of these entries; of two with one code the later counts.
    #[must_use]
    pub fn new(entries: Vec<Entry>) -> Self {
        Self { entries: entries.into_iter().map(|e| (e.code.clone(), e)).collect(), lapsed: String::new() }
    }

    /// What is added to the sentence of a finding whose approval is over; `{until}` is its last day.
    #[must_use]
    pub fn with_lapsed(mut self, words: String) -> Self {
        self.lapsed = words;
        self
    }

    /// The entry of a code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Entry> {
        self.entries.get(code)
    }

    /// The entries that a code means as people type it: in any letters, narrow or wide, and as the beginning of one.
    #[must_use]
    pub fn like(&self, typed: &str) -> Vec<&Entry> {
        let narrow =
            |c: char| if ('！'..='～').contains(&c) { char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c) } else { c };
        let code: String = typed.trim().chars().map(narrow).collect::<String>().to_ascii_uppercase();
        match self.get(&code) {
            Some(entry) => vec![entry],
            None if code.is_empty() => Vec::new(),
            None => self.iter().filter(|e| e.code.starts_with(&code)).collect(),
        }
    }

    /// All entries by family (in the order of [`FAMILIES`]), then by code.
    pub fn iter(&self) -> impl Iterator<Item = &Entry> {
        FAMILIES.iter().flat_map(|(letter, _)| self.entries.values().filter(|e| e.code.starts_with(*letter)))
    }

    /// How many kinds of findings the replies of the divisions are checked for.
    #[must_use]
    pub fn of_replies(&self) -> usize {
        self.iter().filter(|e| !e.code.starts_with(SURVEY)).count()
    }

    /// The sentence of a finding with its words filled in. `field` and `item` are names for people.
    #[must_use]
    pub fn sentence(&self, finding: &Finding, field: &str, item: &str) -> String {
        let mut sentence = self.fill(finding, field, item, |e| &e.sentence);
        if let Some(until) = finding.lapsed.as_ref().and_then(|w| w.until) {
            sentence.push_str(&self.lapsed.replace("{until}", &wareki(until)));
        }
        sentence
    }

    /// The remedy of a finding with its words filled in.
    #[must_use]
    pub fn remedy(&self, finding: &Finding, field: &str, item: &str) -> String {
        self.fill(finding, field, item, |e| &e.remedy)
    }

    /// The catalogue as it is published: a Markdown table for each family.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        let mut text = String::from(
            "# 指摘一覧\n\n\
             この一覧は `templates/findings.toml` から作られています（手で直さないでください）。\n\n\
             番号の最後の文字は重要度です。**E**（要修正）は読めない・矛盾している・必須なのに空欄のもの、\
             **W**（要確認）は見て決める必要があるもの、**I**（参考）はお知らせです。\
             〈　〉には、実際の項目名や記入内容が入ります。\n",
        );
        for (letter, name) in FAMILIES {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n## {letter}　{name}\n\n");
            text.push_str("| 番号 | 重要度 | 題 | 文 | 直し方 | なぜ | 出典 |\n|---|---|---|---|---|---|---|\n");
            for e in self.entries.values().filter(|e| e.code.starts_with(letter)) {
                let words = e.severity().words();
                let cells = [&e.title, &e.sentence, &e.remedy, &e.why, &e.source].map(|c| published(c)).join(" | ");
                let _ = writeln!(text, "| {} | {words} | {cells} |", e.code);
            }
        }
        text
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

/// A text as it stands in the published table: placeholders in words, nothing that would break the table.
fn published(text: &str) -> String {
    in_words(text, ('〈', '〉')).replace('|', "\\|").replace('\n', " ")
}

/// A text of the catalogue without a finding: its placeholders in words, between these brackets. What is only ever a further
/// sentence is left out.
fn in_words(text: &str, (open, close): (char, char)) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, from)) = rest.split_once('{') {
        let Some((name, after)) = from.split_once('}') else { break };
        out.push_str(before);
        if let Some(word) = word(name) {
            out.extend([open].iter().chain(&word.chars().collect::<Vec<_>>()).chain(&[close]));
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What a placeholder stands for; nothing for a further sentence.
fn word(placeholder: &str) -> Option<&str> {
    Some(match placeholder {
        "given" => "記入内容",
        "expected" => "あるべき内容",
        "field" => "項目",
        "item" | "subject" => "対象",
        "division" | "whose" => "課",
        "bureau" => "部局",
        "form" => "様式",
        "other" => "もう一方の項目",
        "reading" | "readings" | "stored" => "読み取った値",
        "condition" => "条件の",
        "how" | "over" | "negative" | "unit" => "欄に合わせた書き方",
        "why" | "detail" => "理由",
        "cell" | "cells" | "range" | "where" | "rows" => "場所",
        "file" | "sheet_name" | "title" => "名前",
        "label" | "labels" | "first" => "見出し",
        "count" | "difference" | "months" | "business" => "数",
        "to" => "報告先",
        "meeting" => "会議",
        "kind" | "what" => "種類",
        "more" | "found" | "nearest" | "suggestion" | "again" | "came" | "todo" => return None,
        _ => "内容",
    })
}

impl Entry {
    /// The entry as it is explained without a finding: no placeholder is left open.
    #[must_use]
    pub fn explained(&self) -> Self {
        let plain = |text: &String| in_words(text, ('（', '）'));
        Self { sentence: plain(&self.sentence), remedy: plain(&self.remedy), ..self.clone() }
    }

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
