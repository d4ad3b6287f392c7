//! What may be shown of the counts outside the house: no figure from which the answers of fewer than a few people follow.
//!
//! Margins: answers that hardly anybody gave are counted together with others, so that every sum is shown and none is hidden. Tables
//! of two questions: small counts are hidden, and further ones until nobody can compute any hidden count from the sums closer than
//! a few people. How close is exact: the least and the greatest value that fit all the sums are found by flows.

use super::{Answers, Given, Response};
use crate::model::survey::{Kind, Question, Survey};

/// Counts of fewer people are not shown; 0 is.
pub const LEAST: usize = 5;

/// Answers that are counted together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// The choices, joined by ＋.
    pub name: String,
    /// Their places; behind the last choice stands that there is no answer.
    members: Vec<usize>,
    /// How many people.
    pub count: usize,
}

/// A question by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Single {
    /// The slot.
    pub slot: usize,
    /// Whom it was asked.
    pub asked: usize,
    /// What is shown: a name, and how many people where that may be said.
    pub lines: Vec<(String, Option<usize>)>,
}

/// A question by an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The slot.
    pub slot: usize,
    /// The attribute's slot.
    pub by: usize,
    /// Answers.
    pub columns: Vec<String>,
    /// Groups with how many there are, and what may be said of each answer.
    pub rows: Vec<(String, usize, Vec<Option<usize>>)>,
}

/// Everything that may be shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Public {
    /// Valid answers.
    pub valid: usize,
    /// Bureaus, counted together where few answered: name, asked, valid.
    pub bureaus: Vec<(String, Option<usize>, usize)>,
    /// Questions by themselves.
    pub singles: Vec<Single>,
    /// Tables of two questions.
    pub tables: Vec<Table>,
    /// Names of what is not shown at all.
    pub withheld: Vec<String>,
}

const fn small(n: usize) -> bool {
    n > 0 && n < LEAST
}

/// The place of what somebody answers to a question with one answer; `None` where it was not asked.
fn place(response: &Response, slot: usize, question: &Question) -> Option<usize> {
    match response.given.get(slot)? {
        Given::Choices(all) => all.first().map(|c| usize::from(*c)),
        Given::NotAsked => None,
        _ => Some(question.choices.len()),
    }
}

/// The answers to a question with one answer, the few counted together with others; `None` where no two are left.
fn categories(valid: &[&Response], slot: usize, question: &Question) -> Option<Vec<Category>> {
    let names = question.choices.iter().cloned().chain(["無回答・無効".to_string()]);
    let count = |n: usize| valid.iter().filter(|r| place(r, slot, question) == Some(n)).count();
    let mut all: Vec<Category> =
        names.enumerate().map(|(n, name)| Category { name, members: vec![n], count: count(n) }).collect();
    while let Some(few) = all.iter().position(|c| small(c.count)) {
        join(&mut all, few)?;
    }
    // That everybody answered needs no line.
    all.retain(|c| c.count > 0 || c.members != [question.choices.len()]);
    (all.iter().filter(|c| c.count > 0).count() > 1).then_some(all)
}

/// Counts a category together with the next rarest of the others.
fn join(all: &mut Vec<Category>, few: usize) -> Option<()> {
    let few = all.remove(few);
    let other = all.iter_mut().filter(|c| c.count > 0).min_by_key(|c| c.count)?;
    other.name = format!("{}＋{}", other.name, few.name);
    other.count += few.count;
    other.members.extend(few.members);
    Some(())
}

/// What may be shown of a survey.
#[must_use]
pub fn public(survey: &Survey, answers: &Answers) -> Public {
    let slots = survey.slots();
    let valid: Vec<&Response> = answers.responses.iter().filter(|r| r.fate.is_none()).collect();
    let mut public = Public { valid: valid.len(), ..Public::default() };
    if small(valid.len()) {
        return Public::default();
    }
    let of = |slot: usize| categories(&valid, slot, slots[slot].question);
    let whole: Vec<Option<Vec<Category>>> = (0..slots.len())
        .map(|n| matches!(slots[n].question.kind, Kind::Single | Kind::Scale | Kind::Matrix).then(|| of(n)).flatten())
        .collect();
    for (n, slot) in slots.iter().enumerate() {
        match single(&valid, n, slot.question, whole[n].as_deref()).filter(|_| !tells(survey, slot.question, &whole)) {
            Some(single) => public.singles.push(single),
            None => public.withheld.push(slot.name()),
        }
    }
    if let Some(by) = slots.iter().position(|s| s.question.asked_by) {
        public.bureaus = bureaus(survey, slots[by].question, whole[by].as_deref().unwrap_or_default());
    }
    for (question, by) in survey.pairs() {
        let own = |q: &Question| -> Vec<usize> { (0..slots.len()).filter(|n| slots[*n].question.id == q.id).collect() };
        let Some(by) = own(by).first().copied() else { continue };
        for slot in own(question) {
            // Whom a further question was asked is itself an answer to the one before.
            let groups = whole[by].as_deref().filter(|_| question.branch.is_none());
            let table = groups.and_then(|g| match question.kind {
                Kind::Multiple => several(&valid, (slot, question), (by, slots[by].question), g),
                _ => one(&valid, (slot, question), (by, slots[by].question), (whole[slot].as_deref()?, g)),
            });
            match table {
                Some((columns, rows)) => public.tables.push(Table { slot, by, columns, rows }),
                None => public.withheld.push(format!("{} × {}", slots[slot].name(), slots[by].name())),
            }
        }
    }
    public
}

/// Whether how many were asked tells what was counted together in the question before.
fn tells(survey: &Survey, question: &Question, whole: &[Option<Vec<Category>>]) -> bool {
    let Some(branch) = &question.branch else { return false };
    let base = survey.slots().iter().position(|s| s.question.id == branch.question);
    let base = base.and_then(|at| whole[at].as_deref());
    base.is_none_or(|all| all.iter().any(|c| c.members.len() > 1))
}

fn single(valid: &[&Response], slot: usize, question: &Question, whole: Option<&[Category]>) -> Option<Single> {
    let given = || valid.iter().filter_map(|r| r.given.get(slot)).filter(|g| **g != Given::NotAsked);
    let asked = given().count();
    let shown = |n: usize| Some(n).filter(|n| !small(*n) && !small(asked - *n));
    let answered = || given().filter(|g| !matches!(g, Given::Blank | Given::Invalid)).count();
    let lines = match question.kind {
        Kind::Multiple => {
            let took = |c: u16| given().filter(|g| matches!(g, Given::Choices(all) if all.contains(&c))).count();
            let choices = (0u16..).zip(&question.choices).map(|(c, name)| (name.clone(), shown(took(c))));
            choices.chain([("無回答・無効".to_string(), shown(asked - answered()))]).collect()
        }
        Kind::Number | Kind::Text => {
            vec![("回答あり".to_string(), shown(answered())), ("無回答・無効".to_string(), shown(asked - answered()))]
        }
        _ => whole?.iter().map(|c| (c.name.clone(), Some(c.count))).collect(),
    };
    (!small(asked) && asked > 0).then_some(Single { slot, asked, lines })
}

fn bureaus(survey: &Survey, question: &Question, whole: &[Category]) -> Vec<(String, Option<usize>, usize)> {
    let key = crate::normalise::text::key;
    let asked = |n: &usize| {
        let name = question.choices.get(*n)?;
        survey.asked.iter().find(|(b, _)| key(b) == key(name)).map(|(_, n)| *n)
    };
    let named = |c: &Category| c.members.iter().map(asked).sum::<Option<usize>>();
    whole.iter().filter(|c| c.count > 0).map(|c| (c.name.clone(), named(c), c.count)).collect()
}

type Rows = Vec<(String, usize, Vec<Option<usize>>)>;

/// A question with one answer by groups; the rarest answers are counted together until the rest may be shown.
fn one(
    valid: &[&Response],
    (slot, question): (usize, &Question),
    (by, attribute): (usize, &Question),
    (columns, groups): (&[Category], &[Category]),
) -> Option<(Vec<String>, Rows)> {
    let inside = |c: &Category, at: Option<usize>| at.is_some_and(|at| c.members.contains(&at));
    let cell = |g: &Category, c: &Category| {
        let of = |r: &&&Response| inside(g, place(r, by, attribute)) && inside(c, place(r, slot, question));
        valid.iter().filter(of).count()
    };
    let mut columns = columns.to_vec();
    let (cells, hidden) = loop {
        let cells: Vec<Vec<usize>> = groups.iter().map(|g| columns.iter().map(|c| cell(g, c)).collect()).collect();
        if let Some(hidden) = hide(&cells) {
            break (cells, hidden);
        }
        let used = columns.iter().enumerate().filter(|(_, c)| c.count > 0);
        let (rarest, _) = used.clone().min_by_key(|(_, c)| c.count).filter(|_| used.count() > 2)?;
        join(&mut columns, rarest)?;
    };
    let row = |(g, group): (usize, &Category)| {
        let shown = (0..columns.len()).map(|c| (!hidden[g][c]).then_some(cells[g][c])).collect();
        (group.name.clone(), group.count, shown)
    };
    Some((columns.iter().map(|c| c.name.clone()).collect(), groups.iter().enumerate().map(row).collect()))
}

/// A question with several answers by groups: each choice is a table of who took it and who did not.
fn several(
    valid: &[&Response],
    (slot, question): (usize, &Question),
    (by, attribute): (usize, &Question),
    groups: &[Category],
) -> Option<(Vec<String>, Rows)> {
    let took = |r: &Response, c: u16| matches!(r.given.get(slot), Some(Given::Choices(all)) if all.contains(&c));
    let mut rows: Rows = groups.iter().map(|g| (g.name.clone(), g.count, Vec::new())).collect();
    let mut columns = Vec::new();
    for (choice, name) in (0u16..).zip(&question.choices) {
        let count = |g: &Category| {
            let of =
                |r: &&&Response| place(r, by, attribute).is_some_and(|at| g.members.contains(&at)) && took(r, choice);
            valid.iter().filter(of).count()
        };
        let cells: Vec<Vec<usize>> = groups.iter().map(|g| vec![count(g), g.count - count(g)]).collect();
        let sum: usize = cells.iter().map(|c| c[0]).sum();
        if small(sum) || small(valid.len() - sum) {
            continue;
        }
        let Some(hidden) = hide(&cells) else { continue };
        columns.push(name.clone());
        for (g, row) in rows.iter_mut().enumerate() {
            row.2.push((!hidden[g][0]).then_some(cells[g][0]));
        }
    }
    (!columns.is_empty()).then_some((columns, rows))
}

/// Which cells of a table are hidden, all of its sums being known; `None` where nothing would be safe.
#[must_use]
pub fn hide(cells: &[Vec<usize>]) -> Option<Vec<Vec<bool>>> {
    let mut hidden: Vec<Vec<bool>> = cells.iter().map(|r| r.iter().map(|n| small(*n)).collect()).collect();
    let places = || (0..cells.len()).flat_map(|g| (0..cells[g].len()).map(move |c| (g, c)));
    loop {
        let close = places().filter(|(g, c)| hidden[*g][*c]).find(|at| {
            let (least, most) = range(cells, &hidden, *at);
            most - least + 1 < LEAST
        });
        let Some((g, c)) = close else { return Some(hidden) };
        let (a, b) = further(cells, &hidden, (g, c))?;
        hidden[a][b] = true;
    }
}

/// The next cell that is hidden for the sake of another: the smallest of its row where it is alone there, of its column where it is alone
/// there, of both, of all.
fn further(cells: &[Vec<usize>], hidden: &[Vec<bool>], (g, c): (usize, usize)) -> Option<(usize, usize)> {
    let places = || (0..cells.len()).flat_map(|a| (0..cells[a].len()).map(move |b| (a, b)));
    let alone =
        |line: &dyn Fn((usize, usize)) -> bool| places().filter(|at| line(*at) && hidden[at.0][at.1]).count() == 1;
    let least = |line: &dyn Fn((usize, usize)) -> bool| {
        let open = places().filter(|at| line(*at) && !hidden[at.0][at.1] && cells[at.0][at.1] > 0);
        open.min_by_key(|(a, b)| (cells[*a][*b], *a, *b))
    };
    let row = |at: (usize, usize)| at.0 == g;
    let column = |at: (usize, usize)| at.1 == c;
    let first = if alone(&row) { least(&row) } else { None };
    let second = || if alone(&column) { least(&column) } else { None };
    first.or_else(second).or_else(|| least(&|at| row(at) || column(at))).or_else(|| least(&|_| true))
}

/// The least and the greatest value of a hidden cell that fit all sums, where a hidden count is at least 1.
#[must_use]
pub fn range(cells: &[Vec<usize>], hidden: &[Vec<bool>], (g, c): (usize, usize)) -> (usize, usize) {
    let (rows, value) = (cells.len(), cells[g][c]);
    let up = flow(&network(cells, hidden, (g, c)), rows + c, g);
    let down = flow(&network(cells, hidden, (g, c)), g, rows + c).min(value.saturating_sub(1));
    (value - down, value + up)
}

/// What may be moved: along a row into a column by counting more in a cell, back by counting less.
fn network(cells: &[Vec<usize>], hidden: &[Vec<bool>], without: (usize, usize)) -> Vec<Vec<usize>> {
    let rows = cells.len();
    let columns = cells.first().map_or(0, Vec::len);
    let all: usize = cells.iter().flatten().sum();
    let mut net = vec![vec![0; rows + columns]; rows + columns];
    for g in 0..rows {
        for c in (0..columns).filter(|c| hidden[g][*c] && (g, *c) != without) {
            net[g][rows + c] = all;
            net[rows + c][g] = cells[g][c].saturating_sub(1);
        }
    }
    net
}

/// The greatest flow between two nodes (Edmonds and Karp).
fn flow(net: &[Vec<usize>], from: usize, to: usize) -> usize {
    let mut net = net.to_vec();
    let mut sum = 0;
    loop {
        let mut before = vec![usize::MAX; net.len()];
        let mut queue = std::collections::VecDeque::from([from]);
        before[from] = from;
        while let Some(at) = queue.pop_front() {
            for next in 0..net.len() {
                if net[at][next] > 0 && before[next] == usize::MAX {
                    before[next] = at;
                    queue.push_back(next);
                }
            }
        }
        if before[to] == usize::MAX {
            return sum;
        }
        let way: Vec<(usize, usize)> = std::iter::successors(Some(to), |at| Some(before[*at]))
            .take_while(|at| *at != from)
            .map(|at| (before[at], at))
            .collect();
        let most = way.iter().map(|(a, b)| net[*a][*b]).min().unwrap_or(0);
        for (a, b) in way {
            net[a][b] -= most;
            net[b][a] += most;
        }
        sum += most;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tries every number in the hidden cells from this one on.
    fn go(
        n: usize,
        places: &[(usize, usize)],
        cells: &[Vec<usize>],
        guess: &mut Vec<Vec<usize>>,
        at: (usize, usize),
        found: &mut (usize, usize),
    ) {
        let sums = |t: &[Vec<usize>]| -> (Vec<usize>, Vec<usize>) {
            (
                t.iter().map(|r| r.iter().sum()).collect(),
                (0..t[0].len()).map(|c| t.iter().map(|r| r[c]).sum()).collect(),
            )
        };
        let Some((g, c)) = places.get(n) else {
            if sums(guess) == sums(cells) {
                *found = (found.0.min(guess[at.0][at.1]), found.1.max(guess[at.0][at.1]));
            }
            return;
        };
        let row: usize = cells[*g].iter().sum();
        let column: usize = cells.iter().map(|r| r[*c]).sum();
        for value in 1..=row.min(column) {
            guess[*g][*c] = value;
            go(n + 1, places, cells, guess, at, found);
        }
        guess[*g][*c] = cells[*g][*c];
    }

    /// Every table of whole numbers with these sums, shown cells and at least 1 in each hidden one: the range of a cell.
    fn tried(cells: &[Vec<usize>], hidden: &[Vec<bool>], at: (usize, usize)) -> (usize, usize) {
        let places: Vec<(usize, usize)> = (0..cells.len())
            .flat_map(|g| (0..cells[g].len()).map(move |c| (g, c)))
            .filter(|(g, c)| hidden[*g][*c])
            .collect();
        let mut found = (usize::MAX, 0);
        let mut guess = cells.to_vec();
        go(0, &places, cells, &mut guess, at, &mut found);
        found
    }

    #[test]
    fn ranges_are_those_of_all_tables_that_fit() {
        let tables = [vec![vec![3, 4, 2], vec![5, 0, 3], vec![1, 2, 1]], vec![vec![2, 5], vec![4, 3], vec![1, 2]]];
        for cells in tables {
            let size = cells.len() * cells[0].len();
            for pattern in 0..1u32 << size {
                let columns = cells[0].len();
                let hidden: Vec<Vec<bool>> = (0..cells.len())
                    .map(|g| (0..columns).map(|c| pattern >> (g * columns + c) & 1 == 1 && cells[g][c] > 0).collect())
                    .collect();
                // So many hidden cells are tried out in reasonable time.
                if hidden.iter().flatten().filter(|h| **h).count() > 5 {
                    continue;
                }
                for (g, row) in hidden.iter().enumerate() {
                    for c in (0..columns).filter(|c| row[*c]) {
                        assert_eq!(
                            range(&cells, &hidden, (g, c)),
                            tried(&cells, &hidden, (g, c)),
                            "{cells:?} {hidden:?} {g} {c}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn no_hidden_count_is_known_to_a_few_people() {
        let cells = vec![vec![40, 3, 20], vec![31, 12, 9], vec![8, 25, 17]];
        let hidden = hide(&cells).unwrap();
        assert!(hidden[0][1] && hidden.iter().flatten().filter(|h| **h).count() >= 4, "{hidden:?}");
        for (g, row) in hidden.iter().enumerate() {
            for c in (0..3).filter(|c| row[*c]) {
                let (least, most) = range(&cells, &hidden, (g, c));
                assert!(most - least + 1 >= LEAST, "{g} {c}: {least} to {most}");
            }
        }
        assert_eq!(hide(&[vec![2, 1], vec![1, 1]]), None, "so few people cannot be told apart");
        assert_eq!(hide(&[vec![9, 8], vec![7, 0]]), Some(vec![vec![false; 2]; 2]), "nothing to hide");
    }
}
