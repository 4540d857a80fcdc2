/** What a list can be narrowed by. */

import type { Kind } from '../api/objects';

export type Choice = { value: string; label: string };

export type Filter =
  | { name: string; label: string; type: 'choice'; choices: readonly Choice[] }
  | { name: string; label: string; type: 'reference'; kind: Kind }
  | { name: string; label: string; type: 'text' }
  | { name: string; label: string; type: 'moment' };

