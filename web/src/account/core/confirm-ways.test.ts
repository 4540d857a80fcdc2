import { expect, it } from 'vitest';

import type { Factor } from '../../api/identity-types';
import { confirmWays } from './confirm-ways';

const factor = (kind: Factor['kind'], confirmed = true): Factor => ({
  id: kind,
  kind,
  name: '',
  created_at: '',
  last_used_at: null,
  confirmed,
});

it('offers what the account has and the browser can', () => {
  const both = [factor('totp'), factor('webauthn')];
  expect(confirmWays(true, both, true)).toEqual(['passkey', 'code', 'password']);
  expect(confirmWays(true, both, false)).toEqual(['code', 'password']);
  expect(confirmWays(false, [], true)).toEqual([]);
});

it('does not take what was begun and not finished', () => {
  expect(confirmWays(true, [factor('totp', false)], true)).toEqual(['password']);
});
