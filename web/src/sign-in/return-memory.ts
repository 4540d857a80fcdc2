/** Where a person wanted to go, kept in this tab while they sign in elsewhere. */

import { returnPath } from './core/return-path';

const STORAGE_KEY = 'causeway.return';

export function rememberReturn(path: string): void {
  try {
    sessionStorage.setItem(STORAGE_KEY, path);
  } catch {
    // No storage here: a failed sign-in then leads to the front page.
  }
}

/** The path that was remembered, checked again; `/` for none. */
export function takeReturn(): string {
  try {
    return returnPath(sessionStorage.getItem(STORAGE_KEY));
  } catch {
    return '/';
  }
}

export function forgetReturn(): void {
  try {
    sessionStorage.removeItem(STORAGE_KEY);
  } catch {
    // Nothing was remembered either.
  }
}
