/** Who one is, and how one proves it, as the API tells it. */

import type { CreationJson, RequestJson } from '../factors/core/webauthn-json';

export type AuthenticationMethod =
  | 'password'
  | 'totp'
  | 'webauthn'
  | 'recovery_code'
  | 'source'
  | 'token';

/** What a second step of a sign-in may be answered with. */
export type SecondFactorMethod = 'totp' | 'webauthn' | 'recovery_code';

/** What a name and a password lead to. */
export type SignInAnswer =
  | { type: 'signed_in'; expires_at: string }
  | {
      type: 'second_factor';
      sign_in: string;
      methods: SecondFactorMethod[];
      public_key: RequestJson | null;
      expires_at: string;
    };

/** A ceremony that the server has begun. */
export type PasskeyRequest = { ceremony: string; public_key: RequestJson };
/** The same where the person may have no passkey. */
export type ConfirmOptions = { ceremony: string | null; public_key: RequestJson | null };
export type PasskeyCreation = { ceremony: string; public_key: CreationJson };

/** An identity provider that one can sign in with. */
export type SignInSource = { slug: string; name: string; icon: string; url: string };

/** The identity provider that a person signed in with. */
export type NamedSource = { slug: string; name: string };

export type Factor = {
  id: string;
  kind: 'totp' | 'webauthn' | 'recovery_codes';
  name: string;
  created_at: string;
  last_used_at: string | null;
  confirmed: boolean;
  /** How many recovery codes are left. */
  remaining?: number | null;
};

/** A new authenticator; the secret is told once. */
export type TotpEnrolment = { id: string; secret: string; otpauth_url: string; qr_svg: string };

/** A sign-in of mine. */
export type SignInSession = {
  id: string;
  created_at: string;
  expires_at: string;
  address: string;
  user_agent: string;
  methods: AuthenticationMethod[];
  confirmed_at: string | null;
  source: NamedSource | null;
  current: boolean;
};

export type TokenScope = 'full' | 'read' | 'launch';

export type ApiToken = {
  id: string;
  name: string;
  scope: TokenScope;
  created_at: string;
  expires_at: string | null;
};

/** A token right after it was made: the only time that its secret is told. */
export type MadeToken = ApiToken & { token: string };

/** What an account page knows of its person beyond `Me`'s first fields. */
export type MyIdentity = {
  methods: AuthenticationMethod[];
  confirmed_at: string | null;
  has_password: boolean;
  source: NamedSource | null;
  email: string;
};
