import { expect, it } from 'vitest';

import { KEPT } from './secrets';
import { readSettings, writeSettings } from './settings-text';

it('reads what authentik has', () => {
  const text = `# the lab
username: ada
port: 2222
enable-audio: true
color-depth: "24"
locale: 'de_AT'
private-key: |
  -----BEGIN OPENSSH PRIVATE KEY-----
  b3BlbnNzaC1rZXk=

  -----END OPENSSH PRIVATE KEY-----
font-name:
timezone: null
`;
  expect(readSettings(text)).toEqual({
    troubles: [],
    settings: {
      username: 'ada',
      port: 2222,
      'enable-audio': true,
      'color-depth': '24',
      locale: 'de_AT',
      'private-key': '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk=\n\n-----END OPENSSH PRIVATE KEY-----\n',
      'font-name': '',
      timezone: null,
    },
  });
});

it('reads what Guacamole has', () => {
  const text = `<connection name="x"><protocol>vnc</protocol>
    <param name="hostname">localhost</param>
    <param name="password">a &amp; b &#39;c&#39;</param>
  </connection>`;
  expect(readSettings(text).settings).toEqual({ hostname: 'localhost', password: "a & b 'c'" });
});

it('reads JSON and lines with equals signs', () => {
  expect(readSettings('{"port": 22}').settings).toEqual({ port: 22 });
  expect(readSettings('hostname=web\nport=0022\nargs=a=b').settings).toEqual({ hostname: 'web', port: '0022', args: 'a=b' });
});

it('says which line is wrong', () => {
  expect(readSettings('a: 1\nnonsense\n').troubles).toEqual([{ line: 2, message: 'A line is `name: value`.' }]);
  expect(readSettings('{"a": }').troubles[0]?.message).toContain('no JSON');
  expect(readSettings('<x/>').troubles).toHaveLength(1);
  expect(readSettings('a: 1\nb:\n  c: 2\n').troubles[0]?.line).toBe(3);
});

it('reads back what it writes', () => {
  const settings = {
    password: KEPT, port: 22, on: true, off: 'true', number: '007', empty: '', nothing: null, list: ['a', 1], spaced: ' x ',
    key: 'BEGIN\nx\n\nEND\n', command: 'a\nb', hash: 'a #b', quote: '"q"', brace: '{x', colon: 'a: b',
  };
  expect(readSettings(writeSettings(settings))).toEqual({ settings, troubles: [] });
});
