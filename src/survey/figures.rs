//! Figures of whole numbers, in whole numbers: shares, means, differences, half up and half away from zero.

/// Tenths of a per cent of a share, half up; `None` of nothing.
#[must_use]
pub fn tenths(part: usize, whole: usize) -> Option<usize> {
    let (part, whole) = (part as u128, whole as u128);
    let tenths = (part * 2000 + whole).checked_div(2 * whole)?;
    usize::try_from(tenths).ok()
}

/// Tenths of a percentage point by which one share is greater than another, half away from zero.
#[must_use]
pub fn difference((part, whole): (usize, usize), (other, all): (usize, usize)) -> Option<i64> {
    let [part, whole, other, all] = [part, whole, other, all].map(|n| i128::try_from(n).unwrap_or(i128::MAX >> 60));
    rounded((part * all - other * whole) * 1000, whole * all)
}

/// Hundredths of a mean, half away from zero; `sum` in units of one `unit`th.
#[must_use]
pub fn mean(sum: i128, count: usize, unit: i128) -> Option<i64> {
    rounded(sum * 100, i128::try_from(count).ok()? * unit)
}

fn rounded(above: i128, below: i128) -> Option<i64> {
    let twice = (above.abs() * 2 + below).checked_div(2 * below)?;
    i64::try_from(twice * above.signum()).ok()
}

/// Tenths as a share of one.
#[must_use]
pub fn share(tenths: usize) -> f64 {
    u32::try_from(tenths).map_or(f64::MAX, f64::from) / 1000.0
}

/// A number in figures with so many decimals: 345 of hundredths is 3.45.
#[must_use]
pub fn decimal(value: i64, decimals: u32) -> String {
    let unit = 10u64.pow(decimals);
    let (sign, value) = (if value < 0 { "-" } else { "" }, value.unsigned_abs());
    format!("{sign}{}.{:0width$}", value / unit, value % unit, width = decimals as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_are_half_up_and_away_from_zero() {
        assert_eq!(
            (tenths(546, 800), tenths(980, 1384), tenths(1, 0), tenths(0, 5)),
            (Some(683), Some(708), None, Some(0))
        );
        assert_eq!(
            (difference((1, 2000), (0, 1)), difference((0, 1), (1, 2000)), difference((1, 3), (1, 3))),
            (Some(1), Some(-1), Some(0))
        );
        assert_eq!(
            (mean(-1, 200, 1), mean(1, 200, 1), mean(7, 2, 1), mean(2500, 2, 1000)),
            (Some(-1), Some(1), Some(350), Some(125))
        );
        assert_eq!((decimal(-5, 1), decimal(345, 2), decimal(7, 2)), ("-0.5".into(), "3.45".into(), "0.07".into()));
    }
}
