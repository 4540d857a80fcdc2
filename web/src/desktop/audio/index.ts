/** The sound of a desktop: from the node's chunks to what is heard. */

export { AudioPlayer, type AudioPorts, type AudioState } from './audio-player';
export type { PlayoutFigures } from './core/playout';
