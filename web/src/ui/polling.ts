/** Reading something again and again while a page is looked at. */

type Options = {
  everyMs: number;
  /** Goes on while nobody looks at the tab. */
  hidden?: boolean;
};

/**
 * Reads at once, then `everyMs` after each answer; one read at a time. A tab
 * that is looked at again reads at once. Ends with the signal.
 */
export function poll(read: () => Promise<void>, options: Options, signal: AbortSignal): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let reading = false;

  async function turn(): Promise<void> {
    if (reading || signal.aborted) return;
    clearTimeout(timer);
    if (options.hidden || !document.hidden) {
      reading = true;
      await read().finally(() => (reading = false));
    }
    if (!signal.aborted) timer = setTimeout(() => void turn(), options.everyMs);
  }

  document.addEventListener('visibilitychange', () => !document.hidden && void turn(), { signal });
  signal.addEventListener('abort', () => clearTimeout(timer));
  void turn();
}
