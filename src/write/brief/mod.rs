//! The papers of the headquarters meeting (本部会議資料): from the ledger and `templates/brief.toml` to pieces of text,
//! tables and bars, which are drawn twice: as a document and as a sheet of the master. Restricted answers never stand here
//! (the lint refuses such columns).

mod docx;
mod sheet;

use chrono::{Datelike, NaiveDate};

pub use docx::document;
pub use sheet::draw;

use super::canvas::Head;
use super::cell::{Cell, Tone};
use super::charts::{self, Figures};
use super::context::{Context, OWNER_UNSETTLED};
use super::figures::count_line;
use super::list::head;
use super::show::{self, fraction_text, item_rate, rate_def, rate_mark, rate_text, rate_tone};
use super::{WriteError, overview};
use crate::model::brief::{BriefBlock, Topic};
use crate::model::date::{wareki, weekday};
use crate::model::ledger::LedgerItem;
use crate::model::master::{Column, CountLine};
use crate::model::predicate::Predicate;
use crate::model::round::Deadline;
use crate::model::{Finding, Truth};

/// Id under which the bars of the papers stand among the charts.
pub const CHARTS: &str = "brief";

const BUREAUS: &str = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモ";
const DIVISIONS: &str = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳";

/// One piece of the papers, in the order of reading.
pub enum Piece {
    /// Heading of a part; on a new page where it says so.
    Part(String, bool),
    /// Heading of a topic.
    Topic(String),
    /// Heading within a topic.
    Heading(String),
    /// A sentence.
    Sentence(String),
    /// A line of a list, with its mark, so and so deep.
    Entry(u8, String),
    /// A remark in small letters.
    Note(String),
    /// A framed sentence that nobody overlooks.
    Warning(String),
    /// A table.
    Table(Vec<Head>, Vec<Vec<Cell>>),
    /// Bars: position among the charts.
    Bars(usize),
}

/// The head of the papers.
pub struct Title {
    /// Title.
    pub title: String,
    /// Meeting, place among the papers, day, as-of dates: one line each.
    pub lines: Vec<String>,
    /// Mark of a sample.
    pub mark: String,
}

/// The papers.
pub struct Papers {
    /// Head.
    pub title: Title,
    /// Pieces.
    pub pieces: Vec<Piece>,
    /// All charts, those of other sheets too; [`Piece::Bars`] points into them.
    pub charts: Vec<Figures>,
}

/// Puts the papers together.
#[must_use]
pub fn papers(ctx: &Context<'_>) -> Papers {
    Author::new(ctx).write()
}

/// The meeting that the papers are for: the first that is not past, of all forms.
fn meeting<'a>(ctx: &Context<'a>) -> Option<&'a Deadline> {
    let is = &ctx.templates.brief.meeting;
    let coming = |d: &&Deadline| d.kind == is.kind && d.name.contains(&is.named) && d.date >= ctx.ledger.today;
    ctx.round().deadlines.iter().filter(coming).min_by_key(|d| d.date)
}

fn has_data(ctx: &Context<'_>, topic: &Topic) -> bool {
    topic.form.as_ref().map_or(!topic.blocks.is_empty(), |f| ctx.round().forms.contains_key(f))
}

fn printed(ctx: &Context<'_>, topic: &Topic) -> bool {
    topic.none.is_some() || has_data(ctx, topic)
}

struct Author<'a> {
    ctx: &'a Context<'a>,
    charts: Vec<Figures>,
    /// Position of the next bars among `charts`.
    next: usize,
    /// Number of each topic that is printed, by part and place.
    labels: Vec<(String, String)>,
    pieces: Vec<Piece>,
}

impl<'a> Author<'a> {
    fn new(ctx: &'a Context<'a>) -> Self {
        let charts = charts::all(ctx);
        let next = charts.iter().position(|c| c.sheet() == CHARTS).unwrap_or(charts.len());
        let mut author = Self { ctx, charts, next, labels: Vec::new(), pieces: Vec::new() };
        author.number();
        author
    }

    /// Numbers the topics that are printed: 1, 2 within a part, 別紙1, 別紙2 in an annex.
    fn number(&mut self) {
        let ctx = self.ctx;
        for part in &ctx.templates.brief.parts {
            for (n, topic) in (1..).zip(part.topics.iter().filter(|t| printed(ctx, t))) {
                let label = if part.annex { format!("{}{n}", part.title) } else { n.to_string() };
                self.labels.push((topic.id.clone().unwrap_or_default(), label));
            }
        }
    }

    fn write(mut self) -> Papers {
        let ctx = self.ctx;
        if let Some(text) = overview::provisional(self.ctx) {
            self.pieces.push(Piece::Warning(text));
        }
        let mut label = 0;
        for part in &ctx.templates.brief.parts {
            if !part.topics.iter().any(|t| printed(ctx, t)) {
                continue;
            }
            self.pieces.push(Piece::Part(part.title.clone(), part.annex));
            for topic in part.topics.iter().filter(|t| printed(ctx, t)) {
                let number = self.labels.get(label).map(|(_, l)| l.clone()).unwrap_or_default();
                label += 1;
                self.pieces.push(Piece::Topic(format!("{number}　{}", self.fill(&topic.title, topic))));
                self.topic(topic);
            }
        }
        Papers { title: self.title(), pieces: self.pieces, charts: self.charts }
    }

    fn title(&self) -> Title {
        let round = self.ctx.round();
        let brief = &self.ctx.templates.brief;
        let when = meeting(self.ctx).map_or_else(
            || brief.meeting.unknown.clone(),
            |m| format!("{}　{}（{}）", m.name, wareki(m.date), weekday(m.date)),
        );
        let mut days: Vec<NaiveDate> = round.forms.values().map(|f| f.as_of).collect();
        days.dedup();
        let as_of = match days.as_slice() {
            [day] => wareki(*day),
            _ => round
                .forms
                .iter()
                .map(|(id, f)| format!("{} {}", self.ctx.title(id), wareki(f.as_of)))
                .collect::<Vec<_>>()
                .join("　"),
        };
        Title {
            title: fill(self.ctx, &brief.title, None),
            lines: vec![when, format!("基準日　{as_of}")],
            mark: round.mark.clone(),
        }
    }

    fn fill(&self, text: &str, topic: &Topic) -> String {
        let mut text = fill(self.ctx, text, topic.form.as_deref());
        for (id, label) in self.labels.iter().filter(|(id, _)| !id.is_empty()) {
            text = text.replace(&format!("{{topic:{id}}}"), label);
        }
        text
    }

    fn topic(&mut self, topic: &Topic) {
        if !has_data(self.ctx, topic) {
            self.pieces.extend(topic.none.clone().map(Piece::Sentence));
            return;
        }
        let form = topic.form.as_deref().unwrap_or_default();
        for block in &topic.blocks {
            match block {
                BriefBlock::Text { text } => self.pieces.push(Piece::Sentence(self.fill(text, topic))),
                BriefBlock::Heading { text } => self.pieces.push(Piece::Heading(self.fill(text, topic))),
                BriefBlock::Lines { lines } => self.lines(form, lines),
                BriefBlock::Rates { rates } => self.rates(rates),
                BriefBlock::ByOwner { rate } => self.by_owner(form, rate.as_deref()),
                BriefBlock::Bars { title, .. } => self.bars(title),
                BriefBlock::Items { only, found, why, columns, order_by, most, none } => {
                    let asked = Asked { only: only.as_ref(), found, order_by: order_by.as_deref() };
                    let table = Shape { why: why.as_deref(), columns, most: *most, none };
                    self.items(form, &asked, &table);
                }
                BriefBlock::Schedule { kinds } => self.schedule(form, kinds),
            }
        }
    }

    fn lines(&mut self, form: &str, lines: &[CountLine]) {
        for line in lines {
            let counted = count_line(self.ctx, form, line);
            let unknown = if counted.unknown > 0 {
                format!("（ほかに未確定 {}）", counted.unknown)
            } else {
                String::new()
            };
            let note = if counted.note.is_empty() { String::new() } else { format!("【{}】", counted.note) };
            let subject = self.ctx.subject(form);
            let text = format!("・{}　{} {subject}{unknown}{note}", line.label, counted.count);
            self.pieces.push(Piece::Entry(0, text));
        }
    }

    fn rates(&mut self, ids: &[String]) {
        let mut rows = Vec::new();
        let mut caveats: Vec<String> = Vec::new();
        for id in ids {
            let (Some(def), Some(rate)) = (rate_def(self.ctx, id), self.ctx.ledger.rate(id)) else { continue };
            rows.push(vec![
                Cell::text(&*def.name),
                Cell::text(rate_text(rate, self.ctx.subject(&def.form))).tone(rate_tone(rate)),
                rate_mark(rate),
                Cell::text(fraction_text(rate)).center(),
            ]);
            let none = show::not_applicable(self.ctx, def, rate).filter(|n| !caveats.contains(n));
            caveats.extend(none);
            let caveat = def.caveat.as_ref().map(|c| format!("※ {c}"));
            if let Some(c) = caveat.filter(|c| !caveats.contains(c)) {
                caveats.push(c);
            }
        }
        if !rows.is_empty() {
            let heads = [("率", 30.0), ("値", 38.0), ("区分", 10.0), ("分子／分母", 14.0)];
            self.pieces.push(Piece::Table(heads.map(|(l, w)| Head::new(l, w)).to_vec(), rows));
        }
        self.pieces.extend(caveats.into_iter().map(Piece::Note));
    }

    /// 部 by 部, 課 by 課, as the minutes list them.
    fn by_owner(&mut self, form: &str, rate: Option<&str>) {
        let round = self.ctx.round();
        let rate = rate.and_then(|r| self.ctx.ledger.rate(r));
        let named = |i: &LedgerItem| {
            let own = rate.map(|r| item_rate(self.ctx, r, i).shown()).filter(|t| !t.is_empty());
            // The list of a division stands in brackets already.
            let bare = |o: &str| o.strip_prefix('（').and_then(|o| o.strip_suffix('）')).unwrap_or(o).to_string();
            let own = own.map(|o| bare(&o));
            own.map_or_else(|| i.item.name.clone(), |own| format!("{} {own}", i.item.name))
        };
        let items: Vec<&LedgerItem> = self.ctx.ledger.items_of(form).filter(|i| !i.item.outside).collect();
        let of = |code: Option<&str>| {
            let own: Vec<String> = items.iter().filter(|i| i.item.owner.as_deref() == code).map(|i| named(i)).collect();
            (!own.is_empty()).then(|| own.join("、"))
        };
        let mut bureaus: Vec<(&str, Vec<(&str, String)>)> = Vec::new();
        for division in &round.divisions {
            let Some(own) = of(Some(&division.code)) else { continue };
            let bureau = if division.bureau.is_empty() { &division.name } else { &division.bureau };
            match bureaus.iter_mut().find(|(b, _)| b == bureau) {
                Some((_, divisions)) => divisions.push((&division.name, own)),
                None => bureaus.push((bureau, vec![(&division.name, own)])),
            }
        }
        let marked = |marks: &str, n: usize| marks.chars().nth(n).map_or_else(|| format!("({})", n + 1), String::from);
        for (n, (bureau, divisions)) in bureaus.iter().enumerate() {
            let mark = marked(BUREAUS, n);
            if let [(division, own)] = divisions.as_slice() {
                let division = if division == bureau { String::new() } else { format!("　{division}") };
                self.pieces.push(Piece::Entry(0, format!("{mark}　{bureau}{division}（{own}）")));
                continue;
            }
            self.pieces.push(Piece::Entry(0, format!("{mark}　{bureau}")));
            for (n, (division, own)) in divisions.iter().enumerate() {
                self.pieces.push(Piece::Entry(1, format!("{}　{division}（{own}）", marked(DIVISIONS, n))));
            }
        }
        if let Some(own) = of(None) {
            self.pieces
                .push(Piece::Entry(0, format!("{}　{OWNER_UNSETTLED}（{own}）", marked(BUREAUS, bureaus.len()))));
        }
    }

    /// The next bars; none where the chart has no figures this time.
    fn bars(&mut self, title: &str) {
        if self.charts.get(self.next).is_some_and(|c| c.sheet() == CHARTS && c.title() == title) {
            self.pieces.push(Piece::Bars(self.next));
            self.next += 1;
        }
    }

    fn items(&mut self, form: &str, asked: &Asked<'_>, table: &Shape<'_>) {
        let findings: Vec<&Finding> = self.ctx.ledger.findings.iter().filter(|f| f.waived.is_none()).collect();
        let reasons = |i: &LedgerItem| {
            let own = |f: &&&Finding| {
                f.form.as_deref() == Some(form)
                    && f.item.as_deref() == Some(&i.item.key)
                    && asked.found.contains(&f.code)
            };
            let mut titles: Vec<&str> = findings.iter().filter(own).map(|f| self.ctx.finding_title(&f.code)).collect();
            titles.dedup();
            titles
        };
        let mut items: Vec<&LedgerItem> = self.ctx.ledger.items_of(form).filter(|i| !i.item.outside).collect();
        items.retain(|i| asked.only.is_none_or(|p| p.holds(&self.ctx.facts(i)) != Truth::No));
        items.retain(|i| asked.found.is_empty() || !reasons(i).is_empty());
        if let Some(column) = asked.order_by {
            items.sort_by_key(|i| self.ctx.attr(i, column).parse::<u64>().unwrap_or(u64::MAX));
        }
        if items.is_empty() {
            self.pieces.push(Piece::Sentence(table.none.to_string()));
            return;
        }
        let mut heads: Vec<Head> = table.columns.iter().map(paper_head).collect();
        // What has to be decided stands before the place to write the decision into.
        let at = table.columns.iter().position(is_open).unwrap_or(heads.len());
        if let Some(why) = table.why {
            heads.insert(at, Head::new(why, WHY_WIDTH));
        }
        let shown = table.most.unwrap_or(usize::MAX);
        let rows = items.iter().take(shown).map(|i| {
            let mut cells: Vec<Cell> = table.columns.iter().map(|c| show::column(self.ctx, i, c)).collect();
            if table.why.is_some() {
                cells.insert(at, Cell::text(reasons(i).join("、")).tone(Tone::Plain));
            }
            cells
        });
        let rows = rows.collect();
        self.pieces.push(Piece::Table(heads, rows));
        if items.len() > shown {
            let subject = self.ctx.subject(form);
            self.pieces.push(Piece::Note(format!("ほか {} {subject}。", items.len() - shown)));
        }
    }

    fn schedule(&mut self, form: &str, kinds: &[String]) {
        let today = self.ctx.ledger.today;
        let mut coming: Vec<&Deadline> = self.ctx.round().deadlines.iter().collect();
        coming.retain(|d| {
            d.date >= today && kinds.contains(&d.kind) && (d.applies_to == form || d.applies_to.is_empty())
        });
        coming.sort_by_key(|d| d.date);
        if coming.is_empty() {
            return;
        }
        self.pieces.push(Piece::Heading("今後の予定".into()));
        for d in coming {
            self.pieces.push(Piece::Entry(0, format!("・{}（{}）　{}", wareki(d.date), weekday(d.date), d.name)));
        }
    }
}

/// Which items of a form.
struct Asked<'b> {
    only: Option<&'b Predicate>,
    found: &'b [String],
    order_by: Option<&'b str>,
}

/// How their table looks.
struct Shape<'b> {
    why: Option<&'b str>,
    columns: &'b [Column],
    most: Option<usize>,
    none: &'b str,
}

/// Width of the column with the titles of findings, in half-width characters.
const WHY_WIDTH: f64 = 26.0;

/// A column that is left empty, to be written in.
fn is_open(column: &Column) -> bool {
    column.attr.is_none() && column.field.is_none() && column.rate.is_none()
}

/// A column's head; papers keep to the width of the definition.
fn paper_head(column: &Column) -> Head {
    Head { width: column.width.unwrap_or_else(|| head(column).width), ..head(column) }
}

/// Fills the placeholders of a text.
fn fill(ctx: &Context<'_>, text: &str, form: Option<&str>) -> String {
    let mut text = ctx.fill(text, form);
    let is = &ctx.templates.brief.meeting;
    let (name, day) = meeting(ctx).map_or((is.unknown.clone(), None), |m| (m.name.clone(), Some(m.date)));
    text = text.replace("{meeting}", &name);
    text = text.replace("{meeting_day}", &day.map(wareki).unwrap_or_default());
    for d in &ctx.round().deadlines {
        text = text.replace(&format!("{{deadline:{}}}", d.id), &wareki(d.date));
    }
    text
}

/// The day that stands in the document's properties: the round's latest as-of date.
fn created(ctx: &Context<'_>) -> NaiveDate {
    let day = ctx.round().forms.values().map(|f| f.as_of).max();
    day.filter(|d| d.year() >= 1980).or_else(|| NaiveDate::from_ymd_opt(2000, 1, 1)).unwrap_or_default()
}

/// The document as bytes.
///
/// # Errors
/// When the package cannot be written.
pub fn bytes(ctx: &Context<'_>) -> Result<Vec<u8>, WriteError> {
    document(&papers(ctx), created(ctx), &ctx.round().municipality).map_err(WriteError::Document)
}
