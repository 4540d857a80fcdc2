/** The few pages of the application by their path. */

export type Route =
  | { page: 'applications' }
  | { page: 'sessions' }
  | { page: 'session'; connection: string }
  | { page: 'admin' }
  | { page: 'unknown' };

let path = $state(location.pathname);

addEventListener('popstate', () => {
  path = location.pathname;
});

/** The page that the address names. */
export function route(): Route {
  return routeOf(path);
}

/** Goes to a path of this application without loading the page anew. */
export function navigate(to: string): void {
  if (to !== location.pathname) history.pushState(null, '', to);
  path = location.pathname;
}

/** For links of the application: a plain click navigates, any other is the browser's. */
export function follow(event: MouseEvent): void {
  const link = event.currentTarget;
  if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented) return;
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  navigate(link.pathname);
}

function routeOf(pathname: string): Route {
  const [first, second, ...rest] = pathname.split('/').filter((part) => part !== '');
  if (first === undefined) return { page: 'applications' };
  if (first === 'admin') return { page: 'admin' };
  if (rest.length > 0) return { page: 'unknown' };
  if (first === 'sessions' && second === undefined) return { page: 'sessions' };
  if (first === 'session' && second !== undefined) {
    return { page: 'session', connection: decodeURIComponent(second) };
  }
  return { page: 'unknown' };
}
