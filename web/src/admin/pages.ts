/** Which page shows a kind, and which shows one of it. */

import type { Component } from 'svelte';

import ApplicationList from './kinds/ApplicationList.svelte';
import ApplicationPage from './kinds/ApplicationPage.svelte';
import ConnectionsPage from './kinds/ConnectionsPage.svelte';
import EndpointList from './kinds/EndpointList.svelte';
import EndpointPage from './kinds/EndpointPage.svelte';
import EventsPage from './kinds/EventsPage.svelte';
import FlowList from './kinds/FlowList.svelte';
import FlowPage from './kinds/FlowPage.svelte';
import GroupList from './kinds/GroupList.svelte';
import GroupPage from './kinds/GroupPage.svelte';
import MappingList from './kinds/MappingList.svelte';
import MappingPage from './kinds/MappingPage.svelte';
import NodeList from './kinds/NodeList.svelte';
import NodePage from './kinds/NodePage.svelte';
import OutpostList from './kinds/OutpostList.svelte';
import OutpostPage from './kinds/OutpostPage.svelte';
import OverviewPage from './kinds/OverviewPage.svelte';
import PolicyList from './kinds/PolicyList.svelte';
import PolicyPage from './kinds/PolicyPage.svelte';
import ProviderList from './kinds/ProviderList.svelte';
import ProviderPage from './kinds/ProviderPage.svelte';
import SessionList from './kinds/SessionList.svelte';
import SourceList from './kinds/SourceList.svelte';
import SourcePage from './kinds/SourcePage.svelte';
import TokenList from './kinds/TokenList.svelte';
import UserList from './kinds/UserList.svelte';
import UserPage from './kinds/UserPage.svelte';

type OnePage = Component<{ id: string; tab: string }>;

export const PAGES: Record<string, { list: Component; one?: OnePage } | undefined> = {
  overview: { list: OverviewPage },
  connections: { list: ConnectionsPage },
  events: { list: EventsPage },
  applications: { list: ApplicationList, one: ApplicationPage },
  providers: { list: ProviderList, one: ProviderPage },
  endpoints: { list: EndpointList, one: EndpointPage },
  'property-mappings': { list: MappingList, one: MappingPage },
  policies: { list: PolicyList, one: PolicyPage },
  flows: { list: FlowList, one: FlowPage },
  users: { list: UserList, one: UserPage },
  groups: { list: GroupList, one: GroupPage },
  sources: { list: SourceList, one: SourcePage },
  sessions: { list: SessionList },
  tokens: { list: TokenList },
  outposts: { list: OutpostList, one: OutpostPage },
  nodes: { list: NodeList, one: NodePage },
};
