//! The sheet 前回との差: what changed since the last round, per item and field. It compares the long form of this round
//! with that of the last, so that an answer written in another way but meaning the same is no change.

use std::collections::{BTreeMap, BTreeSet};

use rust_xlsxwriter::Workbook;

use super::canvas::{Canvas, Head, Table};
use super::cell::{Cell, Content, Tone};
use super::context::Context;
use super::csv::Datum;
use super::data;
use super::long::{ANSWERS_CSV, too_long};
use super::{MAX_ROWS, WriteError, add_sheet};
use crate::check::moved;
use crate::model::date::wareki;
use crate::model::form::{AskedOf, FieldType};
use crate::model::ledger::Previous;
use crate::model::{Handling, Role, State, Told};
use crate::normalise::text;

const HEADS: [(&str, f64); 8] = [
    ("様式", 32.0),
    ("課", 18.0),
    ("対象", 8.0),
    ("対象名", 34.0),
    ("項目", 30.0),
    ("前回", 34.0),
    ("今回", 34.0),
    ("変化", 19.0),
];

/// Draws the sheet.
pub fn draw(ctx: &Context<'_>, book: &mut Workbook, previous: &Previous) -> Result<(), WriteError> {
    let sheet = add_sheet(ctx, book, "前回との差", None, (true, false))?;
    let widths: Vec<f64> = HEADS.iter().map(|(_, w)| *w).collect();
    let mut canvas = Canvas::new(sheet, &widths)?;
    let row = canvas.title(0, "前回との差", &ctx.round().mark)?;
    let rows = rows(ctx, previous)?;
    let last = if previous.round.is_empty() { "（名称なし）" } else { &previous.round };
    let mut notes = vec![
        format!(
            "前回「{last}」の取りまとめと、今回の回答で意味の変わったもの {} 件。書き方だけの違いは含みません。",
            rows.len()
        ),
        "前回は聞いていない様式と、どちらも空欄の項目は載せていません。届いていない課の分は、課と様式ごとに1行です。"
            .to_string(),
        "同じ時期をより詳しく、またはより大まかに書いたものは「精度の変化」とし、遅れや早まりに数えません。"
            .to_string(),
    ];
    notes.extend(not_earlier(ctx, previous));
    let row = canvas.notes(row, &notes)?;
    if rows.len() > MAX_ROWS {
        canvas.notes(row, &[too_long(rows.len(), ANSWERS_CSV)])?;
        return Ok(());
    }
    let heads = HEADS.iter().map(|(l, w)| Head::new(*l, *w)).collect();
    let placed = canvas.table(row, &Table { heads, rows })?;
    canvas.legible(true, false);
    canvas.filtered(placed, canvas.columns(), 0)
}

/// A warning where the last round is of no earlier day than this one.
fn not_earlier(ctx: &Context<'_>, previous: &Previous) -> Option<String> {
    let days = ctx.round().forms.iter().filter_map(|(form, now)| Some((now.as_of, *previous.as_of.get(form)?)));
    let (now, then) = days.filter(|(now, then)| then >= now).max_by_key(|(now, then)| *then - *now)?;
    Some(format!(
        "【注意】前回の基準日（{}）が、今回の基準日（{}）より前ではありません。「前回」フォルダのファイルを確かめてください。",
        wareki(then),
        wareki(now)
    ))
}

/// Form and item.
type Whose = (String, String);
/// Form, item and answer key.
type Answered = (String, String, String);

/// The sheet's rows while they are gathered.
struct Gathered<'a, 'c> {
    ctx: &'a Context<'c>,
    previous: &'a Previous,
    /// One row a change, in the order of this round.
    rows: Vec<Vec<Cell>>,
    /// Items that the last round did not have, with the number of their answers.
    new: Vec<(Whose, usize)>,
    /// Items of which only the last round, or only this one, has answers: form, division, whether it is this one; items and answers.
    silent: BTreeMap<(String, String, bool), (BTreeSet<String>, usize)>,
    /// Items that are there no more and were told.
    gone: BTreeSet<Whose>,
}

/// One row per change: in the order of this round, then what is there no more. What a reply that is missing would say is one row.
fn rows(ctx: &Context<'_>, previous: &Previous) -> Result<Vec<Vec<Cell>>, WriteError> {
    let col = |name: &str| data::ANSWERS.iter().position(|h| *h == name).unwrap_or(usize::MAX);
    let (form, item, key) = (col("様式ID"), col("対象キー"), col("項目キー"));
    let (item_name, field) = (col("対象名"), col("項目名"));
    let (value, word, from, to) = (col("値"), col("値の語"), col("開始日"), col("終了日"));
    let (kind, approx) = (col("値の型"), col("幅を示す語"));
    let asked: BTreeSet<&str> = previous.divisions.keys().map(|(form, _)| form.as_str()).collect();
    let answered: BTreeSet<Whose> = previous.answers.keys().map(|(f, i, _)| (f.clone(), i.clone())).collect();
    let (rows, new) = (Vec::new(), Vec::new());
    let mut all = Gathered { ctx, previous, rows, new, silent: BTreeMap::new(), gone: BTreeSet::new() };
    let mut seen = BTreeSet::new();
    data::answers(ctx, &mut |row| {
        let text = |at: usize| row.get(at).map(shown).unwrap_or_default();
        let whose = (text(form), text(item), text(key));
        if whose.1.is_empty() || !asked.contains(whose.0.as_str()) {
            return Ok(());
        }
        let of = (whose.0.clone(), whose.1.clone());
        all.moved_division(&of, &text(item_name), &mut seen);
        if whose.2.is_empty() {
            return Ok(());
        }
        let now = Told {
            kind: text(kind),
            value: text(value),
            word: text(word),
            from: text(from).parse().ok(),
            to: text(to).parse().ok(),
            approx: text(approx) == "1",
            ..Told::default()
        };
        if answered.contains(&of) {
            let none = Told::default();
            let then = previous.answers.get(&whose).unwrap_or(&none);
            all.change(&whose, (&text(item_name), &text(field)), then, &now);
        } else if !moved::blank(&now) {
            all.first_time(of);
        }
        seen.insert(whose);
        Ok(())
    })?;
    for (whose, then) in previous.answers.iter().filter(|(w, _)| !seen.contains(*w)) {
        if ctx.round().forms.contains_key(&whose.0) && !moved::blank(then) {
            all.gone(whose, then);
        }
    }
    Ok(all.finish())
}

fn shown(datum: &Datum<'_>) -> String {
    match datum {
        Datum::Text(text) => text.to_string(),
        Datum::Number(n) => n.to_string(),
    }
}

impl Gathered<'_, '_> {
    /// Name of a division; one that there is no more is called as it was.
    fn name(&self, code: &str) -> String {
        let last = || self.previous.divisions.values().find(|d| d.0 == code).map(|d| d.1.clone());
        let now = self.ctx.round().division(code).map(|d| d.name.clone());
        now.or_else(last).unwrap_or_else(|| code.to_string())
    }

    /// Code and name of the division of an item: this round's, else the last one's.
    fn division(&self, form: &str, item: &str) -> (String, String) {
        let owner = self.ctx.item(form, item).and_then(|i| {
            let answering = i.record.as_ref().map(|r| r.division.clone()).filter(|d| !d.is_empty());
            answering.or_else(|| i.item.owner.clone())
        });
        let last = || self.previous.divisions.get(&(form.to_string(), item.to_string())).cloned().unwrap_or_default();
        owner.map_or_else(last, |code| (code.clone(), self.name(&code)))
    }

    /// A change of one answer, if both do not mean the same.
    fn change(&mut self, (form, item, key): &Answered, names: (&str, &str), then: &Told, now: &Told) {
        let slot = self.ctx.slot(form, key);
        let list = slot.and_then(|s| s.field.codes.as_ref()).and_then(|id| self.ctx.templates.lists.get(id));
        let Some((words, warn)) = moved::moved(then, now, list).map(moved::Moved::words) else { return };
        // What the form prints is no answer: the name of an item may change, that of its division is told as such.
        let words = match slot.filter(|s| s.field.locked).map(|s| s.field.role) {
            Some(Some(Role::ItemName)) => "名称の変更".to_string(),
            Some(_) => return,
            None => words,
        };
        let restricted = self.ctx.handling(form, key) == Handling::Restricted;
        let counted = slot.is_some_and(|s| matches!(s.field.kind, FieldType::Integer | FieldType::Money));
        let shown = |a: &Told| match moved::in_words(a) {
            Some(words) => Cell::text(words).tone(Tone::Muted),
            None if restricted => Cell::text("（関係課限り）").tone(Tone::Muted),
            None if !a.word.is_empty() => Cell::text(&*a.word),
            None => match a.value.parse::<f64>() {
                Ok(n) if counted => Cell::new(Content::Count(n)),
                _ => Cell::text(&*a.value),
            },
        };
        let moved = if warn { Cell::text(words).tone(Tone::Warn) } else { Cell::text(words) };
        self.row((form, item), names, (shown(then), shown(now)), moved);
    }

    fn row(&mut self, (form, item): (&str, &str), (name, field): (&str, &str), sides: (Cell, Cell), moved: Cell) {
        let division = self.division(form, item).1;
        let first = [Cell::text(self.ctx.title(form)), Cell::text(division), Cell::text(item).center()];
        self.rows
            .push(first.into_iter().chain([Cell::text(name), Cell::text(field), sides.0, sides.1, moved]).collect());
    }

    /// An item for which another division is to answer than the last time, whether it has or not: once, before its answers.
    /// A division of the same name with another code is the same one.
    fn moved_division(&mut self, whose: &Whose, name: &str, seen: &mut BTreeSet<Answered>) {
        let once = (whose.0.clone(), whose.1.clone(), String::new());
        if seen.contains(&once) {
            return;
        }
        let of_nobody = self.ctx.item(&whose.0, &whose.1).is_some_and(|i| i.item.owner.is_none() && i.record.is_none());
        let now = if of_nobody { Default::default() } else { self.division(&whose.0, &whose.1) };
        let other =
            |then: &&(String, String)| then.0 != now.0 && !then.0.is_empty() && text::key(&then.1) != text::key(&now.1);
        let then = self.previous.divisions.get(whose).filter(other).cloned();
        seen.insert(once);
        if let Some(then) = then {
            let now = if of_nobody { Cell::text("（所管課未定）").tone(Tone::Muted) } else { Cell::text(now.1) };
            self.row((&whose.0, &whose.1), (name, "所管課"), (Cell::text(then.1), now), Cell::text("所管替え"));
        }
    }

    /// An answer about an item of which the last round has none.
    fn first_time(&mut self, whose: Whose) {
        // What nobody was asked about the last time is new.
        if self.previous.divisions.get(&whose).is_some_and(|d| !d.0.is_empty()) {
            let division = self.division(&whose.0, &whose.1).0;
            let (items, answers) = self.silent.entry((whose.0, division, true)).or_default();
            items.insert(whose.1);
            *answers += 1;
        } else if let Some((_, answers)) = self.new.iter_mut().find(|(w, _)| *w == whose) {
            *answers += 1;
        } else {
            self.new.push((whose, 1));
        }
    }

    /// An answer that only the last round has.
    fn gone(&mut self, whose: &Answered, then: &Told) {
        let previous = self.previous;
        let name = previous.items.get(&(whose.0.clone(), whose.1.clone())).map_or("", String::as_str);
        let item = self.ctx.item(&whose.0, &whose.1);
        let division = self.division(&whose.0, &whose.1).0;
        // A reply is missing where one is owed; the reply of a division that answers for the item no more is not.
        let came = self.ctx.ledger.submissions.iter().any(|s| {
            s.state == State::Accepted && s.form.as_ref() == Some(&whose.0) && s.division.as_ref() == Some(&division)
        });
        let own_rows = self.ctx.templates.forms.get(&whose.0).is_some_and(|f| f.asked_of == AskedOf::Divisions);
        let open = item.map_or(own_rows, |i| i.record.is_none() && !i.item.absent && i.item.owner.is_some());
        if !came && open {
            let (items, answers) = self.silent.entry((whose.0.clone(), division, false)).or_default();
            items.insert(whose.1.clone());
            *answers += 1;
        } else if item.is_some_and(|i| i.record.is_some()) {
            let field = previous.fields.get(&(whose.0.clone(), whose.2.clone())).map_or("", String::as_str);
            self.change(whose, (name, field), then, &Told::default());
        } else {
            // The item itself is there no more, or nothing about it: once.
            let words = match item {
                Some(i) if i.item.absent => "対象外になった",
                Some(_) => "回答がなくなった",
                None => "なくなった",
            };
            if self.gone.insert((whose.0.clone(), whose.1.clone())) {
                let sides = (Cell::text("（回答あり）").tone(Tone::Muted), Cell::text("（なし）").tone(Tone::Muted));
                self.row((&whose.0, &whose.1), (name, ""), sides, Cell::text(words).tone(Tone::Warn));
            }
        }
    }

    /// All rows: replies that are missing or came for the first time, new items, then the changes.
    fn finish(mut self) -> Vec<Vec<Cell>> {
        let changes = std::mem::take(&mut self.rows);
        for ((form, division, now), (items, answers)) in std::mem::take(&mut self.silent) {
            let first = items.first().cloned().unwrap_or_default();
            let said = Cell::text(format!("（{answers} 項目の回答）")).tone(Tone::Muted);
            let none = Cell::text("（未提出）").tone(Tone::Muted);
            let sides = if now { (none, said) } else { (said, none) };
            let words =
                if now { Cell::text("前回は未提出") } else { Cell::text("今回は未提出").tone(Tone::Warn) };
            let name = format!("{} 件の対象", items.len());
            self.row((&form, &first), (&name, ""), sides, words);
            let name = self.name(&division);
            if let Some(row) = self.rows.last_mut() {
                row[1] = Cell::text(name);
                row[2] = Cell::text("");
            }
        }
        for ((form, item), answers) in std::mem::take(&mut self.new) {
            let name = self.ctx.item_name(&form, &item).to_string();
            let none = Cell::text("（なし）").tone(Tone::Muted);
            let said = Cell::text(format!("（{answers} 項目の回答）")).tone(Tone::Muted);
            self.row((&form, &item), (&name, ""), (none, said), Cell::text("新規"));
        }
        self.rows.extend(changes);
        self.rows
    }
}
