import type { FastifyRequest } from 'fastify';
import { fileTypeFromBuffer } from 'file-type';
import type { Attachment } from '../../src/domain/activity.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { bodyBytes, valueOf, type Service } from './access.ts';
import { ACTIVITY_LIMIT_BYTES, parseBody } from './body.ts';
import { fileName, type InlineFile } from './decode.ts';
import { badArgument, fault, missing } from './faults.ts';

/** Files of a citizen: what they are is read from their bytes, never from what the client says. */

export const FILE_LIMIT_BYTES = 10 * 1024 * 1024;
export const FILES_LIMIT = 5;

const ALLOWED: readonly RegExp[] = [
  /^image\/(jpeg|png|gif|webp|avif|heic|heif|heic-sequence|heif-sequence|bmp|tiff)$/,
  /^audio\//,
  /^application\/pdf$/,
  /^application\/vnd\.openxmlformats-officedocument\.(wordprocessingml\.document|spreadsheetml\.sheet|presentationml\.presentation)$/,
  /^application\/vnd\.oasis\.opendocument\.(text|spreadsheet|presentation)$/,
  // Word, Excel and PowerPoint before 2007 (and WPS): one container format.
  /^application\/x-cfb$/,
  /^application\/rtf$/,
];

export interface Uploaded {
  /** The activity part; a bare message when there is none. */
  readonly activity: JsonObject;
  readonly files: readonly InlineFile[];
}

/** Reads the request: multipart, or one file as the whole body. Throws 400, 413 and 415. */
export async function readUpload(request: FastifyRequest): Promise<Uploaded> {
  const userId = valueOf(request.query, 'userId') ?? '';
  const bare: JsonObject = { type: 'message', from: { id: userId } };
  if (request.isMultipart()) return readMultipart(request, bare);
  const bytes = bodyBytes(request);
  if (bytes.length === 0) throw missing('file');
  return { activity: bare, files: [{ name: dispositionName(request.headers['content-disposition']), bytes }] };
}

async function readMultipart(request: FastifyRequest, bare: JsonObject): Promise<Uploaded> {
  const files: InlineFile[] = [];
  let activity: JsonObject | undefined;
  const limits = { fileSize: FILE_LIMIT_BYTES, files: FILES_LIMIT + 1, fieldSize: ACTIVITY_LIMIT_BYTES, fields: 10, parts: FILES_LIMIT + 11 };
  for await (const part of request.parts({ limits })) {
    if (part.type === 'field') {
      if (part.fieldname === 'activity' && typeof part.value === 'string') activity = parseBody(Buffer.from(part.value, 'utf8'));
      continue;
    }
    const bytes = await part.toBuffer();
    if (part.fieldname === 'activity') activity = parseBody(bytes);
    else files.push({ name: fileName(part.filename), bytes });
  }
  if (files.length === 0) throw missing('file');
  if (files.length > FILES_LIMIT) throw fault(413, 'webchat.too_large', `more than ${FILES_LIMIT} files`);
  return { activity: activity ?? bare, files };
}

/** Checks all, then keeps all: a message with a refused file leaves nothing behind. */
export async function saveFiles(service: Service, files: readonly InlineFile[]): Promise<Attachment[]> {
  for (const { bytes } of files) await requireAllowed(bytes);
  const attachments: Attachment[] = [];
  for (const { bytes, name } of files) attachments.push(await service.ports.media.save(bytes, name));
  return attachments;
}

async function requireAllowed(bytes: Buffer): Promise<void> {
  if (bytes.length === 0) throw badArgument('file is empty');
  if (bytes.length > FILE_LIMIT_BYTES) throw fault(413, 'webchat.too_large', 'file is larger than 10 MB');
  const type = await fileTypeFromBuffer(bytes);
  if (type === undefined || !ALLOWED.some((pattern) => pattern.test(type.mime))) throw fault(415, 'webchat.bad_argument', 'file type is not allowed');
}

/** File name of a Content-Disposition: RFC 8187 form first, else the plain one, whose bytes browsers send as UTF-8. */
export function dispositionName(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const extended = /filename\*\s*=\s*utf-8'[^']*'([!-~]+?)\s*(;|$)/i.exec(header)?.[1];
  if (extended !== undefined) {
    try {
      return fileName(decodeURIComponent(extended));
    } catch {
      return undefined;
    }
  }
  const plain = /filename\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^;\s]+))/i.exec(header);
  const name = plain?.[1]?.replace(/\\(.)/g, '$1') ?? plain?.[2];
  // Node reads header bytes as latin1.
  return name === undefined ? undefined : fileName(Buffer.from(name, 'latin1').toString('utf8'));
}
