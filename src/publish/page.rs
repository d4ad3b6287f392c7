//! The page: one file that needs no network and no script to be read. Its template stands in `templates/publish/`; every value
//! is escaped.

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use serde::Serialize;

use super::PublishError;
use super::list::{Cell, List, Row, numeric};
use super::said::Said;
use super::tables::Tables;
use crate::forms::lint_publish::page_path;
use crate::model::FieldType;
use crate::model::publication::PublicColumn;
use crate::write::context::Context;

/// Texts longer than this on average get a wide column.
const WIDE: usize = 24;

#[derive(Serialize)]
struct Filter {
    label: String,
    values: Vec<String>,
}

#[derive(Serialize)]
struct Head {
    label: String,
    wide: bool,
}

#[derive(Serialize)]
struct Section {
    title: String,
    rows: Vec<PageRow>,
}

#[derive(Serialize)]
struct PageRow {
    filters: Vec<String>,
    cells: Vec<PageCell>,
}

#[derive(Serialize)]
struct PagePoint {
    name: String,
    text: String,
}

#[derive(Serialize, Default)]
struct PageCell {
    label: String,
    text: String,
    heading: bool,
    badge: bool,
    class: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<Vec<PagePoint>>,
}

#[derive(Serialize)]
struct File {
    href: String,
    name: String,
}

/// The page's bytes.
///
/// # Errors
/// When the template is wrong: with its path and what the engine says.
pub fn html(ctx: &Context<'_>, list: &List<'_>, tables: &Tables, said: &Said) -> Result<Vec<u8>, PublishError> {
    let path = page_path(list.def);
    let wrong = |e: &minijinja::Error| {
        let line = e.line().map(|l| format!("{l}行目 ")).unwrap_or_default();
        PublishError::Page(
            path.clone(),
            format!("{line}{}", e.detail().map_or_else(|| e.kind().to_string(), Into::into)),
        )
    };
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    let source = ctx.templates.sources.get(&path).map(String::as_str).unwrap_or_default();
    env.add_template(&path, source).map_err(|e| wrong(&e))?;
    let template = env.get_template(&path).map_err(|e| wrong(&e))?;
    let form = Some(list.def.form.as_str());
    let fill = |lines: &[String]| lines.iter().map(|l| ctx.fill(l, form)).collect::<Vec<_>>();
    let round = ctx.round();
    let text = template
        .render(context! {
            title => ctx.fill(&list.def.title, form),
            municipality => &*round.municipality,
            round => &*round.name,
            as_of => ctx.as_of_text(form),
            mark => &*round.mark,
            intro => fill(&list.def.intro),
            notes => fill(&list.def.notes),
            publisher => &*said.publisher,
            missing => &*said.missing,
            licence => &*said.licence,
            contact => &*said.contact,
            total => list.rows.len(),
            filters => Serde(filters(list)),
            columns => Serde(heads(list)),
            sections => Serde(sections(ctx, list)),
            files => Serde(files(list, tables)),
        })
        .map_err(|e| wrong(&e))?;
    Ok((text.trim_end().to_string() + "\n").into_bytes())
}

fn files(list: &List<'_>, tables: &Tables) -> Vec<File> {
    let file = |name: String, what: &str| File { href: encoded(&name), name: format!("{name}（{what}）") };
    let mut files: Vec<File> = tables
        .files()
        .into_iter()
        .map(|(stem, t)| file(format!("{stem}.csv"), &format!("{}、CSV・UTF-8", t.name)))
        .collect();
    files.push(file(format!("{}.xlsx", list.def.file), "すべての表、Excel"));
    files
}

/// A file's name as part of an address.
fn encoded(name: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~');
    name.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn on_page<'a>(list: &'a List<'_>) -> impl Iterator<Item = (usize, &'a &'a PublicColumn)> {
    list.plain.iter().enumerate().filter(|(_, c)| c.page)
}

fn long_on_page<'a>(list: &'a List<'_>) -> impl Iterator<Item = (usize, &'a &'a PublicColumn)> {
    list.long.iter().enumerate().filter(|(_, c)| c.page)
}

fn heads(list: &List<'_>) -> Vec<Head> {
    let plain = on_page(list).map(|(i, c)| Head { label: c.label.clone(), wide: wide(list, i) });
    plain.chain(long_on_page(list).map(|(_, c)| Head { label: c.label.clone(), wide: false })).collect()
}

fn wide(list: &List<'_>, column: usize) -> bool {
    let lengths: usize = list.rows.iter().filter_map(|r| r.cells.get(column)).map(|c| c.text.chars().count()).sum();
    lengths > WIDE * list.rows.len().max(1)
}

/// The filters: the sections, then the columns that ask for one, with the words that occur, in the order of their first row.
fn filters(list: &List<'_>) -> Vec<Filter> {
    let mut filters = Vec::new();
    if let Some(group) = &list.def.group {
        filters
            .push(Filter { label: group.label.clone(), values: distinct(list.rows.iter().map(|r| r.group.as_str())) });
    }
    for (i, column) in list.plain.iter().enumerate().filter(|(_, c)| c.filter) {
        let words = list.rows.iter().filter_map(|r| r.cells.get(i)).map(|c| c.text.as_str());
        filters.push(Filter { label: column.label.clone(), values: distinct(words) });
    }
    filters
}

fn distinct<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for word in words.filter(|w| !w.is_empty()) {
        if !seen.iter().any(|s| s == word) {
            seen.push(word.to_string());
        }
    }
    seen
}

fn sections(ctx: &Context<'_>, list: &List<'_>) -> Vec<Section> {
    let order: Vec<String> = match &list.def.group {
        None => vec![String::new()],
        Some(_) => group_order(ctx, list),
    };
    let section = |title: String| {
        let rows = list.rows.iter().filter(|r| r.group == title).map(|r| row(ctx, list, r)).collect();
        let title = if title.is_empty() { "一覧".to_string() } else { title };
        Section { title, rows }
    };
    order.into_iter().map(section).filter(|s| !s.rows.is_empty()).collect()
}

/// The sections in the order of the code list, what is on none of its rows last.
fn group_order(ctx: &Context<'_>, list: &List<'_>) -> Vec<String> {
    let words = list.def.group.as_ref().and_then(|g| {
        let codes = ctx.slot(&list.def.form, &g.field)?.field.codes.as_ref()?;
        let codes = &ctx.templates.lists.get(codes)?.codes;
        let name = |c: &crate::model::Code| match &g.word {
            Some(w) if !c.attr(w).is_empty() => c.attr(w).to_string(),
            _ => c.name.clone(),
        };
        Some(codes.iter().map(name).collect::<Vec<_>>())
    });
    let words = words.unwrap_or_default();
    distinct(words.iter().map(String::as_str).chain(list.rows.iter().map(|r| r.group.as_str())))
}

fn row(ctx: &Context<'_>, list: &List<'_>, row: &Row<'_>) -> PageRow {
    let mut filters: Vec<String> = list.def.group.iter().map(|_| row.group.clone()).collect();
    let by = list.plain.iter().zip(&row.cells).filter(|(c, _)| c.filter);
    filters.extend(by.map(|(_, cell)| cell.text.clone()));
    let plain = on_page(list).filter_map(|(i, c)| Some(cell(ctx, list, c, row.cells.get(i)?, wide(list, i))));
    let long = long_on_page(list).filter_map(|(i, c)| {
        let points = row.series.get(i)?.iter().filter(|p| !p.cell.text.is_empty());
        let points = points.map(|p| PagePoint { name: p.name.clone(), text: p.cell.text.clone() }).collect();
        Some(PageCell { label: c.label.clone(), points: Some(points), ..PageCell::default() })
    });
    PageRow { filters, cells: plain.chain(long).collect() }
}

fn cell(ctx: &Context<'_>, list: &List<'_>, column: &PublicColumn, cell: &Cell, wide: bool) -> PageCell {
    let kind: Option<FieldType> = column.field.as_ref().and_then(|f| ctx.slot(&list.def.form, f)).map(|s| s.field.kind);
    let class = match kind {
        Some(k) if numeric(k) => "number",
        _ if wide => "wide",
        _ => "",
    };
    PageCell {
        label: column.label.clone(),
        text: cell.text.clone(),
        heading: column.heading,
        badge: column.mark.as_ref().is_some_and(|m| m.text == cell.text),
        class,
        points: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_addresses() {
        assert_eq!(encoded("a_1.csv"), "a_1.csv");
        assert_eq!(encoded("甲 .csv"), "%E7%94%B2%20.csv");
    }
}
