//! The published tables for programs: one row a record, one row a value of a series, what each column means, and the codes.
//!
//! They follow 行政データにおける機械可読性に関するルール (令和8年3月31日決定) and the 統計表における機械判読可能なデータの表記方法の
//! 統一ルール (令和2年12月18日): header in row 1, one value a cell, no merges, the municipality's code in every row.

use super::PublishError;
use super::list::{List, numeric};
use crate::model::form::FieldType;
use crate::model::publication::PublicColumn;
use crate::model::{Code, Field, NoneKind};
use crate::write::context::Context;
use crate::write::csv::Datum;
use crate::write::plain::{self, PlainTable};
use crate::write::{Output, WriteError};

/// Columns that stand before those of the definition: label, name for programs, meaning.
const FIXED: [(&str, &str, &str); 3] = [
    ("団体コード", "municipality_code", "全国地方公共団体コード（6桁、検査数字を含む）"),
    ("団体名", "municipality", "市区町村の名称"),
    ("基準日", "as_of", "内容がいつの時点のものか"),
];

/// What a column holds, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A number in the unit that is given.
    Number,
    /// A date.
    Date,
    /// One of a list of words.
    Choice,
}

impl Kind {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Text => "文字列",
            Self::Number => "数値",
            Self::Date => "日付",
            Self::Choice => "選択肢",
        }
    }
}

/// A column as it is described.
#[derive(Clone, Debug)]
pub struct Described {
    /// Header.
    pub label: String,
    /// Name for programs.
    pub key: String,
    /// What it holds.
    pub kind: Kind,
    /// Unit, for numbers.
    pub unit: String,
    /// The code list, for choices.
    pub codes: Option<String>,
    /// Column of the code list that gives the word; its name without it.
    pub word: Option<String>,
    /// Whether it stands in the long table, and not in the plain one.
    pub long: bool,
    /// Meaning.
    pub description: String,
}

/// All tables of a publication.
pub struct Tables {
    stem: String,
    /// One row a record.
    pub data: PlainTable,
    /// One row a value of a series; `None` when the definition has no series.
    pub series: Option<PlainTable>,
    /// The columns of both.
    pub definitions: PlainTable,
    /// The words of every choice; `None` when there is no choice.
    pub codes: Option<PlainTable>,
    /// The columns of `data` and `series`, described.
    pub columns: Vec<Described>,
}

impl Tables {
    /// Lays the list out for programs.
    pub fn new(ctx: &Context<'_>, list: &List<'_>) -> Self {
        let fixed = FIXED.map(|(label, key, description)| Described {
            label: label.into(),
            key: key.into(),
            kind: if key == "as_of" { Kind::Date } else { Kind::Text },
            unit: String::new(),
            codes: None,
            word: None,
            long: false,
            description: description.into(),
        });
        let own = list.plain.iter().map(|c| described(ctx, list, c, false));
        let long = list.long.iter().map(|c| described(ctx, list, c, true));
        let columns: Vec<Described> = fixed.into_iter().chain(own).chain(long).collect();
        let definitions = definitions(&columns);
        let codes = code_table(ctx, &columns);
        Self {
            stem: list.def.file.clone(),
            data: data(ctx, list, &columns),
            series: (!list.long.is_empty()).then(|| series(ctx, list)),
            definitions,
            codes: (!codes.rows.is_empty()).then_some(codes),
            columns,
        }
    }

    /// Each table with the stem of its file.
    pub fn files(&self) -> Vec<(String, &PlainTable)> {
        let with = |table: &PlainTable| format!("{}_{}", self.stem, table.name);
        let mut files = vec![(self.stem.clone(), &self.data)];
        let rest = self.series.iter().chain([&self.definitions]).chain(&self.codes);
        files.extend(rest.map(|t| (with(t), t)));
        files
    }

    /// CSV files in UTF-8 with a byte order mark.
    pub fn csv(&self) -> Result<Vec<Output>, WriteError> {
        let file = |(stem, table): (String, &PlainTable)| {
            let bytes = crate::write::csv::bytes(&table.heads(), table.rows.iter().map(Vec::as_slice))?;
            Ok(Output::new(format!("{stem}.csv"), bytes))
        };
        self.files().into_iter().map(file).collect()
    }

    /// The same tables as one workbook, a sheet each.
    pub fn workbook(&self, ctx: &Context<'_>, title: &str) -> Result<Output, PublishError> {
        let tables: Vec<PlainTable> = self.files().into_iter().map(|(_, t)| t.clone()).collect();
        let created = ctx.round().forms.values().map(|f| f.as_of).max().unwrap_or_default();
        let bytes = plain::workbook(title, created, &ctx.round().mark, &tables)?;
        Ok(Output::new(format!("{}.xlsx", self.stem), bytes))
    }
}

/// The field of a column: of a series, that of its first value.
fn field<'a>(ctx: &Context<'a>, list: &List<'_>, column: &PublicColumn) -> Option<&'a Field> {
    let form = ctx.form(&list.def.form)?.form;
    let key = form.expand(column.field.as_ref()?, &ctx.templates.lists).into_iter().next()?;
    ctx.slot(&list.def.form, &key).map(|s| s.field)
}

fn described(ctx: &Context<'_>, list: &List<'_>, column: &PublicColumn, long: bool) -> Described {
    let field = field(ctx, list, column);
    let kind = match field.map(|f| f.kind) {
        Some(k) if numeric(k) => Kind::Number,
        Some(FieldType::Date) => Kind::Date,
        Some(FieldType::Choice | FieldType::Flag) => Kind::Choice,
        _ if column.mark.is_some() => Kind::Choice,
        _ => Kind::Text,
    };
    let share = field.is_some_and(|f| f.kind == FieldType::Percent);
    let unit = column.unit.clone().or_else(|| field.and_then(|f| f.unit.clone()));
    let unit = unit.or_else(|| share.then(|| "割合（0から1まで）".to_string()));
    Described {
        label: column.label.clone(),
        key: column.key.clone(),
        kind,
        unit: unit.filter(|_| kind == Kind::Number).unwrap_or_default(),
        codes: field.and_then(|f| f.codes.clone()).filter(|_| kind == Kind::Choice),
        word: column.word.clone(),
        long,
        description: column.description.clone(),
    }
}

fn fixed(ctx: &Context<'_>, list: &List<'_>) -> Vec<Datum<'static>> {
    vec![
        Datum::copied(&ctx.round().municipality_code),
        Datum::copied(&ctx.round().municipality),
        Datum::some(ctx.as_of(&list.def.form).map(|d| d.to_string())),
    ]
}

fn data(ctx: &Context<'_>, list: &List<'_>, columns: &[Described]) -> PlainTable {
    let row = |r: &super::list::Row<'_>| {
        let mut row = fixed(ctx, list);
        row.extend(r.cells.iter().map(|c| c.data.clone()));
        row
    };
    PlainTable {
        name: "データ".into(),
        heads: columns.iter().filter(|c| !c.long).map(|c| c.label.clone()).collect(),
        rows: list.rows.iter().map(row).collect(),
    }
}

/// One row a value: the record, the column, the row of the code list, the value. Values that were not given have no row.
fn series(ctx: &Context<'_>, list: &List<'_>) -> PlainTable {
    let mut heads: Vec<String> = FIXED.iter().map(|(label, _, _)| (*label).to_string()).collect();
    let heading = list.heading();
    let named = |i: &usize, c: &&PublicColumn| c.identifies || *i == heading;
    heads.extend(list.plain.iter().enumerate().filter(|(i, c)| named(i, c)).map(|(_, c)| c.label.clone()));
    heads.extend(["項目", "時期・区分", "時期・区分コード", "値", "値（文字）", "単位"].map(ToString::to_string));
    let mut rows = Vec::new();
    for r in &list.rows {
        for (column, points) in list.long.iter().zip(&r.series) {
            let unit = described(ctx, list, column, true).unit;
            for p in points.iter().filter(|p| p.cell.data != Datum::text("")) {
                let mut row = fixed(ctx, list);
                let own = list.plain.iter().zip(&r.cells).enumerate().filter(|(i, (c, _))| named(i, c));
                row.extend(own.map(|(_, (_, cell))| cell.data.clone()));
                let (number, text) = match &p.cell.data {
                    Datum::Number(n) => (Datum::Number(*n), Datum::text("")),
                    text @ Datum::Text(_) => (Datum::text(""), text.clone()),
                };
                row.extend([Datum::copied(&column.label), Datum::copied(&p.name), Datum::copied(&p.code)]);
                row.extend([number, text, Datum::copied(&unit)]);
                rows.push(row);
            }
        }
    }
    PlainTable { name: "系列".into(), heads, rows }
}

fn definitions(columns: &[Described]) -> PlainTable {
    let heads = ["表", "列の順", "項目名", "項目の英字名", "値の型", "単位", "コード表", "説明", "空欄の意味"];
    let mut order = [0u32; 2];
    let row = |c: &Described| {
        order[usize::from(c.long)] += 1;
        let blank = match c.kind {
            Kind::Number => "未回答・未定・該当なし（0ではない）",
            _ => "未回答（未定・該当なしは、その語で示す）",
        };
        let order = f64::from(order[usize::from(c.long)]);
        vec![
            Datum::text(if c.long { "系列" } else { "データ" }),
            Datum::Number(order),
            Datum::copied(&c.label),
            Datum::copied(&c.key),
            Datum::text(c.kind.words()),
            Datum::copied(&c.unit),
            Datum::copied(c.codes.as_deref().unwrap_or_default()),
            Datum::copied(&c.description),
            Datum::text(blank),
        ]
    };
    PlainTable {
        name: "項目定義".into(),
        heads: heads.map(ToString::to_string).to_vec(),
        rows: columns.iter().map(row).collect(),
    }
}

/// The word that a code is published as.
pub fn published_word<'a>(code: &'a Code, word: Option<&str>) -> &'a str {
    word.map(|w| code.attr(w)).filter(|w| !w.is_empty()).unwrap_or(&code.name)
}

fn code_table(ctx: &Context<'_>, columns: &[Described]) -> PlainTable {
    let mut used: Vec<(&str, Option<&str>)> =
        columns.iter().filter_map(|c| Some((c.codes.as_deref()?, c.word.as_deref()))).collect();
    used.sort_unstable();
    used.dedup();
    let mut rows: Vec<Vec<Datum<'static>>> = Vec::new();
    for (list, word) in used.iter().filter_map(|(id, word)| Some((ctx.templates.lists.get(*id)?, word))) {
        rows.extend(
            list.codes.iter().map(|c| [&list.id, &c.code, published_word(c, *word)].map(Datum::copied).to_vec()),
        );
    }
    if !rows.is_empty() {
        let special =
            [(NoneKind::Undecided, super::list::UNDECIDED), (NoneKind::NotApplicable, super::list::NOT_APPLICABLE)];
        for (kind, word) in special {
            rows.push(["（すべての表）", kind.code(), word].map(Datum::copied).to_vec());
        }
    }
    PlainTable {
        name: "コード表".into(), heads: ["コード表", "コード", "語"].map(ToString::to_string).to_vec(), rows
    }
}
