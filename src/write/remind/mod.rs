//! What asks a division again (督促): one letter for all that it owes, as a workbook and as a document, the list of all, and a
//! table for mailing. Every day named is the one that counts for that division and form.

mod list;
mod said;

use rust_xlsxwriter::Workbook;

use super::letter::{self, Paper, Words as Above};
use super::{Output, WriteError, csv, file_name, of_divisions};
use crate::consolidate::owing::{Debt, Owes, Owing, Why};
use crate::forms::Templates;
use crate::look;
use crate::model::Round;
pub use said::{Stands, stands};
use said::{debt_lines, opening, urgency};

/// What is asked again, and on which round and day.
#[derive(Clone, Copy)]
pub struct Reminders<'a> {
    /// What is owed.
    pub owing: &'a Owing<'a>,
    /// The definitions.
    pub templates: &'a Templates,
    /// The round.
    pub round: &'a Round,
    /// The day of the letters.
    pub today: chrono::NaiveDate,
}

impl Reminders<'_> {
    /// The letters, the list and the table for mailing, below 結果/督促/.
    ///
    /// # Errors
    /// When a library refuses something.
    pub fn draw(&self) -> Result<Vec<Output>, WriteError> {
        let words = &self.templates.remind;
        let mut outputs = Vec::new();
        let names = of_divisions(self.round);
        for owes in &self.owing.divisions {
            let Some(name) = names.get(owes.division.code.as_str()) else { continue };
            let paper = self.letter(owes);
            let title = &said::of(words, urgency(owes, self)).title;
            let mut book: Workbook = look::new_workbook(title, self.today)?;
            letter::draw(book.add_worksheet().set_name(&words.sheet)?, &paper, self.round)?;
            outputs.push(Output::new(format!("{name}.xlsx"), look::saved(&mut book)?));
            let bytes =
                letter::document(&paper, title, &self.round.municipality, self.today).map_err(WriteError::Document)?;
            outputs.push(Output::new(format!("{}/{name}.docx", file_name(&words.documents)), bytes));
        }
        if !outputs.is_empty() {
            outputs.push(Output::new(format!("{}.xlsx", file_name(&words.list_title)), list::list(self)?));
            outputs.push(Output::new(self.mailing(), self.mails()?));
        }
        Ok(outputs)
    }

    /// Path of the table for mailing.
    #[must_use]
    pub fn mailing(&self) -> String {
        format!("{}.csv", file_name(&self.templates.remind.mailing))
    }

    /// What is the matter with a form, in a word.
    #[must_use]
    pub fn short(&self, d: &Debt<'_>) -> String {
        let short = &self.templates.remind.state.short;
        let own = match d.why {
            Why::Missing => &short.missing,
            Why::Unreadable => &short.unreadable,
            Why::Blank => &short.blank,
            Why::Partly => &short.partly,
            Why::NotMended => &short.not_mended,
        };
        let errors = if d.errors > 0 { format!("（要修正 {}）", d.errors) } else { String::new() };
        format!("{own}{errors}")
    }

    fn letter(&self, owes: &Owes<'_>) -> Paper {
        let (words, round) = (&self.templates.remind, self.round);
        let said = said::of(words, urgency(owes, self));
        let mut paper = Paper::default();
        let opening = opening(owes, self);
        let number = &round.letters.reminder_number;
        let head = Above { number, day: self.today, title: &said.title, opening: &opening, record: &words.record };
        paper.head(owes.division, round, &head);
        paper.numbered(&words.label_round, &round.name);
        let blocks = owes.debts.iter().map(|d| format!("{}\n{}", d.form.title, debt_lines(d, self).join("\n")));
        paper.numbered_all(&words.label_owed, &blocks.collect::<Vec<_>>());
        let how = self.how(&owes.debts).into_iter().map(|h| format!("・{h}"));
        paper.numbered_all(&words.label_how, &how.collect::<Vec<_>>());
        paper.numbered(&words.label_contact, &round.contact);
        paper.end(&self.templates.letter.end);
        paper
    }

    /// What to do, for what is owed.
    fn how(&self, debts: &[Debt<'_>]) -> Vec<String> {
        let words = &self.templates.remind;
        let hand_in = letter::hand_in(self.templates, self.round);
        let owes = |why: &[Why]| debts.iter().any(|d| why.contains(&d.why));
        let mut how = Vec::new();
        if owes(&[Why::Missing, Why::Unreadable, Why::Blank, Why::Partly]) {
            how.push(words.how.replace("{hand_in}", hand_in));
        }
        if debts.iter().any(|d| d.why == Why::Missing && d.items.is_empty()) {
            how.push(words.how_none.clone());
        }
        if owes(&[Why::Unreadable]) {
            how.push(words.how_unreadable.clone());
        }
        // What cannot be read was sent back without a marked copy.
        if debts.iter().any(|d| d.sent_back.is_some() && d.why != Why::Unreadable) {
            how.push(words.how_mend.replace("{hand_in}", hand_in));
        }
        how.push(words.how_late.clone());
        how
    }

    /// The table for mailing: a mail a division.
    fn mails(&self) -> Result<Vec<u8>, WriteError> {
        let rows: Vec<Vec<String>> = self.owing.divisions.iter().map(|owes| self.mail(owes)).collect();
        csv::letters(&["課コード", "課", "宛先", "件名", "本文"], &rows)
    }

    fn mail(&self, owes: &Owes<'_>) -> Vec<String> {
        let (words, round) = (&self.templates.remind, self.round);
        let title = &said::of(words, urgency(owes, self)).title;
        let subject = words.subject.replace("{title}", title).replace("{round}", &round.name);
        let form = |d: &Debt<'_>| {
            let lines: Vec<String> = debt_lines(d, self).iter().map(|l| format!("　{l}")).collect();
            words.body_form.replace("{form}", &d.form.title).replace("{lines}", &lines.join("\n"))
        };
        let owed: Vec<String> = owes.debts.iter().map(form).collect();
        let mark = if round.mark.is_empty() { String::new() } else { format!("【{}】\n", round.mark) };
        let sender = [&*round.municipality, &*round.issuer].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>();
        let body = words
            .body
            .replace("{mark}", &mark)
            .replace("{division}", &owes.division.name)
            .replace("{opening}", &opening(owes, self))
            .replace("{how}", &self.how(&owes.debts).join("\n"))
            .replace("{contact}", &round.contact)
            .replace("{sender}", &sender.join("　"))
            .replace("{owed}", &owed.join("\n\n"));
        let d = owes.division;
        vec![d.code.clone(), d.name.clone(), d.mail.clone(), subject, body.trim().to_string()]
    }
}
