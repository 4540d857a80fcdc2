/** Ways to prove who one is, in words. */

import type { AuthenticationMethod, SecondFactorMethod } from '../api/identity-types';
import type { IconName } from '../ui/Icon.svelte';

const METHODS: Record<AuthenticationMethod, string> = {
  password: 'password',
  totp: 'authenticator app',
  webauthn: 'passkey',
  recovery_code: 'recovery code',
  source: 'sign-in service',
  token: 'API token',
};

/** `password and authenticator app`; nothing for none. */
export function methodsInWords(methods: readonly AuthenticationMethod[]): string {
  const words = methods.map((method) => METHODS[method] ?? method);
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** How another way is offered, for each way of a second step. */
export const WAYS: Record<SecondFactorMethod, { offer: string; icon: IconName }> = {
  webauthn: { offer: 'Use a passkey or security key', icon: 'passkey' },
  totp: { offer: 'Use the authenticator app', icon: 'phone' },
  recovery_code: { offer: 'Use a recovery code', icon: 'list' },
};

/** The way that is asked for first: the one that is hardest to steal, if it works here. */
export function firstWay(
  methods: readonly SecondFactorMethod[],
  passkeysWork: boolean,
): SecondFactorMethod | undefined {
  const order: SecondFactorMethod[] = ['webauthn', 'totp', 'recovery_code'];
  const usable = methods.filter((method) => method !== 'webauthn' || passkeysWork);
  return order.find((method) => usable.includes(method)) ?? methods[0];
}
