/** What depends on an object. */

import type { Use } from '../api/answers';

/** Whether it goes along when the object is deleted, rather than standing in the way. */
export function goesAlong(use: Use): boolean {
  if (use.blocks !== undefined) return !use.blocks;
  return use.kind.replaceAll('-', '_') === 'policy_binding' && use.relation === 'target';
}
