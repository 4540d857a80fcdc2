/** A part of an object's page. */

import type { Snippet } from 'svelte';

export type Tab = {
  /** In the address; empty for the first. */
  id: string;
  name: string;
  content: Snippet;
  /** Not a part of the form: it writes for itself, or not at all. */
  aside?: boolean;
  /** Only for an object that is stored. */
  stored?: boolean;
  /** Fields of the form that are here; an error in one leads here. */
  fields?: readonly string[];
};
