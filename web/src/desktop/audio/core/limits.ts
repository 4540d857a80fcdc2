/** Every limit of the sound, with its unit. What comes from a node is held to them. */

/** Sample rates that are played, in Hz. */
export const RATE_MIN = 8_000;
export const RATE_MAX = 192_000;

/** Channels of a chunk; the first two are played. */
export const CHANNELS_MAX = 8;

/** How much sound is kept before it is played, in ms: at first, and between which limits. */
export const TARGET_FIRST_MS = 100;
export const TARGET_MIN_MS = 80;
export const TARGET_MAX_MS = 320;

/** More than the target by this is too late: the oldest is left out, in ms. */
export const LATE_MS = 250;

/** The buffer's size, in ms; beyond it the oldest is lost. */
export const BUFFER_MS = 2_000;

/** Chunks that wait while the player is loaded. */
export const EARLY_CHUNKS_MAX = 32;

/** Without sound for this long the device is let go, in ms. */
export const REST_AFTER_MS = 30_000;
