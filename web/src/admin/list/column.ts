/** A column of a list. */

import type { Snippet } from 'svelte';

export type Column<Row> = {
  label: string;
  cell: Snippet<[Row]>;
  /** `number` to the right, `tight` on one line, `icon` without a label on a phone. */
  look?: 'number' | 'tight';
};
