//! Answers with choices: one or several in a cell, whatever stands between them, and what is written beside 「その他」.

use std::collections::BTreeMap;

use crate::model::survey::Question;
use crate::normalise::text::{key, tidy};

/// What stands between several answers in a cell.
const BETWEEN: [char; 7] = [',', '、', ';', '；', '，', '\n', '\r'];
/// What stands between 「その他」 and its text.
const BEHIND: [char; 6] = [':', '：', '(', '（', ' ', '　'];

/// The choices of a question, ready to be looked up.
pub struct Choices<'a> {
    question: &'a Question,
    by_key: BTreeMap<String, u16>,
    /// Whether a number may stand for a choice: where no choice is a number itself.
    numbered: bool,
    /// Most separators within one choice.
    inner: usize,
    other: Option<(u16, String)>,
    bare: bool,
}

/// What a cell says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Picked {
    /// The choices, in order, each once.
    pub choices: Vec<u16>,
    /// What is written beside 「その他」.
    pub other: Option<String>,
    /// What is no choice.
    pub strays: Vec<String>,
}

impl<'a> Choices<'a> {
    /// Those of a question; `bare` where words outside the list are what stands beside 「その他」.
    pub fn new(question: &'a Question, bare: bool) -> Self {
        let keys: Vec<String> = question.choices.iter().map(|c| key(c)).collect();
        let inner = question.choices.iter().map(|c| c.matches(BETWEEN).count()).max().unwrap_or(0);
        let numbered = keys.iter().all(|k| k.parse::<u16>().is_err());
        let by_key: BTreeMap<String, u16> = (0u16..).zip(&keys).map(|(n, k)| (k.clone(), n)).collect();
        let other = question.other.as_ref().map(|o| key(o)).and_then(|k| Some((*by_key.get(&k)?, k)));
        Self { question, by_key, numbered, inner, other, bare }
    }

    /// The choice that a text is, by its words or by its number.
    pub fn of(&self, text: &str) -> Option<u16> {
        let key = key(text);
        let number = || {
            key.parse::<u16>()
                .ok()
                .filter(|n| self.numbered && (1..=self.question.choices.len()).contains(&usize::from(*n)))
        };
        self.by_key.get(&key).copied().or_else(|| number().map(|n| n - 1))
    }

    /// The text behind 「その他」; `None` where something else is said.
    fn beside(&self, text: &str) -> Option<String> {
        let (_, other) = self.other.as_ref()?;
        let (before, behind) = text.split_once(BEHIND)?;
        let open = text.contains(['(', '（']);
        let behind = tidy(behind.trim_start_matches(BEHIND));
        let behind = if open { behind.trim_end_matches([')', '）']) } else { behind };
        (key(before) == *other).then(|| behind.to_string())
    }

    /// A cell with one answer.
    pub fn one(&self, cell: &str) -> Picked {
        let cell = tidy(cell);
        if let Some(choice) = self.of(cell) {
            return Picked { choices: vec![choice], ..Picked::default() };
        }
        let bare = || self.bare.then(|| cell.to_string());
        match (self.beside(cell).or_else(bare), &self.other) {
            (Some(text), Some((choice, _))) => {
                Picked { choices: vec![*choice], other: Some(text).filter(|t| !t.is_empty()), ..Picked::default() }
            }
            _ => Picked { strays: vec![cell.to_string()], ..Picked::default() },
        }
    }

    /// A cell with any number of answers. A choice may hold itself what stands between answers; what stands behind 「その他」 goes on
    /// up to the next choice.
    pub fn many(&self, cell: &str) -> Picked {
        let parts = parts(cell);
        let mut picked = Picked::default();
        let mut beside: Option<String> = None;
        let mut at = 0;
        while at < parts.len() {
            let longest = (1..=self.inner + 1).rev().filter(|n| at + n <= parts.len());
            let found =
                longest.map(|n| (n, span(cell, &parts[at..at + n]))).find_map(|(n, text)| Some((n, self.of(text)?)));
            let text = tidy(span(cell, &parts[at..=at]));
            if let Some((n, choice)) = found {
                picked.choices.push(choice);
                at += n;
                continue;
            }
            let bare = self.bare && beside.is_none() && self.other.is_some() && !text.is_empty();
            if let Some(behind) = self.beside(text).or_else(|| bare.then(|| text.to_string())) {
                picked.choices.extend(self.other.as_ref().map(|(c, _)| *c));
                beside = Some(behind);
            } else if let Some(beside) = &mut beside {
                beside.push('、');
                beside.push_str(text);
            } else if !text.is_empty() {
                picked.strays.push(text.to_string());
            }
            at += 1;
        }
        picked.other = beside.filter(|t| !t.is_empty());
        picked.choices.sort_unstable();
        picked.choices.dedup();
        picked
    }
}

/// Where the parts of a cell begin and end.
fn parts(cell: &str) -> Vec<(usize, usize)> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, between) in cell.match_indices(BETWEEN) {
        parts.push((from, at));
        from = at + between.len();
    }
    parts.push((from, cell.len()));
    parts
}

/// The text of parts in a row, with what stands between them.
fn span<'c>(cell: &'c str, parts: &[(usize, usize)]) -> &'c str {
    let (first, last) = (parts.first().map_or(0, |p| p.0), parts.last().map_or(0, |p| p.1));
    cell.get(first..last).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Question {
        let choices = ["決裁", "作成、印刷、保管", "会議", "その他"].map(String::from).to_vec();
        Question { choices, other: Some("その他".into()), ..Question::default() }
    }

    #[test]
    fn several_answers_in_a_cell_are_told_apart() {
        let question = question();
        let choices = Choices::new(&question, false);
        let many = |cell: &str| choices.many(cell);
        for cell in [
            "決裁,作成、印刷、保管,会議",
            "決裁;作成、印刷、保管;会議",
            "会議\r\n決裁\n作成、印刷、保管",
            "決裁、会議、作成、印刷、保管",
            "１,2、３",
        ] {
            assert_eq!(many(cell), Picked { choices: vec![0, 1, 2], ..Picked::default() }, "{cell}");
        }
        let other = Picked { choices: vec![2, 3], other: Some("駐車場、鍵".into()), strays: Vec::new() };
        for cell in ["会議,その他: 駐車場、鍵", "その他：駐車場、鍵;会議", "その他（駐車場、鍵,会議"]
        {
            assert_eq!(many(cell), other, "{cell}");
        }
        assert_eq!(many("会議,押印"), Picked { choices: vec![2], other: None, strays: vec!["押印".into()] });
        assert_eq!(
            many("作成、印刷"),
            Picked { choices: vec![], other: None, strays: vec!["作成".into(), "印刷".into()] }
        );
        assert_eq!(many("その他").choices, [3]);
    }

    #[test]
    fn one_answer_is_the_whole_cell() {
        let question = question();
        let choices = Choices::new(&question, false);
        assert_eq!(choices.one(" 作成、印刷、保管").choices, [1]);
        assert_eq!(
            choices.one("その他（鍵）"),
            Picked { choices: vec![3], other: Some("鍵".into()), strays: Vec::new() }
        );
        assert_eq!(choices.one("決裁,会議").strays, ["決裁,会議"]);
    }

    #[test]
    fn a_number_is_no_code_where_choices_are_numbers() {
        let question = Question { choices: vec!["3".into(), "2".into()], ..Question::default() };
        assert_eq!((Choices::new(&question, false).of("2"), Choices::new(&question, false).of("1")), (Some(1), None));
    }
}
