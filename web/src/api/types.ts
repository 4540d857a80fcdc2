/** The objects of the API that the pages use, under short names. */

import type { Outcome } from './flow-types';
import type { components } from './generated/schema';

type Schemas = components['schemas'];

export type Protocol = Schemas['Protocol'];
export type Me = Schemas['Me'];
export type MyApplication = Pick<
  Schemas['MyApplicationView'],
  'slug' | 'name' | 'icon' | 'group' | 'endpoints'
>;
export type LaunchableEndpoint = Schemas['MyEndpointView'];
export type Connection = Schemas['Connection'];
export type ConnectionState = Schemas['ConnectionState'];

/** A way to a connection's node; the ticket works once and for a minute. */
export type Passage = Pick<Schemas['AdmissionView'], 'edge_url' | 'ticket'>;

/** What a launch leads to: a connection, or a question first. */
export type LaunchAnswer = Outcome;
