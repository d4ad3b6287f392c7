//! The sheet 提出状況: who owes what, what came when, and the files that are not in the master with the reason.

use std::collections::BTreeMap;

use rust_xlsxwriter::Workbook;

use super::canvas::{Canvas, Head, Table};
use super::cell::{Cell, Tone};
use super::context::Context;
use super::figures::division_of;
use super::{WriteError, add_sheet};
use crate::consolidate::states;
use crate::model::date::wareki;
use crate::model::{Severity, State, Submission};

const HEADS: [(&str, f64); 15] = [
    ("部局", 18.0),
    ("課コード", 9.0),
    ("課", 20.0),
    ("様式", 36.0),
    ("状態", 23.0),
    ("回答期限", 18.0),
    ("受領日", 18.0),
    ("受領日の根拠", 12.0),
    ("期限後の日数", 10.0),
    ("延長", 14.0),
    ("対象の数", 10.0),
    ("要修正", 8.0),
    ("要確認", 8.0),
    ("内線", 9.0),
    ("ファイル・差戻し・理由", 56.0),
];

/// What counts where several files came.
const RULE: &str = "同じ課・様式に複数のファイルが届いたときは、対象と項目ごとに、最後に届いた回答を集計します。後のファイルの空欄と、前回の回答のままの欄は、先の回答を消しません（確認事項に挙げます）。同じ日に届いた違う回答は、「受付」で新旧を決めるまで、その対象を集計しません。";

/// Draws the sheet.
pub fn draw(ctx: &Context<'_>, book: &mut Workbook) -> Result<(), WriteError> {
    let sheet = add_sheet(ctx, book, "提出状況", None, (true, true))?;
    let widths: Vec<f64> = HEADS.iter().map(|(_, w)| *w).collect();
    let mut canvas = Canvas::new(sheet, &widths)?;
    let row = canvas.title(0, "提出状況", &ctx.round().mark)?;
    let row = canvas.notes(row, &[legend(ctx), RULE.to_string()])?;
    let counted = Counted::new(ctx);
    let owed = ctx.ledger.submissions.iter().filter(|s| is_reply(s));
    let rows = owed.filter(|s| counted.files(s).first().is_none_or(|first| std::ptr::eq(*first, *s)));
    let rows = rows.map(|s| reply(ctx, &counted, s)).collect();
    let heads = HEADS.iter().map(|(l, w)| Head::new(*l, *w)).collect();
    let placed = canvas.table(row, &Table { heads, rows })?;
    canvas.filtered(placed, canvas.columns(), 3)?;
    let aside: Vec<&Submission> = ctx.ledger.submissions.iter().filter(|s| !is_reply(s)).collect();
    let row = canvas.heading(placed.below + 1, "集計に取り込まなかったファイル")?;
    set_aside(ctx, &mut canvas, row, &aside)?;
    canvas.legible(true, true);
    Ok(())
}

/// Form and division.
type Whose<'a> = (&'a str, &'a str);

/// What is counted of each reply, in one pass.
#[derive(Default)]
struct Counted<'a> {
    files: BTreeMap<Whose<'a>, Vec<&'a Submission>>,
    /// Findings of E and of W that stand.
    findings: BTreeMap<Whose<'a>, [usize; 2]>,
    items: BTreeMap<Whose<'a>, usize>,
}

fn whose<'a>(form: Option<&'a String>, division: Option<&'a String>) -> Whose<'a> {
    (form.map_or("", String::as_str), division.map_or("", String::as_str))
}

impl<'a> Counted<'a> {
    fn new(ctx: &Context<'a>) -> Self {
        let (ledger, mut out) = (ctx.ledger, Self::default());
        for s in ledger.submissions.iter().filter(|s| s.state == State::Accepted) {
            out.files.entry(whose(s.form.as_ref(), s.division.as_ref())).or_default().push(s);
        }
        out.files.values_mut().for_each(|files| files.sort_by_key(|f| f.rank()));
        for f in ledger.findings.iter().filter(|f| f.waived.is_none()) {
            let [e, w] = out.findings.entry(whose(f.form.as_ref(), f.division.as_ref())).or_default();
            match f.severity() {
                Severity::E => *e += 1,
                Severity::W => *w += 1,
                Severity::I => {}
            }
        }
        for i in ledger.items.iter().filter(|i| !i.item.absent && i.item.owner.is_some()) {
            *out.items.entry(whose(Some(&i.form), i.item.owner.as_ref())).or_default() += 1;
        }
        out
    }

    /// The files of a reply that count, the first received first; none for what is no such file.
    fn files(&self, s: &'a Submission) -> &[&'a Submission] {
        let of = self.files.get(&whose(s.form.as_ref(), s.division.as_ref()));
        of.filter(|_| s.state == State::Accepted).map_or(&[], Vec::as_slice)
    }
}

const fn is_reply(s: &Submission) -> bool {
    matches!(s.state, State::Accepted | State::Missing | State::Unread | State::NotExpected)
}

fn legend(ctx: &Context<'_>) -> String {
    let unread = ctx.ledger.submissions.iter().any(|s| s.state == State::Unread);
    let unread = if unread { "　？ 届いているが、この端末で読めていない" } else { "" };
    format!(
        "判定の日 {}。○ 期限内に受領　△ 期限後に受領　× 未提出{unread}　－ 対象外（提出の必要がない）。受領日の根拠は、受付・提出日・保存日時・更新日時の順に使います。",
        wareki(ctx.ledger.today)
    )
}

fn reply<'a>(ctx: &Context<'a>, counted: &Counted<'a>, s: &'a Submission) -> Vec<Cell> {
    let (form, code) = whose(s.form.as_ref(), s.division.as_ref());
    let division = ctx.division(code);
    let [errors, warnings] = counted.findings.get(&(form, code)).copied().unwrap_or_default();
    let items = counted.items.get(&(form, code)).copied().unwrap_or_default();
    let expected = s.state != State::NotExpected;
    let number = |n: usize| if expected { Cell::count(n) } else { Cell::dash() };
    vec![
        Cell::text(division.map_or("", |d| &d.bureau)),
        Cell::text(code).center(),
        Cell::text(division_of(ctx, s)),
        Cell::text(ctx.title(form)),
        state(ctx, s),
        deadline(ctx, s),
        Cell::day(s.received.map(|r| r.day)),
        Cell::text(s.received.map_or("", |r| r.basis.words())),
        late(s),
        if s.extended { Cell::text("延長承認済み") } else { Cell::empty() },
        number(items),
        if errors > 0 { Cell::count(errors).tone(Tone::Warn) } else { number(0) },
        number(warnings),
        Cell::text(division.map_or("", |d| &d.phone)).center(),
        Cell::text(remarks(counted, s)),
    ]
}

fn state(ctx: &Context<'_>, s: &Submission) -> Cell {
    match s.state {
        State::Accepted if s.late_days > 0 => Cell::text(format!("△ 期限後 {}日", s.late_days)).tone(Tone::Warn),
        State::Accepted if s.received.is_none() => Cell::text("○ 受領（日は要確認）"),
        State::Accepted => Cell::text("○ 期限内に受領"),
        State::Missing if overdue(ctx, s) => Cell::text("× 未提出（期限経過）").tone(Tone::Warn),
        State::Missing => Cell::text("× 未提出（期限前）").tone(Tone::Missing),
        State::Unread => Cell::text(format!("？ {}", s.state.words())).tone(Tone::Warn),
        State::NotExpected => Cell::text("－ 対象外").tone(Tone::Muted),
        other => Cell::text(other.words()),
    }
}

fn overdue(ctx: &Context<'_>, s: &Submission) -> bool {
    s.late_days > 0 || due(ctx, s).is_some_and(|d| ctx.ledger.today > d)
}

fn late(s: &Submission) -> Cell {
    match s.late_days {
        n if n > 0 && s.state != State::NotExpected => Cell::count(usize::try_from(n).unwrap_or(0)),
        _ => Cell::empty(),
    }
}

/// The reply deadline that holds for the division.
fn due(ctx: &Context<'_>, s: &Submission) -> Option<chrono::NaiveDate> {
    let (form, division) = (s.form.as_deref()?, s.division.as_deref()?);
    states::due(ctx.round(), form, division, ctx.ledger.today).map(|d| d.day)
}

fn deadline(ctx: &Context<'_>, s: &Submission) -> Cell {
    if s.state == State::NotExpected { Cell::dash() } else { Cell::day(due(ctx, s)) }
}

fn remarks<'a>(counted: &Counted<'a>, s: &'a Submission) -> String {
    let mut parts: Vec<String> = Vec::new();
    if !s.file.is_empty() {
        parts.push(s.file.clone());
    }
    // Later files of the same reply: what they answer counts, and beside it the rest of the first.
    for later in counted.files(s).iter().skip(1) {
        let day = later.received.map(|r| format!("（{}）", wareki(r.day))).unwrap_or_default();
        parts.push(format!("＋ {}{day}", later.file));
    }
    if let Some(day) = s.sent_back {
        parts.push(format!("差戻し {}", wareki(day)));
    }
    if !s.reason.is_empty() && s.state != State::NotExpected {
        parts.push(s.reason.clone());
    }
    parts.join("　")
}

/// Files that are not in the master, on the columns of the table above.
fn set_aside(
    ctx: &Context<'_>,
    canvas: &mut Canvas<'_>,
    mut row: u32,
    files: &[&Submission],
) -> Result<(), WriteError> {
    if files.is_empty() {
        canvas.notes(row, &["ありません。届いたファイルはすべて集計に取り込みました。".to_string()])?;
        return Ok(());
    }
    let label = |t: &str| Cell::text(t).tone(Tone::Label).center();
    let heads = [
        (0, 0, label("部局")),
        (1, 1, label("課コード")),
        (2, 2, label("課")),
        (3, 3, label("様式")),
        (4, 5, label("状態")),
        (6, 6, label("受領日")),
        (7, 11, label("ファイル")),
        (12, 14, label("理由")),
    ];
    row = canvas.row(row, &heads)?;
    for s in files {
        let code = s.division.as_deref().unwrap_or_default();
        let cells = [
            (0, 0, Cell::text(ctx.division(code).map_or("", |d| &d.bureau))),
            (1, 1, Cell::text(code).center()),
            (2, 2, Cell::text(division_of(ctx, s))),
            (3, 3, Cell::text(s.form.as_deref().map_or("様式不明", |f| ctx.title(f)))),
            (4, 5, Cell::text(s.state_words())),
            (6, 6, Cell::day(s.received.map(|r| r.day))),
            (7, 11, Cell::text(&*s.file)),
            (12, 14, Cell::text(&*s.reason)),
        ];
        row = canvas.row(row, &cells)?;
    }
    Ok(())
}
