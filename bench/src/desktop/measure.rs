//! What is timed and counted, on anything that is [`Screened`].

use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::time::timeout_at;

use super::screened::{Key, Screened, WINDOW};
use crate::report::median;
use crate::shell::ms;

/// Keys a run.
const KEYS: usize = 80;
/// Between two keys, so that each finds a calm screen.
const KEY_PAUSE: Duration = Duration::from_millis(60);
/// A screen without a new picture for so long is calm.
const CALM: Duration = Duration::from_millis(400);
/// What the figure of a resize changes to, and back from.
const OTHER: (u32, u32) = (1600, 900);
/// How long an animation runs before it is measured, and how long it then is.
const WARM_UP: Duration = Duration::from_secs(2);
const MEASURED: Duration = Duration::from_secs(8);

/// What an animation cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Motion {
    /// Pictures a second.
    pub(crate) rate: f64,
    /// Share of one core, in percent.
    pub(crate) processor_percent: f64,
    /// Megabytes a second.
    pub(crate) megabytes: f64,
}

/// Takes pictures until none comes for a while.
pub(crate) async fn calm_down(screened: &mut dyn Screened) -> Result<()> {
    while let Ok(frame) = tokio::time::timeout(CALM, screened.next_frame()).await {
        frame?;
    }
    Ok(())
}

/// Milliseconds from a key to the first picture after it, the median of many.
pub(crate) async fn key_to_picture(screened: &mut dyn Screened) -> Result<f64> {
    calm_down(screened).await?;
    let mut times = Vec::with_capacity(KEYS);
    for turn in 0..KEYS {
        tokio::time::sleep(KEY_PAUSE).await;
        // Refinements of the picture before are not this key's.
        drain(screened).await?;
        let pressed = Instant::now();
        screened
            .key(if turn % 40 == 39 {
                Key::Enter
            } else {
                Key::Character('x')
            })
            .await?;
        screened.next_frame().await?;
        times.push(ms(pressed.elapsed()));
    }
    Ok(median(&times))
}

/// Pictures, processor time and bytes while something moves. Nothing is
/// decoded meanwhile on either side, so that both have the machine alike.
pub(crate) async fn motion(screened: &mut dyn Screened) -> Result<Motion> {
    screened.only_count();
    pictures_for(screened, WARM_UP).await?;
    let (bytes, time, began) = (screened.bytes(), screened.processor_time()?, Instant::now());
    let pictures = pictures_for(screened, MEASURED).await?;
    let seconds = began.elapsed().as_secs_f64();
    let processor = screened.processor_time()?.saturating_sub(time);
    Ok(Motion {
        rate: f64::from(pictures) / seconds,
        processor_percent: 100.0 * processor.as_secs_f64() / seconds,
        megabytes: (screened.bytes() - bytes) as f64 / seconds / 1e6,
    })
}

/// Milliseconds from asking for another size to the first picture in it.
pub(crate) async fn resize(screened: &mut dyn Screened, times: u32) -> Result<Vec<f64>> {
    // The size that the window came with may only be on its way.
    screened.become_size(WINDOW).await?;
    let mut taken = Vec::new();
    for turn in 0..times {
        calm_down(screened).await?;
        let size = if turn % 2 == 0 { OTHER } else { WINDOW };
        let asked = Instant::now();
        screened.become_size(size).await?;
        taken.push(ms(asked.elapsed()));
    }
    Ok(taken)
}

/// Bytes of an editor's minute: keys at a person's pace, pages up and down.
pub(crate) async fn editing(
    screened: &mut dyn Screened,
    keys: &[Key],
    pace: Duration,
) -> Result<u64> {
    calm_down(screened).await?;
    let before = screened.bytes();
    for key in keys {
        screened.key(*key).await?;
        pictures_for(screened, pace).await?;
    }
    calm_down(screened).await?;
    Ok(screened.bytes() - before)
}

/// Takes the pictures of a time, and counts them.
pub(crate) async fn pictures_for(screened: &mut dyn Screened, duration: Duration) -> Result<u32> {
    let until = tokio::time::Instant::now() + duration;
    let mut pictures = 0;
    while let Ok(frame) = timeout_at(until, screened.next_frame()).await {
        frame?;
        pictures += 1;
    }
    Ok(pictures)
}

async fn drain(screened: &mut dyn Screened) -> Result<()> {
    while let Ok(frame) =
        tokio::time::timeout(Duration::from_millis(1), screened.next_frame()).await
    {
        frame?;
    }
    Ok(())
}
