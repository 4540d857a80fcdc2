import { expect, it } from 'vitest';

import { isKept, KEPT, outside, outsideOf, withoutKept } from './secrets';

it('knows what stands for a kept secret', () => {
  expect(isKept(KEPT)).toBe(true);
  for (const other of ['set', { $secret: 'other' }, { $secret: 'set', more: 1 }, null, []]) {
    expect(isKept(other)).toBe(false);
  }
});

it('reads what it writes of an outside secret', () => {
  expect(outside('env', 'X')).toEqual({ secret: 'env:X' });
  expect(outsideOf(outside('aws-ssm', '/a:b'))).toEqual({ kind: 'aws-ssm', place: '/a:b' });
  for (const other of [KEPT, 'env:X', null, { secret: 'moon:x' }, { secret: 7 }, { secret: 'env' }, { secret: 'env:X', more: 1 }]) {
    expect(outsideOf(other)).toBeUndefined();
  }
});

it('leaves kept secrets out of a copy, at every depth, and names them', () => {
  const reference = outside('file', 'db');
  const original = { name: 'a', settings: { password: KEPT, port: 22, sftp: { password: KEPT }, passphrase: reference } };
  expect(withoutKept(original)).toEqual({
    document: { name: 'a', settings: { port: 22, sftp: {}, passphrase: reference } },
    left: ['settings.password', 'settings.sftp.password'],
  });
});
