/** What an administrator sets up for a test, over the API. */

import { randomBytes } from 'node:crypto';
import type { APIRequestContext } from '@playwright/test';
import type { StackFacts } from './stack.ts';

/** Somebody who can sign in. */
export type Person = { readonly username: string; readonly password: string };

/** An SSH endpoint whose launch asks what a flow asks. */
export type Asked = { readonly endpoint: string; readonly id: string };

/** An object as the API shows it, with its fields. */
export type Stored = { readonly id: string } & Readonly<Record<string, unknown>>;

export class Admin {
  constructor(
    private readonly request: APIRequestContext,
    private readonly stack: StackFacts,
  ) {}

  /** A user of their own for a test. */
  async person(name: string, fields: object = {}): Promise<Person> {
    const person = { username: `${name}-${suffix()}`, password: `marker-${suffix()}-password` };
    await this.create('users', { ...person, ...fields });
    return person;
  }

  /** An endpoint of the test's SSH server behind a flow of these stages. */
  async asks(stages: readonly object[], settings: object = this.shell, title = ''): Promise<Asked> {
    const flow = `asks-${suffix()}`;
    await this.create('flows', { name: flow, title, stages });
    return this.endpoint({ authorization_flow: flow }, { settings });
  }

  /** An endpoint of the test's SSH server, with an application and a provider of its own. */
  async endpoint(provider: object, endpoint: object): Promise<Asked> {
    const name = `shell-${suffix()}`;
    await this.create('providers', { name, outposts: ['default'], ...provider });
    await this.create('applications', { slug: name, name, provider: name });
    const { id } = await this.create('endpoints', {
      name,
      provider: name,
      protocol: 'ssh',
      host: `127.0.0.1:${this.stack.ssh.port}`,
      maximum_connections: -1,
      settings: this.shell,
      ...endpoint,
    });
    return { endpoint: name, id };
  }

  /** Writes an object; the answer shows it as it is stored. */
  async create(kind: string, object: object): Promise<Stored> {
    const answer = await this.request.post(`${this.stack.url}/api/v1/admin/${kind}`, { data: object });
    if (!answer.ok()) throw new Error(`${kind}: ${answer.status()} ${await answer.text()}`);
    return (await answer.json()) as Stored;
  }

  /** Settings with which the test's SSH server lets in. */
  private get shell(): object {
    const { username, password } = this.stack.ssh;
    return { username, password, locale: 'C.UTF-8' };
  }
}

function suffix(): string {
  return randomBytes(5).toString('hex');
}
