//! The table that a run prints.

use std::fmt;

/// Figures, in the order they were taken.
#[derive(Debug)]
pub(crate) struct Report {
    rival: &'static str,
    rows: Vec<Row>,
}

/// One figure.
#[derive(Debug)]
pub(crate) struct Row {
    /// What was measured, with its unit.
    what: String,
    /// What it is to be.
    goal: Goal,
    /// One value a run.
    values: Vec<f64>,
    /// The same by the rival of the report; empty when there is no such thing.
    direct: Vec<f64>,
}

/// What the median of a figure is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// Anything: the figure is told beside others.
    Unset,
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
    /// Less than the rival's median; anything when there is no rival.
    BelowRival,
    /// In words, and as a test of both medians, ours first.
    BesideRival(&'static str, fn(f64, f64) -> bool),
}

impl Report {
    /// A table whose last but one column is a rival's.
    pub(crate) const fn beside(rival: &'static str) -> Self {
        Self {
            rival,
            rows: Vec::new(),
        }
    }

    /// Adds a figure, and shows it at once.
    pub(crate) fn add(&mut self, row: Row) {
        eprintln!("{row}");
        self.rows.push(row);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.rows.is_empty() {
            return Ok(());
        }
        writeln!(
            f,
            "| figure | goal | median (range, runs) | {} | met |",
            self.rival
        )?;
        writeln!(f, "|---|---|---|---|---|")?;
        self.rows.iter().try_for_each(|row| writeln!(f, "{row}"))
    }
}

impl Row {
    /// A figure, its goal, and the values of both sides.
    pub(crate) fn new(
        what: impl Into<String>,
        goal: Goal,
        values: Vec<f64>,
        direct: Vec<f64>,
    ) -> Self {
        Self {
            what: what.into(),
            goal,
            values,
            direct,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.goal.is_met(median(&self.values), median(&self.direct)) {
            None => "-",
            Some(true) => "yes",
            Some(false) => "**no**",
        };
        let (values, direct) = (summary(&self.values), summary(&self.direct));
        write!(
            f,
            "| {} | {} | {values} | {direct} | {verdict} |",
            self.what, self.goal
        )
    }
}

impl Goal {
    /// Whether it is met by the medians of both sides; `None` when there is
    /// nothing to be met.
    fn is_met(self, ours: f64, rival: f64) -> Option<bool> {
        match self {
            Self::Unset => None,
            Self::AtMost(most) => Some(ours <= most),
            Self::AtLeast(least) => Some(ours >= least),
            Self::BelowRival => (!rival.is_nan()).then_some(ours < rival),
            Self::BesideRival(_, met) => Some(met(ours, rival)),
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unset => f.write_str("-"),
            Self::AtMost(most) => write!(f, "at most {most}"),
            Self::AtLeast(least) => write!(f, "at least {least}"),
            Self::BelowRival => f.write_str("less than the rival"),
            Self::BesideRival(words, _) => f.write_str(words),
        }
    }
}

/// The middle of the values; NaN when there are none.
pub(crate) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => f64::NAN,
        len if len % 2 == 1 => sorted[middle],
        _ => f64::midpoint(sorted[middle - 1], sorted[middle]),
    }
}

fn summary(values: &[f64]) -> String {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match values {
        [] => "-".to_owned(),
        [only] => short(*only),
        _ => format!(
            "{} ({} - {}, {})",
            short(median(values)),
            short(least),
            short(most),
            values.len()
        ),
    }
}

fn short(value: f64) -> String {
    if value.abs() < 10.0 {
        format!("{value:.2}")
    } else {
        format!("{value:.0}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_or_the_mean_of_the_two() {
        assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn a_row_tells_whether_its_goal_is_met() {
        let row = |goal, values: &[f64], direct: &[f64]| {
            Row::new("x, ms", goal, values.to_vec(), direct.to_vec()).to_string()
        };
        let at_most = Goal::AtMost(40.0);
        assert_eq!(
            row(at_most, &[40.0], &[91.0]),
            "| x, ms | at most 40 | 40 | 91 | yes |"
        );
        assert!(row(at_most, &[41.0], &[]).ends_with("| - | **no** |"));
        assert!(row(at_most, &[], &[]).ends_with("**no** |"));
        assert!(row(Goal::AtLeast(29.5), &[29.0], &[]).ends_with("**no** |"));
        assert!(row(Goal::BelowRival, &[2.0], &[1.0]).ends_with("**no** |"));
        assert!(row(Goal::BelowRival, &[2.0], &[]).ends_with("| - |"));
        assert!(row(Goal::Unset, &[2.0], &[1.0]).ends_with("| 1.00 | - |"));
    }
}
