import { describe, expect, it } from 'vitest';

import { ClipboardLink } from './clipboard-link';

describe('the clipboards', () => {
  it('take what is new at the viewer to the target, once', () => {
    const link = new ClipboardLink();
    expect(link.handleLocal('one')).toBe(true);
    link.handleSent('one');
    expect(link.handleLocal('one')).toBe(false);
    expect(link.handleLocal('')).toBe(false);
  });

  it('do not take the echo of a text back', () => {
    const link = new ClipboardLink();
    link.handleLocal('one\r\ntwo');
    link.handleSent('one\r\ntwo');
    expect(link.handleRemote('one\ntwo')).toBe(false);
  });

  it('do not send what came from the target', () => {
    const link = new ClipboardLink();
    expect(link.handleRemote('there')).toBe(true);
    link.handleWritten('there');
    expect(link.handleLocal('there')).toBe(false);
    expect(link.handleRemote('there')).toBe(false);
  });

  it('leave the target its text while the browser does not take it', () => {
    const link = new ClipboardLink();
    link.handleLocal('old');
    link.handleSent('old');
    link.handleRemote('new');
    expect(link.owed).toBe('new');
    // The viewer's clipboard still holds the old text: that is no news.
    expect(link.handleLocal('old')).toBe(false);
    link.handleWritten('new');
    expect(link.owed).toBeUndefined();
  });

  it('owe nothing once the person copied something else', () => {
    const link = new ClipboardLink();
    link.handleRemote('theirs');
    expect(link.handleLocal('mine')).toBe(true);
    expect(link.owed).toBeUndefined();
  });

  it('send a text again after the target had another', () => {
    const link = new ClipboardLink();
    link.handleLocal('a');
    link.handleSent('a');
    link.handleRemote('b');
    link.handleWritten('b');
    expect(link.handleLocal('a')).toBe(true);
  });

  it('offer a refused text no second time', () => {
    const link = new ClipboardLink();
    expect(link.handleLocal('refused')).toBe(true);
    expect(link.handleLocal('refused')).toBe(false);
    expect(link.remote).toBeUndefined();
  });
});
