//! Which answers count. Each of the others has one reason, the first that applies; received is what counts and each reason.

use std::collections::BTreeMap;

use super::{Given, Response};
use crate::model::survey::Survey;

/// Why an answer does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    /// Before the opening, or nothing but a word for trials.
    Trial,
    /// After the closing.
    Late,
    /// Nothing is answered beside who it is.
    Empty,
    /// The same at the same second.
    Repeated,
    /// The same person answered again later.
    Replaced,
}

impl Fate {
    /// Every reason, in the order in which they are asked for.
    pub const ALL: [Self; 5] = [Self::Trial, Self::Late, Self::Empty, Self::Repeated, Self::Replaced];

    /// What it is called.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Trial => "試行の回答",
            Self::Late => "締切後の回答",
            Self::Empty => "答えのない回答",
            Self::Repeated => "同じ回答の重なり",
            Self::Replaced => "答え直す前の回答",
        }
    }

    /// The rule.
    #[must_use]
    pub const fn rule(self) -> &'static str {
        match self {
            Self::Trial => "開始より前の回答と、答えの一つが試行の語（テストなど）だけの回答。",
            Self::Late => "締切より後の回答（締切の秒までは有効）。",
            Self::Empty => "属性のほかに何も答えていない回答。",
            Self::Repeated => {
                "回答日時が秒まで同じで、選んだ答えがすべて同じもの（回答者の見出しがあるときは、その値も同じもの）。先に読んだ一つを残す。"
            }
            Self::Replaced => "回答者の見出しの値が同じもの。回答日時の最も新しい一つを残す。",
        }
    }
}

/// Says of each answer whether it counts.
pub fn settle(survey: &Survey, responses: &mut [Response]) {
    let slots = survey.slots();
    for r in responses.iter_mut().filter(|r| r.fate.is_none()) {
        let before = r.time.zip(survey.opens).is_some_and(|(at, opens)| at < opens);
        let after = r.time.zip(survey.closes).is_some_and(|(at, closes)| at > closes);
        let said = |(given, slot): (&Given, &crate::model::survey::Slot<'_>)| {
            !slot.question.attribute && !matches!(given, Given::Blank | Given::NotAsked)
        };
        let empty = !r.given.iter().zip(&slots).any(said);
        r.fate = [(before, Fate::Trial), (after, Fate::Late), (empty, Fate::Empty)]
            .iter()
            .find(|(is, _)| *is)
            .map(|(_, f)| *f);
    }
    repeated(responses);
    replaced(responses);
}

/// The same at the same second, of the same person where that is known.
fn repeated(responses: &mut [Response]) {
    let mut seen: BTreeMap<(chrono::NaiveDateTime, &str, &[Given]), Vec<usize>> = BTreeMap::new();
    for (n, r) in responses.iter().enumerate().filter(|(_, r)| r.fate.is_none()) {
        if let Some(time) = r.time {
            seen.entry((time, r.key.as_str(), &r.given)).or_default().push(n);
        }
    }
    let mut again: Vec<usize> = Vec::new();
    for all in seen.into_values() {
        for (i, n) in all.iter().enumerate() {
            // Where it is not known who answers, the words have to be the same as well; where it is, one export may lack them.
            let same = |m: &&usize| !responses[*n].key.is_empty() || responses[**m].written == responses[*n].written;
            again.extend(all[..i].iter().any(|m| same(&m)).then_some(*n));
        }
    }
    again.into_iter().for_each(|n| responses[n].fate = Some(Fate::Repeated));
}

fn replaced(responses: &mut [Response]) {
    let mut last: BTreeMap<&str, usize> = BTreeMap::new();
    let mut before: Vec<usize> = Vec::new();
    for (n, r) in responses.iter().enumerate().filter(|(_, r)| r.fate.is_none() && !r.key.is_empty()) {
        let Some(other) = last.get(r.key.as_str()).copied() else {
            last.insert(&r.key, n);
            continue;
        };
        // Without a moment what is read later is later.
        if responses[other].time > r.time {
            before.push(n);
        } else {
            before.push(other);
            last.insert(&r.key, n);
        }
    }
    before.into_iter().for_each(|n| responses[n].fate = Some(Fate::Replaced));
}
