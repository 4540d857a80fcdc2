import { expect, it } from 'vitest';

import { firstWay, methodsInWords } from './words';

it('lists methods as a sentence does', () => {
  expect(methodsInWords([])).toBe('');
  expect(methodsInWords(['password'])).toBe('password');
  expect(methodsInWords(['password', 'totp'])).toBe('password and authenticator app');
  expect(methodsInWords(['password', 'totp', 'webauthn'])).toBe('password, authenticator app and passkey');
});

it('asks for the strongest way that works here', () => {
  expect(firstWay(['totp', 'recovery_code', 'webauthn'], true)).toBe('webauthn');
  expect(firstWay(['totp', 'recovery_code', 'webauthn'], false)).toBe('totp');
  expect(firstWay(['recovery_code'], true)).toBe('recovery_code');
  expect(firstWay(['webauthn'], false)).toBe('webauthn');
  expect(firstWay([], true)).toBeUndefined();
});
