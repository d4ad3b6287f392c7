//! What is written into a recognised workbook, cell by cell, and what is said about what is not.

use std::collections::{BTreeMap, BTreeSet};

use arcstr::ArcStr;

use super::adapt::{self, Fit, Unit};
use super::figure::{Asked, Left, Sources, figure};
use super::locate::{BlockAt, Match, SheetAt, Standing};
use super::rows::{self, RowsAt};
use crate::fill::{CellRefusal, CellWrite, FillValue, Rules};
use crate::model::form::Layout;
use crate::model::national::{Figure, KeyKind};
use crate::model::reconcile::{CellCheck, Exact, Scale};
use crate::model::{CellRef, Finding, Place, Truth, Workbook};
use crate::normalise::none::is_sign;
use crate::read::labels::Sheet;
use crate::write::context::Context;

/// A cell that the map means, with what belongs into it.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// What is known of it for 照合.
    pub check: CellCheck,
    /// What is written; `None` where the cell is left as it is.
    pub write: Option<FillValue>,
    /// Whether a formula may go.
    pub replace_formula: bool,
    /// The form, and the keys of the answers that the figure is made of (none for a rate).
    pub answers: (String, Vec<String>),
    /// Whether the figure is one answer as it stands, and nothing computed.
    pub is_answer: bool,
    /// Whether it is the municipality's name, put on a form that bears none.
    pub names_the_row: bool,
    /// What belongs there and the cell does not take, with what it takes.
    pub unfit: Option<String>,
}

/// Everything for one workbook.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Id of the map.
    pub map: String,
    /// Its title.
    pub title: String,
    /// Cells in the order of the map.
    pub targets: Vec<Target>,
    /// What is said.
    pub findings: Vec<Finding>,
}

impl Plan {
    /// The cells to write.
    #[must_use]
    pub fn writes(&self) -> Vec<CellWrite> {
        let writes = self.targets.iter().filter_map(|t| {
            let value = t.write.clone()?;
            Some(CellWrite {
                sheet: t.check.sheet.clone(),
                cell: t.check.cell,
                value,
                replace_formula: t.replace_formula,
            })
        });
        writes.collect()
    }

    /// Takes out cells that cannot be written; one finding a sheet.
    pub fn refuse(&mut self, refused: &[CellRefusal], file: &ArcStr) {
        let mut by_sheet: BTreeMap<&str, Vec<&CellRefusal>> = BTreeMap::new();
        for cell in refused {
            by_sheet.entry(&cell.sheet).or_default().push(cell);
        }
        for (sheet, cells) in by_sheet {
            let named: Vec<String> = cells.iter().map(|c| c.cell.to_string()).collect();
            let why: BTreeSet<String> = cells.iter().map(|c| c.why.to_string()).collect();
            let why: Vec<String> = why.into_iter().collect();
            let place = Place::cell(file, &ArcStr::from(sheet), cells[0].cell);
            let finding = Finding::new("S065W").at(place).given(cells.len().to_string());
            self.findings.push(finding.arg("cells", some_of(&named)).arg("why", why.join("、")));
        }
        for target in &mut self.targets {
            let check = &mut target.check;
            if let Some(r) = refused.iter().find(|r| r.sheet == check.sheet && r.cell == check.cell) {
                target.write = None;
                check.left = r.why.to_string();
            }
        }
    }

    /// What stood in the written cells before and was something else; one finding a sheet.
    #[must_use]
    pub fn overwritten(&self, book: &Workbook, file: &ArcStr) -> Vec<Finding> {
        let mut by_sheet: BTreeMap<&str, Vec<(CellRef, String)>> = BTreeMap::new();
        for target in self.targets.iter().filter(|t| t.write.is_some()) {
            let check = &target.check;
            let Some(grid) = book.sheets.iter().find(|g| g.name == check.sheet) else { continue };
            let at = grid.area_at(check.cell).first;
            let old = grid.text(at);
            if !old.trim().is_empty()
                && !super::prove::holds(grid.get(at), (&check.planned, check.scale), book.date1904)
            {
                let new = if check.planned == Exact::Blank { "空欄".to_string() } else { check.planned.to_string() };
                by_sheet.entry(&check.sheet).or_default().push((at, format!("{at} {old}→{new}")));
            }
        }
        one_a_sheet("X111I", by_sheet, file)
    }

    /// What stands in cells for which nothing is asked, and is more than the form's own sign of that: it stays, and may be a
    /// figure of another year. One finding a sheet.
    fn kept(&self, book: &Workbook, file: &ArcStr) -> Vec<Finding> {
        let mut by_sheet: BTreeMap<&str, Vec<(CellRef, String)>> = BTreeMap::new();
        for target in self.targets.iter().filter(|t| t.write.is_none() && !t.check.owed && !t.check.left.is_empty()) {
            let check = &target.check;
            let Some(grid) = book.sheets.iter().find(|g| g.name == check.sheet) else { continue };
            let at = grid.area_at(check.cell).first;
            let stands = grid.get(at).filter(|c| !c.formula).map(|_| grid.text(at)).unwrap_or_default();
            if !is_sign(&stands) {
                by_sheet.entry(&check.sheet).or_default().push((at, format!("{at} {stands}（{}）", check.left)));
            }
        }
        one_a_sheet("X112W", by_sheet, file)
    }
}

/// One finding a sheet about cells, each with the words that name it.
pub(super) fn one_a_sheet(code: &str, by_sheet: BTreeMap<&str, Vec<(CellRef, String)>>, file: &ArcStr) -> Vec<Finding> {
    let finding = |(sheet, cells): (&str, Vec<(CellRef, String)>)| {
        let list: Vec<String> = cells.iter().map(|(_, words)| words.clone()).collect();
        let place = Place::cell(file, &ArcStr::from(sheet), cells[0].0);
        Finding::new(code).at(place).given(cells.len().to_string()).arg("cells", some_of(&list))
    };
    by_sheet.into_iter().map(finding).collect()
}

/// What became of a figure whose label is not there.
const NOT_WRITTEN: &str = "その分は書き込んでいません";

/// At most four words of a list in quotes, and how many more there are.
#[must_use]
pub fn some_of(words: &[String]) -> String {
    let shown: Vec<&str> = words.iter().take(4).map(|w| w.trim()).collect();
    let more = if words.len() > 4 { format!("ほか{}", words.len() - 4) } else { String::new() };
    format!("「{}」{more}", shown.join("」「"))
}

/// Plans every cell of a recognised workbook; `rules` are what its cells ask, where they could be read.
#[must_use]
pub fn make(
    m: &Match<'_>,
    (book, rules): (&Workbook, Option<&Rules<'_>>),
    file: &ArcStr,
    ctx: &Context<'_>,
    sources: &Sources<'_>,
) -> Plan {
    let mut plan = Plan { map: m.map.id.clone(), title: m.map.title.clone(), ..Plan::default() };
    for sheet in m.missing.iter().filter(|s| !s.optional) {
        let finding = Finding::new("S062W").at(Place::file(file)).arg("title", &*m.map.title);
        let labels = format!("シート「{}」", sheet.name.replace('*', "…"));
        plan.findings.push(finding.arg("labels", labels).arg("done", NOT_WRITTEN));
    }
    for (_, a, b) in &m.tied {
        let finding = Finding::new("S063W").at(Place::file(file));
        plan.findings.push(
            finding.arg("detail", format!("シート「{a}」と「{b}」の見出しが同じで、どちらに書くか決められません")),
        );
    }
    for at in &m.sheets {
        let Some(grid) = book.sheets.get(at.index) else { continue };
        let sheet = Sheet::new(grid);
        for block in &at.blocks {
            let name: ArcStr = ArcStr::from(grid.name.as_str());
            let title = &m.map.title;
            Maker { at, block, sheet: &sheet, rules, name, file, ctx, sources, plan: &mut plan, title }.run();
        }
    }
    let more = [plan.kept(book, file), adapt::unfit(&plan.targets, file)];
    plan.findings.extend(more.into_iter().flatten());
    plan
}

/// One block.
struct Maker<'p, 'm> {
    at: &'p SheetAt<'m>,
    block: &'p BlockAt<'m>,
    sheet: &'p Sheet<'p>,
    rules: Option<&'p Rules<'p>>,
    name: ArcStr,
    file: &'p ArcStr,
    ctx: &'p Context<'p>,
    sources: &'p Sources<'p>,
    plan: &'p mut Plan,
    title: &'p str,
}

impl<'m> Maker<'_, 'm> {
    fn run(mut self) {
        let form = &self.block.block.form;
        if !self.ctx.round().forms.contains_key(form) {
            return;
        }
        self.labels();
        if self.block.block.layout == Layout::Card {
            let columns: Vec<&Standing<'m>> = self.block.columns.iter().collect();
            self.row(&columns, None, |at| at);
            return;
        }
        if !self.block.fits() {
            return;
        }
        let roster = self.ctx.form(form).and_then(|f| f.form.roster.clone()).unwrap_or_default();
        let known = rows::known(self.ctx.round(), &self.ctx.templates.lists);
        let found = rows::find(self.sheet, self.block, &roster, &known, self.ctx.round());
        self.rows_said(&found, &roster);
        let columns: Vec<&Standing<'m>> = self.block.columns.iter().collect();
        let doubled: BTreeSet<&str> = found.doubled.iter().map(|(item, _, _)| item.as_str()).collect();
        let mut by_row: Vec<(&String, &u32)> =
            found.rows.iter().filter(|(k, _)| !doubled.contains(k.as_str())).collect();
        by_row.sort_by_key(|(_, row)| **row);
        for (item, row) in by_row {
            let own = (!item.is_empty()).then_some(item.as_str());
            if own.is_some_and(|key| !self.meant(key)) {
                continue;
            }
            if found.unnamed {
                self.name_row(*row, item);
            }
            self.row(&columns, own, |at| CellRef::new(*row, at.col));
        }
    }

    /// Puts the municipality's name on a row that has none.
    fn name_row(&mut self, row: u32, item: &str) {
        let round = self.ctx.round();
        for (kind, col) in &self.block.keys {
            let name = match kind {
                KeyKind::Prefecture => &round.prefecture,
                KeyKind::Municipality => &round.municipality,
                KeyKind::MunicipalityCode => &round.municipality_code,
                KeyKind::Name | KeyKind::Key => continue,
            };
            let at = CellRef::new(row, *col);
            if name.is_empty() || !self.sheet.blank(at) || self.sheet.area(at).first != at {
                continue;
            }
            let exact = Exact::Text(name.clone());
            let label = self.block.block.keys.iter().find(|k| k.is == *kind).map(|k| k.label.clone());
            let check = CellCheck {
                sheet: self.name.to_string(),
                cell: at,
                item: item.to_string(),
                label: label.unwrap_or_default(),
                submissions: exact.clone(),
                master: exact.clone(),
                planned: exact,
                scale: Scale::AsIs,
                read_back: String::new(),
                written: false,
                left: String::new(),
                owed: false,
            };
            let write = Some(FillValue::Text(name.clone()));
            self.plan.targets.push(Target {
                check,
                write,
                replace_formula: false,
                names_the_row: true,
                answers: Default::default(),
                is_answer: false,
                unfit: None,
            });
        }
    }

    /// Whether an item is one of the municipality's that the block is about.
    fn meant(&self, key: &str) -> bool {
        let item = self.ctx.item(&self.block.block.form, key);
        item.is_some_and(|i| {
            self.block.block.only.as_ref().is_none_or(|only| only.holds(&self.ctx.facts(i)) != Truth::No)
        })
    }

    fn place(&self, cell: CellRef) -> Place {
        Place::cell(self.file, &self.name, self.sheet.area(cell).first)
    }

    /// Labels that are not there, or stand twice.
    fn labels(&mut self) {
        let labels = self.block.missing.iter().filter(|(_, optional)| !optional).map(|(l, _)| l.clone());
        let missing: Vec<String> = self.block.keys_missing().into_iter().chain(labels).collect();
        if !missing.is_empty() {
            let finding = Finding::new("S062W").at(Place::sheet(self.file, &self.name)).arg("title", self.title);
            let labels = format!("見出し{}", some_of(&missing));
            self.plan.findings.push(finding.arg("labels", labels).arg("done", NOT_WRITTEN));
        }
        for (label, at) in &self.block.by_address {
            let finding = Finding::new("S062W").at(self.place(*at)).arg("title", self.title);
            let address = match self.block.block.layout {
                Layout::Card => at.to_string(),
                Layout::Table => format!("{}列", at.to_string().trim_end_matches(|c: char| c.is_ascii_digit())),
            };
            let key = self.block.block.keys.iter().any(|k| k.label == *label);
            let what = if key { "で行を探しました" } else { "に書き込みました" };
            let done = format!("定義にある番地（{address}）{what}");
            self.plan.findings.push(finding.arg("labels", format!("見出し「{label}」")).arg("done", done));
        }
        for (label, second) in &self.block.doubled {
            let detail = format!("見出し「{label}」が2か所にあります（左のものに書き込みました）");
            self.plan.findings.push(Finding::new("S063W").at(self.place(*second)).arg("detail", detail));
        }
    }

    /// What is to say about rows: doubled, contradictory, unknown, missing, in another order.
    fn rows_said(&mut self, found: &RowsAt, roster: &str) {
        let form = self.block.block.form.clone();
        for (item, first, second) in &found.doubled {
            let name = if item.is_empty() {
                self.ctx.round().municipality.clone()
            } else {
                self.ctx.item_name(&form, item).to_string()
            };
            let detail = format!("「{name}」の行が2つあり、どちらに書くか決められません");
            let finding = Finding::new("S063W").at(self.place(*second)).related(self.place(*first));
            self.plan.findings.push(finding.arg("detail", detail));
        }
        for (cell, key, name) in &found.disagree {
            let detail = format!("「{key}」と「{name}」が別のものを指しています");
            self.plan.findings.push(Finding::new("S063W").at(self.place(*cell)).arg("detail", detail));
        }
        if let Some((first, _)) = found.others.first() {
            let names: Vec<String> = found.others.iter().map(|(_, n)| n.clone()).collect();
            let finding = Finding::new("S068I").at(self.place(*first)).given(names.len().to_string());
            self.plan.findings.push(finding.arg("rows", some_of(&names)));
        }
        let of_items = self.block.keys.iter().any(|(k, _)| k.is_item());
        let absent: Vec<String> = if of_items {
            let items =
                self.ctx.round().items(roster).filter(|i| !found.rows.contains_key(&i.key) && self.meant(&i.key));
            items.map(|i| i.name.clone()).collect()
        } else if found.rows.is_empty() {
            vec![self.ctx.round().municipality.clone()]
        } else {
            Vec::new()
        };
        let told = found.disagree.iter().any(|_| !of_items);
        if !absent.is_empty() && !told {
            let finding = Finding::new("S064W").at(Place::sheet(self.file, &self.name)).given(absent.len().to_string());
            self.plan.findings.push(finding.arg("rows", some_of(&absent)));
        }
        self.order(found);
    }

    /// The order of the ministry's list, where the map knows it. Rows are found by name; another order is only told.
    fn order(&mut self, found: &RowsAt) {
        let Some(column) = &self.block.block.order_by else { return };
        let form = self.block.block.form.as_str();
        let number = |key: &str| self.ctx.attr(self.ctx.item(form, key)?, column).parse::<u64>().ok();
        let mut rows: Vec<(u32, u64, &str)> =
            found.rows.iter().filter_map(|(key, row)| Some((*row, number(key)?, key.as_str()))).collect();
        rows.sort_unstable();
        let Some(pair) = rows.windows(2).find(|w| w[0].1 > w[1].1) else { return };
        let names = [pair[0].2, pair[1].2].map(|k| self.ctx.item_name(form, k).to_string());
        let first = self.block.keys.first().map_or(0, |(_, col)| *col);
        let place = self.place(CellRef::new(pair[1].0, first));
        self.plan.findings.push(Finding::new("S066I").at(place).given(names[1].clone()).expected(names[0].clone()));
    }

    /// The cells of one row, or of a card.
    fn row(&mut self, columns: &[&Standing<'m>], row_item: Option<&str>, cell: impl Fn(CellRef) -> CellRef) {
        let mut owed: Vec<(CellRef, String, String)> = Vec::new();
        for standing in columns {
            let at = self.sheet.area(cell(standing.at)).first;
            let wanted = &standing.wanted;
            let across = wanted.column.each.as_deref().map(|each| (each == "items", wanted.each.as_deref()));
            let item = match across {
                Some((true, key)) => key,
                _ => row_item,
            };
            if item.is_some_and(|key| !self.meant(key)) {
                continue;
            }
            let code = across.filter(|(items, _)| !items).and_then(|(_, code)| code);
            let asked = Asked { block: self.block.block, write: &wanted.column.write, item, code };
            let target = self.target(standing, at, &asked);
            if let (target, Some(left)) = &target
                && left.owed
                && !left.office
            {
                owed.push((target.check.cell, target.check.label.clone(), left.why.clone()));
            }
            self.plan.targets.push(target.0);
        }
        self.say_owed(&owed, row_item);
    }

    /// One cell, and why it is left empty.
    fn target(&self, standing: &Standing<'_>, at: CellRef, asked: &Asked<'_>) -> (Target, Option<Left>) {
        let column = standing.wanted.column;
        let facts = asked.item.and_then(|key| self.ctx.item(&asked.block.form, key)).map(|i| self.ctx.facts(i));
        let case = column.cases.iter().find(|c| facts.as_ref().is_some_and(|f| c.when.holds(f) == Truth::Yes));
        let answers = (asked.block.form.clone(), column.write.keys(asked.code.unwrap_or_default()));
        let fit = self.fit(standing, at, &answers);
        let of = |source| match case {
            Some(case) if case.text.is_empty() => Ok(Exact::Blank),
            Some(case) => Ok(fit.adapted(Exact::Text(case.text.clone()))),
            None => figure(self.ctx, self.sources, source, asked).map(|figure| fit.adapted(figure)),
        };
        let (master, anew) = (of(&self.sources.master), of(&self.sources.submissions));
        let left = master.as_ref().err().cloned();
        let (mut master, mut submissions) = (master.unwrap_or_default(), anew.unwrap_or_default());
        let filled = !self.sheet.blank(at);
        let mut write = match (&left, &master) {
            // An old figure must not stand for one that is not there; where nothing is asked, the form's own sign stays.
            (Some(left), _) if !left.owed || !filled => None,
            (None, Exact::Blank) if !filled => None,
            (_, Exact::Blank) => Some(FillValue::Blank),
            (_, Exact::Text(t)) => Some(FillValue::Text(t.clone())),
            (_, Exact::Day(d)) => Some(FillValue::Date(*d)),
            (_, figure @ (Exact::Number(_) | Exact::Fraction(..) | Exact::Decimal(..))) => {
                figure.stored(fit.scale).map(FillValue::Number)
            }
        };
        let why = write.as_ref().and_then(|value| fit.refused(value));
        let unfit = why.as_ref().map(|why| format!("『{master}』（{why}）"));
        if unfit.is_some() {
            // The same as where nothing is settled: no figure, and no old one either.
            (master, submissions, write) =
                (Exact::Blank, Exact::Blank, (filled && !fit.buried).then_some(FillValue::Blank));
        }
        let why = why.map(|why| format!("セルに入れられない値（{why}）")).unwrap_or_default();
        let check = CellCheck {
            sheet: self.name.to_string(),
            cell: at,
            item: asked.item.unwrap_or_default().to_string(),
            label: standing.wanted.label.clone(),
            submissions,
            planned: master.clone(),
            master,
            scale: fit.scale,
            read_back: String::new(),
            written: false,
            left: left.as_ref().map_or(why, |l| l.why.clone()),
            owed: left.as_ref().is_some_and(|l| l.owed),
        };
        let is_answer = matches!(column.write, Figure::Field { .. });
        let (replace_formula, names_the_row) = (column.replace_formula, false);
        (Target { check, write, replace_formula, answers, is_answer, names_the_row, unfit }, left)
    }

    /// What the cell makes of figures.
    fn fit<'c>(&self, standing: &'c Standing<'_>, at: CellRef, (form, keys): &(String, Vec<String>)) -> Fit<'c> {
        let column = standing.wanted.column;
        let unit = adapt::unit(self.ctx, form, &column.write, keys);
        let table = self.block.block.layout == Layout::Table;
        let percent = table && unit == Unit::Quotient && adapt::says_percent(self.sheet, standing.at);
        let buried = self.rules.is_some_and(|r| r.anchor(&self.name, at) != at);
        Fit::new((self.rules.map(|r| r.cell(&self.name, at)), buried), column, unit, percent)
    }

    /// One finding for all cells of a row that stay empty though a figure is owed.
    fn say_owed(&mut self, owed: &[(CellRef, String, String)], row_item: Option<&str>) {
        let Some((first, _, _)) = owed.first() else { return };
        let labels: Vec<String> = owed.iter().map(|(_, label, _)| label.clone()).collect();
        let why: BTreeSet<&str> = owed.iter().map(|(_, _, why)| why.as_str()).collect();
        let why: Vec<String> = why.into_iter().take(4).map(ToString::to_string).collect();
        let form = self.block.block.form.as_str();
        let item = row_item.unwrap_or_default();
        let subject =
            row_item.map_or_else(|| self.ctx.round().municipality.clone(), |k| self.ctx.item_name(form, k).to_string());
        let finding = Finding::new("X110W").at(self.place(*first)).of(form, "", item).given(owed.len().to_string());
        let finding = finding.arg("subject", subject).arg("labels", some_of(&labels)).arg("why", why.join("、"));
        self.plan.findings.push(finding.arg("sheet", &*self.at.sheet.name));
    }
}
