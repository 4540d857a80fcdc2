/** The calls of signing in and of one's own account. */

import type { CredentialJson } from '../factors/core/webauthn-json';
import { call, request } from './call';
import type {
  ApiToken,
  ConfirmOptions,
  Factor,
  MadeToken,
  PasskeyCreation,
  PasskeyRequest,
  SecondFactorMethod,
  SignInAnswer,
  SignInSession,
  SignInSource,
  TokenScope,
  TotpEnrolment,
} from './identity-types';

/** One proof of who one is. */
export type Proof = { password: string } | { code: string } | { ceremony: string; credential: CredentialJson };

// ---- Signing in ------------------------------------------------------------

export async function signIn(username: string, password: string): Promise<SignInAnswer> {
  return (await call('post', '/api/v1/session', { body: { username, password } })) as SignInAnswer;
}

/** The second step of the sign-in `id`. */
export async function proveSecond(
  id: string,
  method: SecondFactorMethod,
  proof: { code: string } | { credential: CredentialJson },
): Promise<void> {
  await call('post', '/api/v1/session/second-factor', { body: { sign_in: id, method, ...proof } });
}

export async function passkeyOptions(): Promise<PasskeyRequest> {
  return (await call('post', '/api/v1/session/passkey/options')) as unknown as PasskeyRequest;
}

export async function signInWithPasskey(ceremony: string, credential: CredentialJson): Promise<void> {
  await call('post', '/api/v1/session/passkey', { body: { ceremony, credential } });
}

export async function sources(): Promise<SignInSource[]> {
  return ((await request('get', '/api/v1/sources')) as { items: SignInSource[] }).items;
}

/** Where signing in with a source starts; it comes back to `to`. */
export function sourcePath(slug: string, to: string): string {
  return `/api/v1/sources/${encodeURIComponent(slug)}/sign-in?${new URLSearchParams({ to }).toString()}`;
}

/** Signs out; where the source wants to be told, the address to go to for that. */
export async function signOut(): Promise<string | undefined> {
  const answer = (await call('delete', '/api/v1/session')) as { end_session_url?: string } | undefined;
  return answer?.end_session_url;
}

// ---- Ways to sign in ---------------------------------------------------------

export async function factors(): Promise<Factor[]> {
  return (await call('get', '/api/v1/me/factors')).items;
}

export async function removeFactor(id: string): Promise<void> {
  await call('delete', '/api/v1/me/factors/{id}', { names: { id } });
}

export async function renameFactor(id: string, name: string): Promise<void> {
  await call('put', '/api/v1/me/factors/{id}', { names: { id }, body: { name } });
}

export function beginTotp(): Promise<TotpEnrolment> {
  return call('post', '/api/v1/me/factors/totp');
}

/** Recovery codes come with the first factor. */
export async function confirmTotp(id: string, code: string): Promise<string[] | undefined> {
  const path = '/api/v1/me/factors/totp/{id}/confirm';
  return (await call('post', path, { names: { id }, body: { code } })).recovery_codes ?? undefined;
}

export async function beginPasskey(): Promise<PasskeyCreation> {
  return (await call('post', '/api/v1/me/factors/webauthn/options')) as unknown as PasskeyCreation;
}

/** Recovery codes come with the first factor. */
export async function addPasskey(
  ceremony: string,
  name: string,
  credential: CredentialJson,
): Promise<string[] | undefined> {
  const body = { ceremony, name, credential };
  return (await call('post', '/api/v1/me/factors/webauthn', { body })).recovery_codes ?? undefined;
}

export async function makeRecoveryCodes(): Promise<string[]> {
  return (await call('post', '/api/v1/me/recovery-codes')).codes;
}

export async function changePassword(current: string, next: string): Promise<void> {
  await call('put', '/api/v1/me/password', { body: { current, new: next } });
}

/** What a passkey has to sign to confirm that it is really me. */
export async function confirmOptions(): Promise<ConfirmOptions> {
  return (await call('post', '/api/v1/me/confirm/options')) as ConfirmOptions;
}

/** Proves once more who is signed in. */
export async function confirm(proof: Proof): Promise<void> {
  await call('post', '/api/v1/me/confirm', { body: proof });
}

// ---- Sign-ins and tokens -------------------------------------------------------

export async function signIns(): Promise<SignInSession[]> {
  return (await call('get', '/api/v1/me/sessions')).items;
}

export async function revokeSignIn(id: string): Promise<void> {
  await call('delete', '/api/v1/me/sessions/{id}', { names: { id } });
}

/** All but the one that is used here. */
export async function revokeOtherSignIns(): Promise<void> {
  await call('delete', '/api/v1/me/sessions');
}

export async function tokens(): Promise<ApiToken[]> {
  return (await call('get', '/api/v1/me/tokens')).items;
}

/** `expiresAt` as RFC 3339; null for never. */
export function makeToken(
  name: string,
  scope: TokenScope,
  expiresAt: string | null,
): Promise<MadeToken> {
  const body = { name, scope, ...(expiresAt !== null && { expires_at: expiresAt }) };
  return call('post', '/api/v1/me/tokens', { body });
}

export async function revokeToken(id: string): Promise<void> {
  await call('delete', '/api/v1/me/tokens/{id}', { names: { id } });
}
