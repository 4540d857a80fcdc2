/** With what one can prove who one is, for an account as it stands. */

import type { Factor } from '../../api/identity-types';

export type ConfirmWay = 'password' | 'code' | 'passkey';

/** The ways there are, the easiest first. */
export function confirmWays(
  hasPassword: boolean,
  factors: readonly Factor[],
  passkeysWork: boolean,
): ConfirmWay[] {
  const has = (kind: Factor['kind']): boolean =>
    factors.some((factor) => factor.kind === kind && factor.confirmed);
  return [
    ...(passkeysWork && has('webauthn') ? (['passkey'] as const) : []),
    ...(has('totp') ? (['code'] as const) : []),
    ...(hasPassword ? (['password'] as const) : []),
  ];
}
