/** How long a new token may live. */

const DAY_MS = 86_400_000;

export const LIFETIMES = [
  { id: '7', words: '7 days', days: 7 },
  { id: '30', words: '30 days', days: 30 },
  { id: '90', words: '90 days', days: 90 },
  { id: '365', words: 'A year', days: 365 },
  { id: 'never', words: 'Until it is revoked', days: undefined },
] as const;

export type LifetimeId = (typeof LIFETIMES)[number]['id'];

/** When a token of this lifetime ends, as RFC 3339; null for never. */
export function expiryOf(id: LifetimeId, now: number): string | null {
  const days = LIFETIMES.find((each) => each.id === id)?.days;
  return days === undefined ? null : new Date(now + days * DAY_MS).toISOString();
}
