import { expect, it } from 'vitest';

import type { MyApplication } from '../api/types';
import { grouped, ofProtocol, pick, protocolsOf, running, search } from './catalogue';

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

it('offers the protocols that there are, and filters by one', () => {
  expect(protocolsOf(ALL)).toEqual(['ssh', 'rdp', 'vnc']);
  expect(protocolsOf(ALL.slice(2))).toEqual(['ssh']);
  const found = ofProtocol(ALL, 'vnc');
  expect(found.map(({ name, endpoints }) => [name, endpoints.length])).toEqual([['Desktops', 1]]);
});

it('picks endpoints in the order asked for, each once, and leaves out what is gone', () => {
  const names = pick(ALL, ['demo', 'gone', 'web-2', 'demo', 'api-1'], 2).map(({ endpoint }) => endpoint.name);
  expect(names).toEqual(['demo', 'web-2']);
});

it('finds what is running', () => {
  const [web, ...rest] = ALL;
  const [first, ...others] = web?.endpoints ?? [];
  if (!web || !first) throw new Error('no endpoint');
  const live = [{ ...web, endpoints: [{ ...first, connections: ['c-1'] }, ...others] }, ...rest];
  expect(running(ALL)).toEqual([]);
  expect(running(live).map(({ application, endpoint }) => [application.name, endpoint.name])).toEqual([
    ['Web', 'web-10'],
  ]);
});

it('finds among many at once', () => {
  const fleet = application('Fleet', 'Many', ...Array.from({ length: 1000 }, (_, at) => `fleet-${at}`));
  const begin = performance.now();
  expect(search([...ALL, fleet], 'fleet 99')[0]?.endpoints).toHaveLength(19);
  expect(performance.now() - begin).toBeLessThan(50);
});
