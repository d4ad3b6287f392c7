//! From the rules of a form to what is asked about each watched cell.
//!
//! Only what is certain is asked: a rule whose condition or whose check cannot be expressed in a formula is left to the
//! check of what comes back. The watching never says more than the check would.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::expr::{Expr, Of};
use super::spelled::serial;
use super::value::SERIAL;
use super::watch::{Scope, Watch, Watched};
use crate::forms::Templates;
use crate::model::form::{BlockRole, Form};
use crate::model::rule::{Check, Feasible, Rule};
use crate::model::value::NoneKind;
use crate::model::{CodeList, FieldType, Predicate, Role, sign};
use crate::normalise::text;

/// Words for "no value" that are certain by themselves.
const NONE: [(NoneKind, &[&str]); 3] = [
    (NoneKind::NotApplicable, &["該当なし", "対象外", "不要", "なし", "無し", "－", "-", "ー", "―"]),
    (NoneKind::Undecided, &["未定", "検討中", "調整中", "協議中", "確認中"]),
    (NoneKind::SeeOther, &["同上"]),
];

/// Kinds of verdict, as places in [`super::watch::Watched::verdicts`].
const TODO: usize = 0;
const LOOK: usize = 1;
const LATE: usize = 2;

/// What rules are asked with.
pub(super) struct Judge<'a> {
    pub form: &'a Form,
    pub templates: &'a Templates,
    pub as_of: Option<NaiveDate>,
    pub deadlines: &'a BTreeMap<String, NaiveDate>,
}

/// Certainly so, and certainly not so.
struct Truth {
    yes: Expr,
    no: Expr,
}

/// One scope with the card behind it.
struct View<'w, 'a> {
    judge: &'w Judge<'a>,
    watch: &'w Watch<'a>,
    scope: usize,
}

impl Judge<'_> {
    /// Fills in the verdicts of all watched cells.
    pub(super) fn fill(&self, watch: &mut Watch<'_>) {
        let mut verdicts: Vec<(usize, usize, Expr)> = Vec::new();
        for scope in 0..watch.scopes.len() {
            let view = View { judge: self, watch, scope };
            view.required(&mut verdicts);
            view.words(&mut verdicts);
            for rule in &self.form.rules {
                let when = match &rule.when {
                    Some(p) => match view.truth(p) {
                        Some(t) => t.yes,
                        None => continue,
                    },
                    None => Expr::Yes,
                };
                if when != Expr::No {
                    view.rule(rule, &when, &mut verdicts);
                }
            }
        }
        for (cell, kind, question) in verdicts {
            if question != Expr::No
                && let Some(cell) = watch.cells.get_mut(cell)
                && !cell.verdicts[kind].contains(&question)
            {
                cell.verdicts[kind].push(question);
            }
        }
    }
}

impl<'a> View<'_, 'a> {
    fn own(&self) -> &Scope<'a> {
        &self.watch.scopes[self.scope]
    }

    /// A cell of this scope.
    fn cell(&self, key: &str) -> Option<usize> {
        self.watch.keys.get(&(self.scope, key.to_string())).copied()
    }

    /// A cell of this scope, or of the card; the card is the first scope.
    fn asked(&self, key: &str) -> Option<usize> {
        self.cell(key).or_else(|| self.watch.keys.get(&(0, key.to_string())).copied())
    }

    /// The cells that keys and patterns stand for.
    fn cells(&self, patterns: &[String]) -> Vec<usize> {
        let mut found = Vec::new();
        for pattern in patterns {
            if pattern.contains('*') {
                let (from, to) = self.own().cells;
                let is = |i: &usize| {
                    self.watch.cells.get(*i).is_some_and(|c| c.scope == self.scope && c.field.is_of(pattern))
                };
                found.extend((from..=to).filter(is));
            } else {
                found.extend(self.cell(pattern));
            }
        }
        found
    }

    fn list(&self, cell: usize) -> Option<&'a CodeList> {
        let watched = self.watch.cells.get(cell)?;
        self.judge.templates.lists.get(watched.field.codes.as_ref()?)
    }

    /// The printed names of codes, and those of the others.
    fn names(&self, cell: usize, codes: &[String]) -> Option<(Vec<String>, Vec<String>)> {
        let (named, others): (Vec<_>, Vec<_>) = self.list(cell)?.codes.iter().partition(|c| codes.contains(&c.code));
        let names = |codes: Vec<&crate::model::Code>| codes.into_iter().map(|c| c.name.clone()).collect();
        Some((names(named), names(others)))
    }

    fn says(&self, cell: usize, codes: &[String]) -> Expr {
        self.names(cell, codes).filter(|(n, _)| !n.is_empty()).map_or(Expr::No, |(named, _)| Expr::Is(cell, named))
    }

    /// Whether a reason or a remark is missing: nothing, or only a dash.
    fn missing(cell: usize) -> Expr {
        let dashes = NONE[0].1.iter().map(ToString::to_string).collect();
        Expr::any([Expr::Blank(cell), Expr::Is(cell, dashes)])
    }

    fn truth(&self, p: &Predicate) -> Option<Truth> {
        let parts = |all: &[Predicate]| -> Option<(Vec<Expr>, Vec<Expr>)> {
            let truths: Option<Vec<Truth>> = all.iter().map(|p| self.truth(p)).collect();
            Some(truths?.into_iter().map(|t| (t.yes, t.no)).unzip())
        };
        let known = |yes: bool| if yes { (Expr::Yes, Expr::No) } else { (Expr::No, Expr::Yes) };
        let (yes, no) = match p {
            Predicate::All { all } => parts(all).map(|(yes, no)| (Expr::all(yes), Expr::any(no)))?,
            Predicate::Any { any } => parts(any).map(|(yes, no)| (Expr::any(yes), Expr::all(no)))?,
            Predicate::Not { not } => self.truth(not).map(|t| (t.no, t.yes))?,
            Predicate::In { field, r#in } => match self.asked(field) {
                None => (Expr::No, Expr::No),
                Some(cell) => {
                    let (named, others) = self.names(cell, r#in)?;
                    let is = |names: Vec<String>| if names.is_empty() { Expr::No } else { Expr::Is(cell, names) };
                    (is(named), is(others))
                }
            },
            Predicate::Answered { field, answered } => match self.asked(field) {
                None => known(!answered),
                Some(cell) if *answered => (Expr::Blank(cell).negated(), Expr::Blank(cell)),
                Some(cell) => (Expr::Blank(cell), Expr::Blank(cell).negated()),
            },
            Predicate::None { field, none } => match self.asked(field) {
                None => known(false),
                Some(cell) => {
                    let words = NONE.iter().filter(|(k, _)| k == none).flat_map(|(_, w)| *w);
                    let is = Expr::Is(cell, words.map(ToString::to_string).collect());
                    (is, Expr::any([Expr::Blank(cell), Expr::Known(cell)]))
                }
            },
            Predicate::Meets { field, meets } => {
                let (cell, day) = (self.asked(field)?, self.day(meets)?);
                (
                    Expr::all([Expr::Known(cell), Expr::Greater(Of::Last(cell), day, 0.0).negated()]),
                    Expr::Greater(Of::First(cell), day, 0.0),
                )
            }
            Predicate::AtLeast { field, at_least } => {
                let cell = self.asked(field)?;
                let less = Expr::Greater(Of::Just(*at_least), Of::Last(cell), 0.0);
                (Expr::all([Expr::Known(cell), less.clone().negated()]), less)
            }
            Predicate::Attr { attr, is } => {
                let value = self.own().item.and_then(|i| i.attrs.get(attr)).map_or("", String::as_str);
                known(is.iter().any(|v| v == value))
            }
        };
        Some(Truth { yes, no })
    }

    fn day(&self, deadline: &str) -> Option<Of> {
        self.judge.deadlines.get(deadline).map(|d| just(*d))
    }

    /// Whether a cell is owed at all: its block is needed, and something stands in its record if that is free.
    fn owed(&self, cell: usize) -> Expr {
        let begun = if self.own().optional {
            let (from, to) = self.own().cells;
            // A number that the form comes with begins nothing; it stands first in its row.
            let numbered = self.watch.cells.get(from).is_some_and(|c| c.field.prefill.as_deref() == Some(SERIAL));
            Expr::Begun(from + usize::from(numbered), to)
        } else {
            Expr::Yes
        };
        Expr::all([self.needed(cell), begun])
    }

    /// Whether the record and the block of a cell ask for anything.
    fn needed(&self, cell: usize) -> Expr {
        let of_record = self.judge.form.nothing_asked_when.as_ref();
        let of_block = self.watch.cells.get(cell).and_then(|c| c.block.not_needed_when.as_ref());
        let of_block = of_block.filter(|p| Some(*p) != of_record);
        let needless = of_record.into_iter().chain(of_block).filter_map(|p| self.truth(p));
        Expr::all(needless.map(|t| t.yes.negated()))
    }

    /// Whether a blank certainly says something by itself, so that it is not missing.
    fn says_nothing(&self, cell: usize) -> Expr {
        let means = self.watch.cells.get(cell).and_then(|c| c.field.blank_means.as_ref());
        means.and_then(|m| self.truth(&m.when)).map_or(Expr::Yes, |t| t.yes.negated())
    }

    /// Whether an answer is missing where nothing stands.
    fn lacks(&self, cell: usize) -> Expr {
        Expr::all([self.owed(cell), self.says_nothing(cell)])
    }

    /// Fields that are required always.
    fn required(&self, into: &mut Vec<(usize, usize, Expr)>) {
        let (from, to) = self.own().cells;
        let own = (from..=to).filter_map(|i| Some((i, self.watch.cells.get(i)?)));
        // What the office answers for everybody is owed where it is listed; that it is blank stops no round.
        let answers =
            |c: &Watched<'_>| c.block.role == Some(BlockRole::CommonAnswers) && c.field.role == Some(Role::Value);
        for (i, _) in own.filter(|(_, c)| c.scope == self.scope && (c.field.required || answers(c))) {
            into.extend([(i, TODO, self.lacks(i)), (i, LOOK, self.not_chosen(i))]);
        }
    }

    /// Words that are no answer, whatever is asked.
    fn words(&self, into: &mut Vec<(usize, usize, Expr)>) {
        let (from, to) = self.own().cells;
        let own = (from..=to).filter_map(|i| Some((i, self.watch.cells.get(i)?)));
        for (i, c) in own.filter(|(_, c)| c.scope == self.scope && !c.locked) {
            // A choice is held against its list; keys and names are looked up.
            let plain = !c.field.is_chosen() && !matches!(c.field.kind, FieldType::Item | FieldType::Division);
            let over: &[&str] = if c.field.kind == FieldType::Date { &sign::OVER } else { &[] };
            let words = sign::ELSEWHERE.iter().chain(over).filter(|w| plain && !c.field.none.contains_key(**w));
            let words: Vec<String> = words.map(ToString::to_string).collect();
            if !words.is_empty() {
                into.push((i, LOOK, Expr::Is(i, words)));
            }
        }
    }

    /// Words in an owed choice that its list does not know and that its field does not take.
    fn not_chosen(&self, cell: usize) -> Expr {
        let Some((c, list)) = self.watch.cells.get(cell).zip(self.list(cell)).filter(|(c, _)| !c.locked) else {
            return Expr::No;
        };
        let kind = |word: &str| NONE.iter().find(|(_, words)| words.contains(&word)).map(|(kind, _)| *kind);
        let taken = |word: &str| {
            let same = |name: &String| text::key(name) == text::key(word);
            let listed = list.codes.iter().any(|x| same(&x.code) || same(&x.name) || x.aliases.iter().any(same));
            listed || c.field.none.contains_key(word) || kind(word).is_none_or(|k| c.field.takes_none(k))
        };
        let words: Vec<String> = sign::NOT_CHOSEN.iter().filter(|w| !taken(w)).map(ToString::to_string).collect();
        if words.is_empty() { Expr::No } else { Expr::all([self.owed(cell), Expr::Is(cell, words)]) }
    }

    fn rule(&self, rule: &Rule, when: &Expr, into: &mut Vec<(usize, usize, Expr)>) {
        let mut put = |cell: usize, kind: usize, what: Expr| into.push((cell, kind, Expr::all([when.clone(), what])));
        match &rule.check {
            Check::Required { fields } => {
                for c in self.cells(fields) {
                    put(c, TODO, self.lacks(c));
                    put(c, LOOK, self.not_chosen(c));
                }
            }
            Check::Forbidden { fields } => {
                for cell in self.cells(fields) {
                    let none = NONE[0].1.iter().map(ToString::to_string).collect();
                    put(cell, LOOK, Expr::Is(cell, none).negated());
                }
            }
            Check::Must { that, field, .. } => {
                if let (Some(cell), Some(truth)) = (self.cell(field), self.truth(that)) {
                    put(cell, LOOK, truth.no);
                }
            }
            Check::Order { fields } => {
                let cells = self.cells(fields);
                for (n, earlier) in cells.iter().enumerate() {
                    let later = cells.iter().skip(n + 1);
                    let backwards = later.map(|l| Expr::Greater(Of::First(*earlier), Of::Last(*l), 0.0));
                    put(*earlier, LOOK, Expr::any(backwards));
                }
            }
            Check::NotAfterAsOf { fields } => {
                if let Some(as_of) = self.judge.as_of {
                    let after = |c| Expr::Greater(Of::First(c), just(as_of), 0.0);
                    self.cells(fields).into_iter().for_each(|c| put(c, LOOK, after(c)));
                }
            }
            Check::Passed { planned, actual } => {
                if let Some(as_of) = self.judge.as_of {
                    for (p, a) in planned.iter().zip(actual) {
                        let (Some(p), Some(a)) = (self.cell(p), self.cell(a)) else { continue };
                        put(p, LOOK, Expr::all([Expr::Greater(just(as_of), Of::Last(p), 0.0), Expr::Blank(a)]));
                    }
                }
            }
            Check::Deadline { field, deadline, reason, feasible } => {
                if let (Some(cell), Some(day)) = (self.cell(field), self.day(deadline)) {
                    let reason = reason.as_ref().and_then(|r| self.cell(r));
                    self.deadline(cell, day, reason, feasible.as_ref(), &mut put);
                }
            }
            Check::NotBefore { field, other } => {
                if let (Some(cell), Some(other)) = (self.cell(field), self.cell(other)) {
                    put(cell, LOOK, Expr::Greater(Of::First(other), Of::Last(cell), 1.0));
                }
            }
            Check::Sum { parts, total } => {
                if let Some(total) = self.cell(total) {
                    put(total, LOOK, Expr::SumOff(self.cells(parts), total));
                }
            }
            Check::AtMost { field, max } => {
                if let (Some(cell), Some(max)) = (self.cell(field), self.cell(max)) {
                    put(cell, LOOK, Expr::Greater(Of::First(cell), Of::Last(max), 0.0));
                }
            }
            Check::Sequence { fields, done, not_begun } => {
                let own: Vec<usize> = self.cells(fields).into_iter().filter(|c| !self.watch.cells[*c].locked).collect();
                for (n, cell) in own.iter().enumerate().skip(1) {
                    let Some((names, _)) = self.names(*cell, not_begun) else { continue };
                    put(*cell, LOOK, Expr::all([self.says(*cell, done), Expr::Among(own[..n].to_vec(), names)]));
                }
            }
            Check::NotAll { fields, codes } => {
                let own: Vec<usize> = self.cells(fields).into_iter().filter(|c| !self.watch.cells[*c].locked).collect();
                if let Some(first) = own.first() {
                    let all = own.iter().map(|c| self.says(*c, codes)).chain([self.needed(*first)]);
                    put(*first, LOOK, Expr::all(all));
                }
            }
            Check::Remark { fields, remark, codes } => {
                for status in self.cells(std::slice::from_ref(fields)) {
                    let row = fields.split_once('*').and_then(|(before, after)| {
                        self.watch.cells[status].key.strip_prefix(before)?.strip_suffix(after)
                    });
                    let Some(remark) = row.and_then(|r| self.cell(&remark.replace('*', r))) else { continue };
                    let missing = [self.says(status, codes), Expr::Blank(remark), self.needed(remark)];
                    put(remark, TODO, Expr::all(missing));
                }
            }
            // Across records, for the office to judge, or about what no formula should look for.
            Check::MonthsLeft { .. }
            | Check::OncePerGroup { .. }
            | Check::Unique { .. }
            | Check::WithinYears { .. }
            | Check::BegunYears { .. }
            | Check::SameUnit { .. }
            | Check::Reached { .. }
            | Check::NoPersonalData { .. } => {}
        }
    }

    fn deadline(
        &self,
        cell: usize,
        day: Of,
        reason: Option<usize>,
        feasible: Option<&Feasible>,
        put: &mut impl FnMut(usize, usize, Expr),
    ) {
        let late = Expr::Greater(Of::First(cell), day, 0.0);
        let ends_late = Expr::Greater(Of::Last(cell), day, 0.0);
        let in_time = Expr::all([Expr::Known(cell), ends_late.clone().negated()]);
        put(cell, LATE, late.clone());
        put(cell, LOOK, Expr::all([ends_late, late.clone().negated()]));
        if let Some(reason) = reason {
            put(reason, TODO, Expr::all([late.clone(), Self::missing(reason)]));
            put(reason, LOOK, Expr::all([in_time.clone(), Self::missing(reason).negated()]));
        }
        if let Some(said) = feasible
            && let Some(said_at) = self.cell(&said.field)
        {
            put(cell, LOOK, Expr::all([late, self.says(said_at, &said.yes)]));
            put(cell, LOOK, Expr::all([in_time, self.says(said_at, &said.no)]));
        }
    }
}

fn just(day: NaiveDate) -> Of {
    // Days of this century.
    #[allow(clippy::cast_precision_loss)]
    let serial = serial(day) as f64;
    Of::Just(serial)
}

#[cfg(test)]
mod tests;
