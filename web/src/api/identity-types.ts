/** Who one is, and how one proves it, under short names. */

import type { CreationJson, RequestJson } from '../factors/core/webauthn-json';
import type { components } from './generated/schema';

type Schemas = components['schemas'];

export type AuthenticationMethod = Schemas['AuthenticationMethod'];

/** What a second step of a sign-in may be answered with. */
export type SecondFactorMethod = Extract<AuthenticationMethod, 'totp' | 'webauthn' | 'recovery_code'>;

type HalfSignedIn = Extract<Schemas['SignInView'], { type: 'second_factor' }>;

/** What a name and a password lead to. */
export type SignInAnswer =
  | Extract<Schemas['SignInView'], { type: 'signed_in' }>
  | (Omit<HalfSignedIn, 'methods' | 'public_key'> & {
      methods: SecondFactorMethod[];
      public_key?: RequestJson | null;
    });

/** A ceremony that the server has begun. */
export type PasskeyRequest = { ceremony: string; public_key: RequestJson };
/** The same where the person may have no passkey. */
export type ConfirmOptions = { ceremony?: string | null; public_key?: RequestJson | null };
export type PasskeyCreation = { ceremony: string; public_key: CreationJson };

/** An identity provider that one can sign in with. */
export type SignInSource = { slug: string; name: string; icon: string; url: string };

/** A way to sign in; of recovery codes, `remaining` says how many are left. */
export type Factor = Omit<Schemas['FactorItem'], 'user'>;

/** A new authenticator; the secret is told once. */
export type TotpEnrolment = Schemas['TotpView'];

/** A sign-in of mine. */
export type SignInSession = Schemas['MySession'];

export type TokenScope = Schemas['TokenScope'];
export type ApiToken = Schemas['Token'];

/** A token right after it was made: the only time that its text is told. */
export type MadeToken = Schemas['NewTokenView'];
