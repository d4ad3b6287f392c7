//! A number as the decimal digits that a spreadsheet keeps of it: fifteen, and no more.

/// Digits that a spreadsheet keeps of a number.
const KEPT: i32 = 15;

/// The number that fifteen digits say: 4299.9999999999991 is 4300.
#[must_use]
pub fn fifteen(n: f64) -> f64 {
    if !n.is_finite() || n.fract() == 0.0 && n.abs() < 1e15 {
        return n;
    }
    format!("{n:.14e}").parse().unwrap_or(n)
}

/// A number without its sign: `0.digits` times ten to the power of `point`. Zero has no digits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Decimal {
    digits: Vec<u8>,
    point: i32,
}

impl Decimal {
    /// The digits of a number, its sign left out.
    pub(super) fn of(n: f64) -> Self {
        let text = format!("{:.14e}", n.abs());
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let digits = mantissa.bytes().filter(u8::is_ascii_digit).collect();
        Self { digits, point: exponent.parse().map_or(0, |e: i32| e + 1) }.tidy()
    }

    fn tidy(mut self) -> Self {
        while self.digits.last() == Some(&b'0') {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.point = 0;
        }
        self
    }

    pub(super) const fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Times ten to a power.
    pub(super) fn shifted(mut self, by: i32) -> Self {
        if !self.is_zero() {
            self.point = self.point.saturating_add(by);
        }
        self
    }

    /// Rounded half up to so many places behind the point.
    pub(super) fn rounded(mut self, places: usize) -> Self {
        let keep = self.point.saturating_add(i32::try_from(places).unwrap_or(i32::MAX));
        let Ok(keep) = usize::try_from(keep) else { return Self::default() };
        let up = self.digits.get(keep).is_some_and(|d| *d >= b'5');
        self.digits.truncate(keep);
        if up {
            while self.digits.last() == Some(&b'9') {
                self.digits.pop();
            }
            if let Some(last) = self.digits.last_mut() {
                *last += 1;
            } else {
                self.digits.push(b'1');
                self.point += 1;
            }
        }
        self.tidy()
    }

    /// All of its digits, but none that a binary fraction adds.
    pub(super) fn whole_of_it(self) -> Self {
        let places = usize::try_from(KEPT - self.point.clamp(0, KEPT)).unwrap_or(0);
        self.rounded(places)
    }

    /// The digits before the point; none where it is less than one.
    pub(super) fn before(&self) -> Vec<u8> {
        let count = usize::try_from(self.point).unwrap_or(0);
        let mut out: Vec<u8> = self.digits.iter().copied().take(count).collect();
        out.resize(count, b'0');
        out
    }

    /// The digits behind the point.
    pub(super) fn behind(&self) -> Vec<u8> {
        let zeros = usize::try_from(-self.point).unwrap_or(0);
        let skip = usize::try_from(self.point).unwrap_or(0);
        let mut out = vec![b'0'; if self.is_zero() { 0 } else { zeros }];
        out.extend(self.digits.iter().skip(skip));
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(d: &Decimal) -> String {
        format!("{}.{}", String::from_utf8_lossy(&d.before()), String::from_utf8_lossy(&d.behind()))
    }

    #[test]
    fn numbers_have_fifteen_digits() {
        for (n, want) in [
            (4_299.999_999_999_999, 4300.0),
            (0.1 + 0.2, 0.3),
            (720.000_000_1, 720.000_000_1),
            (-1.1 * 3.0, -3.3),
            (1_234_567_890_123_456.0, 1_234_567_890_123_460.0),
            (4300.0, 4300.0),
        ] {
            assert_eq!(fifteen(n).to_bits(), f64::to_bits(want), "{n}");
        }
    }

    #[test]
    fn digits_are_shifted_and_rounded_half_up() {
        for (n, by, places, want) in [
            (1234.5, 0, 0, "1235."),
            (0.855, 2, 0, "86."),
            (0.855, 2, 1, "85.5"),
            (1_234_567.0, -3, 1, "1234.6"),
            (999.5, 0, 0, "1000."),
            (0.5, 0, 0, "1."),
            (0.4, 0, 0, "."),
            (0.004, 0, 2, "."),
            (0.006, 0, 2, ".01"),
            (1200.0, 0, 2, "1200."),
            (0.0, 2, 2, "."),
            (1.005, 0, 2, "1.01"),
        ] {
            assert_eq!(text(&Decimal::of(n).shifted(by).rounded(places)), want, "{n}");
        }
        assert_eq!(text(&Decimal::of(1e16).shifted(-3)), "10000000000000.");
    }
}
