import { expect, it } from 'vitest';

import type { SettingEntry } from '../api/answers';
import { KEPT } from './secrets';
import { catalogueOf, firstValue, isTrue, offers, rowsOf, typedValue, wrongWith } from './settings';

const entry = (name: string, more: Partial<SettingEntry> = {}): SettingEntry => ({
  name,
  protocols: ['ssh'],
  type: 'text',
  values: [],
  expected: '',
  secret: false,
  support: 'honoured',
  group: 'ssh',
  help: `About ${name}.`,
  ...more,
});

const catalogue = catalogueOf([
  entry('port', { type: 'integer', minimum: 1, maximum: 65535, protocols: ['ssh', 'rdp'], group: 'connection' }),
  entry('password', { secret: true, group: 'connection' }),
  entry('domain', { protocols: ['rdp'] }),
  entry('command', { type: 'multiline' }),
  entry('host-key', { expected: 'lines of known_hosts' }),
  entry('sftp', { type: 'boolean', support: 'planned' }),
  entry('recording-path', { support: 'ignored' }),
]);

it('orders rows as the catalogue does and marks what is not plain', () => {
  const settings = { zzz: 'x', sftp: true, domain: 'ACME', 'recording-path': '/r', port: 22 };
  expect(rowsOf(settings, catalogue, 'ssh').map(({ name, mark }) => [name, mark])).toEqual([
    ['port', undefined],
    ['domain', 'other_protocol'],
    ['sftp', 'planned'],
    ['recording-path', 'ignored'],
    ['zzz', 'unknown'],
  ]);
});

it('chooses an input for each value', () => {
  const settings = { port: 22, password: KEPT, command: 'a', 'host-key': 'x', sftp: 'true', domain: null, list: [1], 'my-token': 'x', long: 'a\nb', flag: true };
  const inputs = Object.fromEntries(rowsOf(settings, catalogue, undefined).map(({ name, input }) => [name, input]));
  expect(inputs).toEqual({
    port: 'integer', password: 'secret', command: 'multiline', 'host-key': 'multiline', sftp: 'boolean', domain: 'removed', list: 'structure',
    'my-token': 'secret', long: 'multiline', flag: 'boolean',
  });
});

it('offers what is not there yet, of the protocol, what was typed first', () => {
  const names = (typed: string) => offers(catalogue, { port: 1 }, 'ssh', typed).flatMap(({ entries }) => entries.map(({ name }) => name));
  expect(names('')).toEqual(['password', 'command', 'host-key', 'sftp']);
  expect(names('rec')).toEqual(['recording-path']);
  expect(names('about')).toContain('command');
  expect(names('port')).toEqual([]);
});

it('types what was typed', () => {
  expect(typedValue(catalogue.get('port'), ' 22 ')).toBe(22);
  expect(typedValue(catalogue.get('port'), '2 2')).toBe('2 2');
  expect(typedValue(catalogue.get('domain'), '007')).toBe('007');
  expect(firstValue(catalogue.get('sftp'))).toBe(true);
  expect([isTrue('Yes'), isTrue(true), isTrue('1'), isTrue(1)]).toEqual([true, true, false, false]);
});

it('says what is wrong before it is written', () => {
  const port = catalogue.get('port');
  expect(wrongWith(port, 70000)).toContain('65535');
  expect(wrongWith(port, 'x')).toContain('whole number');
  expect([wrongWith(port, '22'), wrongWith(port, ''), wrongWith(port, null), wrongWith(undefined, 'x')]).toEqual(['', '', '', '']);
});
