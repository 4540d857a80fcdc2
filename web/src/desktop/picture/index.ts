/** The picture of a desktop: everything between the node's messages and what is seen. */

export { DesktopPicture, type PicturePorts } from './desktop-picture';
export type { PictureMode } from './core/layout';
export type { PictureStatistics, Pixels } from './worker-messages';
