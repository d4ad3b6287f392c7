//! Units: what is written behind a number against what the field counts in.

use super::text::key;
use super::written::{Written, parse};
use crate::model::form::{Field, FieldType};
use crate::model::value::Doubt;

/// A number weighed against the field's unit.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scaled {
    /// No unit was written: the field's own.
    AsIs(f64),
    /// The unit was the field's, or converts exactly.
    To(f64),
    /// The unit is not the field's, or was only half written; the reading in words.
    Other(f64, String),
    /// No number of this field.
    No(Doubt),
}

/// Money: a unit and how many yen it is.
const MONEY: &[(&str, f64)] =
    &[("円", 1.0), ("千円", 1e3), ("万円", 1e4), ("十万円", 1e5), ("百万円", 1e6), ("千万円", 1e7), ("億円", 1e8)];

/// Units that are written for one another.
const SAME: &[&[&str]] = &[
    &["人", "名"],
    &["件", "手続", "手続き"],
    &["箇所", "か所", "カ所", "ヶ所", "ヵ所", "ヶ 所"],
    &["個", "コ", "ヶ"],
    &["%", "パーセント", "㌫", "pct"],
    &["時間", "h", "hr"],
    &["か月", "ヶ月", "カ月", "ヵ月", "箇月", "月"],
    &["業務", "システム"],
];

/// The unit that stands behind a number as typed; `None` for a bare number and for what is no number.
#[must_use]
pub fn unit_of(raw: &str) -> Option<String> {
    let text = super::text::tidy(raw);
    // A remark in brackets is no unit, unless it is one: 1,200（円）.
    let outside = super::none::outside_brackets(text);
    let written = super::number::unit_out_of_brackets(text).unwrap_or(outside);
    let written = parse(&written).ok()?;
    Some(written.unit).filter(|u| !u.is_empty())
}

/// Whether two units are the same or are written for one another.
#[must_use]
pub fn same_unit(a: &str, b: &str) -> bool {
    same(&key(a), &key(b))
}

/// How many yen a unit of money is.
#[must_use]
pub fn yen(unit: &str) -> Option<f64> {
    money(&key(unit))
}

fn money(unit: &str) -> Option<f64> {
    MONEY.iter().find(|(u, _)| *u == unit).map(|(_, yen)| *yen)
}

/// Whether so many of a large unit can only be yen: 1,200,000 with ¥ before it where thousands are asked for.
fn only_yen(n: f64, per: f64) -> bool {
    n >= 1e6 && n % per.min(1e3) == 0.0
}

fn same(a: &str, b: &str) -> bool {
    a == b || SAME.iter().any(|row| row.contains(&a) && row.contains(&b))
}

/// Weighs a written number.
pub(super) fn scale(w: &Written, field: &Field) -> Scaled {
    let unit = key(&w.unit);
    let own = field.unit.as_deref().map(key).or_else(|| (field.kind == FieldType::Money).then(|| "円".to_string()));
    let yen_per_own = own.as_deref().and_then(money);
    if field.kind == FieldType::Percent {
        return percent(w, &unit);
    }
    if unit.is_empty() && !w.yen {
        return match (w.powers, yen_per_own) {
            (false, _) => Scaled::AsIs(w.scaled),
            (true, Some(per)) if per > 1.0 => Scaled::Other(
                w.scaled / per,
                format!("{}円とみて{}{}と読みました", w.scaled, w.scaled / per, own.unwrap_or_default()),
            ),
            (true, _) => Scaled::To(w.scaled),
        };
    }
    if let Some(per) = yen_per_own.filter(|per| *per > 1.0)
        && unit.is_empty()
        && w.yen
        && !(w.powers || w.scaled == 0.0 || only_yen(w.scaled, per))
    {
        // A sign of currency may have come with a button, on a number of thousands.
        let own = own.unwrap_or_default();
        return Scaled::Other(w.scaled, format!("{}{own}と読みました。円なら{}{own}です", w.scaled, w.scaled / per));
    }
    if unit == "円" || (unit.is_empty() && w.yen) {
        return match (yen_per_own, own) {
            (Some(per), _) => Scaled::To(w.scaled / per),
            (None, None) => Scaled::To(w.scaled),
            (None, Some(own)) => Scaled::No(Doubt::Unit(format!("円（項目の単位は{own}）"))),
        };
    }
    match own {
        Some(own) if same(&own, &unit) => Scaled::To(w.scaled),
        None if known(&unit) => Scaled::To(w.scaled),
        // A share of something is no count of anything.
        Some(own) if same("%", &unit) || unit == "割" => {
            Scaled::No(Doubt::Unit(format!("{}（項目の単位は{own}）", w.unit)))
        }
        Some(own) if known(&unit) => Scaled::Other(w.scaled, format!("{}（項目の単位は{own}）", w.unit)),
        _ => Scaled::No(Doubt::Unreadable),
    }
}

fn percent(w: &Written, unit: &str) -> Scaled {
    match unit {
        "" => Scaled::AsIs(w.scaled),
        u if same("%", u) => Scaled::To(w.scaled / 100.0),
        "割" => Scaled::To(w.scaled / 10.0),
        _ => Scaled::No(Doubt::Unit(w.unit.clone())),
    }
}

/// Whether a text is a unit and nothing else.
pub(super) fn is_unit(text: &str) -> bool {
    let unit = key(text);
    let bare = unit.trim_start_matches(['十', '百', '千', '万', '億']);
    money(&unit).is_some() || known(&unit) || (!bare.is_empty() && known(bare))
}

/// Whether it is a unit at all, and not a sentence.
fn known(unit: &str) -> bool {
    const COUNTS: &[&str] = &[
        "回",
        "台",
        "本",
        "枚",
        "冊",
        "部",
        "通",
        "世帯",
        "課",
        "社",
        "団体",
        "拠点",
        "端末",
        "帳票",
        "事業",
        "項目",
        "日",
        "年",
        "分",
        "秒",
        "週",
        "歳",
        "kb",
        "mb",
        "gb",
        "tb",
        "点",
        "種類",
        "式",
        "口",
        "組",
        "棟",
        "機能",
        "人日",
        "人月",
        "筆",
        "棟",
        "割",
        "世帯分",
        "人分",
        "件分",
    ];
    COUNTS.contains(&unit) || SAME.iter().any(|row| row.contains(&unit))
}
