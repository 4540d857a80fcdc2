/**
 * Lets xterm.js bring its style sheets under a content security policy
 * without inline styles. It writes them into `<style>` elements, which such a
 * policy ignores; constructed style sheets are allowed. While `run` runs, an
 * element asked for as `style` is a stand-in whose text becomes such a sheet.
 */
export function withAdoptedStyles<T>(run: () => T): T {
  const createElement = document.createElement.bind(document);
  const patched = (tag: string, options?: ElementCreationOptions): HTMLElement =>
    tag.toLowerCase() === 'style' ? standIn(createElement('template')) : createElement(tag, options);
  Object.defineProperty(document, 'createElement', { value: patched, configurable: true });
  try {
    return run();
  } finally {
    // Uncovers the prototype's own.
    Reflect.deleteProperty(document, 'createElement');
  }
}

function standIn(element: HTMLElement): HTMLElement {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  Object.defineProperty(element, 'textContent', {
    set: (css: string) => sheet.replaceSync(css),
  });
  Object.defineProperty(element, 'remove', {
    value: () => {
      const at = document.adoptedStyleSheets.indexOf(sheet);
      if (at >= 0) document.adoptedStyleSheets.splice(at, 1);
      Element.prototype.remove.call(element);
    },
  });
  return element;
}
