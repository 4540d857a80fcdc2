/** Where a person goes after signing in: a place of this site and nowhere else. */

/** Longest path that is kept, characters. */
const LENGTH_MAX = 1_024;

/**
 * `to` if it is a path of this site, else `/`. What a browser would read as
 * another site is none: `//host`, `/\host`, a scheme, or one of those after
 * what browsers drop (tabs, line ends) is gone.
 */
export function returnPath(to: string | null | undefined): string {
  if (typeof to !== 'string' || to.length > LENGTH_MAX) return '/';
  if (!/^\/(?![/\\])/.test(to) || hasControl(to)) return '/';
  const base = 'https://site.invalid';
  try {
    const url = new URL(to, base);
    if (url.origin !== base || url.pathname.startsWith('//')) return '/';
    if (/^\/api(\/|$)/.test(url.pathname)) return '/';
    return withoutError(url);
  } catch {
    return '/';
  }
}

function withoutError(url: URL): string {
  url.searchParams.delete('sign_in_error');
  return url.pathname + url.search + url.hash;
}

function hasControl(text: string): boolean {
  return [...text].some((character) => character <= ' ' || character === '\u007f');
}
