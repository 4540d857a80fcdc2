/**
 * A certified OpenID provider (`oidc-provider`) on loopback, with a client for
 * one portal. Its pages are its own development pages: any name signs in with
 * any password, and is the account's subject.
 */

import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import Provider from 'oidc-provider';

const CLIENT_ID = 'causeway';
const CLIENT_SECRET = 'the client secret of the browser tests';

export class IdentityProvider {
  /** The provider's own name of the last sign-in, for back-channel logout. */
  #sid = '';

  private constructor(
    readonly issuer: string,
    private readonly server: Server,
    private readonly provider: Provider,
  ) {
    provider.on('grant.success', (context) => {
      const { oidc } = context as { oidc: { entities: { Session?: { sidFor(client: string): string }; AuthorizationCode?: { sid?: string } } } };
      this.#sid = oidc.entities.AuthorizationCode?.sid ?? oidc.entities.Session?.sidFor(CLIENT_ID) ?? '';
    });
  }

  /** Starts it for the portal at `portal` and its source `slug`; everybody is in `groups`. */
  static async start(portal: string, slug: string, groups: readonly string[]): Promise<IdentityProvider> {
    // The issuer holds the port, so the socket comes first.
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const route = `${portal}/api/v1/sources/${slug}`;
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: CLIENT_ID,
          client_secret: CLIENT_SECRET,
          redirect_uris: [`${route}/callback`],
          post_logout_redirect_uris: [`${portal}/`],
          backchannel_logout_uri: `${route}/backchannel-logout`,
          backchannel_logout_session_required: true,
        },
      ],
      claims: { openid: ['sub', 'preferred_username', 'name', 'groups'] },
      conformIdTokenClaims: false,
      cookies: { keys: ['of the browser tests'] },
      // It tells nobody on loopback that somebody is out; everything is there here.
      fetch: (url: string | URL, { dispatcher: _, ...options }: RequestInit & { dispatcher?: unknown }) =>
        fetch(url, options),
      features: {
        backchannelLogout: { enabled: true },
        rpInitiatedLogout: { enabled: true },
      },
      findAccount: (_: unknown, id: string) => ({
        accountId: id,
        claims: () => ({ sub: id, preferred_username: id, name: `${id} of the provider`, groups }),
      }),
    });
    server.on('request', provider.callback());
    return new IdentityProvider(issuer, server, provider);
  }

  /** What an administrator writes to let people in with it. */
  source(slug: string): object {
    return { slug, name: `Provider ${slug}`, issuer: this.issuer, client_id: CLIENT_ID, client_secret: CLIENT_SECRET };
  }

  /** Signs in on its pages, where `page` has been sent. */
  async signIn(page: Page, username: string): Promise<void> {
    await page.locator('input[name=login]').fill(username);
    await page.locator('input[name=password]').fill('any');
    await page.locator('button[type=submit]').click();
    // It asks once whether the portal may know.
    await page.locator('button[type=submit]').click();
  }

  /** Agrees on its page to sign out there too. */
  async agreeToSignOut(page: Page): Promise<void> {
    await page.locator('button[value=yes]').click();
  }

  /** Tells the portal that the last sign-in is over. */
  async logOut(username: string): Promise<void> {
    const client = await this.provider.Client.find(CLIENT_ID);
    if (client === undefined || this.#sid === '') throw new Error('nobody signed in');
    await client.backchannelLogout(username, this.#sid);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
