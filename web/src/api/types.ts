/** The objects of the API that the pages use. */

export type Protocol = 'ssh' | 'rdp' | 'vnc';

export type Me = {
  id: string;
  username: string;
  name: string;
  role: 'user' | 'admin';
};

export type LaunchableEndpoint = {
  id: string;
  name: string;
  protocol: Protocol;
  /** My own live connections to it. */
  connections: string[];
};

export type MyApplication = {
  slug: string;
  name: string;
  icon: string;
  group: string;
  endpoints: LaunchableEndpoint[];
};

export type ConnectionState = 'pending' | 'active' | 'detached' | 'ended';

export type Connection = {
  id: string;
  state: ConnectionState;
  protocol: Protocol;
  application: string;
  application_name: string;
  endpoint: string;
  endpoint_name: string;
  created_at: string;
  expires_at: string | null;
  ended_at: string | null;
  end_reason: string | null;
  end_code: string | null;
};

/** A way to a connection's node; the ticket works once and for a minute. */
export type Passage = { edge_url: string; ticket: string };

export type LaunchAnswer =
  | ({ type: 'connection'; connection: { id: string } } & Passage)
  | { type: 'challenge'; execution: string };

export type List<Item> = { items: Item[]; next: string | null };
