import { hash } from 'node:crypto';
import type { ChannelPorts, OutgoingMessage, Receipt, SendContext } from '../contract.ts';
import type { Attachment, EpochMs } from '../../domain/activity.ts';
import { parseAddress } from './address.ts';
import type { Answer, WechatClient } from './client.ts';
import type { Settings } from './settings.ts';
import { encodeSend, planParts, type EncodeOptions, type Part, type Progress } from './encode.ts';
import { delayMs, rowOf } from './errcodes.ts';
import { MESSAGE_GRANT, mostSends, type Account, type Closing, type Quota, type Reservation } from './quota.ts';

/**
 * One message to one citizen: reserve its sends, send them in order, settle. What was delivered of a message in several sends
 * is remembered, so that a retry goes on behind it. WeChat knows no idempotency key: after a time-out the same send is
 * made again, as a hotline rather says something twice than not at all.
 */

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
type PartOutcome = { readonly kind: 'delivered' } | { readonly kind: 'replan'; readonly limit: number } | { readonly kind: 'stop'; readonly receipt: Receipt; readonly certain: boolean; readonly closes: Closing | null };

export function createSender(deps: SendDeps): (message: OutgoingMessage, context: SendContext) => Promise<Receipt> {
  const { settings, quota } = deps;

  return async (message, context) => {
    const peer = parseAddress(context.address);
    if (peer === null) return { status: 'failed', code: 'wechat.bad_address', fallback: true };
    const account = await quota(peer.openid, keyOf(message), context);
    const progress = account.progress() ?? { limit: settings.textLimitBytes, offset: 0, extras: 0 };
    const parts = planParts(message, progress, deps.encode);
    // Nothing that a citizen could see, or all of it delivered before.
    if (parts.length === 0) return progress.offset + progress.extras > 0 ? { status: 'delivered' } : { status: 'failed', code: 'wechat.nothing_to_send', fallback: false };
    return sendAll(deps, { message, context, account, openid: peer.openid }, progress, parts);
  };
}

interface Going {
  readonly message: OutgoingMessage;
  readonly context: SendContext;
  readonly account: Account;
  readonly openid: string;
}

async function sendAll(deps: SendDeps, going: Going, from: Progress, first: readonly Part[]): Promise<Receipt> {
  const { message, context, account, openid } = going;
  let progress = from;
  let parts = first;
  let sent = 0;
  while (parts.length > 0) {
    const place = await account.reserve(sent + parts.length);
    const outcome: PartOutcome = place.ok ? await sendPart(deps, parts, progress.limit, openid, context) : refused(place.why, parts.length, context);
    if (outcome.kind === 'stop') {
      // Uncertain: the places stay held, the retry takes the same ones.
      await account.settle({ used: sent, hold: outcome.certain ? 0 : parts.length, close: outcome.closes });
      return outcome.receipt;
    }
    if (outcome.kind === 'delivered') {
      sent += 1;
      progress = advance(progress, parts);
    } else {
      progress = { ...progress, limit: outcome.limit };
    }
    // A text of one send, as nearly all are, need not be laid out again to see that nothing is left.
    parts = outcome.kind === 'delivered' && parts.length === 1 ? [] : planParts(message, progress, deps.encode);
    // A message of one send needs no memory; the outbox row is done with it.
    if (parts.length > 0) await account.advance(progress);
  }
  await account.settle({ used: sent, hold: 0 });
  return { status: 'delivered' };
}

function refused(why: Exclude<Reservation, { ok: true }>['why'], sends: number, context: SendContext): PartOutcome {
  const code = QUOTA_CODES[why];
  // No citizen's word would ever pay for it: nothing to wait for.
  const never = why === 'closed' || sends > mostSends(context.role);
  return { kind: 'stop', receipt: never ? { status: 'failed', code, fallback: true } : waiting(code, context), certain: true, closes: null };
}

/** How soon the count is looked at again when nobody tells us that the citizen wrote, ms. */
const LEAST_WAIT_MS = 5_000;
const MOST_WAIT_MS = 15 * 60_000;

/**
 * Spent: the message waits for the citizen's next word, and is given up when the window of the last one closes. It is looked at
 * again ever more rarely, the longer the citizen has been silent.
 */
function waiting(code: string, context: SendContext): Receipt {
  const last = lastWord(context);
  const left = last === null ? 0 : last + MESSAGE_GRANT.windowMs - context.now;
  if (last === null || left <= 0) return { status: 'failed', code, fallback: true };
  const retryAfterMs = Math.min(left, MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, Math.floor((context.now - last) / 4)));
  return { status: 'retry', code, retryAfterMs, awaits: 'citizen' };
}

/** The citizen's last message, as far as the core knows. */
function lastWord(context: SendContext): EpochMs | null {
  return context.lastMessageAt ?? context.lastInboundAt;
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
  const answer = await deps.client.call('/cgi-bin/message/custom/send', encodeSend(going, openid, media, deps.encode.account));
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
  if (answer.kind === 'unreachable') return { kind: 'stop', receipt: { status: 'retry', code: answer.code }, certain: !answer.sent, closes: null };
  const { code, reaction } = rowOf(answer.errcode);
  const stop = (receipt: Receipt, closes: Closing | null = null): PartOutcome => ({ kind: 'stop', receipt, certain: true, closes });
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
    case 'wait':
      return stop(waiting(code, context), 'spent');
    case 'failed':
      return stop({ status: 'failed', code, fallback: reaction.fallback }, reaction.closes === true ? 'shut' : null);
  }
}

/** Waiting beyond the 48 hours would be waiting for a refusal. */
function delayed(code: string, retryAfterMs: number, context: SendContext): Receipt {
  const last = lastWord(context);
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

/** Two pieces of one long answer carry the same activities, so the content counts as well. */
function keyOf(message: OutgoingMessage): string {
  return nameOf(JSON.stringify([message.activityIds, message.content]));
}

const uploadKey = (attachment: Attachment): string => `upload:${nameOf(attachment.url)}`;
const nameOf = (text: string): string => hash('sha256', text, 'hex').slice(0, 24);
