/** What every page of the administration may ask of the one around it. */

import { getContext, setContext } from 'svelte';

import type { Me } from '../api/types';
import { rightsOf, type Rights } from '../app/rights';
import type { Kind } from './api/objects';

type Person = {
  me: Me;
  rights: Rights;
  /** Opens the page of such an object. */
  maySee: (kind: Kind) => boolean;
  /** Changes one that is there. */
  mayWrite: (kind: Kind) => boolean;
  /** Makes a new one, or deletes one. */
  mayMake: (kind: Kind) => boolean;
};

const KEY = Symbol('person');

/** What somebody may write who keeps some applications; which of them the server knows. */
const OPERATOR_WRITES: readonly Kind[] = ['applications', 'endpoints', 'policy-bindings', 'connections'];

/** What they may make: an application is an administrator's to make. */
const OPERATOR_MAKES: readonly Kind[] = ['endpoints', 'policy-bindings', 'connections'];

/** What they are shown more of than its name. */
const OPERATOR_SEES: readonly Kind[] = ['applications', 'endpoints', 'policy-bindings', 'connections'];

export function providePerson(me: () => Me): () => Person {
  const person = (): Person => {
    const rights = rightsOf(me());
    return {
      me: me(),
      rights,
      maySee: (kind) => rights.audit || OPERATOR_SEES.includes(kind),
      mayWrite: (kind) => rights.admin || (rights.operates.length > 0 && OPERATOR_WRITES.includes(kind)),
      mayMake: (kind) => rights.admin || (rights.operates.length > 0 && OPERATOR_MAKES.includes(kind)),
    };
  };
  return setContext(KEY, person);
}

/** Who is at the pages, and what they may do. */
export function usePerson(): () => Person {
  return getContext<() => Person>(KEY);
}
