//! Whether groups differ by more than chance: Pearson's χ² with its condition, and adjusted standardised residuals.

use statrs::distribution::{ChiSquared, ContinuousCDF};

/// A test of one table.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// The statistic.
    pub chi2: f64,
    /// Degrees of freedom.
    pub df: usize,
    /// Probability of such a statistic or a greater one where groups do not differ.
    pub p: f64,
    /// The least expected count.
    pub least: f64,
    /// Cells with an expected count under 5, and all cells.
    pub few: (usize, usize),
}

impl Test {
    /// Cochran's condition: no expected count under 1, at most a fifth under 5.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.least >= 1.0 && self.few.0 * 5 <= self.few.1
    }
}

fn float(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::MAX, f64::from)
}

/// Tests a table of counts; `None` where less than two rows or columns hold anything.
#[must_use]
pub fn test(table: &[Vec<usize>]) -> Option<Test> {
    let rows: Vec<usize> = table.iter().map(|r| r.iter().sum()).collect();
    let width = table.first()?.len();
    let columns: Vec<usize> = (0..width).map(|c| table.iter().map(|r| r[c]).sum()).collect();
    let all: usize = rows.iter().sum();
    let used = |sums: &[usize]| sums.iter().filter(|n| **n > 0).count();
    let df = used(&rows).checked_sub(1)? * used(&columns).checked_sub(1)?;
    let mut test = Test { chi2: 0.0, df, p: 1.0, least: f64::INFINITY, few: (0, 0) };
    for (row, sum) in table.iter().zip(&rows).filter(|(_, s)| **s > 0) {
        for (seen, column) in row.iter().zip(&columns).filter(|(_, s)| **s > 0) {
            let expected = float(*sum) * float(*column) / float(all);
            test.chi2 += (float(*seen) - expected).powi(2) / expected;
            test.least = test.least.min(expected);
            test.few = (test.few.0 + usize::from(expected < 5.0), test.few.1 + 1);
        }
    }
    test.p = ChiSquared::new(float(df)).ok()?.sf(test.chi2);
    Some(test)
}

/// How far the count of a cell is from what is expected, in standard deviations; `None` where nothing can differ.
#[must_use]
pub fn residual(seen: usize, row: usize, column: usize, all: usize) -> Option<f64> {
    let expected = float(row) * float(column) / float(all.max(1));
    let deviation = expected * (1.0 - float(row) / float(all.max(1))) * (1.0 - float(column) / float(all.max(1)));
    (deviation > 0.0).then(|| (float(seen) - expected) / deviation.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_another_program() {
        // scipy.stats.chi2_contingency([[10, 20, 30], [6, 9, 17]], correction=False)
        let test = test(&[vec![10, 20, 30], vec![6, 9, 17]]).unwrap();
        assert_eq!(test.df, 2);
        assert!((test.chi2 - 0.271_574_65).abs() < 1e-6 && (test.p - 0.873_028_28).abs() < 1e-6, "{test:?}");
        assert!(test.holds());
        // (10 - 60*16/92) / sqrt(60*16/92 * (1-60/92) * (1-16/92))
        assert!((residual(10, 60, 16, 92).unwrap() + 0.251_094).abs() < 1e-5);
    }

    #[test]
    fn small_counts_do_not_meet_the_condition() {
        assert!(!test(&[vec![1, 2], vec![3, 1]]).unwrap().holds());
        assert_eq!(test(&[vec![1, 2], vec![0, 0]]).map(|t| t.df), None);
    }
}
