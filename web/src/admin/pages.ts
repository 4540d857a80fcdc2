/** Which page shows a kind, and which shows one of it. */

import type { Component } from 'svelte';

import ApplicationList from './kinds/ApplicationList.svelte';
import ApplicationPage from './kinds/ApplicationPage.svelte';
import ConnectionsPage from './kinds/ConnectionsPage.svelte';
import EndpointList from './kinds/EndpointList.svelte';
import EndpointPage from './kinds/EndpointPage.svelte';
import MappingList from './kinds/MappingList.svelte';
import MappingPage from './kinds/MappingPage.svelte';
import NodeList from './kinds/NodeList.svelte';
import NodePage from './kinds/NodePage.svelte';
import OutpostList from './kinds/OutpostList.svelte';
import OutpostPage from './kinds/OutpostPage.svelte';
import PolicyList from './kinds/PolicyList.svelte';
import PolicyPage from './kinds/PolicyPage.svelte';
import ProviderList from './kinds/ProviderList.svelte';
import ProviderPage from './kinds/ProviderPage.svelte';

type OnePage = Component<{ id: string; tab: string }>;

export const PAGES: Record<string, { list: Component; one?: OnePage } | undefined> = {
  connections: { list: ConnectionsPage },
  applications: { list: ApplicationList, one: ApplicationPage },
  providers: { list: ProviderList, one: ProviderPage },
  endpoints: { list: EndpointList, one: EndpointPage },
  'property-mappings': { list: MappingList, one: MappingPage },
  policies: { list: PolicyList, one: PolicyPage },
  outposts: { list: OutpostList, one: OutpostPage },
  nodes: { list: NodeList, one: NodePage },
};
