//! The papers of the headquarters meeting (本部会議資料): from the ledger and `templates/brief.toml` to pieces of text,
//! tables and bars, which are drawn twice: as a document and as a sheet of the master. Restricted answers never stand here
//! (the lint refuses such columns).

mod agenda;
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
use agenda::Meeting;

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

struct Author<'a> {
    ctx: &'a Context<'a>,
    charts: Vec<Figures>,
    /// Number of each topic that is printed, by its code.
    labels: Vec<(String, String)>,
    pieces: Vec<Piece>,
}

impl<'a> Author<'a> {
    fn new(ctx: &'a Context<'a>) -> Self {
        Self { ctx, charts: charts::all(ctx), labels: Vec::new(), pieces: Vec::new() }
    }

    fn write(mut self) -> Papers {
        let ctx = self.ctx;
        if let Some(text) = overview::provisional(self.ctx) {
            self.pieces.push(Piece::Warning(text));
        }
        let agenda = agenda::agenda(ctx);
        let entries = || agenda.iter().flat_map(|(_, entries)| entries);
        self.labels = entries().map(|e| (e.id.to_string(), e.label.clone())).collect();
        for (part, entries) in &agenda {
            self.pieces.push(Piece::Part(part.title.clone(), part.annex));
            for entry in entries {
                let form = entry.topic.and_then(|t| t.form.as_deref());
                self.pieces.push(Piece::Topic(format!("{}　{}", entry.label, self.fill(entry.title, form))));
                if !entry.text.is_empty() {
                    self.pieces.push(Piece::Sentence(self.fill(entry.text, form)));
                }
                entry.topic.into_iter().for_each(|topic| self.topic(topic));
            }
        }
        Papers { title: self.title(), pieces: self.pieces, charts: self.charts }
    }

    fn title(&self) -> Title {
        let round = self.ctx.round();
        let brief = &self.ctx.templates.brief;
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
            lines: vec![Meeting::of(self.ctx).line(), format!("基準日　{as_of}")],
            mark: round.mark.clone(),
        }
    }

    /// A text with its placeholders filled in. A topic that is not printed has no number to refer to.
    fn fill(&self, text: &str, form: Option<&str>) -> String {
        let mut text = fill(self.ctx, text, form);
        for (id, label) in &self.labels {
            text = text.replace(&format!("{{topic:{id}}}"), label);
        }
        without_references(text)
    }

    fn topic(&mut self, topic: &Topic) {
        if !agenda::has_data(self.ctx, topic) {
            self.pieces.extend(topic.none.clone().map(Piece::Sentence));
            return;
        }
        let form = topic.form.as_deref().unwrap_or_default();
        for block in &topic.blocks {
            match block {
                BriefBlock::Text { text } => self.pieces.push(Piece::Sentence(self.fill(text, topic.form.as_deref()))),
                BriefBlock::Heading { text } => {
                    self.pieces.push(Piece::Heading(self.fill(text, topic.form.as_deref())));
                }
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
            let own = rate.map(|r| item_rate(self.ctx, r, i).shown().into_owned()).filter(|t| !t.is_empty());
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

    /// Bars; none where the chart has no figures this time.
    fn bars(&mut self, title: &str) {
        let at = self.charts.iter().position(|c| c.sheet() == CHARTS && c.title() == title);
        self.pieces.extend(at.map(Piece::Bars));
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

/// A text without its references in brackets to topics that are not printed: 「（一覧は{topic:x}）」.
fn without_references(text: String) -> String {
    let Some(at) = text.find("{topic:") else { return text };
    let (before, behind) = text.split_at(at);
    let rest = behind.split_once('}').map_or("", |(_, rest)| rest);
    match (before.rfind('（'), rest.strip_prefix('）')) {
        (Some(open), Some(rest)) => without_references(format!("{}{rest}", &before[..open])),
        _ => without_references(format!("{before}{rest}")),
    }
}

/// Fills the placeholders of a text.
fn fill(ctx: &Context<'_>, text: &str, form: Option<&str>) -> String {
    let mut text = ctx.fill(text, form);
    let meeting = Meeting::of(ctx);
    text = text.replace("{meeting}", &meeting.name);
    text = text.replace("{meeting_day}", &meeting.day.map(wareki).unwrap_or_default());
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
