//! The counts: who answered, what was answered, and by whom. Every figure is a count of valid answers.

use super::significance::{self, Test};
use super::{Answers, Fate, Given, Response};
use crate::model::Finding;
use crate::model::survey::{Kind, Question, Survey};
use crate::normalise::text::key;

/// What valid answers say to a slot. Those asked are those who answered, those who did not, and those whose answer is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Whom it was asked: all figures in per cent are of these.
    pub asked: usize,
    /// Who answered.
    pub answered: usize,
    /// 無回答.
    pub blank: usize,
    /// 無効.
    pub invalid: usize,
    /// 非該当.
    pub not_asked: usize,
    /// How many took each choice.
    pub choices: Vec<usize>,
    /// The numbers, in thousandths, from the least.
    pub numbers: Vec<i64>,
}

/// Some of those who answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What they have in common.
    pub name: String,
    /// What they say.
    pub count: Count,
}

/// A question told apart by an attribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Cross {
    /// The slot.
    pub slot: usize,
    /// The attribute's slot.
    pub by: usize,
    /// Everybody.
    pub whole: Count,
    /// Each group.
    pub groups: Vec<Group>,
    /// How many of the groups are choices of the attribute; behind them stand those who did not say it.
    pub named: usize,
    /// The test of the whole table, or of each choice where several may be taken.
    pub tests: Vec<Option<Test>>,
    /// For each named group and choice, its residual.
    pub residuals: Vec<Vec<Option<f64>>>,
}

/// A bureau.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bureau {
    /// Its name.
    pub name: String,
    /// How many were asked, where that is known.
    pub asked: Option<usize>,
    /// How many valid answers came.
    pub valid: usize,
}

/// All counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// Rows that came.
    pub received: usize,
    /// Those that count.
    pub valid: usize,
    /// The others by reason.
    pub fates: Vec<(Fate, usize)>,
    /// For each slot.
    pub counts: Vec<Count>,
    /// Answers by bureau.
    pub bureaus: Vec<Bureau>,
    /// Crossed questions.
    pub crosses: Vec<Cross>,
    /// What is to be said of the counts.
    pub findings: Vec<Finding>,
}

impl Tally {
    /// How many were asked, where that is known of every bureau.
    #[must_use]
    pub fn asked(&self) -> Option<usize> {
        let sum: Option<usize> = self.bureaus.iter().filter(|b| !b.name.is_empty()).map(|b| b.asked).sum();
        sum.filter(|n| *n > 0)
    }
}

/// Counts the answers.
#[must_use]
pub fn tally(survey: &Survey, answers: &Answers) -> Tally {
    let slots = survey.slots();
    let valid: Vec<&Response> = answers.responses.iter().filter(|r| r.fate.is_none()).collect();
    let fates = Fate::ALL.map(|f| (f, answers.responses.iter().filter(|r| r.fate == Some(f)).count()));
    let mut tally =
        Tally { received: answers.responses.len(), valid: valid.len(), fates: fates.to_vec(), ..Tally::default() };
    tally.counts = slots.iter().enumerate().map(|(n, s)| count(n, s.question, valid.iter().copied())).collect();
    let slot_of = |q: &Question| slots.iter().position(|s| std::ptr::eq(s.question, q));
    if let Some(by) = survey.questions.iter().find(|q| q.asked_by).and_then(slot_of) {
        bureaus(survey, by, &mut tally);
    }
    for (question, by) in survey.pairs() {
        let own = slots.iter().enumerate().filter(|(_, s)| std::ptr::eq(s.question, question)).map(|(n, _)| n);
        let by = slot_of(by).unwrap_or_default();
        let pairs = own.map(|slot| cross((slot, question), (by, slots[by].question), &valid));
        tally.crosses.extend(pairs);
    }
    tally
}

fn count<'r>(slot: usize, question: &Question, of: impl Iterator<Item = &'r Response>) -> Count {
    let mut count = Count { choices: vec![0; question.choices.len()], ..Count::default() };
    for given in of.filter_map(|r| r.given.get(slot)) {
        match given {
            Given::Blank => count.blank += 1,
            Given::NotAsked => count.not_asked += 1,
            Given::Invalid => count.invalid += 1,
            Given::Text => count.answered += 1,
            Given::Number(n) => {
                count.answered += 1;
                count.numbers.push(*n);
            }
            Given::Choices(all) => {
                count.answered += 1;
                all.iter().for_each(|c| count.choices[usize::from(*c)] += 1);
            }
        }
    }
    count.numbers.sort_unstable();
    count.asked = count.answered + count.blank + count.invalid;
    count
}

/// What one answer says of a choice of one.
fn chosen(response: &Response, slot: usize) -> Option<usize> {
    match response.given.get(slot) {
        Some(Given::Choices(all)) => all.first().map(|c| usize::from(*c)),
        _ => None,
    }
}

fn cross((slot, question): (usize, &Question), (by, attribute): (usize, &Question), valid: &[&Response]) -> Cross {
    let of = |group: Option<usize>| count(slot, question, valid.iter().copied().filter(|r| chosen(r, by) == group));
    let mut groups: Vec<Group> = attribute
        .choices
        .iter()
        .enumerate()
        .map(|(g, name)| Group { name: name.clone(), count: of(Some(g)) })
        .collect();
    let named = groups.len();
    let unknown = valid.iter().any(|r| chosen(r, by).is_none());
    groups.extend(unknown.then(|| Group { name: "（無回答・無効）".into(), count: of(None) }));
    let whole = count(slot, question, valid.iter().copied());
    let table: Vec<&Count> = groups[..named].iter().map(|g| &g.count).collect();
    let tests = if question.kind == Kind::Multiple {
        let pair = |c: usize| table.iter().map(|g| vec![g.choices[c], g.answered - g.choices[c]]).collect::<Vec<_>>();
        (0..question.choices.len()).map(|c| significance::test(&pair(c))).collect()
    } else {
        vec![significance::test(&table.iter().map(|g| g.choices.clone()).collect::<Vec<_>>())]
    };
    let all: usize = table.iter().map(|g| g.answered).sum();
    let column = |c: usize| table.iter().map(|g| g.choices[c]).sum::<usize>();
    let residual = |g: &&Count| {
        (0..question.choices.len()).map(|c| significance::residual(g.choices[c], g.answered, column(c), all)).collect()
    };
    let residuals = table.iter().map(residual).collect();
    Cross { slot, by, whole, groups, named, tests, residuals }
}

/// Answers and those asked, by bureau: the sums are those of the whole.
fn bureaus(survey: &Survey, by: usize, tally: &mut Tally) {
    let question = survey.slots()[by].question;
    let count = &tally.counts[by];
    for (name, valid) in question.choices.iter().zip(&count.choices) {
        let asked = survey.asked.iter().find(|(n, _)| key(n) == key(name)).map(|(_, n)| *n);
        match asked {
            None if *valid > 0 || !survey.asked.is_empty() => {
                tally.findings.push(
                    Finding::new("Q020W").given(name.as_str()).arg("bureau", name.as_str()).expected("配布数の行"),
                );
            }
            Some(n) if *valid > n => {
                let finding = Finding::new("Q021W").given(valid.to_string()).expected(n.to_string());
                tally.findings.push(finding.arg("bureau", name.as_str()));
            }
            _ => {}
        }
        tally.bureaus.push(Bureau { name: name.clone(), asked, valid: *valid });
    }
    for (name, asked) in survey.asked.iter().filter(|(n, _)| !question.choices.iter().any(|c| key(c) == key(n))) {
        tally.findings.push(Finding::new("Q020W").given(name.as_str()).arg("bureau", name.as_str()).expected("選択肢"));
        tally.bureaus.push(Bureau { name: name.clone(), asked: Some(*asked), valid: 0 });
    }
    let rest = count.blank + count.invalid + count.not_asked;
    if rest > 0 {
        tally.bureaus.push(Bureau { name: String::new(), asked: None, valid: rest });
    }
}
