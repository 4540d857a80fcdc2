/** How much time is left, as it is written beside something that ends. */

const SECOND_MS = 1_000;
const MINUTE_S = 60;
const HOUR_S = 3_600;

/** Seconds until `end`, to the nearest; 0 once it has passed. Times are ms. */
export function secondsLeft(end: number, now: number): number {
  return Math.max(0, Math.round((end - now) / SECOND_MS));
}

/** Seconds as a clock shows them: `0:09`, `4:05`, `1:00:00`. */
export function clockFace(seconds: number): string {
  const minutes = Math.floor((seconds % HOUR_S) / MINUTE_S);
  const last = two(seconds % MINUTE_S);
  if (seconds < HOUR_S) return `${minutes}:${last}`;
  return `${Math.floor(seconds / HOUR_S)}:${two(minutes)}:${last}`;
}

/** Seconds as a sentence has them: `1 second`, `40 seconds`, `2 min 5 s`. */
export function inSeconds(seconds: number): string {
  if (seconds === 1) return '1 second';
  if (seconds <= MINUTE_S) return `${seconds} seconds`;
  const rest = seconds % MINUTE_S;
  const minutes = `${Math.floor(seconds / MINUTE_S)} min`;
  return rest === 0 ? minutes : `${minutes} ${rest} s`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
