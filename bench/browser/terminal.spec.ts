/** Floods in Chromium: until they are drawn, and until they end. */

import { appendFileSync } from 'node:fs';
import { test } from '../../tests/browser/fixtures.ts';

const RUNS = Number(process.env['BENCH_RUNS'] ?? 5);
const OUTPUT = process.env['BENCH_OUTPUT'] ?? '/dev/stdout';

/** How long `yes` goes on before the key, ms. */
const FLOOD_MS = 3000;

test('floods', async ({ portal }) => {
  const viewer = await portal.shell();
  for (let run = 0; run < RUNS; run += 1) {
    await viewer.type(`clear; seq 1 2000000; echo $((1000 + ${run}))-end`);
    write({ seq_drawn_s: (await fromKeyToText('Enter', `${1000 + run}-end`)) / 1000 });
  }
  for (let run = 0; run < RUNS; run += 1) {
    await viewer.enter('clear; yes');
    await viewer.shows('y\ny\ny');
    await portal.page.waitForTimeout(FLOOD_MS);
    write({ interrupt_ms: await fromKeyToText('Control+c', '\n$') });
  }

  function write(figure: object): void {
    appendFileSync(OUTPUT, `${JSON.stringify(figure)}\n`);
  }

  /** From the key, as the page sees it, to the frame whose visible text holds `text`, ms. */
  async function fromKeyToText(key: string, text: string): Promise<number> {
    await portal.page.evaluate(watch, [key.split('+').pop()!, text] as const);
    await viewer.press(key);
    return portal.page.evaluate(() => (window as unknown as Watching).seen);
  }
});

type Watching = { seen: Promise<number>; causeway: { terminalText(): string } };

/** In the page: from the next press of `key`, looks for `text` once a frame. */
function watch([key, text]: readonly [string, string]): void {
  const page = window as unknown as Watching;
  page.seen = new Promise((resolve) => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.key !== key) return;
      window.removeEventListener('keydown', pressed, true);
      const begun = performance.now();
      const look = (): void => {
        if (page.causeway.terminalText().includes(text)) resolve(performance.now() - begun);
        else requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    };
    window.addEventListener('keydown', pressed, true);
  });
}
