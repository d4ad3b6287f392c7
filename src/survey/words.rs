//! What people wrote, apart from who they are: the same words once, each with a number that stays the same from run to run.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::{Answers, Given, Response, Written};
use crate::model::survey::{Question, Slot, Survey};
use crate::normalise::text::key;

/// Words that one or several people wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Its number: made of the question and the words.
    pub id: String,
    /// What it stands beside: 問12, 問5（その他）.
    pub question: String,
    /// The words.
    pub text: String,
    /// How many wrote them.
    pub people: usize,
    /// What somebody said of it in the workbook.
    pub told: Told,
}

/// What people write into the workbook about a remark.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Its classes, as they were written.
    pub class: String,
    /// Words in it that are not to be shown.
    pub hide: String,
    /// Anything else.
    pub note: String,
}

/// What people write into the workbook about a problem.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thought {
    /// Why it is one.
    pub cause: String,
    /// What could be done.
    pub remedy: String,
}

/// What people wrote into an earlier workbook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// By a remark's number; with the question and the words as they were shown, for those that are gone.
    pub remarks: BTreeMap<String, (String, String, Told)>,
    /// By where a problem comes from and its name.
    pub problems: BTreeMap<(String, String), Thought>,
}

/// A problem, and who has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it comes from: a question, or what people wrote.
    pub from: String,
    /// Its name: a choice, or a class.
    pub name: String,
    /// How many people.
    pub people: usize,
    /// How many of each bureau, in the order of its choices.
    pub by: Vec<usize>,
    /// What somebody said of it in the workbook.
    pub thought: Thought,
}

/// What classes of remarks come from.
pub const WRITTEN: &str = "自由記述";

fn beside(survey: &Survey, written: &Written) -> String {
    let name = survey.slots().get(written.slot).map(Slot::name).unwrap_or_default();
    if written.other { format!("{name}（その他）") } else { name }
}

fn id(question: &str, text: &str) -> String {
    let hash = Sha256::digest(format!("{question}\n{}", key(text)).as_bytes());
    let number = hash.iter().take(4).fold(0u32, |n, b| n << 8 | u32::from(*b));
    format!("{question}-{number:08x}")
}

fn valid(answers: &Answers) -> impl Iterator<Item = &Response> {
    answers.responses.iter().filter(|r| r.fate.is_none())
}

/// What valid answers hold in words, in an order that says nothing of who wrote it or when.
#[must_use]
pub fn remarks(survey: &Survey, answers: &Answers, kept: &Kept) -> Vec<Remark> {
    let mut all: BTreeMap<(usize, bool, String), (String, usize)> = BTreeMap::new();
    let mut names: BTreeMap<(usize, bool), String> = BTreeMap::new();
    for written in valid(answers).flat_map(|r| &r.written).filter(|w| !key(&w.text).is_empty()) {
        let question = names.entry((written.slot, written.other)).or_insert_with(|| beside(survey, written));
        let entry =
            all.entry((written.slot, written.other, id(question, &written.text))).or_insert((written.text.clone(), 0));
        entry.1 += 1;
        // Of spellings of the same words always the same one.
        if written.text < entry.0 {
            entry.0.clone_from(&written.text);
        }
    }
    let told = |id: &str| kept.remarks.get(id).map(|(_, _, told)| told.clone()).unwrap_or_default();
    let of = |((slot, other, id), (text, people)): ((usize, bool, String), (String, usize))| {
        let question = names.get(&(slot, other)).cloned().unwrap_or_default();
        ((slot, other), Remark { told: told(&id), id, question, text, people })
    };
    let mut all: Vec<((usize, bool), Remark)> = all.into_iter().map(of).collect();
    all.sort_by(|a, b| (a.0, &a.1.text).cmp(&(b.0, &b.1.text)));
    let mut remarks: Vec<Remark> = all.into_iter().map(|(_, r)| r).collect();
    // What was said of words that nobody writes any more is somebody's work.
    let gone = kept
        .remarks
        .iter()
        .filter(|(id, (_, _, told))| *told != Told::default() && !remarks.iter().any(|r| r.id == **id));
    let gone: Vec<Remark> = gone
        .map(|(id, (question, text, told))| Remark {
            id: id.clone(),
            question: question.clone(),
            text: text.clone(),
            people: 0,
            told: told.clone(),
        })
        .collect();
    remarks.extend(gone);
    remarks
}

/// The words that are not to be shown, whoever wrote them.
#[must_use]
pub fn hidden(remarks: &[Remark]) -> Vec<String> {
    let mut words: Vec<String> = remarks.iter().flat_map(|r| parts(&r.told.hide)).collect();
    // The longest first, so that no part of a word is left.
    words.sort_by_key(|w| std::cmp::Reverse(w.chars().count()));
    words.dedup();
    words
}

/// What stands in a cell side by side.
fn parts(cell: &str) -> Vec<String> {
    let all = cell.split(['、', ',', '，', ';', '\n']).map(|p| crate::normalise::text::tidy(p).to_string());
    all.filter(|p| !p.is_empty()).collect()
}

/// The choices of questions about problems and the classes of remarks, each with who has it; those that most have first.
#[must_use]
pub fn problems(survey: &Survey, answers: &Answers, remarks: &[Remark], kept: &Kept) -> Vec<Problem> {
    let by = survey.slots().iter().position(|s| s.question.asked_by);
    let bureaus = by.map_or(0, |at| survey.slots()[at].question.choices.len());
    let mut counts: BTreeMap<(String, String), (usize, Vec<usize>)> = BTreeMap::new();
    let classes: BTreeMap<&str, Vec<String>> = remarks.iter().map(|r| (r.id.as_str(), parts(&r.told.class))).collect();
    for response in valid(answers) {
        let mut own: Vec<(String, String)> = taken(survey, response);
        for written in &response.written {
            let id = id(&beside(survey, written), &written.text);
            let named = classes.get(id.as_str()).into_iter().flatten();
            own.extend(named.map(|class| (WRITTEN.to_string(), class.clone())));
        }
        own.sort();
        own.dedup();
        let bureau = by.and_then(|at| match response.given.get(at) {
            Some(Given::Choices(all)) => all.first().map(|c| usize::from(*c)),
            _ => None,
        });
        for problem in own {
            let (people, each) = counts.entry(problem).or_insert_with(|| (0, vec![0; bureaus]));
            *people += 1;
            if let Some(n) = bureau.and_then(|b| each.get_mut(b)) {
                *n += 1;
            }
        }
    }
    for (problem, thought) in &kept.problems {
        if *thought != Thought::default() {
            counts.entry(problem.clone()).or_insert_with(|| (0, vec![0; bureaus]));
        }
    }
    let of = |((from, name), (people, by)): ((String, String), (usize, Vec<usize>))| {
        let thought = kept.problems.get(&(from.clone(), name.clone())).cloned().unwrap_or_default();
        Problem { from, name, people, by, thought }
    };
    let mut problems: Vec<Problem> = counts.into_iter().map(of).collect();
    problems.sort_by_key(|p| std::cmp::Reverse(p.people));
    problems
}

/// The choices that somebody took of questions about problems.
fn taken(survey: &Survey, response: &Response) -> Vec<(String, String)> {
    let slots = survey.slots();
    let of = slots.iter().zip(&response.given).filter(|(slot, _)| slot.question.problems);
    let names = |question: &Question, all: &[u16]| -> Vec<(String, String)> {
        let named = all.iter().filter_map(|c| question.choices.get(usize::from(*c)));
        let problems = named.filter(|c| !question.no_problem.contains(c));
        problems.map(|c| (question.id.clone(), c.clone())).collect()
    };
    of.flat_map(|(slot, given)| match given {
        Given::Choices(all) => names(slot.question, all),
        _ => Vec::new(),
    })
    .collect()
}
