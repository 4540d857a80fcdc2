/** What tokens may be used for, in words. */

import type { TokenScope } from '../api/identity-types';

export const SCOPES: Record<TokenScope, { name: string; words: string }> = {
  full: { name: 'Everything', words: 'All that you may do yourself.' },
  read: { name: 'Reading', words: 'Looks at everything that you may see, and changes nothing.' },
  launch: { name: 'Launching', words: 'Opens your endpoints and keeps its sessions; nothing else.' },
};
