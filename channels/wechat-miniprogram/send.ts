import { createHash } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { ChannelPorts, OutgoingMessage, Receipt, SendContext } from '../../src/channel/contract.ts';
import type { Attachment } from '../../src/domain/activity.ts';
import { parseAddress } from './address.ts';
import type { Answer, WechatClient } from './client.ts';
import type { Settings } from './config.ts';
import { encodeSend, planParts, type EncodeOptions, type Part, type Progress } from './encode.ts';
import { delayMs, rowOf } from './errcodes.ts';
import { MESSAGE_GRANT, type Quota, type Reservation } from './quota.ts';

/**
 * One message to one citizen: reserve its sends, send them in order, settle. What was delivered of a message in several sends
 * is remembered, so that a retry goes on behind it. WeChat knows no idempotency key: after a time-out the same send is
 * made again, as a hotline rather says something twice than not at all.
 */

const ProgressSchema = Type.Object({ limit: Type.Integer({ minimum: 1 }), offset: Type.Integer({ minimum: 0 }), extras: Type.Integer({ minimum: 0 }) });
const progresses = Compile(ProgressSchema);

/** Smallest piece a text is cut to when WeChat calls it too long. */
const LEAST_LIMIT_BYTES = 200;
/** Temporary media lives 3 days; we use an upload for 2. */
const UPLOAD_REUSE_MS = 2 * 24 * 3_600_000;

const QUOTA_CODES: Readonly<Record<Exclude<Reservation, { ok: true }>['why'], string>> = {
  closed: 'wechat.window_closed',
  spent: 'wechat.quota_spent',
  kept: 'wechat.quota_kept_for_seats',
};

export interface SendDeps {
  readonly settings: Settings;
  readonly client: WechatClient;
  readonly quota: Quota;
  readonly ports: Pick<ChannelPorts, 'state' | 'media'>;
  readonly encode: EncodeOptions;
}

/** What one part came to. `next`: sent another way or cut, plan again. */
type PartOutcome = { readonly kind: 'delivered' } | { readonly kind: 'replan'; readonly limit: number } | { readonly kind: 'stop'; readonly receipt: Receipt; readonly certain: boolean; readonly closes: boolean };

export function createSender(deps: SendDeps): (message: OutgoingMessage, context: SendContext) => Promise<Receipt> {
  const { settings, quota, ports } = deps;

  return async (message, context) => {
    const peer = parseAddress(context.address);
    if (peer === null) return { status: 'failed', code: 'wechat.bad_address', fallback: true };
    const key = keyOf(message);
    let progress = (await loadProgress(ports, key)) ?? { limit: settings.textLimitBytes, offset: 0, extras: 0 };
    let parts = planParts(message, progress, deps.encode);
    // Nothing that a citizen could see, or all of it delivered before.
    if (parts.length === 0) return progress.offset + progress.extras > 0 ? { status: 'delivered' } : { status: 'failed', code: 'wechat.nothing_to_send', fallback: false };

    let sent = 0;
    while (parts.length > 0) {
      const place = await quota.reserve(peer.openid, key, sent + parts.length, context);
      const outcome: PartOutcome = place.ok ? await sendPart(deps, parts, progress.limit, peer.openid, context) : refused(place.why);
      if (outcome.kind === 'stop') {
        // Uncertain: the places stay held, the retry takes the same ones.
        await quota.settle(peer.openid, key, { used: sent, hold: outcome.certain ? 0 : parts.length }, context.now);
        if (outcome.closes) await quota.close(peer.openid, context.now);
        return outcome.receipt;
      }
      if (outcome.kind === 'delivered') {
        sent += 1;
        progress = advance(progress, parts);
      } else {
        progress = { ...progress, limit: outcome.limit };
      }
      const rest = planParts(message, progress, deps.encode);
      // A message of one send needs no memory; the outbox row is done with it.
      if (rest.length > 0) await ports.state.put(progressKey(key), JSON.stringify(progress), context.now + MESSAGE_GRANT.windowMs);
      parts = rest;
    }
    await quota.settle(peer.openid, key, { used: sent, hold: 0 }, context.now);
    return { status: 'delivered' };
  };
}

function refused(why: Exclude<Reservation, { ok: true }>['why']): PartOutcome {
  return { kind: 'stop', receipt: { status: 'failed', code: QUOTA_CODES[why], fallback: true }, certain: true, closes: false };
}

function advance(progress: Progress, parts: readonly Part[]): Progress {
  const part = parts[0];
  if (part?.kind === 'text') return { ...progress, offset: part.end };
  return { ...progress, extras: progress.extras + 1 };
}

/** Sends the first part. */
async function sendPart(deps: SendDeps, parts: readonly Part[], limit: number, openid: string, context: SendContext): Promise<PartOutcome> {
  const part = parts[0];
  if (part === undefined) return { kind: 'delivered' };
  let media = '';
  let going = part;
  const attachment = part.kind === 'image' ? part.attachment : part.kind === 'card' && 'attachment' in part.thumb ? part.thumb.attachment : null;
  if (attachment !== null) {
    const uploaded = await upload(deps, attachment, context);
    if (uploaded.kind === 'media') media = uploaded.mediaId;
    else if (part.kind === 'image' && uploaded.kind === 'not-taken') going = part.instead;
    else return uploaded.kind === 'not-taken' ? judge({ kind: 'answer', errcode: 40007, body: {} }, context) : judge(uploaded.answer, context);
  }
  if (part.kind === 'card' && 'mediaId' in part.thumb) media = part.thumb.mediaId;
  const answer = await deps.client.call('/cgi-bin/message/custom/send', encodeSend(going, openid, media));
  if (answer.kind === 'answer' && rowOf(answer.errcode).reaction.kind === 'split' && going.kind === 'text') {
    const smaller = Math.floor(Math.min(limit, Buffer.byteLength(going.text, 'utf8')) / 2);
    if (smaller >= LEAST_LIMIT_BYTES) return { kind: 'replan', limit: smaller };
  }
  if (answer.kind === 'answer' && rowOf(answer.errcode).reaction.kind === 'upload-again' && attachment !== null) {
    await deps.ports.state.put(uploadKey(attachment), '', context.now);
  }
  return judge(answer, context);
}

/** From the peer's answer to an outcome, by the table. */
function judge(answer: Answer, context: SendContext): PartOutcome {
  if (answer.kind === 'unreachable') return { kind: 'stop', receipt: { status: 'retry', code: answer.code }, certain: !answer.sent, closes: false };
  const { code, reaction } = rowOf(answer.errcode);
  const stop = (receipt: Receipt, closes = false): PartOutcome => ({ kind: 'stop', receipt, certain: true, closes });
  switch (reaction.kind) {
    case 'delivered':
      return { kind: 'delivered' };
    case 'retry':
    case 'token':
    case 'upload-again':
    case 'ignore':
      return stop({ status: 'retry', code });
    case 'delay':
      return stop(delayed(code, delayMs(reaction.ms, context.now), context));
    case 'split':
    case 'link-instead':
      return stop({ status: 'failed', code, fallback: true });
    case 'failed':
      return stop({ status: 'failed', code, fallback: reaction.fallback }, reaction.closes === true);
  }
}

/** Waiting beyond the 48 hours would be waiting for a refusal. */
function delayed(code: string, retryAfterMs: number, context: SendContext): Receipt {
  const last = context.lastMessageAt ?? context.lastInboundAt;
  if (last !== null && context.now + retryAfterMs >= last + MESSAGE_GRANT.windowMs) return { status: 'failed', code, fallback: true };
  return { status: 'retry', code, retryAfterMs };
}

type Uploaded = { readonly kind: 'media'; readonly mediaId: string } | { readonly kind: 'not-taken' } | { readonly kind: 'trouble'; readonly answer: Answer };

/** The picture's media id at WeChat; a retry does not upload again. */
async function upload(deps: SendDeps, attachment: Attachment, context: SendContext): Promise<Uploaded> {
  const { ports, client, settings } = deps;
  const known = await ports.state.get(uploadKey(attachment));
  if (known !== null && known !== '') return { kind: 'media', mediaId: known };
  const kept = await openMedia(deps, attachment);
  if (kept === null || kept.length > settings.mediaMaxBytes) return { kind: 'not-taken' };
  const answer = await client.upload({ bytes: kept, contentType: attachment.contentType, name: fileName(attachment) });
  // Whatever became of the upload, the message itself was not sent.
  if (answer.kind !== 'answer') return { kind: 'trouble', answer: { ...answer, sent: false } };
  const { media_id: mediaId } = answer.body;
  if (answer.errcode === 0 && mediaId !== undefined && mediaId !== '') {
    await ports.state.put(uploadKey(attachment), mediaId, context.now + UPLOAD_REUSE_MS);
    return { kind: 'media', mediaId };
  }
  if (answer.errcode === 0) return { kind: 'trouble', answer: { kind: 'unreachable', sent: false, code: 'wechat.nonsense' } };
  return rowOf(answer.errcode).reaction.kind === 'link-instead' ? { kind: 'not-taken' } : { kind: 'trouble', answer };
}

/** The token of our media store stands in the public path: `/media/<token>/<name>`. */
async function openMedia(deps: SendDeps, attachment: Attachment): Promise<Buffer | null> {
  const token = /^\/media\/([^/]+)\//.exec(deps.ports.media.publicUrl(attachment.url))?.[1];
  if (token === undefined) return null;
  return (await deps.ports.media.open(token))?.bytes ?? null;
}

/** WeChat looks at the extension as well; the citizen's own file name is nobody's business there. */
function fileName(attachment: Attachment): string {
  const extension = /^image\/([a-z0-9]+)/.exec(attachment.contentType)?.[1] ?? 'jpg';
  return `picture.${extension === 'jpeg' ? 'jpg' : extension}`;
}

async function loadProgress(ports: Pick<ChannelPorts, 'state'>, key: string): Promise<Static<typeof ProgressSchema> | null> {
  const value = await ports.state.get(progressKey(key));
  if (value === null) return null;
  const parsed: unknown = JSON.parse(value);
  return progresses.Check(parsed) ? parsed : null;
}

/** Two pieces of one long answer carry the same activities, so the content counts as well. */
function keyOf(message: OutgoingMessage): string {
  return hash(JSON.stringify([message.activityIds, message.content]));
}

const progressKey = (key: string): string => `progress:${key}`;
const uploadKey = (attachment: Attachment): string => `upload:${hash(attachment.url)}`;
const hash = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 24);
