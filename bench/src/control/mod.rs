//! Figures of the control plane: launching, lists of many objects, and how fast
//! an end reaches the target.

mod ends;
mod issuer;
mod launch;
mod lists;
mod mine;
mod table;
mod watched;

use anyhow::Result;
use clap::ValueEnum;

use crate::report::Report;

/// What can be measured of the control plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ControlFigure {
    /// The launch call with policies, mappings and settings, 200 each second
    Launch,
    /// My applications, with 1,000 endpoints
    Mine,
    /// Pages of long lists
    Lists,
    /// From the act to the closed target
    Ends,
}

pub(crate) async fn control(
    runs: u32,
    only: &[ControlFigure],
    rows: u32,
    report: &mut Report,
) -> Result<()> {
    let wants = |figure: ControlFigure| {
        let wanted = only.is_empty() || only.contains(&figure);
        if wanted {
            // Each takes its time, and says nothing before it is done.
            eprintln!("measuring control: {figure:?}");
        }
        wanted
    };
    if wants(ControlFigure::Launch) {
        launch::launch(runs, report).await?;
    }
    if wants(ControlFigure::Mine) {
        mine::mine(runs, report).await?;
    }
    if wants(ControlFigure::Lists) {
        lists::lists(runs, rows, report).await?;
    }
    if wants(ControlFigure::Ends) {
        ends::ends(report).await?;
    }
    Ok(())
}

/// The value below which so much of the values lie; NaN when there are none.
fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied().unwrap_or(f64::NAN)
}

/// The largest value.
fn worst(values: &[f64]) -> f64 {
    percentile(values, 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_nearest_rank() {
        let values: Vec<f64> = (1..=200).map(f64::from).collect();
        assert_eq!(percentile(&values, 99), 198.0);
        assert_eq!(worst(&values), 200.0);
        assert_eq!(percentile(&[7.0], 50), 7.0);
        assert!(percentile(&[], 50).is_nan());
    }
}
