/** Times in words. */

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A span as a person would say it: `just now`, `5 min`, `2 h 10 min`, `3 days`. */
export function span(ms: number): string {
  if (ms < MINUTE_MS) return 'less than a minute';
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min`;
  if (ms < DAY_MS) return hours(ms);
  const days = Math.floor(ms / DAY_MS);
  return days === 1 ? '1 day' : `${days} days`;
}

function hours(ms: number): string {
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  const whole = `${Math.floor(ms / HOUR_MS)} h`;
  return minutes === 0 ? whole : `${whole} ${minutes} min`;
}

/** How long ago `then` was. */
export function ago(then: number, now: number): string {
  return now - then < MINUTE_MS ? 'just now' : `${span(now - then)} ago`;
}

/** The time of day, as the person's locale writes it. */
export function clock(time: number): string {
  return new Date(time).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });
}

/** Date and time, as the person's locale writes them. */
export function moment(time: number): string {
  return new Date(time).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}
