//! What goes back to a division (差戻し票): a covering page, its findings as a table, and what was checked and was fine.
//!
//! A division with something to mend, to answer or to hand in gets one workbook, which holds nothing of any other division:
//! places in others' files are left out, and where a finding joins a restricted answer with others' only its title stands.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_xlsxwriter::{Workbook, Worksheet};

mod lines;
mod own;
use lines::{Line, lines};
use own::{Return, Sorted};

use super::WriteError;
use super::canvas::{Canvas, Head, Table};
use super::cell::{Cell, Content, Tone};
use super::context::Context;
use super::findings::{related, target};
use super::letter::{self, Paper, Words as Above};
use crate::check::business_days;
use crate::consolidate::states;
use crate::forms::Templates;
use crate::look::{self, Page};
use crate::model::catalogue::{FAMILIES, SURVEY};
use crate::model::date::{wareki, weekday};
use crate::model::ledger::Ledger;
use crate::model::returns::NoCopy;
use crate::model::{CellRef, Field, Finding, Handling, Place, Severity, Submission, Value, own_note};
use crate::normalise;

/// Everything that goes back.
pub struct Returns<'a> {
    ctx: Context<'a>,
    all: Vec<Return<'a>>,
    /// The first return that a file came for, by its path.
    of_file: BTreeMap<&'a str, usize>,
    /// Files that hold replies of others too, by their path.
    shared: BTreeSet<&'a str>,
}

/// A note for a cell of a division's own file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The sheet.
    pub sheet: String,
    /// The cell.
    pub cell: CellRef,
    /// What the note says; empty for a further cell of the same answer.
    pub note: String,
}

/// What became of the marked copy of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Copied {
    /// It stands beside the return under this name.
    Under(String),
    /// There is none, and why.
    Not(String),
}

/// Changed answers that a return lists one by one.
const REVISED: usize = 100;

impl<'a> Returns<'a> {
    /// Sorts out what goes back to whom.
    #[must_use]
    pub fn new(ledger: &'a Ledger, templates: &'a Templates) -> Self {
        let ctx = Context::new(ledger, templates);
        let sorted = Sorted::new(ledger);
        let all: Vec<Return<'a>> =
            ledger.round.divisions.iter().filter_map(|d| Return::new(d, &sorted, templates)).collect();
        let mut of_file = BTreeMap::new();
        for (at, r) in all.iter().enumerate() {
            r.came.iter().for_each(|s| _ = of_file.entry(s.file.as_str()).or_insert(at));
        }
        let shared = all.iter().flat_map(|r| &r.others).map(|s| s.file.as_str()).collect();
        Self { ctx, all, of_file, shared }
    }

    /// The files with an answer to be marked, with the name of the copy without its ending.
    #[must_use]
    pub fn files(&self) -> Vec<(&'a Submission, String)> {
        let (mut taken, mut copied) = (BTreeSet::new(), BTreeSet::new());
        let mut out = Vec::new();
        for r in &self.all {
            // Two replies of one file have one copy.
            for s in r.came.iter().filter(|s| !self.notes(s).is_empty() && copied.insert(&s.file)) {
                let form = s.form.as_deref().map_or("", |f| self.ctx.title(f));
                let words = &self.ctx.templates.returns.marked;
                let name = words.replace("{division}", &r.division.name).replace("{form}", form);
                let mut name = super::file_name(&name);
                while !taken.insert(super::names::folded(&name)) {
                    name.push_str("（2）");
                }
                out.push((*s, name));
            }
        }
        out
    }

    /// Whether a file holds replies of others too, so that no copy of it goes back.
    #[must_use]
    pub fn is_shared(&self, file: &Submission) -> bool {
        self.shared.contains(file.file.as_str())
    }

    /// The notes for a file.
    #[must_use]
    pub fn notes(&self, file: &Submission) -> Vec<Noted> {
        // A wider area of more cells is an answer that nobody can point at; in a column each cell is one that is wrong, and so
        // is each cell of a block of blanks.
        const MOST: usize = 12;
        const COLUMN: usize = 200;
        const BLOCK: usize = 2000;
        let Some(r) = self.of_file.get(file.file.as_str()).and_then(|at| self.all.get(*at)) else { return Vec::new() };
        let mut out = Vec::new();
        for line in self.lines(r) {
            let f = &line.finding;
            let words = self.words(f, r);
            // The day tells this return from the last one, whose notes may still stand in the file.
            let day = wareki(self.ctx.ledger.today);
            let (weight, sentence, remedy) = (self.weight(f).words(), words.sentence, words.remedy);
            let note = own_note::wrap(&format!("{day}\n【{weight}】{sentence}\n直し方: {remedy}"));
            let own = line.areas.iter().filter(|p| *p.file == file.file && !p.sheet.is_empty());
            for (place, area) in own.filter_map(|p| Some((p, p.area?))) {
                let blank = line.count > 1 || self.weight(f) != f.severity();
                let most = match area.first.col == area.last.col {
                    _ if blank => BLOCK,
                    true => COLUMN,
                    false => MOST,
                };
                let cells = (area.first.row..=area.last.row)
                    .flat_map(|row| (area.first.col..=area.last.col).map(move |col| CellRef::new(row, col)));
                for (n, cell) in cells.take(most).enumerate() {
                    let note = if n == 0 { note.clone() } else { String::new() };
                    out.push(Noted { sheet: place.sheet.to_string(), cell, note });
                }
            }
        }
        out
    }

    /// Where the returns stand below 結果/, each with the number by which it is drawn.
    #[must_use]
    pub fn paths(&self) -> Vec<(String, usize)> {
        let names = super::of_divisions(self.ctx.round());
        let path = |r: &Return<'a>| {
            let name = names.get(r.division.code.as_str()).map_or(r.division.name.as_str(), String::as_str);
            super::file_path(&self.ctx.templates.returns.file.replace("{division}", &super::file_name(name)))
        };
        let paths: Vec<String> = self.all.iter().map(path).collect();
        paths.into_iter().enumerate().map(|(n, path)| (path, n)).collect()
    }

    /// Why there may be no copy, in the office's words.
    #[must_use]
    pub const fn no_copy(&self) -> &'a NoCopy {
        &self.ctx.templates.returns.no_copy
    }

    /// The folder of the returns, below 結果/.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.ctx.templates.returns.file.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The return of this number (of [`Returns::paths`]); `copies` by file.
    ///
    /// # Errors
    /// When a definition names a sheet in a way the workbook cannot hold.
    pub fn workbook(&self, number: usize, copies: &BTreeMap<String, Copied>) -> Result<Vec<u8>, WriteError> {
        let Some(r) = self.all.get(number) else { return Ok(Vec::new()) };
        let words = &self.ctx.templates.returns;
        let round = self.ctx.round();
        let title = if r.came.is_empty() { &words.title_missing } else { &words.title };
        let mut book: Workbook = look::new_workbook(title, self.ctx.ledger.today)?;
        self.letter(r, copies, book.add_worksheet().set_name(&words.sheet_letter)?)?;
        let page =
            Page { landscape: true, left: &round.name, right: &r.division.name, mark: &round.mark, ..Page::default() };
        if !r.findings.is_empty() {
            let sheet = book.add_worksheet().set_name(&words.sheet_findings)?;
            look::page_setup(sheet, &page);
            self.findings(r, copies, sheet)?;
        }
        if !r.came.is_empty() {
            let sheet = book.add_worksheet().set_name(&words.sheet_checked)?;
            look::page_setup(sheet, &Page { landscape: false, ..page });
            self.checked(r, sheet)?;
        }
        Ok(look::saved(&mut book)?)
    }

    fn letter(
        &self,
        r: &Return<'a>,
        copies: &BTreeMap<String, Copied>,
        sheet: &mut Worksheet,
    ) -> Result<(), WriteError> {
        let (ctx, words, round) = (&self.ctx, &self.ctx.templates.returns, self.ctx.round());
        // What asks again and what is sent back have numbers of their own; the letter's is neither's.
        let (title, opening, number) = if r.came.is_empty() {
            (&words.title_missing, &words.opening_missing, &round.letters.reminder_number)
        } else {
            (&words.title, &words.opening, &round.letters.return_number)
        };
        let hand_in = letter::hand_in(ctx.templates, round);
        let mut paper = Paper::default();
        let opening = opening.replace("{round}", &round.name);
        let head = Above { number, day: ctx.ledger.today, title, opening: &opening, record: &words.record };
        paper.head(r.division, round, &head);
        let mut blocks: Vec<(&str, Vec<String>)> = Vec::new();
        let came = r.came.iter().map(|s| self.came(r, s, copies));
        blocks.push((&words.label_forms, came.collect()));
        blocks.push((&words.label_missing, r.missing.iter().map(|s| self.missing(r, s)).collect()));
        if !r.came.is_empty() {
            let day = self.due(r);
            let due = words.due.replace("{day}", &wareki(day)).replace("{weekday}", weekday(day));
            blocks.push((&words.label_due, vec![due.replace("{hand_in}", hand_in)]));
        }
        let mut how: Vec<String> = Vec::new();
        let marked = r.came.iter().any(|s| matches!(copies.get(&s.file), Some(Copied::Under(_))));
        let by_hand =
            r.came.iter().any(|s| r.of(s).next().is_some() && !matches!(copies.get(&s.file), Some(Copied::Under(_))));
        if !r.came.is_empty() {
            how.extend(words.how.iter().skip(usize::from(!marked)).cloned());
        }
        how.extend(by_hand.then(|| words.how_by_hand.clone()));
        how.extend((!r.missing.is_empty()).then(|| words.how_missing.replace("{hand_in}", hand_in)));
        let label = if r.came.is_empty() { &words.label_how_missing } else { &words.label_how };
        blocks.push((label, how.into_iter().map(|h| format!("・{h}")).collect()));
        for (label, lines) in blocks {
            paper.numbered_all(label, &lines);
        }
        paper.numbered(&words.label_contact, &round.contact);
        paper.end(&self.ctx.templates.letter.end);
        letter::draw(sheet, &paper, round)?;
        Ok(())
    }

    /// The lines of a form that came.
    fn came(&self, r: &Return<'a>, s: &Submission, copies: &BTreeMap<String, Copied>) -> String {
        let words = &self.ctx.templates.returns;
        let lines = lines(&self.ctx, &r.of(s).copied().collect::<Vec<_>>());
        let count = |severity| lines.iter().filter(|l| self.weight(&l.finding) == severity).count().to_string();
        let counts = words.counts.replace("{e}", &count(Severity::E)).replace("{w}", &count(Severity::W));
        let places: usize = lines.iter().map(|l| l.count).sum();
        let more = if places > lines.len() { words.places.replace("{n}", &places.to_string()) } else { String::new() };
        let file = s.file.rsplit('/').next().unwrap_or_default();
        let title = s.form.as_deref().map_or(file, |f| self.ctx.title(f));
        let mut lines = vec![format!("{title}　　{counts}{more}"), format!("提出されたファイル　{file}")];
        match copies.get(&s.file) {
            Some(Copied::Under(name)) => lines.push(format!("朱書きのファイル　{name}")),
            Some(Copied::Not(why)) => lines.push(why.clone()),
            None if r.of(s).next().is_some() => lines.push(words.no_copy.sheetwise.clone()),
            None => {}
        }
        lines.join("\n")
    }

    /// The lines of a form that did not come.
    fn missing(&self, r: &Return<'a>, s: &Submission) -> String {
        let form = s.form.as_deref().unwrap_or_default();
        let (ctx, round) = (&self.ctx, self.ctx.round());
        let day =
            states::due(round, form, &r.division.code, ctx.ledger.today).map(|d| wareki(d.day)).unwrap_or_default();
        let state = s.reason.trim_end_matches('。');
        let words = &ctx.templates.returns;
        let over =
            states::due(round, form, &r.division.code, ctx.ledger.today).is_some_and(|d| d.day < ctx.ledger.today);
        let said = if over { &words.missing_over } else { &words.missing };
        let due = said.replace("{day}", &day).replace("{state}", state);
        let roster = ctx.form(form).and_then(|f| f.form.roster.as_deref());
        let items: Vec<&str> =
            roster.iter().flat_map(|x| round.items_of(x, &r.division.code)).map(|i| i.name.as_str()).collect();
        let about = if items.is_empty() { String::new() } else { format!("\n対象　{}", items.join("、")) };
        format!("{}\n{due}{about}", ctx.title(form))
    }

    /// The day until which a mended file is asked for: so many working days from now, or the reply deadline where it is later.
    fn due(&self, r: &Return<'a>) -> NaiveDate {
        let (today, round) = (self.ctx.ledger.today, self.ctx.round());
        let soon = states::mend_by(today, self.ctx.templates.returns.working_days, &|a, b| {
            business_days(a, b, &round.holidays)
        });
        let forms = r.came.iter().filter_map(|s| s.form.as_deref());
        let due = forms.filter_map(|f| states::due(round, f, &r.division.code, today)).map(|d| d.day).max();
        due.map_or(soon, |due| due.max(soon))
    }

    fn findings(
        &self,
        r: &Return<'a>,
        copies: &BTreeMap<String, Copied>,
        sheet: &mut Worksheet,
    ) -> Result<(), WriteError> {
        const HEADS: [(&str, f64); 11] = [
            ("番号", 5.0),
            ("重要度", 8.0),
            ("様式", 15.0),
            ("対象", 17.0),
            ("項目", 15.0),
            ("内容", 36.0),
            ("提出値", 15.0),
            ("期待値", 15.0),
            ("差", 12.0),
            ("直し方", 32.0),
            ("場所", 24.0),
        ];
        let words = &self.ctx.templates.returns;
        let widths: Vec<f64> = HEADS.iter().map(|(_, w)| *w).collect();
        let mut canvas = Canvas::new(sheet, &widths)?;
        let row = canvas.title(0, &words.findings_title, &self.ctx.round().mark)?;
        // Links lead into the marked copies, where there is one.
        let marked = r.came.iter().any(|s| matches!(copies.get(&s.file), Some(Copied::Under(_))));
        let row = if marked { canvas.notes(row, std::slice::from_ref(&words.findings_note))? } else { row };
        let heads = HEADS.iter().map(|(l, w)| Head::new(*l, *w)).collect();
        let rows = self.lines(r).iter().enumerate().map(|(n, line)| self.line(n + 1, line, r, copies)).collect();
        let placed = canvas.table(row, &Table { heads, rows })?;
        canvas.legible(true, false);
        canvas.filtered(placed, canvas.columns(), 0)
    }

    /// What is to be done, line by line.
    fn lines(&self, r: &Return<'a>) -> Vec<Line> {
        lines(&self.ctx, &r.findings)
    }

    /// How much a finding weighs for the division.
    fn weight(&self, f: &Finding) -> Severity {
        self.ctx.templates.returns.weight(&f.code)
    }

    fn line(&self, number: usize, line: &Line, r: &Return<'a>, copies: &BTreeMap<String, Copied>) -> Vec<Cell> {
        let f = &line.finding;
        let (field, item) = self.ctx.names(f);
        let words = self.words(f, r);
        let weight = self.weight(f);
        let tone = if weight == Severity::E { Tone::Warn } else { Tone::Missing };
        let shown =
            |value: &Option<String>| Cell::text(value.as_deref().filter(|_| !words.withheld).unwrap_or_default());
        let to_write = self.ctx.templates.returns.to_write.contains(&f.code);
        vec![
            Cell::count(number).center(),
            Cell::text(weight.words()).tone(tone).center(),
            Cell::text(f.form.as_deref().map_or("", |x| self.ctx.title(x))),
            Cell::text(item),
            Cell::text(field),
            Cell::text(words.sentence),
            shown(&f.given),
            if to_write { shown(&f.expected) } else { Cell::empty() },
            if words.withheld { Cell::empty() } else { Cell::text(self.difference(f, r)) },
            Cell::text(words.remedy),
            place(line, r, copies),
        ]
    }

    /// Sentence and remedy for the division.
    fn words(&self, f: &Finding, r: &Return<'a>) -> Words {
        let (field, item) = self.ctx.names(f);
        let catalogue = &self.ctx.templates.catalogue;
        let form = f.form.as_deref().unwrap_or_default();
        let restricted = f.field.as_deref().is_some_and(|k| self.ctx.handling(form, k) == Handling::Restricted);
        let withheld = restricted && f.place.iter().chain(&f.related).any(|p| !r.owns(p));
        let mut sentence = catalogue.sentence(f, &field, &item);
        if withheld {
            sentence = catalogue.get(&f.code).map(|e| format!("{}。", e.title)).unwrap_or_default();
        } else {
            let own: Vec<String> =
                f.related.iter().filter(|p| r.owns(p)).map(|p| related(p, f.place.as_ref())).collect();
            if !own.is_empty() {
                sentence = format!("{sentence}（関係するセル: {}）", own.join("、"));
            }
        }
        let remedy = match self.ctx.templates.returns.instead_of(&f.code) {
            Some(text) => text.to_string(),
            // The catalogue speaks to the office, which asks the division; the division is asked directly.
            None => catalogue.remedy(f, &field, &item).replace("てもらってください", "てください"),
        };
        Words { sentence, remedy, withheld }
    }

    /// How far the given value is from the expected one: days, or a number.
    fn difference(&self, f: &Finding, r: &Return<'a>) -> String {
        let parts = (f.form.as_deref(), f.field.as_deref(), f.expected.as_deref());
        let (Some(form), Some(key), Some(expected)) = parts else { return String::new() };
        let Some(field) = self.ctx.slot(form, key).map(|s| s.field) else { return String::new() };
        let Some(answer) = r.answer(f, key) else { return String::new() };
        let Some(as_of) = self.ctx.as_of(form) else { return String::new() };
        let lists = &self.ctx.templates.lists;
        let context = normalise::Context { as_of, date1904: false, codes: lists };
        let parsed = normalise::normalise(&crate::model::Cell::text(expected), &Field::clone(field), &context).value;
        apart(&answer.value, &parsed)
    }

    fn checked(&self, r: &Return<'a>, sheet: &mut Worksheet) -> Result<(), WriteError> {
        let words = &self.ctx.templates.returns;
        let heads = [("様式", 26.0), ("ファイル", 30.0), ("受領日", 17.0), ("対象", 8.0), ("回答", 8.0), ("指摘", 8.0)];
        let widths: Vec<f64> = heads.iter().map(|(_, w)| *w).collect();
        let mut canvas = Canvas::new(sheet, &widths)?;
        let row = canvas.title(0, &words.checked_title, &self.ctx.round().mark)?;
        let row = canvas.notes(row, std::slice::from_ref(&words.checked_note))?;
        let rows = r.came.iter().map(|s| {
            let answered = s.records.iter().flat_map(|x| x.fields.values()).chain(s.card.values());
            vec![
                Cell::text(s.form.as_deref().map_or("", |f| self.ctx.title(f))),
                Cell::text(s.file.rsplit('/').next().unwrap_or_default()),
                Cell::day(s.received.map(|x| x.day)),
                Cell::count(s.records.iter().map(|x| &x.item).collect::<BTreeSet<_>>().len()),
                Cell::count(answered.filter(|a| !a.value.is_blank()).count()),
                Cell::count(lines(&self.ctx, &r.of(s).copied().collect::<Vec<_>>()).len()),
            ]
        });
        let placed = canvas.table(
            row,
            &Table { heads: heads.iter().map(|(l, w)| Head::new(*l, *w)).collect(), rows: rows.collect() },
        )?;
        let mut row = placed.below + 1;
        let label = |text: &str| Cell::text(text).tone(Tone::Label).center();
        row = canvas
            .row(row, &[(0, 0, label("確かめたこと")), (1, 1, label("結果")), (2, 2, label("確かめた種類の数"))])?;
        for (letter, name) in FAMILIES.into_iter().filter(|(letter, _)| *letter != SURVEY) {
            let kinds = self.ctx.templates.catalogue.iter().filter(|e| e.code.starts_with(letter)).count();
            let found = r.findings.iter().filter(|f| f.code.starts_with(letter)).count();
            let result = match found {
                0 => Cell::text(&*words.fine).tone(Tone::Good),
                n => Cell::text(format!("{n}件（{}）", words.not_fine)).tone(Tone::Warn),
            };
            row = canvas.row(row, &[(0, 0, Cell::text(name)), (1, 1, result), (2, 2, Cell::count(kinds))])?;
        }
        self.revised(r, &mut canvas, row)?;
        canvas.legible(false, false);
        Ok(())
    }

    /// What the division answered otherwise in a file that came later.
    fn revised(&self, r: &Return<'a>, canvas: &mut Canvas<'_>, row: u32) -> Result<(), WriteError> {
        let own = self.ctx.ledger.revisions.iter().filter(|x| x.division == r.division.code);
        let own: Vec<_> = own.collect();
        if own.is_empty() {
            return Ok(());
        }
        let words = &self.ctx.templates.returns;
        let mut row = canvas.heading(row + 1, &words.revised_title)?;
        let label = |text: &str| Cell::text(text).tone(Tone::Label).center();
        row = canvas.row(row, &[(0, 0, label("対象")), (1, 1, label("項目")), (2, 5, label("前の回答 → 後の回答"))])?;
        for x in own.iter().take(REVISED) {
            let field = self.ctx.slot(&x.form, &x.key).map_or_else(|| x.key.clone(), crate::model::Slot::label);
            let item = self.ctx.item_name(&x.form, &x.item);
            let moved = format!("{} → {}", crate::check::words::given(&x.before), crate::check::words::given(&x.after));
            row = canvas.row(row, &[(0, 0, Cell::text(item)), (1, 1, Cell::text(field)), (2, 5, Cell::text(moved))])?;
        }
        if own.len() > REVISED {
            canvas.notes(row, &[format!("ほか{}項目", own.len() - REVISED)])?;
        }
        Ok(())
    }
}

/// What a finding says to the division.
struct Words {
    sentence: String,
    remedy: String,
    /// Whether others' restricted answers take part, so that values stay out.
    withheld: bool,
}

/// How far one value is from another: days, or a number to six places.
fn apart(given: &Value, expected: &Value) -> String {
    match (given, expected) {
        (Value::Number(given), Value::Number(expected)) => {
            let size = ((given - expected).abs() * 1e6).round() / 1e6;
            let sign = if given > expected { "＋" } else { "－" };
            if size > 0.0 {
                format!("{sign}{}", crate::check::words::separated(&size.to_string()))
            } else {
                String::new()
            }
        }
        (Value::Date(given), Value::Date(expected)) => {
            match given.to.zip(expected.to).map_or(0, |(given, expected)| (given - expected).num_days()) {
                0 => String::new(),
                days if days > 0 => format!("＋{days}日"),
                days => format!("－{}日", -days),
            }
        }
        _ => String::new(),
    }
}

/// Where it is, with a link into the marked copy where there is one.
fn place(line: &Line, r: &Return<'_>, copies: &BTreeMap<String, Copied>) -> Cell {
    let areas: Vec<&Place> = line.areas.iter().filter(|p| r.owns(p)).collect();
    let Some(place) = areas.first() else { return Cell::empty() };
    let file = place.file.rsplit('/').next().unwrap_or_default();
    let text = if place.sheet.is_empty() {
        file.to_string()
    } else {
        let all: Vec<String> = areas.iter().filter_map(|p| p.area).map(|a| a.to_string()).collect();
        format!("「{}」{}{}", place.sheet, if all.is_empty() { "" } else { "!" }, all.join("、"))
    };
    match copies.get(&*place.file) {
        Some(Copied::Under(name)) => {
            Cell::new(Content::Link { text, target: target(name, &place.sheet, place.area.map(|a| a.first)) })
        }
        _ => Cell::text(text),
    }
}
