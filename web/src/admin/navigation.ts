/** The places of the administration, in the order of the menu, and who is shown which. */

import type { IconName } from '../ui/Icon.svelte';
import type { Rights } from '../app/rights';
import type { Kind } from './api/objects';

export type Place = { kind: Kind | 'overview'; path: string; name: string; icon: IconName };
export type Section = { name: string; places: Place[] };

const place = (kind: Kind, name: string, icon: IconName): Place => ({ kind, path: `/admin/${kind}`, name, icon });

const SECTIONS: Section[] = [
  {
    name: '',
    places: [
      { kind: 'overview', path: '/admin', name: 'Overview', icon: 'chart' },
      place('connections', 'Connections', 'live'),
      place('events', 'Events', 'list'),
    ],
  },
  {
    name: 'What people use',
    places: [
      place('applications', 'Applications', 'apps'),
      place('providers', 'Providers', 'provider'),
      place('endpoints', 'Endpoints', 'screen'),
      place('property-mappings', 'Property mappings', 'mapping'),
    ],
  },
  {
    name: 'Who may',
    places: [place('policies', 'Policies', 'policy'), place('flows', 'Flows', 'flow')],
  },
  {
    name: 'People',
    places: [
      place('users', 'Users', 'user'),
      place('groups', 'Groups', 'group'),
      place('sources', 'Sources', 'source'),
      place('sessions', 'Sign-in sessions', 'session'),
      place('tokens', 'API tokens', 'token'),
    ],
  },
  {
    name: 'Where it runs',
    places: [place('outposts', 'Outposts', 'outpost'), place('nodes', 'Nodes', 'node')],
  },
];

/** What somebody sees who keeps a few applications and no more. */
const OPERATOR_KINDS: readonly Place['kind'][] = ['connections', 'applications', 'endpoints'];

export function sectionsFor(rights: Rights): Section[] {
  if (rights.audit) return SECTIONS;
  return SECTIONS.map((section) => ({
    ...section,
    places: section.places.filter(({ kind }) => OPERATOR_KINDS.includes(kind)),
  })).filter(({ places }) => places.length > 0);
}
