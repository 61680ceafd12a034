import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_MEDIA_BYTES } from '../../src/intake/media.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { PNG } from '../support/webchat-server.ts';

describe('media store', () => {
  let intake: IntakeUnderTest;
  beforeEach(async () => {
    intake = await openIntake();
  });
  afterEach(() => intake.close());
  const save = (bytes: Buffer, name?: string) => intake.context.media.save(bytes, name);
  const token = (url: string): string => /^media:([^/]+)\//.exec(url)?.[1] ?? '';

  it('believes the bytes, not the name', async () => {
    expect(await save(PNG, 'cv.pdf')).toMatchObject({ contentType: 'image/png', sizeBytes: PNG.length });
    expect(await save(Buffer.from('说明文字'), 'photo.jpg')).toMatchObject({ contentType: 'text/plain' });
    const polyglot = Buffer.concat([Buffer.from('GIF89a/*'), Buffer.alloc(20), Buffer.from('*/=alert(1)//<script>alert(1)</script>')]);
    expect(await save(polyglot, 'x.html')).toMatchObject({ contentType: 'image/gif' });
  });

  it.each([
    ['html called png', Buffer.from('<!DOCTYPE html><script>alert(1)</script>'), 'photo.png'],
    ['html after blanks', Buffer.from('\n\t  <html onload=alert(1)>'), 'a.txt'],
    ['html after a byte order mark', Buffer.from('\ufeff<html>'), 'a.txt'],
    ['svg', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'), 'a.png'],
    ['svg with a declaration', Buffer.from('<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'), 'a.svg'],
    ['a program', Buffer.from('4d5a90000300000004000000ffff0000b8000000000000004000000000000000', 'hex'), 'a.jpg'],
    ['an archive', Buffer.from('504b0304140000000000', 'hex'), 'a.docx'],
    ['nothing', Buffer.alloc(0), 'a.txt'],
    ['binary called text', Buffer.from([1, 2, 0, 3, 4]), 'a.txt'],
    ['broken UTF-8', Buffer.from([0xc3, 0x28, 0x41, 0x42]), 'a.txt'],
  ])('refuses %s', async (_what, bytes, name) => {
    await expect(save(bytes, name)).rejects.toMatchObject({ code: 'media.type_refused', status: 415 });
    expect(await intake.rows()).toMatchObject({ media: 0 });
  });

  it('refuses what is too large before looking at it', async () => {
    await expect(save(Buffer.alloc(MAX_MEDIA_BYTES + 1, 65), 'a.txt')).rejects.toMatchObject({ code: 'media.too_large', status: 413 });
  });

  it('gives it back by an unguessable token only, until it expires', async () => {
    const saved = await save(PNG, '现场.png');
    expect(token(saved.url)).toMatch(/^[\w-]{32}$/);
    const found = await intake.context.media.open(token(saved.url));
    expect(found?.bytes.equals(PNG)).toBe(true);
    expect(found?.attachment).toEqual(saved);
    expect(await intake.context.media.open('x'.repeat(32))).toBeNull();
    intake.clock.advance(181 * 24 * 3_600_000);
    expect(await intake.context.media.open(token(saved.url))).toBeNull();
  });

  it.each([
    ['a path', '../../etc/passwd', '....etcpasswd'],
    ['control characters', 'a\r\nSet-Cookie: x.png', 'aSet-Cookie: x.png'],
    ['a reversed ending', 'photo\u202egnp.exe', 'photognp.exe'],
    ['half a character', 'a\ud83d.png', 'a\ufffd.png'],
    ['nothing but dots', '..', 'file'],
    ['nothing', '', 'file'],
    ['somebody\'s number', '王工13800138000.png', '王工138****8000.png'],
  ])('keeps a name harmless: %s', async (_what, name, kept) => {
    const saved = await save(PNG, name);
    expect(saved.name).toBe(kept);
    expect((await intake.context.media.open(token(saved.url)))?.attachment.name).toBe(kept);
  });

  it('cuts a long name between characters, keeping its ending', async () => {
    const saved = await save(PNG, `${'😀'.repeat(200)}.png`);
    expect([...(saved.name ?? '')]).toHaveLength(120);
    expect(saved.name).toMatch(/^😀+\.png$/u);
  });

  it('makes a public address of its own urls and leaves others alone', async () => {
    const saved = await save(PNG, '现场.png');
    expect(intake.context.media.publicUrl(saved.url)).toBe(`https://yihu.test/media/${token(saved.url)}/%E7%8E%B0%E5%9C%BA.png`);
    expect(intake.context.media.publicUrl('https://peer.test/x')).toBe('https://peer.test/x');
  });
});
