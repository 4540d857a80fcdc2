/** Which page shows a kind, and which shows one of it. */

import type { Component } from 'svelte';

import EndpointList from './kinds/EndpointList.svelte';
import EndpointPage from './kinds/EndpointPage.svelte';

type OnePage = Component<{ id: string; tab: string }>;

export const PAGES: Record<string, { list: Component; one?: OnePage } | undefined> = {
  endpoints: { list: EndpointList, one: EndpointPage },
};
