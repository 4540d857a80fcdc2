/** The pages of the application by their path, and the query that a page keeps in the address. */

import { SvelteURLSearchParams } from 'svelte/reactivity';

export type Route =
  | { page: 'applications' }
  | { page: 'sessions' }
  | { page: 'session'; connection: string }
  | { page: 'flow'; execution: string }
  | { page: 'approvals'; approval: string | undefined }
  | { page: 'account'; section: string | undefined }
  | { page: 'admin'; parts: string[] }
  | { page: 'unknown' };

/** Says whether the page may be left for `to`; it asks the person itself if not. */
export type LeaveGuard = (to: string) => boolean;

let path = $state(location.pathname);
let search = $state(location.search);
let guard: LeaveGuard | undefined;

addEventListener('popstate', () => {
  const to = location.pathname + location.search;
  if (location.pathname !== path && guard && !guard(to)) {
    history.pushState(null, '', path + search);
    return;
  }
  read();
});

/** The page that the address names. */
export function route(): Route {
  return routeOf(path);
}

/** The query of the address. */
export function query(): URLSearchParams {
  return new SvelteURLSearchParams(search);
}

/** Goes to a path of this application, with its query, without loading the page anew. */
export function navigate(to: string): void {
  if (guard && !guard(to)) return;
  if (to !== location.pathname + location.search) history.pushState(null, '', to);
  const elsewhere = location.pathname !== path;
  read();
  if (elsewhere) scrollTo(0, 0);
}

/** Goes to a path in place of the page that is shown: the way back leads past that. */
export function redirect(to: string): void {
  history.replaceState(null, '', to);
  read();
  scrollTo(0, 0);
}

/** Writes the query of the page that is shown; the way back does not grow by it. */
export function replaceQuery(values: URLSearchParams): void {
  const text = values.toString();
  history.replaceState(null, '', text === '' ? path : `${path}?${text}`);
  search = location.search;
}

/** Before another page is shown, `asked` is; returns what takes that back. */
export function guardLeaving(asked: LeaveGuard): () => void {
  guard = asked;
  return () => {
    if (guard === asked) guard = undefined;
  };
}

/** For links of the application: a plain click navigates, any other is the browser's. */
export function follow(event: MouseEvent): void {
  const link = event.currentTarget;
  if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented) return;
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  navigate(link.pathname + link.search);
}

function read(): void {
  path = location.pathname;
  search = location.search;
}

function routeOf(pathname: string): Route {
  const [first, second, ...rest] = pathname.split('/').filter((part) => part !== '').map(decoded);
  if (first === undefined) return { page: 'applications' };
  if (first === 'admin') return { page: 'admin', parts: second === undefined ? [] : [second, ...rest] };
  if (rest.length > 0) return { page: 'unknown' };
  if (first === 'account') return { page: 'account', section: second };
  if (first === 'approvals') return { page: 'approvals', approval: second };
  if (first === 'sessions' && second === undefined) return { page: 'sessions' };
  if (first === 'session' && second !== undefined) return { page: 'session', connection: second };
  if (first === 'flow' && second !== undefined) return { page: 'flow', execution: second };
  return { page: 'unknown' };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
