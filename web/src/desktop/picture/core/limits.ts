/** Every limit of the picture, with its unit. What comes from a node is held to them. */

/** The largest screen, in pixels across or down. */
export const SIDE_PIXELS_MAX = 8192;

/** The largest cursor, in pixels across or down. */
export const CURSOR_PIXELS_MAX = 512;

/** Messages that wait for their turn, in bytes of what they carry. */
export const QUEUE_BYTES_MAX = 64 * 1024 * 1024;

/** Messages that come while the decoder is loaded. */
export const EARLY_MESSAGES_MAX = 4096;

/** JPEG files that are decoded at one time. */
export const JPEG_DECODES_MAX = 16;

/** Rectangles that are put one by one; more are put as the one around them. */
export const DAMAGE_RECTS_MAX = 48;

/** Frames over which figures are told. */
export const STATISTICS_FRAMES = 120;

/** A picture that the browser has not shown for this long, though the page is visible, counts as shown; ms. */
export const DISPLAY_LATE_MS = 1_000;

/** Wrong data is told to the page at most this often, in ms; all of it is counted. */
export const FAULT_TOLD_EVERY_MS = 30_000;

/** A worker that dies more often than this within `WORKER_LOSS_WINDOW_MS` is not replaced. */
export const WORKER_LOSSES_MAX = 3;

/** See `WORKER_LOSSES_MAX`; ms. */
export const WORKER_LOSS_WINDOW_MS = 60_000;
