//! The covering letter for each division, as a workbook and as a document that the office may go on with, and the distribution
//! list of the round. Which days a letter names is decided in one place: the deadline, or the extension, that counts today.

mod document;
mod list;
mod paper;
mod sheet;

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::Output;
use super::context::meeting_body;
use crate::consolidate::states;
use crate::forms::Templates;
use crate::forms::draw::DrawError;
use crate::look;
use crate::model::date::{wareki, weekday};
use crate::model::{Division, Form, Round};

pub(super) use document::document;
pub(super) use paper::{Paper, Words};
pub(super) use sheet::draw;

/// Items named one by one in the letter.
const LISTED: usize = 6;

/// 依頼文.xlsx for every division that owes a reply, the same as documents, and 配布一覧.xlsx.
///
/// # Errors
/// When a library refuses something; the error names the sheet or the document.
pub fn letters(
    forms: &[&Form],
    owed: &BTreeSet<(String, String)>,
    round: &Round,
    templates: &Templates,
    today: NaiveDate,
) -> Result<Vec<Output>, DrawError> {
    let day = round.issued_on.unwrap_or(today);
    let words = &templates.letter;
    let names = super::of_divisions(round);
    let mut outputs = Vec::new();
    for division in round.divisions.iter().filter(|d| owed.iter().any(|(_, o)| *o == d.code)) {
        let mine: Vec<&Form> =
            forms.iter().copied().filter(|f| owed.contains(&(f.id.clone(), division.code.clone()))).collect();
        let paper = letter(division, &mine, round, templates, (day, today));
        let Some(name) = names.get(division.code.as_str()) else { continue };
        let failed = |source| DrawError { sheet: division.name.clone(), source };
        let mut book = look::new_workbook(&words.title, day).map_err(failed)?;
        let sheet = book.add_worksheet().set_name("依頼文").map_err(failed)?;
        draw(sheet, &paper, round).map_err(failed)?;
        outputs.push(Output::new(format!("{name}/依頼文.xlsx"), look::saved(&mut book).map_err(failed)?));
        let bytes = document::document(&paper, &words.title, &round.municipality, day)
            .map_err(|said| failed(rust_xlsxwriter::XlsxError::ParameterError(said)))?;
        outputs.push(Output::new(format!("{}/{name}.docx", words.documents), bytes));
    }
    let bytes = list::list(forms, owed, round, templates, (day, today))
        .map_err(|source| DrawError { sheet: "配布一覧".into(), source })?;
    outputs.push(Output::new("配布一覧.xlsx", bytes));
    Ok(outputs)
}

/// Where replies are handed in: as the settings say, else as the definition does.
#[must_use]
pub fn hand_in<'a>(templates: &'a Templates, round: &'a Round) -> &'a str {
    let (said, shipped) = (&round.letters.hand_in, &templates.letter.hand_in);
    if said.is_empty() { shipped } else { said }
}

/// Until when a division's reply is asked for, in words.
fn due_words(round: &Round, form: &Form, division: &Division, today: NaiveDate) -> String {
    let due = states::due(round, &form.id, &division.code, today);
    due.map(|d| format!("{}（{}）", wareki(d.day), weekday(d.day))).unwrap_or_default()
}

fn letter(
    division: &Division,
    forms: &[&Form],
    round: &Round,
    templates: &Templates,
    (day, today): (NaiveDate, NaiveDate),
) -> Paper {
    let words = &templates.letter;
    let fill = |text: &str| {
        text.replace("{hand_in}", hand_in(templates, round)).replace("{meeting_body}", meeting_body(templates, round))
    };
    let mut paper = Paper::default();
    paper.head(
        division,
        round,
        &Words {
            number: &round.document_number,
            day,
            title: &words.title,
            opening: &words.opening,
            record: &words.record,
        },
    );
    paper.numbered("趣旨", &fill(&words.purpose));
    paper.numbered("根拠", &round.letters.basis);
    paper.numbered("調査回", &round.name);
    paper.numbered("送付物", &words.enclosed);
    let rows = forms.iter().map(|form| enclosed(form, division, round, templates, today));
    paper.table(["様式", "対象", "回答期限"], rows.collect());
    paper.numbered("回答方法", &fill(&words.how));
    let notes = words.notes.iter().enumerate().map(|(n, note)| format!("({}) {note}", n + 1));
    paper.numbered_all("お願い", &notes.collect::<Vec<_>>());
    paper.numbered("問合せ先", &round.contact);
    paper.end(&words.end);
    paper.boxes(&round.letters.circulation, &words.circulation);
    paper
}

/// A form that comes with the letter: what it is about, as of when and until when.
fn enclosed(form: &Form, division: &Division, round: &Round, templates: &Templates, today: NaiveDate) -> [String; 3] {
    let items: Vec<&str> =
        form.roster.iter().flat_map(|r| round.items_of(r, &division.code)).map(|i| i.name.as_str()).collect();
    let as_of = round.forms.get(&form.id).map(|dates| format!("\n（{}現在の状況）", wareki(dates.as_of)));
    // A long list stands in the form itself.
    let named = if items.len() > LISTED { String::new() } else { format!("\n{}", items.join("、")) };
    let about = if items.is_empty() {
        format!("{}　{}", form.subject, templates.letter.none)
    } else {
        format!("{}　{}件{named}", form.subject, items.len())
    };
    [format!("{}{}", form.title, as_of.unwrap_or_default()), about, due_words(round, form, division, today)]
}

#[cfg(test)]
mod tests {
    use super::paper::Piece;
    use super::*;
    use crate::model::round::{Extension, FormRound, LetterSettings};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    /// A round of one division and every shipped form, and the texts of its letter written on a day.
    fn texts(change: impl Fn(&mut Round), today: &str) -> Vec<String> {
        let templates = Templates::embedded().expect("sound");
        let division = Division { code: "101".into(), name: "甲課".into(), ..Division::default() };
        let mut round =
            Round { issued_on: Some(day("2022-11-07")), document_number: "第1号".into(), ..Round::default() };
        for form in templates.asked() {
            let dates = FormRound {
                as_of: day("2022-10-31"),
                count_year: None,
                reply_deadline: day("2022-11-11"),
                asked: Vec::new(),
            };
            round.forms.insert(form.id.clone(), dates);
        }
        change(&mut round);
        let forms: Vec<&Form> = templates.asked().collect();
        let paper = letter(&division, &forms, &round, &templates, (day("2022-11-07"), day(today)));
        let mut texts = Vec::new();
        for piece in paper.pieces {
            match piece {
                Piece::Line(_, text) => texts.push(text),
                Piece::Item(label, text) => texts.extend([label, text]),
                Piece::Table(_, rows) => texts.extend(rows.into_iter().flatten()),
                Piece::Boxes(name, posts) => texts.push(format!("{name}:{}", posts.join(","))),
                Piece::Gap(_) => {}
            }
        }
        texts
    }

    #[test]
    fn a_letter_names_the_deadline_that_counts_on_the_day_it_is_written() {
        let extended = |round: &mut Round| {
            let form = round.forms.keys().next().expect("a form").clone();
            round.extensions.push(Extension {
                division: "101".into(),
                form,
                until: day("2022-11-18"),
                approved_on: Some(day("2022-11-10")),
                reason: String::new(),
                place: None,
            });
        };
        let count = |texts: &[String], day: &str| texts.iter().filter(|t| t.contains(day)).count();
        let before = texts(extended, "2022-11-07");
        assert_eq!((count(&before, "11月11日（金）"), count(&before, "11月18日")), (3, 0));
        // Written anew after the approval, under the day it was first sent.
        let after = texts(extended, "2022-11-12");
        assert_eq!((count(&after, "11月11日（金）"), count(&after, "11月18日（金）")), (2, 1));
        assert!(after.contains(&"令和4年11月7日".to_string()));
    }

    #[test]
    fn what_the_settings_say_stands_on_the_letter() {
        let plain = texts(|_| (), "2022-11-07").join("\n");
        assert!(plain.contains("第1号") && plain.contains("共有フォルダの「提出」に提出"), "{plain}");
        assert!(!plain.contains("根拠") && !plain.contains('{'), "{plain}");
        let said = |round: &mut Round| {
            round.letters = LetterSettings {
                above: "事務連絡".into(),
                below: "（公印省略）".into(),
                hand_in: "dx@example.jp".into(),
                basis: "総行情第100号".into(),
                circulation: "課長、担当".into(),
                ..LetterSettings::default()
            };
            round.meeting.body = "情報化会議".into();
        };
        let all = texts(said, "2022-11-07").join("\n");
        for wanted in [
            "事務連絡",
            "（公印省略）",
            "dx@example.jpに提出",
            "根拠\n総行情第100号",
            "供覧:課長,担当",
            "情報化会議の資料",
        ] {
            assert!(all.contains(wanted), "{wanted}: {all}");
        }
        assert!(!all.contains("第1号\n") && !all.contains("DX推進本部"), "{all}");
    }
}
