/** What each failed test saw, at the very end, where the tail of a log still shows it. */

import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import type { Reporter, TestCase, TestResult } from '@playwright/test/reporter';

/** How much of an error is told, in characters. */
const ENOUGH = 1500;
/** How much of the end of the page, in characters: a dialog is the last there. */
const PAGE_ENOUGH = 4000;
/** The attachment in which Playwright keeps the page as it was, as its only YAML. */
const CONTEXT = 'error-context';
const PAGE = /```yaml\n([\s\S]*?)```/;

export default class LastWord implements Reporter {
  readonly #failed: string[] = [];

  onTestEnd(test: TestCase, result: TestResult): void {
    if (result.status === test.expectedStatus || result.status === 'skipped') return;
    const said = result.errors.map(({ message = '' }) => stripVTControlCharacters(message).slice(0, ENOUGH));
    const title = test.titlePath().filter(Boolean).join(' > ');
    this.#failed.push([`${title}: ${result.status}`, ...said, `page: ${pageOf(result)}`].join('\n'));
  }

  onEnd(): void {
    for (const line of this.#failed) process.stdout.write(`\nfailed: ${line}\n`);
  }
}

/** The page that a test failed on, as assistive technology has it, on one line. */
function pageOf(result: TestResult): string {
  const context = result.attachments.find(({ name }) => name === CONTEXT);
  const text = context?.body?.toString() ?? (context?.path ? readFileSync(context.path, 'utf8') : '');
  const page = PAGE.exec(text)?.[1] ?? 'not known';
  return page.replace(/ \[ref=\w+\]/g, '').replace(/\s+/g, ' ').slice(-PAGE_ENOUGH);
}
