/**
 * A small firm on the stack, for pages that are looked at: an object of every
 * kind, bound to one another, and people of every role.
 */

import type { Admin, Person } from './admin.ts';

export type World = {
  readonly people: {
    readonly auditor: Person;
    /** Keeps the application `erp` and no other. */
    readonly operator: Person;
    /** May open what policies let them. */
    readonly user: Person;
    /** Decides on requests for the database. */
    readonly approver: Person;
  };
  /** Ids by kind and name, as in `ids['endpoints/db-primary']`. */
  readonly ids: Readonly<Record<string, string>>;
};

const PASSWORD = 'Kestrel-47-harbour';

const STAGES = [
  { type: 'consent', name: 'rules', text: 'What you do on this machine is recorded.' },
  {
    type: 'prompt',
    name: 'ticket',
    title: 'Which ticket?',
    fields: [
      { name: 'ticket', label: 'Ticket', required: true, placeholder: 'OPS-1234', validation: 'value.startsWith("OPS-")' },
      {
        name: 'connection_settings.username',
        label: 'Account',
        type: 'choice',
        required: true,
        help: 'The account on the machine.',
        choices: [{ value: 'readonly', label: 'Read only' }, { value: 'postgres', label: 'Superuser' }],
      },
    ],
  },
  { type: 'approval', name: 'second-person', users: ['carol'], reason_required: true },
];

/** Puts it there; once, its names are the stack's own. */
export async function settle(admin: Admin, ssh: object, host: string): Promise<World> {
  const ids: Record<string, string> = {};
  const make = async (kind: string, object: Readonly<Record<string, unknown>>): Promise<void> => {
    const { slug, username, name } = object;
    ids[`${kind}/${slug ?? username ?? name}`] = (await admin.create(kind, object)).id;
  };
  const person = async (username: string, name: string, fields: object = {}): Promise<Person> => {
    const email = `${username}@meridian.example`;
    await make('users', { username, name, email, password: PASSWORD, ...fields });
    return { username, password: PASSWORD };
  };

  await make('outposts', { name: 'plant-graz', labels: { site: 'graz', network: 'ot' } });
  await make('groups', { name: 'staff', attributes: { site: 'vienna' } });
  await make('groups', { name: 'database-team' });
  await make('policies', { name: 'from-the-office', expression: 'in_network(address, ["10.20.0.0/16", "127.0.0.0/8"])' });
  await make('policies', {
    name: 'working-hours',
    expression: 'in_time_window(time, "07:00", "19:00", "Europe/Vienna") &&\n  !(weekday(time, "Europe/Vienna") in ["saturday", "sunday"])',
  });
  await make('property-mappings', {
    name: 'own-account',
    static_settings: { 'font-size': 13 },
    expression: 'has(connection_settings.username) ? {} : {"username": user.username}',
  });
  await person('carol', 'Carol Diaz', { groups: ['staff'] });
  await make('flows', { name: 'database-access', title: 'Access to a database', stages: STAGES });

  const outposts = ['default'];
  await make('providers', {
    name: 'databases', outposts, authorization_flow: 'database-access', connection_expiry: '1h', property_mappings: ['own-account'],
  });
  await make('providers', { name: 'erp', outposts, settings: { domain: 'MERIDIAN', 'enable-audio': true } });
  const labels = { tier: 'secure' };
  await make('endpoints', {
    name: 'db-primary', provider: 'databases', protocol: 'ssh', host, maximum_connections: 4,
    settings: { ...ssh, 'server-alive-interval': 30, usrname: 'a typing error' },
  });
  await make('endpoints', { name: 'db-archive', provider: 'databases', protocol: 'ssh', host: 'archive.lan', labels });
  await make('endpoints', {
    name: 'erp-shell', provider: 'erp', protocol: 'ssh', host, maximum_connections: -1, settings: ssh,
  });
  await make('endpoints', {
    name: 'accounting-pc', provider: 'erp', protocol: 'rdp', host: 'win11-acc.meridian.lan',
    settings: { username: 'clerk', password: { secret: 'env:ACCOUNTING_PASSWORD' }, security: 'nla' },
  });
  // Its name is longer than a phone is wide: no page may be pushed apart by it.
  const wall = 'wall-display-in-the-lobby-of-the-second-plant-in-graz';
  await make('endpoints', { name: wall, provider: 'erp', protocol: 'vnc', host: '[2001:db8::10c]:5901', settings: { 'read-only': true } });
  await make('applications', { slug: 'databases', name: 'Databases', icon: '🗄', group: 'Engineering', provider: 'databases' });
  await make('applications', { slug: 'erp', name: 'ERP and accounting', group: 'Operations', provider: 'erp' });

  const user = await person('bela', 'Béla Kovács', { groups: ['staff', 'database-team'], attributes: { department: 'data' } });
  const operator = await person('dmitri', 'Dmitri Orlov', { role: 'operator', operates: ['erp'] });
  const auditor = await person('eve', 'Eve Adeyemi', { role: 'auditor' });
  await person('faruk', 'Faruk Yıldız', { active: false });

  const bindings = [
    { target: 'databases', target_kind: 'application', order: 0, group: 'database-team' },
    { target: 'databases', target_kind: 'application', order: 10, user: 'carol' },
    { target: ids['endpoints/db-primary'], target_kind: 'endpoint', order: 0, policy: 'from-the-office' },
    { target: ids['endpoints/db-primary'], target_kind: 'endpoint', order: 10, policy: 'working-hours', failure_result: true, enabled: false },
  ];
  for (const binding of bindings) await admin.create('policy-bindings', binding);
  await make('sources', {
    slug: 'meridian', name: 'Meridian sign-in', icon: '🔑', issuer: 'https://id.meridian.example/realms/staff',
    client_id: 'causeway', client_secret: 'not a real secret', attributes: '{"department": claims.department}',
    enabled: false,
  });
  await admin.create('tokens', { name: 'inventory', user: 'eve', scope: 'read' });
  return { people: { auditor, operator, user, approver: { username: 'carol', password: PASSWORD } }, ids };
}
