/** What shows a session: chosen by what its target speaks, loaded when it is wanted. */

import type { Component } from 'svelte';

import type { Protocol } from '../api/types';

export type StageProps = {
  connection: string;
  /** What the node is believed to speak to the target. */
  protocol: Protocol;
  /** The node speaks something else to the target than was believed. */
  mistaken: (protocol: Protocol) => void;
};

export type LoadedStage = { protocol: Protocol; Stage: Component<StageProps> };

export async function loadStage(protocol: Protocol): Promise<LoadedStage> {
  const loaded =
    protocol === 'ssh'
      ? await import('./TerminalStage.svelte')
      : await import('../desktop/DesktopStage.svelte');
  return { protocol, Stage: loaded.default };
}
