//! Bytes of a minute in an editor: lines are typed, then pages turned.

use std::iter;
use std::time::Duration;

use anyhow::Result;

use super::measure;
use super::screened::{Key, Screened};
use super::sides::Sides;
use super::stage::Stage;
use crate::report::{Goal, Report, Row};

/// A line, typed so often.
const LINE: &str = "A person writes a line of text, thinks, and goes on.";
const LINES: usize = 5;
/// Pages down, and as many up again.
const PAGES: usize = 17;
/// Between two keys of a person; with the keys above it makes a minute.
const TYPING_PACE: Duration = Duration::from_millis(200);

/// What a viewer receives for it.
pub(crate) async fn editing(sides: &Sides, stage: &Stage, report: &mut Report) -> Result<()> {
    let text = sides.studio.text()?;
    let command = format!("exec vim -u NONE -N -R '{}'", text.display());
    let keys = keys();
    let (ours, theirs) = sides
        .each(stage, &stage.scene, async |screened: &mut dyn Screened| {
            let _editor = stage.terminal(&command)?;
            measure::editing(screened, &keys, TYPING_PACE).await
        })
        .await?;
    let kibibytes = |bytes: u64| bytes as f64 / 1024.0;
    report.add(Row::new(
        stage.figure("a minute of typing and paging in vim, KiB"),
        Goal::BelowRival,
        vec![kibibytes(ours)],
        theirs.map(kibibytes).into_iter().collect(),
    ));
    Ok(())
}

fn keys() -> Vec<Key> {
    let line = LINE.chars().map(Key::Character).chain([Key::Enter]);
    let mut keys = vec![Key::Character('i')];
    keys.extend(iter::repeat_n(line, LINES).flatten());
    keys.push(Key::Escape);
    keys.extend(iter::repeat_n(Key::PageDown, PAGES));
    keys.extend(iter::repeat_n(Key::PageUp, PAGES));
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_a_minute() {
        let count = u32::try_from(keys().len()).unwrap_or(u32::MAX);
        let seconds = (TYPING_PACE * count).as_secs();
        assert!((58..=62).contains(&seconds), "{seconds}");
    }
}
