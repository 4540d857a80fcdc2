//! The picture that a node's messages put together, and what came with it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use causeway_wire::message::{
    AudioChunk, AudioCodec, Capability, CursorShape, DesktopState, FrameAck, LockKeys, Rect,
    SurfaceCreated, Tile, TileCodec, to_viewer,
};
use turbojpeg::PixelFormat;

use crate::picture::{Area, PIXEL_BYTES, Picture};
use crate::sound::Sound;

/// The surface that is the screen.
const SCREEN: u32 = 0;

/// What a viewer of a desktop sees and hears.
pub struct DesktopView {
    abilities: Vec<Capability>,
    /// With everything that came; the frame may not be whole yet.
    drawing: Picture,
    /// What of the drawing is not presented yet.
    fresh: Vec<Area>,
    presented: Picture,
    /// Whether the frame that is on its way has drawn anything.
    drew: bool,
    only_counts: bool,
    /// How much came, and of what.
    pub traffic: Traffic,
    /// When the first frame was presented.
    pub first_frame_at: Option<Instant>,
    /// When the latest frame was presented.
    pub last_frame_at: Option<Instant>,
    /// The latest shape of the cursor.
    pub cursor: Option<CursorShape>,
    /// What the target said of itself last.
    pub state: Option<DesktopState>,
    /// The target's lock keys.
    pub lock_keys: Option<LockKeys>,
    /// How often the target rang.
    pub bells: usize,
    /// All that it played.
    pub sound: Sound,
}

/// Counts of what came.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Frames presented.
    pub frames: u64,
    /// Those of them that drew anything; others are of the cursor alone.
    pub drawn_frames: u64,
    /// Number of the latest frame.
    pub latest_frame: u64,
    /// Bytes of pictures, compressed.
    pub bytes: u64,
    /// Tiles of whole pixels.
    pub lossless_tiles: u64,
    /// Tiles of differences.
    pub difference_tiles: u64,
    /// JPEG tiles.
    pub jpeg_tiles: u64,
    /// Areas of one colour.
    pub solids: u64,
    /// Areas moved.
    pub copies: u64,
}

impl DesktopView {
    pub(super) fn new(abilities: &[Capability]) -> Self {
        Self {
            abilities: abilities.to_vec(),
            drawing: Picture::default(),
            fresh: Vec::new(),
            presented: Picture::default(),
            drew: false,
            only_counts: false,
            traffic: Traffic::default(),
            first_frame_at: None,
            last_frame_at: None,
            cursor: None,
            state: None,
            lock_keys: None,
            bells: 0,
            sound: Sound::default(),
        }
    }

    /// The picture as of the latest whole frame.
    #[must_use]
    pub const fn picture(&self) -> &Picture {
        &self.presented
    }

    /// From now on frames are counted and acknowledged, and nothing of them is
    /// decoded; the picture stays what it is. For measuring what a node can do
    /// beside a viewer that takes no processor time of its own.
    pub fn only_count(&mut self) {
        self.only_counts = true;
    }

    /// Takes in a message; a whole frame is to be acknowledged.
    pub(in crate::session) fn take_in(
        &mut self,
        body: to_viewer::Body,
    ) -> Result<Option<FrameAck>> {
        use to_viewer::Body;
        let draws = matches!(
            body,
            Body::SurfaceCreated(_) | Body::Tile(_) | Body::Solid(_) | Body::Copy(_)
        );
        self.drew |= draws;
        if draws && self.only_counts {
            return Ok(None);
        }
        match body {
            Body::SurfaceCreated(surface) => self.create(&surface)?,
            Body::Tile(tile) => self.take_tile(&tile)?,
            Body::Solid(solid) => {
                let area = self.area(solid.surface, solid.rect.as_ref())?;
                let [_, red, green, blue] = solid.rgb.to_be_bytes();
                let row = [red, green, blue].repeat(area.width);
                self.fill(area, |_, pixels| pixels.copy_from_slice(&row));
                self.traffic.solids += 1;
            }
            Body::Copy(copy) => {
                let source = self.area(copy.surface, copy.source.as_ref())?;
                let (x, y) = (usize::try_from(copy.x)?, usize::try_from(copy.y)?);
                let target = Area { x, y, ..source };
                ensure!(self.drawing.holds(target), "a copy to outside: {copy:?}");
                self.drawing.copy_within(source, x, y);
                self.fresh.push(target);
                self.traffic.copies += 1;
            }
            Body::FrameMark(mark) => return self.present(mark.frame).map(Some),
            Body::CursorShape(shape) => {
                let bytes = shape.width as usize * shape.height as usize * 4;
                ensure!(
                    shape.rgba.len() == bytes,
                    "a cursor of {} bytes instead of {bytes}",
                    shape.rgba.len()
                );
                self.cursor = Some(shape);
            }
            Body::CursorMoved(_) => {}
            Body::AudioChunk(chunk) => self.hear(&chunk)?,
            Body::LockKeys(keys) => self.lock_keys = Some(keys),
            Body::Bell(_) => self.bells += 1,
            Body::DesktopState(state) => self.state = Some(state),
            other => bail!("a desktop got {other:?}"),
        }
        Ok(None)
    }

    fn create(&mut self, surface: &SurfaceCreated) -> Result<()> {
        ensure!(surface.surface == SCREEN, "another surface: {surface:?}");
        let (width, height) = (surface.width as usize, surface.height as usize);
        self.drawing = Picture::black(width, height);
        self.fresh = vec![self.drawing.area()];
        Ok(())
    }

    fn take_tile(&mut self, tile: &Tile) -> Result<()> {
        let areas: Vec<Area> = tile
            .rects
            .iter()
            .map(|rect| self.area(tile.surface, Some(rect)))
            .collect::<Result<_>>()?;
        self.traffic.bytes += tile.data.len() as u64;
        match tile.codec() {
            TileCodec::Rgb24Zstd => {
                self.can(Capability::TileZstd)?;
                self.traffic.lossless_tiles += 1;
                self.fill_all(&areas, &decompress(&tile.data, &areas)?, |pixels, data| {
                    pixels.copy_from_slice(data);
                });
            }
            TileCodec::Rgb24XorZstd => {
                self.can(Capability::TileZstd)?;
                self.traffic.difference_tiles += 1;
                self.fill_all(&areas, &decompress(&tile.data, &areas)?, |pixels, data| {
                    for (pixel, difference) in pixels.iter_mut().zip(data) {
                        *pixel ^= difference;
                    }
                });
            }
            TileCodec::Jpeg => {
                self.can(Capability::TileJpeg)?;
                self.traffic.jpeg_tiles += 1;
                let [area] = areas[..] else {
                    bail!("a JPEG of {} areas", areas.len())
                };
                let image = turbojpeg::decompress(&tile.data, PixelFormat::RGB)?;
                ensure!(
                    (image.width, image.height) == (area.width, area.height),
                    "a JPEG of {}x{} for {area:?}",
                    image.width,
                    image.height
                );
                self.fill(area, |row, pixels| {
                    let at = row * image.pitch;
                    pixels.copy_from_slice(&image.pixels[at..at + pixels.len()]);
                });
            }
            TileCodec::Unspecified => bail!("a tile of no codec"),
        }
        Ok(())
    }

    fn fill_all(&mut self, areas: &[Area], mut data: &[u8], draw: impl Fn(&mut [u8], &[u8])) {
        for area in areas {
            self.fill(*area, |_, pixels| {
                let (row, rest) = data.split_at(pixels.len());
                draw(pixels, row);
                data = rest;
            });
        }
    }

    fn fill(&mut self, area: Area, mut draw: impl FnMut(usize, &mut [u8])) {
        for row in 0..area.height {
            draw(row, self.drawing.row_mut(area, row));
        }
        self.fresh.push(area);
    }

    fn present(&mut self, frame: u64) -> Result<FrameAck> {
        let begun = Instant::now();
        ensure!(
            frame > self.traffic.latest_frame || self.traffic.frames == 0,
            "frame {frame} after frame {}",
            self.traffic.latest_frame
        );
        if self.presented.size() != self.drawing.size() {
            self.presented = self.drawing.clone();
        }
        for area in self
            .fresh
            .drain(..)
            .filter(|area| self.drawing.holds(*area))
        {
            for row in 0..area.height {
                let pixels = self.drawing.row(area, row);
                self.presented.row_mut(area, row).copy_from_slice(pixels);
            }
        }
        self.traffic.frames += 1;
        self.traffic.drawn_frames += u64::from(std::mem::take(&mut self.drew));
        self.traffic.latest_frame = frame;
        self.last_frame_at = Some(begun);
        self.first_frame_at.get_or_insert(begun);
        Ok(FrameAck {
            frame,
            present_us: microseconds(begun.elapsed()),
        })
    }

    fn hear(&mut self, chunk: &AudioChunk) -> Result<()> {
        ensure!(
            chunk.codec() == AudioCodec::PcmS16le,
            "sound of a codec that this viewer did not name: {:?}",
            chunk.codec()
        );
        self.can(Capability::AudioPcm)?;
        self.sound
            .append(chunk.sample_rate, chunk.channels, &chunk.data)
    }

    fn area(&self, surface: u32, rect: Option<&Rect>) -> Result<Area> {
        ensure!(surface == SCREEN, "surface {surface} was not made");
        let rect = rect.context("no rectangle")?;
        let area = Area {
            x: rect.x as usize,
            y: rect.y as usize,
            width: rect.width as usize,
            height: rect.height as usize,
        };
        ensure!(
            self.drawing.holds(area),
            "{area:?} is outside of {:?}",
            self.drawing
        );
        Ok(area)
    }

    fn can(&self, ability: Capability) -> Result<()> {
        ensure!(
            self.abilities.contains(&ability),
            "the node sent what needs {ability:?}, which this viewer did not name"
        );
        Ok(())
    }
}

fn decompress(data: &[u8], areas: &[Area]) -> Result<Vec<u8>> {
    let bytes: usize = areas
        .iter()
        .map(|area| area.width * area.height * PIXEL_BYTES)
        .sum();
    let pixels = zstd::bulk::decompress(data, bytes)?;
    ensure!(
        pixels.len() == bytes,
        "a tile of {} bytes for {areas:?}",
        pixels.len()
    );
    Ok(pixels)
}

fn microseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_micros()).unwrap_or(u32::MAX)
}
