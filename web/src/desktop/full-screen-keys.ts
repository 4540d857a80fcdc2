/**
 * In full screen the browser can leave the system's own keys (Alt+Tab, the
 * Windows key, Escape) to the page: the Keyboard Lock API, where there is one.
 */

type KeyboardLock = { lock?: () => Promise<void>; unlock?: () => void };

/** Asks for the keys whenever the page fills the screen, until `signal` says otherwise. */
export function lockKeysInFullScreen(signal: AbortSignal): void {
  const keyboard = (navigator as Navigator & { keyboard?: KeyboardLock }).keyboard;
  const follow = (): void => {
    if (document.fullscreenElement && !signal.aborted) {
      // Refused: those keys stay the system's, and the tools have them.
      keyboard?.lock?.().catch(() => undefined);
    } else {
      keyboard?.unlock?.();
    }
  };
  document.addEventListener('fullscreenchange', follow, { signal });
  signal.addEventListener('abort', follow);
  follow();
}
