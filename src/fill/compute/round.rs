//! Rounding as spreadsheets do it: on the decimal that a number is written as, not on its binary digits.

use super::value::{No, Stop};

/// Which way to round; all of them count from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Half,
    Up,
    Down,
}

/// Digits that a spreadsheet keeps of a number.
const KEPT: usize = 15;

/// A number rounded to so many decimals (fewer than none: to tens, hundreds …).
///
/// What has more digits than a spreadsheet keeps is a quotient or the like; where it lies next to a bound, its last
/// binary digits would decide, and nothing is said.
pub(super) fn round(n: f64, decimals: i64, way: Way) -> Result<f64, Stop> {
    let text = format!("{:e}", n.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let bad = |_| Stop::No(No::Doubtful);
    let fraction = i64::try_from(digits.len()).map_err(|_| Stop::No(No::Doubtful))? - 1;
    let lowest = exponent.parse::<i64>().map_err(bad)? - fraction;
    let whole: u128 = digits.parse().map_err(bad)?;
    let drop = -decimals - lowest;
    if drop <= 0 || whole == 0 {
        return Ok(n);
    }
    let Some(unit) = u32::try_from(drop).ok().filter(|d| *d < 30).map(|d| 10u128.pow(d)) else {
        return if way == Way::Up { Err(Stop::No(No::Doubtful)) } else { Ok(0.0) };
    };
    let (kept, rest) = (whole / unit, whole % unit);
    let off = if way == Way::Half { (2 * rest).abs_diff(unit) } else { rest.min(unit - rest) };
    if digits.len() > KEPT && off.saturating_mul(100_000_000_000) < whole {
        return Err(Stop::No(No::Near));
    }
    let more = match way {
        Way::Half => 2 * rest >= unit,
        Way::Up => rest > 0,
        Way::Down => false,
    };
    let out: f64 = format!("{}e{}", kept + u128::from(more), -decimals).parse().map_err(|_| Stop::No(No::Doubtful))?;
    Ok(if n < 0.0 && out != 0.0 { -out } else { out })
}

/// The greatest whole number that is not greater.
pub(super) fn floor(n: f64) -> Result<f64, Stop> {
    round(n, 0, if n < 0.0 { Way::Up } else { Way::Down })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_go_away_from_zero_as_they_are_written() {
        for (n, decimals, want) in [
            (2.5, 0, 3.0),
            (-2.5, 0, -3.0),
            (1.005, 2, 1.01),
            (68.25, 1, 68.3),
            (2.4999, 0, 2.0),
            (1250.0, -2, 1300.0),
            (1249.0, -2, 1200.0),
            (0.5, 0, 1.0),
            (-0.4, 0, 0.0),
            (3.0, 2, 3.0),
            (1.0 / 3.0, 3, 0.333),
            (7.0, -3, 0.0),
        ] {
            assert_eq!(round(n, decimals, Way::Half), Ok(want), "{n} {decimals}");
        }
    }

    #[test]
    fn up_and_down_count_from_zero_and_floor_does_not() {
        assert_eq!(round(1.21, 1, Way::Up), Ok(1.3));
        assert_eq!(round(-1.21, 1, Way::Up), Ok(-1.3));
        assert_eq!(round(1.15, 2, Way::Up), Ok(1.15));
        assert_eq!(round(1.29, 1, Way::Down), Ok(1.2));
        assert_eq!(round(-1.29, 1, Way::Down), Ok(-1.2));
        assert_eq!((floor(2.9), floor(-2.1), floor(-3.0)), (Ok(2.0), Ok(-3.0), Ok(-3.0)));
    }

    #[test]
    fn the_last_binary_digits_decide_nothing() {
        // 3.0000000000000004 and 2.4999999999999996, as quotients come out.
        for n in [0.1 * 3.0 * 10.0 + 4e-16 * 1.0, 3.0 + 4.5e-16, 2.5 - 4.5e-16] {
            let ways = [Way::Half, Way::Up, Way::Down].map(|w| round(n, 0, w));
            assert!(n.fract() == 0.0 || ways.contains(&Err(Stop::No(No::Near))), "{n:?} {ways:?}");
        }
        assert_eq!(floor(2.0 - 3e-16), Err(Stop::No(No::Near)));
    }
}
