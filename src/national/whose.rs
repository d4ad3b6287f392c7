//! Whose workbook it is: one that names another municipality is not filled, whatever else fits.

use arcstr::ArcStr;

use super::locate::Match;
use crate::model::form::Layout;
use crate::model::national::Figure;
use crate::model::{Finding, Place, Round, Workbook};
use crate::normalise::text::key;
use crate::settings::code;
use crate::write::context::Context;

/// What says that a workbook is another municipality's: a cell of the map's own labels that names it.
pub fn other(m: &Match<'_>, book: &Workbook, file: &ArcStr, ctx: &Context<'_>) -> Option<Finding> {
    for at in &m.sheets {
        let Some(grid) = book.sheets.get(at.index) else { continue };
        for standing in at.blocks.iter().filter(|b| b.block.layout == Layout::Card).flat_map(|b| &b.columns) {
            let Figure::Attr { attr } = &standing.wanted.column.write else { continue };
            let cell = grid.area_at(standing.at).first;
            let text = grid.text(cell);
            if let Some(ours) = differs(attr, text.trim(), ctx) {
                let place = Place::cell(file, &ArcStr::from(grid.name.as_str()), cell);
                let finding = Finding::new("S096W").at(place).given(text.trim()).expected(ours);
                return Some(finding.arg("label", &*standing.wanted.label));
            }
        }
    }
    None
}

/// Ours, where a cell for it names another. What is blank, or a pattern to be written over, names nobody.
fn differs(attr: &str, text: &str, ctx: &Context<'_>) -> Option<String> {
    let round = ctx.round();
    let prefectures = ctx.templates.lists.get("prefectures").map(|l| l.codes.as_slice()).unwrap_or_default();
    let prefecture = |name: &str| prefectures.iter().any(|p| key(&p.name) == key(name));
    match attr {
        _ if text.is_empty() => None,
        "municipality_code" if !round.municipality_code.is_empty() => {
            let read = code::readings(text, &ctx.templates.lists);
            let is_other = read.is_ok_and(|all| !all.contains(&round.municipality_code));
            is_other.then(|| round.municipality_code.clone())
        }
        "prefecture" if !round.prefecture.is_empty() => {
            (prefecture(text) && key(text) != key(&round.prefecture)).then(|| round.prefecture.clone())
        }
        "municipality" | "full_name" if !round.municipality.is_empty() => {
            (is_municipality(text) && !is_ours(text, round)).then(|| round.municipality.clone())
        }
        _ => None,
    }
}

fn is_ours(text: &str, round: &Round) -> bool {
    key(text).contains(&key(&round.municipality))
}

/// Whether a text is the name of some municipality: 仙台市, 宮城県仙台市; not ○○市, 市区町村, 市名.
fn is_municipality(text: &str) -> bool {
    let name = key(text);
    let sign = |c: char| !c.is_alphabetic() || c.is_ascii() || "○〇◯●□■△▲×例".contains(c);
    let generic = ["市", "区", "町", "村", "市区町村", "市町村", "区市町村", "都道府県市区町村"].map(key);
    name.ends_with(['市', '区', '町', '村']) && !name.contains(sign) && !generic.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::is_municipality;

    #[test]
    fn patterns_name_nobody() {
        for (text, is) in [
            ("仙台市", true),
            ("宮城県 女川町", true),
            ("つくば市", true),
            ("千代田区", true),
            ("○○市", false),
            ("〇〇市", false),
            ("△△町", false),
            ("市区町村", false),
            ("＊＊市", false),
            ("市", false),
            ("（市区町村名を記入）", false),
            ("A市", false),
            ("総務課", false),
        ] {
            assert_eq!(is_municipality(text), is, "{text}");
        }
    }
}
