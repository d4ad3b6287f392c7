//! What each division still owes, form by form, with the one day that counts for it: what did not come, what came blank or
//! cannot be read, what was sent back and has not come again. One place says it, for letters, lists and mails.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::states::{self, Due};
use crate::check::business_days;
use crate::forms::Templates;
use crate::model::ledger::{Ledger, Standing};
use crate::model::{Division, Finding, Form, Item, Severity, State, Submission};

/// Codes: a reply that did not come, a record without any answer, a return that was not answered.
const MISSING: &str = "D001W";
const UNANSWERED: &str = "X004W";
const NOT_AGAIN: &str = "X010W";

/// What is the matter with a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// Nothing came.
    Missing,
    /// Something came that cannot be read.
    Unreadable,
    /// What came is wholly blank.
    Blank,
    /// Nothing is answered about some of the items.
    Partly,
    /// What was sent back has not come again.
    NotMended,
}

impl Why {
    /// As programs read it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Unreadable => "unreadable",
            Self::Blank => "blank",
            Self::Partly => "partly",
            Self::NotMended => "not-mended",
        }
    }
}

/// What a division owes of one form.
#[derive(Clone, Debug)]
pub struct Debt<'a> {
    /// The form.
    pub form: &'a Form,
    /// What is the matter.
    pub why: Why,
    /// The items that an answer is owed about.
    pub items: Vec<&'a Item>,
    /// The day that counts.
    pub due: Due,
    /// When it was sent back, where that is what is owed.
    pub sent_back: Option<NaiveDate>,
    /// How many findings the division must mend.
    pub errors: usize,
    /// Files of the division that came and cannot be read.
    pub unreadable: Vec<&'a str>,
    /// Files of nobody known that may be this reply.
    pub doubtful: Vec<&'a str>,
}

/// A division with what it owes.
#[derive(Clone, Debug)]
pub struct Owes<'a> {
    /// The division.
    pub division: &'a Division,
    /// Form by form.
    pub debts: Vec<Debt<'a>>,
}

/// Errors in a reply that nobody was asked to mend yet: by the settings it was not sent back since it came.
#[derive(Clone, Copy, Debug)]
pub struct Unsent<'a> {
    /// The division.
    pub division: &'a Division,
    /// The form.
    pub form: &'a Form,
    /// How many findings there are to mend.
    pub errors: usize,
}

/// What is owed, and what nobody was told yet.
#[derive(Clone, Debug, Default)]
pub struct Owing<'a> {
    /// The divisions that owe something, in the order of the settings.
    pub divisions: Vec<Owes<'a>>,
    /// Replies that are still to be sent back.
    pub unsent: Vec<Unsent<'a>>,
}

/// What every division owes on the day of the ledger.
#[must_use]
pub fn owing<'a>(ledger: &'a Ledger, templates: &'a Templates) -> Owing<'a> {
    let forms: Vec<&Form> = templates.asked().filter(|f| ledger.round.forms.contains_key(&f.id)).collect();
    let mut all = Owing::default();
    for division in &ledger.round.divisions {
        let mut debts = Vec::new();
        for form in &forms {
            let of = Of { ledger, templates, division, form, forms: &forms };
            debts.extend(of.missing().or_else(|| of.came()));
            all.unsent.extend(of.unsent());
        }
        if !debts.is_empty() {
            all.divisions.push(Owes { division, debts });
        }
    }
    all
}

/// One division and one form.
struct Of<'a, 'f> {
    ledger: &'a Ledger,
    templates: &'a Templates,
    division: &'a Division,
    form: &'a Form,
    forms: &'f [&'a Form],
}

impl<'a> Of<'a, '_> {
    fn own(&self) -> impl Iterator<Item = &'a Submission> {
        let (form, division) = (&self.form.id, &self.division.code);
        let all = self.ledger.submissions.iter();
        all.filter(move |s| s.form.as_ref() == Some(form) && s.division.as_ref() == Some(division))
    }

    fn findings(&self) -> impl Iterator<Item = &'a Finding> {
        let (form, division) = (&self.form.id, &self.division.code);
        let all = self.ledger.findings.iter();
        all.filter(move |f| f.form.as_ref() == Some(form) && f.division.as_ref() == Some(division))
    }

    fn due(&self) -> Option<Due> {
        states::due(&self.ledger.round, &self.form.id, &self.division.code, self.ledger.today)
    }

    /// The day until which what was sent back is asked for; the reply deadline where it comes later.
    fn mend_by(&self, sent_back: NaiveDate, due: Due) -> Due {
        let holidays = &self.ledger.round.holidays;
        let days = self.templates.returns.working_days;
        let day = states::mend_by(sent_back, days, &|a, b| business_days(a, b, holidays));
        if day > due.day { Due { day, extended: false } } else { due }
    }

    /// A reply that did not come, unless the office lives with it.
    fn missing(&self) -> Option<Debt<'a>> {
        self.own().find(|s| s.state == State::Missing)?;
        if self.findings().any(|f| f.code == MISSING && f.waived.is_some()) {
            return None;
        }
        let round = &self.ledger.round;
        let files = states::uncounted(&self.ledger.submissions, (self.form, self.forms), self.division, round);
        let named = |own: bool| files.iter().filter(move |(_, o)| *o == own).map(|(f, _)| f.file.as_str());
        let unreadable: Vec<&str> = named(true).collect();
        // What cannot be read may have been sent back as well.
        let sent_back = files.iter().filter(|(_, own)| *own).filter_map(|(f, _)| f.sent_back).max();
        let due = self.due()?;
        let roster = self.form.roster.as_deref();
        Some(Debt {
            form: self.form,
            why: if unreadable.is_empty() { Why::Missing } else { Why::Unreadable },
            items: roster.into_iter().flat_map(|r| round.items_of(r, &self.division.code)).collect(),
            due: sent_back.map_or(due, |day| self.mend_by(day, due)),
            sent_back,
            errors: 0,
            doubtful: named(false).collect(),
            unreadable,
        })
    }

    /// What is owed of a reply that came.
    fn came(&self) -> Option<Debt<'a>> {
        self.own().find(|s| s.state == State::Accepted)?;
        let due = self.due()?;
        let (silent, all) = self.silent();
        let errors = self.errors();
        let unanswered = self.findings().any(|f| f.code == NOT_AGAIN && f.waived.is_none());
        let sent_back = self.sent_back().filter(|_| errors > 0 || unanswered || !silent.is_empty());
        let why = match (silent.len(), sent_back) {
            (0, None) => return None,
            (0, Some(_)) => Why::NotMended,
            (n, _) if n == all => Why::Blank,
            _ => Why::Partly,
        };
        let due = sent_back.map_or(due, |day| self.mend_by(day, due));
        let (unreadable, doubtful) = (Vec::new(), Vec::new());
        Some(Debt { form: self.form, why, items: silent, due, sent_back, errors, unreadable, doubtful })
    }

    /// The items about which nothing was answered, and how many there are in all.
    fn silent(&self) -> (Vec<&'a Item>, usize) {
        let waived: BTreeSet<Option<&str>> =
            self.findings().filter(|f| f.code == UNANSWERED && f.waived.is_some()).map(|f| f.item.as_deref()).collect();
        let owner = Some(self.division.code.as_str());
        let own = |i: &&crate::model::ledger::LedgerItem| i.item.owner.as_deref() == owner && !i.item.absent;
        let all: Vec<_> = self.ledger.items_of(&self.form.id).filter(own).collect();
        let lived_with = |key: &str| waived.contains(&None) || waived.contains(&Some(key));
        let silent = all.iter().filter(|i| i.standing == Standing::Silent && !lived_with(&i.item.key));
        (silent.map(|i| &i.item).collect(), all.len())
    }

    /// How many findings the division must mend; what was not answered at all is told by its item.
    fn errors(&self) -> usize {
        let returns = &self.templates.returns;
        let open = self.findings().filter(|f| f.waived.is_none() && f.code != UNANSWERED);
        open.filter(|f| returns.instead_of(&f.code) != Some("") && returns.weight(&f.code) == Severity::E).count()
    }

    /// When the reply was sent back, where nothing has come since.
    fn sent_back(&self) -> Option<NaiveDate> {
        let files = || self.own().filter(|s| !s.file.is_empty() && s.state != State::NotExpected);
        let sent_back = files().filter_map(|s| s.sent_back).max()?;
        let again = files().filter_map(|s| s.received).any(|r| r.day > sent_back);
        (!again).then_some(sent_back)
    }

    fn unsent(&self) -> Option<Unsent<'a>> {
        self.own().find(|s| s.state == State::Accepted)?;
        let errors = self.errors();
        let open = errors > 0 && self.sent_back().is_none();
        open.then_some(Unsent { division: self.division, form: self.form, errors })
    }
}
