/** What axe finds on a page that keeps somebody from using it. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';

/** The rules: WCAG 2.2 at level A and AA, and what axe calls good practice. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

type Found = {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
};

type Axe = { run: (root: Document, options: object) => Promise<Found> };

/** Looks at the page as it is shown; a line for each element that breaks a rule. `only` narrows the rules. */
export async function violations(page: Page, only?: readonly string[]): Promise<string[]> {
  const there = await page.evaluate(() => 'axe' in window);
  // By the debugger: the page's own policy lets no script in.
  if (!there) await page.evaluate(source);
  const runOnly = only ? { type: 'rule', values: only } : { type: 'tag', values: TAGS };
  const { violations } = await page.evaluate(
    (options) => (window as unknown as { axe: Axe }).axe.run(document, options),
    { runOnly, resultTypes: ['violations'] },
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary = '' }) => `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary.replaceAll(/\s+/g, ' ')}`),
  );
}
