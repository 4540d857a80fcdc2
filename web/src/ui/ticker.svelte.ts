/** The time, for what counts down on a page. Call it in a component's script. */

/** How often the time moves, ms: a shown second is never skipped. */
const STEP_MS = 500;

/** The time in ms since the epoch, moving while the component is there. */
export function ticker(): { readonly now: number } {
  let now = $state(Date.now());
  $effect(() => {
    const timer = setInterval(() => (now = Date.now()), STEP_MS);
    return () => clearInterval(timer);
  });
  return {
    get now() {
      return now;
    },
  };
}
