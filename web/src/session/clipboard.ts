/** The browser's clipboard, with a way that works where its API does not. */

/** Writes `text`; false when the browser does not let this page do it now. */
export async function writeClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Absent over plain HTTP, refused without focus or a recent key.
    return writeByCommand(text);
  }
}

/** Reads the clipboard; undefined when the browser does not let this page do it. */
export async function readClipboard(): Promise<string | undefined> {
  try {
    return await navigator.clipboard.readText();
  } catch {
    return undefined;
  }
}

/** Whether the clipboard can be read without a question or a button of the browser's own. */
export async function mayReadClipboard(): Promise<boolean> {
  try {
    // A name that not every browser knows; those refuse it.
    const name = 'clipboard-read' as PermissionName;
    return (await navigator.permissions.query({ name })).state === 'granted';
  } catch {
    return false;
  }
}

function writeByCommand(text: string): boolean {
  let written = false;
  const put = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text);
    event.preventDefault();
    event.stopImmediatePropagation();
    written = true;
  };
  document.addEventListener('copy', put, { capture: true, once: true });
  document.execCommand('copy');
  document.removeEventListener('copy', put, { capture: true });
  return written;
}
