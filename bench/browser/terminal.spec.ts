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
    const drawn = fromKeyToText('Enter', `${1000 + run}-end`);
    await viewer.press('Enter');
    write({ seq_drawn_s: (await drawn) / 1000 });
  }
  for (let run = 0; run < RUNS; run += 1) {
    await viewer.enter('clear; yes');
    await viewer.shows('y\ny\ny');
    await portal.page.waitForTimeout(FLOOD_MS);
    const drawn = fromKeyToText('c', '\n$');
    await viewer.press('Control+c');
    write({ interrupt_ms: await drawn });
  }

  function write(figure: object): void {
    appendFileSync(OUTPUT, `${JSON.stringify(figure)}\n`);
  }

  /** From the key, as the page sees it, to the frame whose visible text holds `text`, ms. */
  async function fromKeyToText(key: string, text: string): Promise<number> {
    return portal.page.evaluate(
      ([key, text]) =>
        new Promise<number>((resolve) => {
          const { causeway } = window as unknown as { causeway: { terminalText(): string } };
          const pressed = (event: KeyboardEvent): void => {
            if (event.key !== key) return;
            window.removeEventListener('keydown', pressed, true);
            const begun = performance.now();
            const look = (): void => {
              if (causeway.terminalText().includes(text!)) resolve(performance.now() - begun);
              else requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
          };
          window.addEventListener('keydown', pressed, true);
        }),
      [key, text],
    );
  }
});
