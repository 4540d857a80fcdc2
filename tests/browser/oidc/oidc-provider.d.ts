/** As much of `oidc-provider` as the fixture uses; it comes without types. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  type Client = { backchannelLogout(subject: string, sid: string): Promise<void> };

  export default class Provider {
    constructor(issuer: string, configuration: object);
    readonly Client: { find(id: string): Promise<Client | undefined> };
    callback(): RequestListener;
    on(event: string, listener: (...details: unknown[]) => void): void;
  }
}
