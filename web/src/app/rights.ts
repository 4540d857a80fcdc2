/** What the signed-in person may do, so that pages offer nothing that would be refused. */

import type { Me } from '../api/types';

export type Rights = {
  /** Reads and writes everything. */
  admin: boolean;
  /** Reads everything. */
  audit: boolean;
  /** Slugs of the applications that they keep. */
  operates: readonly string[];
};

/** The rights that the server tells. */
export function rightsOf(me: Me): Rights {
  return me.rights;
}

/** Whether there is anything for them on the admin pages. */
export function mayAdminister(rights: Rights): boolean {
  return rights.admin || rights.audit || rights.operates.length > 0;
}
