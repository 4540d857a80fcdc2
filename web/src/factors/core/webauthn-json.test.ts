import { describe, expect, it } from 'vitest';

import {
  assertionJson,
  attestationJson,
  bytesOf,
  creationOptions,
  requestOptions,
  textOf,
} from './webauthn-json';

/** RFC 4648's vectors, unpadded, and the two letters that base64url has of its own. */
const VECTORS: [string, number[]][] = [
  ['', []],
  ['Zg', [0x66]],
  ['Zm8', [0x66, 0x6f]],
  ['Zm9v', [0x66, 0x6f, 0x6f]],
  ['-_-_', [0xfb, 0xff, 0xbf]],
];

const buffer = (...bytes: number[]): ArrayBuffer => new Uint8Array(bytes).buffer;

describe('base64url', () => {
  it.each(VECTORS)('%s', (text, bytes) => {
    expect([...bytesOf(text)]).toEqual(bytes);
    expect(textOf(new Uint8Array(bytes))).toBe(text);
  });

  it('takes padding, and gives every byte back', () => {
    expect([...bytesOf('Zg==')]).toEqual([0x66]);
    const all = Uint8Array.from({ length: 256 }, (_, at) => at);
    expect(bytesOf(textOf(all))).toEqual(all);
  });

  it.each(['a+b', 'a/b', 'a b', 'é'])('refuses %s', (text) => {
    expect(() => bytesOf(text)).toThrow(TypeError);
  });
});

describe('options', () => {
  it('of a request have buffers where the browser wants them', () => {
    const options = requestOptions({
      challenge: 'Zm9v',
      rpId: 'localhost',
      timeout: 60_000,
      allowCredentials: [{ type: 'public-key', id: 'Zg', transports: ['internal'] }],
      userVerification: 'preferred',
    });
    expect(options).toEqual({
      challenge: bytesOf('Zm9v'),
      rpId: 'localhost',
      timeout: 60_000,
      allowCredentials: [{ type: 'public-key', id: bytesOf('Zg'), transports: ['internal'] }],
      userVerification: 'preferred',
    });
  });

  it('of a request for any passkey name none', () => {
    expect(requestOptions({ challenge: 'Zm9v' })).not.toHaveProperty('allowCredentials');
  });

  it('of a creation have the user and what is excluded', () => {
    const options = creationOptions({
      rp: { id: 'localhost', name: 'Causeway' },
      user: { id: 'Zm8', name: 'ada', displayName: 'Ada' },
      challenge: 'Zm9v',
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      excludeCredentials: [{ type: 'public-key', id: 'Zg' }],
    });
    expect(options.user).toEqual({ id: bytesOf('Zm8'), name: 'ada', displayName: 'Ada' });
    expect(options.excludeCredentials).toEqual([{ type: 'public-key', id: bytesOf('Zg') }]);
    expect(options.rp).toEqual({ id: 'localhost', name: 'Causeway' });
  });
});

describe('credentials', () => {
  const plain = {
    id: 'Zg',
    rawId: buffer(0x66),
    type: 'public-key',
    authenticatorAttachment: 'platform',
    getClientExtensionResults: () => ({}),
  };

  it('of a request carry the signature', () => {
    const response = {
      authenticatorData: buffer(1),
      clientDataJSON: buffer(2),
      signature: buffer(3),
      userHandle: null,
    };
    const json = assertionJson({ ...plain, response } as unknown as PublicKeyCredential);
    expect(json).toEqual({
      id: 'Zg',
      rawId: 'Zg',
      type: 'public-key',
      authenticatorAttachment: 'platform',
      clientExtensionResults: {},
      response: { authenticatorData: 'AQ', clientDataJSON: 'Ag', signature: 'Aw' },
    });
  });

  it('of a creation carry the attestation and its ways', () => {
    const response = {
      attestationObject: buffer(1),
      clientDataJSON: buffer(2),
      getTransports: () => ['usb'],
    };
    const json = attestationJson({ ...plain, response } as unknown as PublicKeyCredential);
    expect(json.response).toEqual({
      attestationObject: 'AQ',
      clientDataJSON: 'Ag',
      transports: ['usb'],
    });
  });
});
