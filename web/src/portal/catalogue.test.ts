import { expect, it } from 'vitest';

import type { MyApplication } from '../api/types';
import { grouped, search } from './catalogue';

function application(name: string, group: string, ...endpoints: string[]): MyApplication {
  return {
    slug: name.toLowerCase(),
    name,
    icon: '',
    group,
    endpoints: endpoints.map((each) => {
      const [endpoint = '', protocol = 'ssh'] = each.split('/');
      return { id: each, name: endpoint, protocol: protocol as 'ssh', connections: [] };
    }),
  };
}

const ALL = [
  application('Web', 'Production', 'web-10', 'web-2'),
  application('Desktops', 'Office', 'front-desk/rdp', 'lobby/vnc'),
  application('Scratch', '', 'demo'),
  application('Api', 'Production', 'api-1'),
];

function check(query: string, expected: Record<string, string[]>): void {
  const found = search(ALL, query).map(({ name, endpoints }) => [name, endpoints.map((each) => each.name)]);
  expect(Object.fromEntries(found)).toEqual(expected);
}

it('finds applications with all of their endpoints, and endpoints alone', () => {
  check('web', { Web: ['web-10', 'web-2'] });
  check('production 10', { Web: ['web-10'] });
  check('RDP', { Desktops: ['front-desk'] });
  check('office', { Desktops: ['front-desk', 'lobby'] });
  check('zebra', {});
  expect(search(ALL, '  ')).toHaveLength(4);
});

it('groups by name, the nameless group first', () => {
  expect(grouped(ALL).map((group) => [group.name, group.applications.map(({ name }) => name)])).toEqual([
    ['', ['Scratch']],
    ['Office', ['Desktops']],
    ['Production', ['Api', 'Web']],
  ]);
});
