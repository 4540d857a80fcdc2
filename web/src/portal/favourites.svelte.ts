/** Endpoints that a person keeps at the top; this browser remembers them. */

const STORAGE_KEY = 'causeway.favourites';

/** Endpoints that are kept. */
const KEPT_MAX = 24;

let ids = $state.raw<readonly string[]>(read());

export function favourites(): readonly string[] {
  return ids;
}

export function isFavourite(endpoint: string): boolean {
  return ids.includes(endpoint);
}

export function toggleFavourite(endpoint: string): void {
  const without = ids.filter((id) => id !== endpoint);
  ids = without.length < ids.length ? without : [...ids, endpoint].slice(-KEPT_MAX);
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(ids));
  } catch {
    // No storage here: they last as long as the page.
  }
}

function read(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '[]');
    return Array.isArray(kept) ? kept.filter((id) => typeof id === 'string').slice(-KEPT_MAX) : [];
  } catch {
    return [];
  }
}
