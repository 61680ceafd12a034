import { createHash } from 'node:crypto';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { JobHandler, JobOutcome } from '../bus/contract.ts';
import { AppError, codeOf } from '../domain/errors.ts';
import { maskText } from '../domain/masking.ts';
import type { Carried, Carrier } from '../partners/carrier.ts';
import { signedHeaders } from '../partners/signature.ts';
import type { Valve } from '../partners/valve.ts';
import type { LinkageMessage, LinkageMessageChange, Repositories } from '../store/contract.ts';
import type { TicketUnit } from '../tickets/context.ts';
import { readAcknowledgement, type PeerAnswer } from './acknowledge.ts';
import { type Endpoint, type LinkageContext, noteStep, ticketOf } from './context.ts';
import type { Drop } from './drop.ts';
import { type ExchangeRecord, readRecord } from './record.ts';
import { wakeNext } from './tell.ts';
import { CONTENT_TYPES, encodeRecord } from './wire.ts';

/** Sends what was written down: signed over HTTP, or as a file. Once at a time for each matter and profile, in order. */

const MINUTE = 60_000;
/** Waits between tries; the last one goes on. */
const BACKOFF_MS: readonly number[] = [5_000, 30_000, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, 2 * 60 * MINUTE, 6 * 60 * MINUTE];
const LONGEST_WAIT_MS = 24 * 60 * MINUTE;

export interface SendOptions {
  readonly context: LinkageContext;
  readonly carry: Carrier;
  readonly drop: Drop;
  readonly valve: Valve;
  /** Absolute address of a stored file. */
  readonly mediaUrl: (token: string) => string;
  /** 0 to 1. */
  readonly random: () => number;
  readonly userAgent: string;
  readonly count: (status: 'delivered' | 'retry' | 'dead' | 'refused') => void;
}

const payloadShape = Compile(Type.Object({ messageId: Type.String() }));
/** Steps whose acknowledgement stands on the ticket too. */
const NOTED = new Set(['dispatch', 'result', 'refusal', 'feedback']);

export function createLinkageHandler(options: SendOptions): JobHandler {
  const { context, valve } = options;
  const { store, now, house } = context;
  return async (row, lease) => {
    if (!payloadShape.Check(row.payload)) return { kind: 'bury', code: 'linkage.bad_payload' };
    const { messageId } = row.payload;
    /** Everything that a try left behind, in one transaction that still owns the lane. */
    const settle = (message: LinkageMessage, change: LinkageMessageChange | null, how: { readonly completes: boolean; readonly wakes?: boolean; readonly says?: string }): Promise<void> =>
      context.write(async (unit) => {
        const { repos } = unit;
        await repos.lanes.assertFence(lease.lane, lease.fence);
        if (how.completes && !(await repos.outbox.complete(row.id))) throw new AppError('outbox.gone', 'the row was done by somebody else', { status: 409, retry: 'conflict' });
        await repos.linkage.lock(message.profile, message.linkId);
        // An acknowledgement may have come by another way meanwhile: it is not taken back.
        const stored = await repos.linkage.getMessage(message.id);
        if (change !== null && stored !== null && (stored.state === 'waiting' || stored.state === 'dead')) await repos.linkage.updateMessage(message.id, { ...change, ...(how.completes ? { outboxId: null } : {}) });
        if (how.says !== undefined) await sayOnTicket(context, unit, message, how.says);
        if (how.wakes === true) await wakeNext(context, unit, message.linkId);
      });

    const ready = await store.read((repos) => prepare(repos, messageId));
    if (ready.kind === 'gone') {
      await store.write(async (repos) => {
        await repos.lanes.assertFence(lease.lane, lease.fence);
        await repos.outbox.complete(row.id);
      });
      return { kind: 'done' };
    }
    const { message } = ready;
    if (ready.kind === 'over' || ready.kind === 'behind') {
      await settle(message, null, { completes: true, wakes: ready.kind === 'over' });
      return { kind: 'done' };
    }
    const endpoint = house.endpoint(message.profile);
    if (endpoint === null || !endpoint.on) return give(message, endpoint, 'linkage.off');

    const attempts = message.attempts + 1;
    let text: string;
    try {
      text = encodeRecord(endpoint.profile, await withFiles(options, ready.body));
    } catch (error) {
      return give(message, endpoint, codeOf(error));
    }
    if (endpoint.profile.transport.kind === 'files') {
      try {
        await options.drop.put(endpoint, message, text);
      } catch (error) {
        return again(message, endpoint, attempts, codeOf(error), null);
      }
      await settle(message, { state: 'sent', attempts, sentAt: now(), ackBy: context.clock.due(now(), endpoint.profile.due.acknowledgement), code: null }, { completes: true, wakes: true });
      options.count('delivered');
      return { kind: 'done' };
    }

    const wait = valve.enter(message.profile);
    if (wait !== null) return { kind: 'retry', code: 'linkage.waiting', afterMs: wait, burns: false };
    const carried = await options.carry({ method: 'POST', url: endpoint.url, headers: headersOf(endpoint, message, text, options.userAgent, now()), body: text });
    valve.left(message.profile, carried.kind === 'answered' && carried.status < 500);
    const answer = answerOf(endpoint, carried);
    switch (answer.kind) {
      case 'accepted':
        await settle(message, { state: 'acknowledged', attempts, sentAt: now(), endedAt: now(), code: answer.code, text: answer.text }, { completes: true, wakes: true, ...(NOTED.has(message.kind) ? { says: `对方已接收第 ${message.version} 号记录（回执 ${answer.code}）` } : {}) });
        options.count('delivered');
        return { kind: 'done' };
      case 'refused':
        await settle(message, { state: 'refused', attempts, sentAt: now(), endedAt: now(), code: answer.code, text: answer.text }, { completes: true, wakes: true, says: `对方系统退回第 ${message.version} 号记录（回执 ${answer.code}${answer.text === null ? '' : `，${answer.text}`}）` });
        options.count('refused');
        return { kind: 'done' };
      case 'later':
        // Taken, and acknowledged afterwards (202).
        await settle(message, { state: 'sent', attempts, sentAt: now(), ackBy: context.clock.due(now(), endpoint.profile.due.acknowledgement), code: answer.code }, { completes: true, wakes: true });
        options.count('delivered');
        return { kind: 'done' };
      case 'failed':
        return again(message, endpoint, attempts, answer.code, carried.kind === 'answered' ? carried.retryAfterMs : null);
    }

    async function again(message: LinkageMessage, endpoint: Endpoint, attempts: number, code: string, asked: number | null): Promise<JobOutcome> {
      if (attempts >= endpoint.profile.attempts || code === 'webhook.private_address' || code === 'webhook.bad_address') return give({ ...message, attempts }, endpoint, code);
      await settle(message, { state: 'waiting', attempts, code }, { completes: false });
      options.count('retry');
      const backoff = BACKOFF_MS[attempts - 1] ?? BACKOFF_MS.at(-1) ?? MINUTE;
      return { kind: 'retry', code, afterMs: Math.min(LONGEST_WAIT_MS, Math.max(asked ?? 0, Math.round(backoff * (0.9 + 0.2 * options.random())))), burns: false };
    }

    /** A dead letter: a person sees it and sends it again. What stands behind it waits, because order is kept. */
    async function give(message: LinkageMessage, endpoint: Endpoint | null, code: string): Promise<JobOutcome> {
      await settle(message, { state: 'dead', attempts: message.attempts, code }, { completes: false, ...(message.state === 'dead' ? {} : { says: `第 ${message.version} 号记录没有送达（${code}），已列入死信，${endpoint?.profile.kind === 'service' ? '请立即改用电话移交' : '请核查后重发'}` }) });
      options.count('dead');
      return { kind: 'bury', code };
    }
  };
}

type Prepared =
  | { readonly kind: 'gone' }
  /** Sent and answered meanwhile: what waits behind it goes next. */
  | { readonly kind: 'over'; readonly message: LinkageMessage }
  /** An earlier version has not gone: it has a row of its own. */
  | { readonly kind: 'behind'; readonly message: LinkageMessage }
  | { readonly kind: 'ready'; readonly message: LinkageMessage; readonly body: string };

async function prepare(repos: Repositories, messageId: string): Promise<Prepared> {
  const message = await repos.linkage.getMessage(messageId);
  if (message === null) return { kind: 'gone' };
  if (message.state !== 'waiting' && message.state !== 'dead') return { kind: 'over', message };
  const head = await repos.linkage.firstUnsent(message.linkId);
  if (head !== null && head.id !== message.id) return { kind: 'behind', message };
  const body = await repos.linkage.body(messageId);
  return body === null ? { kind: 'gone' } : { kind: 'ready', message, body };
}

/** Files by their public address, with the SHA-256 of their bytes; made where it is sent, for a transaction must not wait for it. */
async function withFiles({ context, mediaUrl }: SendOptions, body: string): Promise<ExchangeRecord> {
  const record = readRecord(JSON.parse(body));
  const attachments = record.demand?.attachments;
  if (attachments === undefined) return record;
  const filled = [];
  for (const attachment of attachments) {
    const token = /^media:([^/]+)/.exec(attachment.url)?.[1];
    const stored = token === undefined ? null : await context.store.read((repos) => repos.media.open(token, context.now()));
    filled.push(token === undefined || stored === null ? attachment : { ...attachment, url: mediaUrl(token), sha256: createHash('sha256').update(stored.bytes).digest('hex'), sizeBytes: stored.bytes.length });
  }
  return { ...record, demand: { ...record.demand, attachments: filled } };
}

function headersOf({ profile, secret }: Endpoint, message: LinkageMessage, text: string, userAgent: string, now: number): Readonly<Record<string, string>> {
  return {
    'content-type': CONTENT_TYPES[profile.transport.format], 'user-agent': userAgent, 'idempotency-key': `${message.number}:${message.version}`,
    ...signedHeaders([Buffer.from(secret).toString('base64')], message.id, Math.floor(now / 1000), text),
  };
}

function answerOf({ profile }: Endpoint, carried: Carried): PeerAnswer {
  if (carried.kind === 'failed') return { kind: 'failed', code: carried.code };
  return readAcknowledgement(profile, carried.status, carried.body.toString('utf8'));
}

async function sayOnTicket(context: LinkageContext, unit: TicketUnit, message: LinkageMessage, said: string): Promise<void> {
  const link = await unit.repos.linkage.getLink(message.linkId);
  const ticket = await ticketOf(unit.repos, link);
  const endpoint = context.house.endpoint(message.profile);
  if (ticket !== null && endpoint !== null) await noteStep(context, unit, ticket, endpoint.profile, maskText(said).text, { kind: 'system' });
}
