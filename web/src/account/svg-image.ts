/**
 * Shows an SVG text as a picture: `use:svgImage={text}` on an `img`. As a
 * picture it runs no script and loads nothing, and the page's policy allows
 * pictures of its own making.
 */
export function svgImage(image: HTMLImageElement, svg: string): { destroy: () => void } {
  const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  image.src = address;
  return { destroy: () => URL.revokeObjectURL(address) };
}
