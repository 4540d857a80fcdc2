/** Passkeys and security keys at the browser: the ceremonies, and their failures in words. */

import {
  assertionJson,
  attestationJson,
  creationOptions,
  requestOptions,
  type CreationJson,
  type CredentialJson,
  type RequestJson,
} from './core/webauthn-json';
import { isPasskeyDomain } from './core/site';

/** A ceremony that came to nothing; `message` is a sentence for the person. */
export class PasskeyError extends Error {
  constructor(
    message: string,
    /** The person, or this page, broke it off: nothing to complain about. */
    readonly cancelled: boolean,
  ) {
    super(message);
  }
}

/** Whether this browser, at this address, has passkeys at all. */
export function hasPasskeys(): boolean {
  return typeof PublicKeyCredential === 'function' && isPasskeyDomain(location.hostname);
}

/** Whether the browser offers passkeys in the username's list of suggestions. */
export async function suggestsPasskeys(): Promise<boolean> {
  if (!hasPasskeys()) return false;
  return (await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false;
}

/** Has the person show a passkey. */
export function showPasskey(json: RequestJson, signal?: AbortSignal): Promise<CredentialJson> {
  return show({ publicKey: requestOptions(json), ...(signal && { signal }) });
}

/** Waits, out of the person's way, until they choose a passkey among the suggestions. */
export function awaitPasskey(json: RequestJson, signal: AbortSignal): Promise<CredentialJson> {
  return show({ publicKey: requestOptions(json), mediation: 'conditional', signal });
}

/** Has the person make a passkey. */
export async function makePasskey(json: CreationJson): Promise<CredentialJson> {
  const made = await attempt(() =>
    navigator.credentials.create({ publicKey: creationOptions(json) }),
  );
  return attestationJson(made);
}

async function show(options: CredentialRequestOptions): Promise<CredentialJson> {
  return assertionJson(await attempt(() => navigator.credentials.get(options)));
}

async function attempt(ceremony: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  if (!hasPasskeys()) {
    throw new PasskeyError('Passkeys do not work at this address: it has to be a name.', false);
  }
  try {
    const credential = await ceremony();
    if (credential) return credential as PublicKeyCredential;
  } catch (error) {
    throw inWords(error);
  }
  throw new PasskeyError('The browser gave no passkey.', false);
}

function inWords(error: unknown): PasskeyError {
  const name = error instanceof DOMException ? error.name : '';
  switch (name) {
    case 'AbortError':
      return new PasskeyError('', true);
    case 'NotAllowedError':
      return new PasskeyError('Nothing was confirmed: it was cancelled, or took too long.', true);
    case 'InvalidStateError':
      return new PasskeyError('This key or device is in your account already.', false);
    case 'SecurityError':
      return new PasskeyError('Passkeys do not work at this address.', false);
    case 'NotSupportedError':
      return new PasskeyError('This key or device is of a kind that Causeway does not take.', false);
    default:
      return new PasskeyError('The browser could not use a passkey.', false);
  }
}
