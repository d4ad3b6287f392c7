//! Shares as people print them: per cent with one decimal, rounded half up.
//!
//! The one place where a share becomes figures, for the terminal, the sheets, the papers and the page. Rust's own `{:.1}`
//! rounds a tie to the even digit, and Excel rounds it up: 546/800 would be 68.2 % here and 68.3 % there.

/// How near to a tie a quotient counts as one. A quotient of whole numbers below 100,000 that is no tie is at least fifty
/// times as far away, and its error in binary a million times smaller.
const TIE: f64 = 1e-7;

/// Tenths of a per cent of a share between 0 and 1, half up: 546/800 is 683.
#[must_use]
pub fn tenths(share: f64) -> i64 {
    #[allow(clippy::cast_possible_truncation, reason = "a share is a small number; the cast saturates")]
    let whole = (share * 1000.0 + 0.5 + TIE).floor() as i64;
    whole
}

/// A share in figures without the sign: 68.3.
#[must_use]
pub fn figures(share: f64) -> String {
    let tenths = tenths(share);
    let sign = if tenths < 0 { "-" } else { "" };
    format!("{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10)
}

/// A share as it is printed: 68.3%.
#[must_use]
pub fn percent(share: f64) -> String {
    figures(share) + "%"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same from whole numbers.
    fn exact(part: u64, whole: u64) -> String {
        let tenths = (part * 2000 + whole) / (2 * whole);
        format!("{}.{}%", tenths / 10, tenths % 10)
    }

    #[test]
    fn every_share_of_eight_hundred_is_half_up() {
        for part in 0..=800_u32 {
            assert_eq!(percent(f64::from(part) / 800.0), exact(part.into(), 800), "{part}/800");
        }
        assert_eq!((percent(546.0 / 800.0), percent(210.0 / 800.0)), ("68.3%".into(), "26.3%".into()));
    }

    #[test]
    fn every_share_of_whole_numbers_is_that_of_integers() {
        for whole in 1..=1400_u32 {
            for part in 0..=whole {
                let share = f64::from(part) / f64::from(whole);
                assert_eq!(percent(share), exact(part.into(), whole.into()), "{part}/{whole}");
            }
        }
    }

    #[test]
    fn means_of_quotients_keep_their_ties() {
        // The mean of twenty fortieths, added up in binary.
        for part in 0..=800_u32 {
            let (each, rest) = (part / 20, part % 20);
            let sum: f64 = (0..20).map(|i| f64::from(each + u32::from(i < rest)) / 40.0).sum();
            assert_eq!(percent(sum / 20.0), exact(part.into(), 800), "{part}/800");
        }
    }
}
