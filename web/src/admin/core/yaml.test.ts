import { expect, it } from 'vitest';

import { KEPT } from './secrets';
import { toYaml } from './yaml';

it('writes a document as the README shows it', () => {
  const fields = {
    name: 'web-01',
    provider: 'servers',
    host: 'web-01:2222',
    settings: { username: 'operator', password: KEPT, 'enable-audio': true },
    labels: {},
    outposts: ['default', 'north'],
  };
  expect(toYaml('endpoint', fields)).toBe(
    [
      'kind: endpoint',
      'name: web-01',
      'provider: servers',
      'host: web-01:2222',
      'settings:',
      '  username: operator',
      '  # password: a secret that is set and not shown',
      '  enable-audio: true',
      'outposts:',
      '  - default',
      '  - north',
      '',
    ].join('\n'),
  );
});

it('quotes what YAML would read as something else', () => {
  const check = (value: string, expected: string) => expect(toYaml('x', { a: value })).toBe(`kind: x\na: ${expected}\n`);
  check('true', '"true"');
  check('8', '"8"');
  check('8h', '"8h"');
  check('', '""');
  check('a: b', '"a: b"');
  check('# no', '"# no"');
  check('- x', '"- x"');
  check('Büro Süd', 'Büro Süd');
  check('https://id.example/realm', 'https://id.example/realm');
  check(' x', '" x"');
});

it('writes several lines as a block, and lists of maps', () => {
  const fields = { expression: 'a &&\n\nb', stages: [{ type: 'prompt', fields: [{ name: 'why', required: true }] }] };
  expect(toYaml('flow', fields)).toBe(
    [
      'kind: flow',
      'expression: |-',
      '  a &&',
      '',
      '  b',
      'stages:',
      '  - type: prompt',
      '    fields:',
      '      - name: why',
      '        required: true',
      '',
    ].join('\n'),
  );
});
