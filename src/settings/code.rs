//! 全国地方公共団体コード: six digits, the last of which is a check digit.
//!
//! Source: 総務省「全国地方公共団体コード」, also of the list `codes/municipalities.csv`; 検査数字の算出方法: S = 6a+5b+4c+3d+2e,
//! digit = (11 − S mod 11) mod 10.

use unicode_normalization::UnicodeNormalization;

use crate::model::{Code, CodeLists};

/// The lists of prefectures (first two digits) and of municipalities (all six).
const PREFECTURES: &str = "prefectures";
const MUNICIPALITIES: &str = "municipalities";

/// Column of the list of municipalities with the number of a designated city's last ward.
const LAST_WARD: &str = "最後の行政区";

/// The check digit of five digits.
#[must_use]
pub fn check_digit(five: &[u8; 5]) -> u8 {
    let sum: u32 = five.iter().zip([6u32, 5, 4, 3, 2]).map(|(d, w)| u32::from(*d) * w).sum();
    u8::try_from((11 - sum % 11) % 10).unwrap_or(0)
}

/// Why a code is none, or which of two it is cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unclear {
    /// It has not the shape of a code.
    Shape,
    /// Its check digit is wrong; this is the code with the right one.
    CheckDigit(String),
    /// No prefecture has these first two digits.
    NoPrefecture(String),
    /// Five digits that are two codes: one without its check digit, the other without its leading zero.
    Several(Vec<String>),
}

impl Unclear {
    /// What was expected, in words.
    #[must_use]
    pub fn expected(&self, lists: &CodeLists) -> String {
        match self {
            Self::Shape => "6桁の数字".to_string(),
            Self::CheckDigit(full) => full.clone(),
            Self::NoPrefecture(two) => format!("都道府県の番号01～47で始まる6桁。「{two}」で始まる番号はありません"),
            Self::Several(codes) => {
                let named: Vec<String> = codes.iter().map(|c| described(c, lists)).collect();
                format!("{}のどちらか。6桁で記入してください", named.join("か"))
            }
        }
    }
}

/// A code with the municipality's name, as far as the list knows it.
#[must_use]
pub fn described(code: &str, lists: &CodeLists) -> String {
    name(code, lists).map_or_else(|| code.to_string(), |name| format!("{code}（{name}）"))
}

/// The municipality of a code, without its prefecture.
#[must_use]
pub fn municipality<'a>(code: &str, lists: &'a CodeLists) -> Option<&'a str> {
    let prefecture = lists.get(PREFECTURES)?.get(code.get(..2)?)?;
    name(code, lists).map(|name| name.strip_prefix(prefecture.name.as_str()).unwrap_or(name))
}

/// Whether there is a municipality of this name.
#[must_use]
pub fn is_listed(typed: &str, lists: &CodeLists) -> bool {
    let all = lists.get(MUNICIPALITIES).into_iter().flat_map(|l| &l.codes);
    // A prefecture is on the list too, and has no name beside itself.
    let mut names = all.filter_map(|c| municipality(&c.code, lists)).filter(|name| !name.is_empty());
    names.any(|name| typed.ends_with(name))
}

fn name<'a>(code: &str, lists: &'a CodeLists) -> Option<&'a str> {
    lists.get(MUNICIPALITIES)?.get(code).map(|c| c.name.as_str())
}

/// The six digits of a code as typed: widths unified, a lost leading zero or a missing check digit put back when the
/// result is beyond doubt.
///
/// # Errors
/// Why it is no code, or which two codes it may be.
pub fn complete(typed: &str, lists: &CodeLists) -> Result<String, Unclear> {
    let readings = readings(typed, lists)?;
    match readings.as_slice() {
        [one] => Ok(one.clone()),
        _ => Err(Unclear::Several(readings)),
    }
}

/// All codes that may be meant by what was typed, one at least.
///
/// # Errors
/// Why it is no code.
pub fn readings(typed: &str, lists: &CodeLists) -> Result<Vec<String>, Unclear> {
    let digits: String = typed.nfkc().filter(|c| !c.is_whitespace()).collect();
    if !digits.bytes().all(|b| b.is_ascii_digit()) || !(4..=6).contains(&digits.len()) {
        return Err(Unclear::Shape);
    }
    // 6 digits as they are; 5 digits with a lost leading zero (01–09 prefectures); 5 or 4 digits without the check digit.
    let mut found: Vec<String> = match digits.len() {
        6 => {
            let right = checked(&digits[..5]).ok_or(Unclear::Shape)?;
            if right != digits && in_prefecture(&digits, lists) {
                return Err(Unclear::CheckDigit(right));
            }
            vec![digits]
        }
        5 => {
            let zero_lost = format!("0{digits}");
            let kept = checked(&zero_lost[..5]).filter(|right| *right == zero_lost);
            kept.into_iter().chain(checked(&digits)).collect()
        }
        _ => checked(&format!("0{digits}")).into_iter().collect(),
    };
    let two = found.last().and_then(|c| c.get(..2)).unwrap_or_default().to_string();
    found.retain(|code| in_prefecture(code, lists));
    if found.is_empty() {
        return Err(Unclear::NoPrefecture(two));
    }
    // Of two readings that one counts which is a municipality. A new one is on no list: then nobody can tell.
    if found.len() > 1 && found.iter().any(|code| is_known(code, lists)) {
        found.retain(|code| is_known(code, lists));
    }
    Ok(found)
}

/// Five digits with their check digit.
fn checked(five: &str) -> Option<String> {
    let mut digits = [0; 5];
    for (to, from) in digits.iter_mut().zip(five.as_bytes().get(..5)?) {
        *to = from.checked_sub(b'0')?;
    }
    Some(format!("{five}{}", check_digit(&digits)))
}

fn in_prefecture(code: &str, lists: &CodeLists) -> bool {
    lists.get(PREFECTURES).zip(code.get(..2)).is_some_and(|(list, two)| list.get(two).is_some())
}

/// Whether a municipality has this code, or a ward of a designated city: wards follow their city's number.
fn is_known(code: &str, lists: &CodeLists) -> bool {
    let number = |code: &str| code.get(2..5).and_then(|n| n.parse::<u32>().ok());
    let Some((list, own)) = lists.get(MUNICIPALITIES).zip(number(code)) else { return false };
    let has_ward = |city: &Code| {
        let numbers = number(&city.code).zip(city.attr(LAST_WARD).parse().ok());
        city.code.get(..2) == code.get(..2) && numbers.is_some_and(|(first, last)| first < own && own <= last)
    };
    list.get(code).is_some() || list.codes.iter().any(has_ward)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::Templates;

    fn lists() -> CodeLists {
        Templates::embedded().expect("the shipped definitions load").lists
    }

    #[test]
    fn check_digits_of_known_codes() {
        let lists = lists();
        for code in ["042021", "040002", "042145", "045811", "131016", "011002", "473821"] {
            assert_eq!(complete(code, &lists), Ok(code.to_string()), "{code}");
        }
        // The list itself: every code has its check digit and its prefecture.
        let all = &lists[MUNICIPALITIES].codes;
        assert!(all.len() > 1_780);
        for code in all {
            assert_eq!(complete(&code.code, &lists), Ok(code.code.clone()), "{}", code.name);
        }
    }

    #[test]
    fn lost_zero_and_missing_digit_are_put_back() {
        let lists = lists();
        for typed in ["42021", "04202", "4202", "０４２０２１", " 042021 "] {
            assert_eq!(complete(typed, &lists), Ok("042021".to_string()), "{typed}");
        }
        assert_eq!(complete("42145", &lists), Ok("042145".to_string()), "no municipality has the number 42145");
        assert_eq!(complete("13101", &lists), Ok("131016".to_string()));
        assert_eq!(complete("042020", &lists), Err(Unclear::CheckDigit("042021".to_string())));
        for typed in ["四二", "0420210", "", "420", "４２０２一"] {
            assert_eq!(complete(typed, &lists), Err(Unclear::Shape), "{typed}");
        }
    }

    #[test]
    fn five_digits_that_are_two_municipalities_are_asked_about() {
        let lists = lists();
        let both = |a: &str, b: &str| Err(Unclear::Several(vec![a.to_string(), b.to_string()]));
        assert_eq!(complete("12211", &lists), both("012211", "122114"));
        assert_eq!(complete("44211", &lists), both("044211", "442119"));
        // A ward is one of the two all the same.
        assert_eq!(complete("22101", &lists), both("022101", "221015"));
        let words = complete("12211", &lists).map_err(|e| e.expected(&lists));
        assert_eq!(
            words,
            Err("012211（北海道名寄市）か122114（千葉県成田市）のどちらか。6桁で記入してください".to_string())
        );
        // All six digits tell the one from the other.
        assert_eq!(complete("012211", &lists), Ok("012211".to_string()));
        assert_eq!(complete("122114", &lists), Ok("122114".to_string()));
    }

    #[test]
    fn no_listed_municipality_becomes_another_one() {
        let lists = lists();
        let mut asked = Vec::new();
        for code in lists[MUNICIPALITIES].codes.iter().map(|c| c.code.as_str()) {
            let mut shorter = vec![&code[..5]];
            shorter.extend(code.strip_prefix('0'));
            for typed in shorter {
                match complete(typed, &lists) {
                    Ok(full) => assert_eq!(full, code, "{typed}"),
                    Err(Unclear::Several(both)) if both.iter().any(|c| c == code) => asked.push(typed.to_string()),
                    other => panic!("{typed} of {code}: {other:?}"),
                }
            }
        }
        asked.sort_unstable();
        asked.dedup();
        // Twelve pairs of municipalities, and three with a ward.
        assert_eq!(asked.len(), 15, "{asked:?}");
    }

    #[test]
    fn a_code_of_no_prefecture_is_none() {
        let lists = lists();
        for (typed, two) in [("990001", "99"), ("480002", "48"), ("000000", "00"), ("99000", "99"), ("00100", "00")] {
            assert_eq!(complete(typed, &lists), Err(Unclear::NoPrefecture(two.to_string())), "{typed}");
        }
    }
}
