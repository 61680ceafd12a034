import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { parse as parseCsv } from 'csv-parse/sync';
import { AppError, codeOf, isAppError } from '../domain/errors.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import { type Taken, takeAcknowledgement, acknowledgementOf } from './acknowledge.ts';
import type { Endpoint, LinkageContext } from './context.ts';
import { type Drop, type DropFile, MAX_DROP_BYTES } from './drop.ts';
import { flatten } from './leaves.ts';
import type { Profile } from './profile.ts';
import { takeRecord } from './take.ts';
import { decodeRecords } from './wire.ts';

/**
 * What arrives, whatever carried it: records, acknowledgements of ours (`ack` in a file's name) and their list of a day
 * (`list-2026-11-22`). A body with several records is taken in its order, and answered for each.
 */

/** @throws AppError `linkage.unreadable` */
export async function takeBody(context: LinkageContext, profile: Profile, text: string): Promise<readonly Taken[]> {
  const taken: Taken[] = [];
  for (const decoded of decodeRecords(profile, text)) {
    if ('record' in decoded) taken.push(await takeRecord(context, profile, decoded.record));
    else taken.push({ number: decoded.number ?? '', version: decoded.version ?? 0, state: 'refused', code: decoded.error.code, text: decoded.error.citizenText, ticketNo: null });
  }
  return taken;
}

const Code = Type.Union([Type.String({ minLength: 1, maxLength: 40 }), Type.Integer(), Type.Boolean()]);
const ackShape = Compile(Type.Object({ number: Type.String({ minLength: 1, maxLength: 64 }), version: Type.Integer({ minimum: 1 }), code: Code, text: Type.Optional(Type.String({ maxLength: 2_000 })) }));

/**
 * Acknowledgements of ours: one or an array, each with `number` (our ticket number), `version` and the profile's own code and message fields.
 * @throws AppError `linkage.unreadable`
 */
export async function takeAcknowledgements(context: LinkageContext, profile: Profile, text: string): Promise<readonly { readonly number: string; readonly version: number; readonly state: 'taken' | 'repeated' | 'unknown' }[]> {
  const { codeField, messageField } = profile.acknowledgement;
  const all = manyOf(text);
  const read = all.map((one) => {
    const leaves = flatten(one);
    const version = leaves.get('version');
    const message = leaves.get(messageField);
    return { number: leaves.get('number'), version: typeof version === 'string' && /^\d{1,7}$/.test(version) ? Number(version) : version, code: leaves.get(codeField), ...(typeof message === 'string' ? { text: message } : {}) };
  });
  const done = [];
  for (const one of read) {
    if (!ackShape.Check(one)) throw unreadable(`回执须有 number、version 和 ${codeField}`);
    done.push({ number: one.number, version: one.version, state: await takeAcknowledgement(context, profile, { number: one.number, version: one.version, code: String(one.code), text: one.text ?? null }) });
  }
  return done;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** One line of their list: what they sent us (their number) or had from us (our ticket number). */
const ListLine = Type.Object({ direction: Type.Union([Type.Literal('sent'), Type.Literal('received')]), number: Type.String({ minLength: 1, maxLength: 64 }), version: Type.Integer({ minimum: 1, maximum: 1_000_000 }) });
const listShape = Compile(Type.Array(ListLine, { maxItems: 200_000 }));

/**
 * Their list of a day, JSON (an array, or under `records`) or CSV with the columns direction, number, version.
 * @returns how many lines
 * @throws AppError `linkage.unreadable`
 */
export async function takeList(context: LinkageContext, profile: Profile, day: string, text: string): Promise<number> {
  if (!DAY.test(day) || Number.isNaN(Date.parse(day))) throw unreadable('日期须为 2026-11-22 的形式');
  const plain = text.replace(/^\uFEFF/, '').trim();
  const rows: readonly JsonValue[] = /^[[{]/.test(plain) ? manyOf(plain) : csvRows(plain);
  const lines = rows.map((row) => {
    const leaves = flatten(row);
    const version = leaves.get('version');
    return { direction: leaves.get('direction'), number: leaves.get('number'), version: typeof version === 'string' && /^\d{1,7}$/.test(version) ? Number(version) : version };
  });
  if (!listShape.Check(lines)) throw unreadable('清单每行须有 direction（sent 或 received）、number、version');
  const list: JsonObject[] = lines.map(({ direction, number, version }) => ({ direction, number, version }));
  await context.store.write((repos) => repos.linkage.putList({ profile: profile.id, day, list, at: context.now() }));
  return list.length;
}

function csvRows(text: string): readonly JsonObject[] {
  try {
    const rows: unknown = parseCsv(text, { columns: true, skip_empty_lines: true, trim: true });
    const found: JsonValue = JSON.parse(JSON.stringify(rows));
    return Array.isArray(found) ? found.filter((row): row is JsonObject => typeof row === 'object' && row !== null && !Array.isArray(row)) : [];
  } catch {
    throw unreadable('不是 CSV');
  }
}

function manyOf(text: string): readonly JsonValue[] {
  let value: JsonValue;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw unreadable('不是 JSON');
  }
  if (Array.isArray(value)) return value;
  if (typeof value === 'object' && value !== null && Array.isArray(value['records'])) return value['records'];
  return [value];
}

function unreadable(why: string): AppError {
  return new AppError('linkage.unreadable', 'cannot be read', { status: 400, citizenText: `无法读取：${why}` });
}

/* ---- files --------------------------------------------------------------------------------------------------------- */

const LIST_NAME = /^list-(\d{4}-\d{2}-\d{2})\.(json|csv)$/i;
const ACK_NAME = /(^|[.-])ack\b.*\.json$/i;
/** Files of one look: a folder that was filled for days must not keep a node busy. */
const FILES_AT_ONCE = 200;
/** A file that makes no sense is judged when nobody has touched it for so long. */
const PATIENCE_MS = 60_000;

/**
 * Takes what lies in in/. A crash between the taking and the putting away has the file taken again, which has no effect and gives the same answer.
 * @returns how many files
 */
export async function pickUp(context: LinkageContext, drop: Drop, endpoint: Endpoint): Promise<{ readonly taken: number; readonly bad: number; /** Could not be taken now for a reason of ours; they lie where they are. */ readonly failed: readonly string[] }> {
  let [taken, bad] = [0, 0];
  const failed: string[] = [];
  for (const file of await drop.waiting(endpoint, context.now(), FILES_AT_ONCE)) {
    try {
      const answer = await takeFile(context, drop, endpoint, file);
      if (answer === 'growing') continue;
      if (answer !== null) await drop.acknowledge(endpoint, file.name, `${JSON.stringify(answer.body)}\n`);
      await drop.move(endpoint, file, answer?.bad === true ? 'bad' : 'done');
      if (answer?.bad === true) bad += 1;
      else taken += 1;
    } catch (error) {
      failed.push(codeOf(error));
    }
  }
  return { taken, bad, failed };
}

/** Null: nothing to answer. `growing`: it is still being written. */
async function takeFile(context: LinkageContext, drop: Drop, endpoint: Endpoint, file: DropFile): Promise<{ readonly body: JsonValue; readonly bad: boolean } | 'growing' | null> {
  const { profile } = endpoint;
  const refusal = (code: string, text: string): { readonly body: JsonValue; readonly bad: boolean } => ({ body: { file: file.name, ...acknowledgementOf(profile, { number: '', version: 0, state: 'refused', code, text, ticketNo: null }) }, bad: true });
  if (file.bytes > MAX_DROP_BYTES) return refusal('linkage.too_large', `文件超过 ${MAX_DROP_BYTES / 1024 / 1024} MB。`);
  try {
    const bytes = await drop.read(endpoint, file);
    if (bytes.length !== file.bytes) return 'growing';
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const day = LIST_NAME.exec(file.name)?.[1];
    if (day !== undefined) {
      await takeList(context, profile, day, text);
      return null;
    }
    if (ACK_NAME.test(file.name)) {
      await takeAcknowledgements(context, profile, text);
      return null;
    }
    const all = await takeBody(context, profile, text);
    return { body: { file: file.name, records: all.map((one) => acknowledgementOf(profile, one)) }, bad: false };
  } catch (error) {
    if (error instanceof TypeError) return refusal('linkage.unreadable', '文件不是 UTF-8 编码。');
    // Cut off in the middle, and touched lately: whoever does not rename may be slow.
    if (isAppError(error) && error.code === 'linkage.unreadable' && context.now() - file.changedAt < PATIENCE_MS) return 'growing';
    if (isAppError(error) && error.status < 500 && error.retry !== 'conflict') return refusal(error.code, error.citizenText);
    throw error;
  }
}
