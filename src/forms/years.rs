//! Lists of years: which years a form has rows or columns for is another in each round.
//!
//! The list [`RANGES`] names lists and the first and last year of each, and the settings may say others. In such a list one
//! row stands for every year: `{year}` in it is 2025, `{fiscal}` 令和7年度, `{era}` R7. A row `{each:LIST}` of any list
//! stands for all rows of that list, so that a total can follow the years.

use std::collections::BTreeMap;

use crate::model::date::wareki_fiscal;
use crate::model::{Code, CodeList, CodeLists};

/// The id of the list of ranges.
const RANGES: &str = "year-ranges";
/// Its columns with the first and the last year.
pub const FROM: &str = "始め";
/// As [`FROM`].
pub const UNTIL: &str = "終わり";
/// So many years are listed at most.
pub const MOST: i32 = 20;
/// Years that may be meant.
const YEARS: std::ops::RangeInclusive<i32> = 1990..=2100;

/// The year that 令和7年度 is.
#[must_use]
pub fn year_of(fiscal: &str) -> Option<i32> {
    YEARS.into_iter().find(|y| wareki_fiscal(*y) == fiscal)
}

/// 令和7年度 as R7.
fn short(fiscal: &str) -> String {
    let eras = [("令和", "R"), ("平成", "H"), ("元", "1"), ("年度", "")];
    eras.iter().fold(fiscal.to_string(), |text, (long, short)| text.replace(long, short))
}

/// Writes the years into the lists that have them.
pub(super) fn written(lists: &mut CodeLists) {
    let ranges: Vec<Code> = lists.get(RANGES).map(|l| l.codes.clone()).unwrap_or_default();
    for range in ranges {
        let (first, last) = (year_of(range.attr(FROM)), year_of(range.attr(UNTIL)));
        if let (Some(list), Some(first), Some(last)) = (lists.get_mut(&range.code), first, last) {
            let codes = std::mem::take(&mut list.codes);
            list.codes = codes.into_iter().flat_map(|code| each_year(code, first, last)).collect();
        }
    }
    let each = |code: &Code| Some(code.code.strip_prefix("{each:")?.strip_suffix('}')?.to_string());
    let asking = |list: &CodeList| list.codes.iter().any(|c| each(c).is_some());
    let others: BTreeMap<String, Vec<Code>> =
        lists.iter().filter(|(_, l)| !asking(l)).map(|(id, l)| (id.clone(), l.codes.clone())).collect();
    for list in lists.values_mut().filter(|l| asking(l)) {
        let codes = std::mem::take(&mut list.codes);
        let of = |code: Code| match each(&code) {
            Some(id) => others.get(&id).cloned().unwrap_or_default(),
            None => vec![code],
        };
        list.codes = codes.into_iter().flat_map(of).collect();
    }
}

fn each_year(code: Code, first: i32, last: i32) -> Vec<Code> {
    if !code.code.contains("{year}") {
        return vec![code];
    }
    let of = |year: i32| {
        let fiscal = wareki_fiscal(year);
        let put = |text: &String| {
            text.replace("{year}", &year.to_string()).replace("{fiscal}", &fiscal).replace("{era}", &short(&fiscal))
        };
        Code {
            code: put(&code.code),
            name: put(&code.name),
            aliases: code.aliases.iter().map(put).collect(),
            attrs: code.attrs.iter().map(|(k, v)| (k.clone(), put(v))).collect(),
        }
    };
    (first..=last).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(code: &str, name: &str, attrs: &[(&str, &str)]) -> Code {
        let attrs = attrs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        Code { code: code.into(), name: name.into(), aliases: vec!["{era}年度".into()], attrs }
    }

    fn lists(from: &str, until: &str) -> CodeLists {
        let list = |id: &str, codes| (id.to_string(), CodeList { id: id.into(), columns: Vec::new(), codes });
        CodeLists::from([
            list(RANGES, vec![code("y", "", &[(FROM, from), (UNTIL, until)])]),
            list("y", vec![code("{year}", "{fiscal}", &[("略称", "{era}")])]),
            list("rows", vec![code("{each:y}", "", &[]), code("total", "計", &[])]),
            list("z", vec![code("{year}", "甲", &[])]),
        ])
    }

    #[test]
    fn years_follow_their_range() {
        let mut lists = lists("平成30年度", "令和2年度");
        written(&mut lists);
        let told = |id: &str| lists[id].codes.iter().map(|c| (c.code.clone(), c.name.clone())).collect::<Vec<_>>();
        let years = [("2018", "平成30年度"), ("2019", "令和元年度"), ("2020", "令和2年度")];
        let years: Vec<_> = years.iter().map(|(a, b)| (a.to_string(), b.to_string())).collect();
        assert_eq!(told("y"), years);
        assert_eq!(told("rows"), [&years[..], &[("total".to_string(), "計".to_string())]].concat());
        assert_eq!(told("z"), [("{year}".to_string(), "甲".to_string())], "a list without a range stays");
        let of = |n: usize| (lists["y"].codes[n].attr("略称").to_string(), lists["y"].codes[n].aliases.clone());
        assert_eq!(of(0), ("H30".to_string(), vec!["H30年度".to_string()]));
        assert_eq!(of(1), ("R1".to_string(), vec!["R1年度".to_string()]));
    }

    #[test]
    fn a_year_is_read_as_it_is_written() {
        assert_eq!(year_of("令和7年度"), Some(2025));
        assert_eq!(year_of("令和元年度"), Some(2019));
        for none in ["", "令和7年", "R7", "未定"] {
            assert_eq!(year_of(none), None, "{none}");
        }
    }
}
