import { randomBytes } from 'node:crypto';
import { fileTypeFromBuffer } from 'file-type';
import type { MediaStore } from '../channel/contract.ts';
import type { EpochMs } from '../domain/activity.ts';
import { AppError } from '../domain/errors.ts';
import { maskText } from '../domain/masking.ts';
import type { Store } from '../store/contract.ts';

/** Largest attachment that is kept, bytes. */
export const MAX_MEDIA_BYTES = 10 * 1024 * 1024;
/** Kept for 180 days: a complaint's evidence must outlive its handling. */
const KEEP_MS = 180 * 24 * 60 * 60_000;

const OFFICE = 'application/vnd.openxmlformats-officedocument.';
const ALLOWED: ReadonlySet<string> = new Set([
  'image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/heic', 'image/bmp',
  'audio/mpeg', 'audio/wav', 'audio/x-wav', 'audio/vnd.wave', 'audio/amr', 'audio/ogg', 'audio/mp4', 'audio/x-m4a', 'audio/aac',
  'video/mp4', 'video/quicktime', 'application/pdf',
  `${OFFICE}wordprocessingml.document`, `${OFFICE}spreadsheetml.sheet`, `${OFFICE}presentationml.presentation`,
]);

/** Attachments by unguessable token. What a file claims to be is never believed: its bytes decide. */
export function createMediaStore(store: Store, options: { readonly publicUrl: () => string; readonly now: () => EpochMs }): MediaStore {
  return {
    save: async (bytes, name) => {
      if (bytes.length > MAX_MEDIA_BYTES) throw new AppError('media.too_large', 'the file is too large', { status: 413, citizenText: '文件太大了，请发送 10MB 以内的文件。' });
      const contentType = (await fileTypeFromBuffer(bytes))?.mime ?? (isPlainText(bytes) ? 'text/plain' : null);
      if (contentType === null || (contentType !== 'text/plain' && !ALLOWED.has(contentType))) {
        throw new AppError('media.type_refused', 'files of this type are not taken', { status: 415, citizenText: '暂不支持这种文件，请发送图片、音频、PDF 或 Office 文档。' });
      }
      const token = randomBytes(24).toString('base64url');
      const createdAt = options.now();
      await store.write((repos) => repos.media.save({ token, contentType, name: cleanName(name), bytes, createdAt, expiresAt: createdAt + KEEP_MS }));
      return { contentType, url: `media:${token}/${encodeURIComponent(cleanName(name))}`, sizeBytes: bytes.length, ...(name === undefined ? {} : { name: cleanName(name) }) };
    },
    open: async (token) => {
      const found = await store.read((repos) => repos.media.open(token, options.now()));
      if (found === null) return null;
      const name = cleanName(found.name ?? undefined);
      return { bytes: found.bytes, attachment: { contentType: found.contentType, name, url: `media:${token}/${encodeURIComponent(name)}`, sizeBytes: found.bytes.length } };
    },
    publicUrl: (url) => (url.startsWith('media:') ? `${options.publicUrl()}/media/${url.slice('media:'.length)}` : url),
  };
}

/** Longest file name, characters; as long in an address as the router takes. */
const MAX_NAME_CHARS = 120;

/**
 * A name that neither a header, an address nor a file system stumbles over: no control or direction marks (a reversed
 * ending hides what a file is), no half characters (encodeURIComponent throws), no telephone number of somebody.
 */
function cleanName(name: string | undefined): string {
  const clean = (name ?? '').replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069/\\]/gu, '').replace(/\p{Surrogate}/gu, '\ufffd').trim();
  const short = [...maskText(clean).text].slice(-MAX_NAME_CHARS).join('').trim();
  return /^\.*$/.test(short) ? 'file' : short;
}

/** UTF-8 without NUL in a short file: a text note. */
function isPlainText(bytes: Buffer): boolean {
  if (bytes.length === 0 || bytes.length > 256 * 1024 || bytes.includes(0)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return !/^\s*</.test(bytes.subarray(0, 64).toString('utf8')); // markup could run in a browser
  } catch {
    return false;
  }
}
