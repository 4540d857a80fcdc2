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
    pub(crate) what: &'static str,
    /// What it is to be.
    pub(crate) goal: &'static str,
    /// One value a run.
    pub(crate) values: Vec<f64>,
    /// The same by the rival of the report; empty when there is no such thing.
    pub(crate) direct: Vec<f64>,
    /// Whether the goal is met, by the medians of both.
    pub(crate) met: fn(f64, f64) -> bool,
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
    /// A figure with its goal; `met` is given the medians of both sides.
    pub(crate) const fn new(
        what: &'static str,
        goal: &'static str,
        values: Vec<f64>,
        direct: Vec<f64>,
        met: fn(f64, f64) -> bool,
    ) -> Self {
        Self {
            what,
            goal,
            values,
            direct,
            met,
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let met = if (self.met)(median(&self.values), median(&self.direct)) {
            "yes"
        } else {
            "**no**"
        };
        let (values, direct) = (summary(&self.values), summary(&self.direct));
        write!(
            f,
            "| {} | {} | {values} | {direct} | {met} |",
            self.what, self.goal
        )
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
}
