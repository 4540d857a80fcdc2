/** The calls of signing in and of one's own account. */

import type { CredentialJson } from '../factors/core/webauthn-json';
import { request } from './call';
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

const API = '/api/v1';

// ---- Signing in ------------------------------------------------------------

export async function signIn(username: string, password: string): Promise<SignInAnswer> {
  return (await request('post', `${API}/session`, { body: { username, password } })) as SignInAnswer;
}

/** The second step of the sign-in `id`. */
export async function proveSecond(
  id: string,
  method: SecondFactorMethod,
  proof: { code: string } | { credential: CredentialJson },
): Promise<void> {
  await request('post', `${API}/session/second-factor`, { body: { sign_in: id, method, ...proof } });
}

export async function passkeyOptions(): Promise<PasskeyRequest> {
  return (await request('post', `${API}/session/passkey/options`)) as PasskeyRequest;
}

export async function signInWithPasskey(ceremony: string, credential: CredentialJson): Promise<void> {
  await request('post', `${API}/session/passkey`, { body: { ceremony, credential } });
}

export async function sources(): Promise<SignInSource[]> {
  return itemsOf(await request('get', `${API}/sources`));
}

/** Where signing in with a source starts; it comes back to `to`. */
export function sourcePath(slug: string, to: string): string {
  return `${API}/sources/${encodeURIComponent(slug)}/sign-in?${new URLSearchParams({ to }).toString()}`;
}

/** Signs out; where the source wants to be told, the address to go to for that. */
export async function signOut(): Promise<string | undefined> {
  const answer = (await request('delete', `${API}/session`)) as { end_session_url?: string } | undefined;
  return answer?.end_session_url;
}

// ---- Ways to sign in ---------------------------------------------------------

export async function factors(): Promise<Factor[]> {
  return itemsOf(await request('get', `${API}/me/factors`));
}

export async function removeFactor(id: string): Promise<void> {
  await request('delete', `${API}/me/factors/{id}`, { names: { id } });
}

export async function renameFactor(id: string, name: string): Promise<void> {
  await request('put', `${API}/me/factors/{id}`, { names: { id }, body: { name } });
}

export async function beginTotp(): Promise<TotpEnrolment> {
  return (await request('post', `${API}/me/factors/totp`)) as TotpEnrolment;
}

/** Recovery codes come with the first factor. */
export async function confirmTotp(id: string, code: string): Promise<string[] | undefined> {
  const path = `${API}/me/factors/totp/{id}/confirm`;
  return codesOf(await request('post', path, { names: { id }, body: { code } }));
}

export async function beginPasskey(): Promise<PasskeyCreation> {
  return (await request('post', `${API}/me/factors/webauthn/options`)) as PasskeyCreation;
}

/** Recovery codes come with the first factor. */
export async function addPasskey(
  ceremony: string,
  name: string,
  credential: CredentialJson,
): Promise<string[] | undefined> {
  const body = { ceremony, name, credential };
  return codesOf(await request('post', `${API}/me/factors/webauthn`, { body }));
}

export async function makeRecoveryCodes(): Promise<string[]> {
  const answer = (await request('post', `${API}/me/recovery-codes`)) as { codes: string[] };
  return answer.codes;
}

export async function changePassword(current: string | undefined, next: string): Promise<void> {
  await request('put', `${API}/me/password`, { body: { ...(current !== undefined && { current }), new: next } });
}

/** What a passkey has to sign to confirm that it is really me. */
export async function confirmOptions(): Promise<ConfirmOptions> {
  return (await request('post', `${API}/me/confirm/options`)) as ConfirmOptions;
}

/** Proves once more who is signed in. */
export async function confirm(proof: Proof): Promise<void> {
  await request('post', `${API}/me/confirm`, { body: proof });
}

// ---- Sign-ins and tokens -------------------------------------------------------

export async function signIns(): Promise<SignInSession[]> {
  return itemsOf(await request('get', `${API}/me/sessions`));
}

export async function revokeSignIn(id: string): Promise<void> {
  await request('delete', `${API}/me/sessions/{id}`, { names: { id } });
}

export async function tokens(): Promise<ApiToken[]> {
  return itemsOf(await request('get', `${API}/me/tokens`));
}

/** `expiresAt` as RFC 3339; null for never. */
export async function makeToken(
  name: string,
  scope: TokenScope,
  expiresAt: string | null,
): Promise<MadeToken> {
  const body = { name, scope, ...(expiresAt !== null && { expires_at: expiresAt }) };
  return (await request('post', `${API}/me/tokens`, { body })) as MadeToken;
}

export async function revokeToken(id: string): Promise<void> {
  await request('delete', `${API}/me/tokens/{id}`, { names: { id } });
}

// ---- Shapes ----------------------------------------------------------------------

function itemsOf<Item>(answer: unknown): Item[] {
  if (Array.isArray(answer)) return answer as Item[];
  return (answer as { items?: Item[] }).items ?? [];
}

function codesOf(answer: unknown): string[] | undefined {
  return (answer as { recovery_codes?: string[] | null }).recovery_codes ?? undefined;
}
