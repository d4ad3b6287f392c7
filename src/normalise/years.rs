//! The years that a heading or a remark names: 令和3年度の件数, R2年度, 2021年度実績.

use super::text::key;

/// The years that a text names, and what is left of it.
pub(super) fn years(k: &str) -> (Years, String) {
    const ERAS: [(&str, i32); 6] =
        [("令和", 2018), ("平成", 1988), ("昭和", 1925), ("r", 2018), ("h", 1988), ("s", 1925)];
    let (mut found, mut rest, mut left) = (Years::new(), String::new(), k);
    while let Some(c) = left.chars().next() {
        let era =
            ERAS.iter().find_map(|(name, before)| Some((left.strip_prefix(name)?.trim_start_matches('.'), *before)));
        // A letter within a word is no era.
        let era = era.filter(|_| !c.is_ascii() || !rest.ends_with(|c: char| c.is_ascii_alphanumeric()));
        let (from, before) = era.unwrap_or((left, 0));
        let digits = from.len() - from.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, behind) = from.split_at(digits);
        let first = from.strip_prefix('元').filter(|_| era.is_some());
        match (number.parse::<i32>(), first) {
            (_, Some(behind)) => {
                found.insert(before + 1);
                left = behind;
            }
            (Ok(n), _) if era.is_some() && digits <= 2 || digits == 4 && (1950..2100).contains(&n) => {
                found.insert(before + n);
                left = behind;
            }
            (Ok(_), _) if era.is_none() => {
                rest.push_str(number);
                left = behind;
            }
            _ => {
                rest.push(c);
                left = left.get(c.len_utf8()..).unwrap_or_default();
            }
        }
    }
    (found, rest)
}

/// Western years.
pub(super) type Years = std::collections::BTreeSet<i32>;

/// Whether two headings differ in the years that they name, and in nothing else: what was answered under the one is no answer under
/// the other.
#[must_use]
pub fn other_year(a: &str, b: &str) -> bool {
    let ((of_a, a), (of_b, b)) = (years(&key(a)), years(&key(b)));
    a == b && of_a != of_b
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_of_other_years() {
        for (a, b, want) in [
            ("令和3年度の件数・総件数", "令和4年度の件数・総件数", true),
            ("令和3年度の件数・総件数", "R3年度の件数・総件数", false),
            ("令和3年度の件数・総件数", "令和4年度の件数・内数", false),
            ("総件数", "総件数", false),
        ] {
            assert_eq!(other_year(a, b), want, "{a} {b}");
        }
    }

    #[test]
    fn years_are_found_in_every_writing() {
        for (text, want, left) in [
            ("r2年度", &[2020][..], "年度"),
            ("令和元年", &[2019], "年"),
            ("平成30年度分", &[2018], "年度分"),
            ("2021年度", &[2021], "年度"),
            ("r2は80件", &[2020], "は80件"),
            ("令和3年4月~令和4年3月", &[2021, 2022], "年4月~年3月"),
            ("12345", &[], "12345"),
            ("pr3号", &[], "pr3号"),
        ] {
            let (found, rest) = years(text);
            assert_eq!((found.into_iter().collect::<Vec<_>>().as_slice(), rest.as_str()), (want, left), "{text}");
        }
    }
}
