/** A line for each failed test at the very end, where the tail of a log still shows it. */

import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

/** How much of an error is told, in characters. */
const ENOUGH = 1500;

export default class LastWord implements Reporter {
  readonly #failed: string[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === test.expectedStatus || result.status === 'skipped') return;
    const said = result.errors.map(({ message = '' }) => stripVTControlCharacters(message).slice(0, ENOUGH));
    this.#failed.push(`${test.titlePath().filter(Boolean).join(' > ')}: ${result.status}\n${said.join('\n')}`);
  }

  onEnd(): void {
    for (const line of this.#failed) process.stdout.write(`\nfailed: ${line}\n`);
  }
}
