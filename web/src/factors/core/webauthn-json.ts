/**
 * WebAuthn as JSON and as the browser wants it (W3C WebAuthn Level 3, sections
 * 5.1.8 to 5.1.10): byte strings are base64url without padding on the wire and
 * buffers at the browser. No ceremony happens here.
 */

/** A credential that the server names. */
type DescriptorJson = { type: string; id: string; transports?: string[] };

/** What the server sends to have a passkey shown. */
export type RequestJson = {
  challenge: string;
  timeout?: number;
  rpId?: string;
  allowCredentials?: DescriptorJson[];
  userVerification?: string;
};

/** What the server sends to have a passkey made. */
export type CreationJson = {
  rp: { id?: string; name: string };
  user: { id: string; name: string; displayName: string };
  challenge: string;
  pubKeyCredParams: { type: string; alg: number }[];
  timeout?: number;
  excludeCredentials?: DescriptorJson[];
  authenticatorSelection?: Record<string, unknown>;
  attestation?: string;
};

/** What goes back to the server, of either ceremony. */
export type CredentialJson = {
  id: string;
  rawId: string;
  type: string;
  authenticatorAttachment: string | null;
  clientExtensionResults: Record<string, unknown>;
  response: Record<string, unknown>;
};

/** Bytes of a base64url text (RFC 4648, section 5), padded or not. Fails on anything else. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = text.replace(/=+$/, '');
  if (!/^[\w-]*$/.test(plain)) throw new TypeError('not base64url');
  const binary = atob(plain.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Base64url without padding. */
export function textOf(bytes: ArrayBuffer | Uint8Array): string {
  let binary = '';
  for (const byte of bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes)) {
    binary += String.fromCharCode(byte);
  }
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

export function requestOptions(json: RequestJson): PublicKeyCredentialRequestOptions {
  const { allowCredentials, ...rest } = json;
  return {
    ...rest,
    challenge: bytesOf(json.challenge),
    ...(allowCredentials && { allowCredentials: allowCredentials.map(descriptor) }),
  } as PublicKeyCredentialRequestOptions;
}

export function creationOptions(json: CreationJson): PublicKeyCredentialCreationOptions {
  const { excludeCredentials, ...rest } = json;
  return {
    ...rest,
    challenge: bytesOf(json.challenge),
    user: { ...json.user, id: bytesOf(json.user.id) },
    ...(excludeCredentials && { excludeCredentials: excludeCredentials.map(descriptor) }),
  } as PublicKeyCredentialCreationOptions;
}

/** What the browser gave for `get`: an assertion. */
export function assertionJson(credential: PublicKeyCredential): CredentialJson {
  const { authenticatorData, clientDataJSON, signature, userHandle } =
    credential.response as AuthenticatorAssertionResponse;
  return credentialJson(credential, {
    authenticatorData: textOf(authenticatorData),
    clientDataJSON: textOf(clientDataJSON),
    signature: textOf(signature),
    ...(userHandle && { userHandle: textOf(userHandle) }),
  });
}

/** What the browser gave for `create`: an attestation. */
export function attestationJson(credential: PublicKeyCredential): CredentialJson {
  const response = credential.response as AuthenticatorAttestationResponse;
  return credentialJson(credential, {
    attestationObject: textOf(response.attestationObject),
    clientDataJSON: textOf(response.clientDataJSON),
    transports: response.getTransports?.() ?? [],
  });
}

function credentialJson(
  credential: PublicKeyCredential,
  response: Record<string, unknown>,
): CredentialJson {
  return {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults() as Record<string, unknown>,
    response,
  };
}

function descriptor({ type, id, transports }: DescriptorJson): PublicKeyCredentialDescriptor {
  const known = transports as AuthenticatorTransport[] | undefined;
  return { type: type as 'public-key', id: bytesOf(id), ...(known && { transports: known }) };
}
