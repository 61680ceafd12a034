import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { claim } from '../bus/claim.ts';
import type { JobHandler, JobOutcome, LaneLease } from '../bus/contract.ts';
import type { Channel, OutgoingMessage, Receipt, SendContext } from '../channel/contract.ts';
import { isAppError } from '../domain/errors.ts';
import { joinWaiting } from '../channel/degrade.ts';
import type { Activity } from '../domain/activity.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { OutboxRow, Repositories } from '../store/contract.ts';
import { writeUnit, type IntakeContext } from './context.ts';
import { revoke } from './in-hook.ts';
import { carriesNotice, noticesFailed } from './notices.ts';
import { AWAITS_CITIZEN, forChannel, takeFresh, type FreshSends } from './outgoing.ts';
import { keepCopied } from './ticket-files.ts';
import { traceOf } from './trace.ts';

const DeliverPayload = Type.Object({ conversationId: Type.String(), activityIds: Type.Array(Type.String()), part: Type.Integer({ minimum: 0 }), inHook: Type.Optional(Type.Literal(true)) });
type DeliverPayload = Static<typeof DeliverPayload>;
const deliverPayload = Compile(DeliverPayload);

/** How far back the citizen's last message is looked for: near first, then as far as a peer's quota can reach. */
const RECENT = [6, 50] as const;

/** Sends that wait behind each other and are looked at for one send that carries them all. */
const JOIN_AT_MOST = 8;

/**
 * Sends one part of a turn to a `push` channel, together with what waits right behind it when one send can carry it. The
 * network call stands outside every transaction; between the peer's yes and our commit a crash can repeat this one send
 * (no peer offers an idempotency key), never lose it.
 */
export function createDeliverHandler(context: IntakeContext): JobHandler {
  return async (row, lease, tries) => {
    if (!deliverPayload.Check(row.payload)) return { kind: 'bury', code: 'deliver.bad_payload' };
    const payload: DeliverPayload = row.payload;
    const known = takeFresh(row, context.now());
    const found = known === null ? await readWaiting(context, row, payload, lease) : waitingOf(known);
    if (found === null) return { kind: 'done' };
    const { conversation, activities, lastMessageAt } = found;
    if (conversation === null) return { kind: 'bury', code: 'conversation.not_found' };
    const channel = context.channel(conversation.channel);
    if (payload.inHook === true && !(await revoke(context, conversation.channel, conversation.id, row, lease))) return { kind: 'done' };
    const { message, rows, said } = gather(context, channel, found.sends, activities, known?.parts ?? null);
    const started = performance.now();
    const span = context.trace.start('deliver', { channel: conversation.channel, attempt: String(row.attempts + 1) }, traceOf(row.payload));
    const kept = new Map<string, { readonly value: string; readonly expiresAt: number | null }>();
    const keep: SendContext['keep'] = (key, value, expiresAt) => void kept.set(key, { value, expiresAt });
    const role = said.some((activity) => activity.role === 'seat') ? 'seat' : (said[0]?.role ?? 'bot');
    const finds = said.some(carriesNotice);
    const answer = await sendOne(channel, message, { keep, address: conversation.address, lastInboundAt: conversation.lastInboundAt, lastMessageAt, role, first: known !== null, now: context.now() });
    // A notice finds its next channel when this one has been tried for the last time; anything else stays as a dead letter.
    const receipt: Receipt = finds && tries?.last === true && answer.status === 'retry' && answer.retryAfterMs === undefined ? { status: 'failed', code: answer.code, fallback: true } : answer;
    span.end(receipt.status === 'delivered' ? undefined : { failed: receipt.code });
    context.meter.time('deliver', (performance.now() - started) / 1000);
    context.meter.count('sent', { channel: conversation.channel, status: receipt.status });

    const activityIds = message?.activityIds ?? payload.activityIds;
    /** `status` null: nothing to tell, but the channel may have put something into our keeping. */
    const checkpoint: Checkpoint = async (status, code, done) => {
      if (status === null && kept.size === 0) return false;
      return writeUnit(context, async (unit) => {
        // A holder that was paused for longer than its lease must not overwrite what the next one counts.
        if (!done) await unit.repos.lanes.assertFence(lease.lane, lease.fence);
        else for (const each of rows) await claim(unit, each, lease);
        for (const [key, { value, expiresAt }] of kept) await unit.repos.channelState.put(conversation.channel, key, value, expiresAt);
        if (status === null) return false;
        if (status === 'failed') await noticesFailed(context, unit, conversation, said);
        for (const activityId of activityIds) {
          const written = { activityId, conversationId: conversation.id, status, code, at: context.now() };
          await unit.repos.activities.addReceipt(written);
          unit.after.push({ kind: 'receipt', conversationId: conversation.id, receipt: written });
        }
        return done && unit.repos.lanes.releaseIdle(lease.lane, lease.fence, context.now());
      });
    };

    return settle(receipt, checkpoint, row.lastError, finds);
  };
}

/** All that a send needs to know. */
interface Waiting {
  readonly conversation: Conversation | null;
  /** The row itself and what stands right behind it. */
  readonly sends: readonly WaitingSend[];
  readonly activities: ReadonlyMap<string, Activity>;
  readonly lastMessageAt: number | null;
}

/** Null: the row went with the one before it. */
function readWaiting(context: IntakeContext, row: OutboxRow, payload: DeliverPayload, lease: LaneLease): Promise<Waiting | null> {
  return context.store.read(async (repos) => {
    const waiting = await repos.outbox.due(lease.lane, context.now(), JOIN_AT_MOST);
    if (waiting[0]?.id !== row.id) return null;
    const sends = sendsOf(waiting).filter((send) => mayJoin(send.row));
    return {
      conversation: await repos.conversations.get(payload.conversationId),
      // Only what stands right behind it: a row of another kind in between ends the list.
      sends: mayJoin(row) ? sends.filter((send, index) => waiting[index]?.id === send.row.id) : [{ row, payload }],
      activities: byId(await repos.activities.getMany([...new Set([payload, ...sends.map((send) => send.payload)].flatMap(({ activityIds }) => activityIds))])),
      lastMessageAt: await findLastMessageAt(repos, payload.conversationId),
    };
  });
}

function waitingOf({ conversation, rows, said, lastMessageAt }: FreshSends): Waiting {
  return { conversation, sends: sendsOf(rows.slice(0, JOIN_AT_MOST)), activities: byId(said), lastMessageAt };
}

function sendsOf(rows: readonly OutboxRow[]): readonly WaitingSend[] {
  return rows.flatMap((row) => (deliverPayload.Check(row.payload) ? [{ row, payload: row.payload }] : []));
}

function byId(activities: readonly Activity[]): ReadonlyMap<string, Activity> {
  return new Map(activities.map((activity) => [activity.id, activity]));
}

interface WaitingSend {
  readonly row: OutboxRow;
  readonly payload: DeliverPayload;
}

/** A send that began already goes on as it is: the channel knows by its content how far it came. */
function mayJoin(row: OutboxRow): boolean {
  return row.lastError === null || row.lastError.endsWith(AWAITS_CITIZEN);
}

/** The message of the first send, with as many of those behind it as one send can carry, and the rows that are done with it. */
function gather(context: IntakeContext, channel: Channel | null, sends: readonly WaitingSend[], activities: ReadonlyMap<string, Activity>, cutBefore: readonly OutgoingMessage[] | null): { readonly message: OutgoingMessage | undefined; readonly rows: readonly OutboxRow[]; readonly said: readonly Activity[] } {
  // The sends of one turn are parts of the same words: these are cut once.
  const cut = new Map<string, readonly OutgoingMessage[]>();
  const parts = sends.map(({ row, payload }) => {
    const said = payload.activityIds.flatMap((id) => activities.get(id) ?? []);
    if (channel === null) return { row, said, message: undefined };
    const key = payload.activityIds.join(' ');
    const messages = cutBefore ?? cut.get(key) ?? forChannel(context, channel, said);
    cut.set(key, messages);
    return { row, said, message: messages[payload.part] };
  });
  const [head, ...behind] = parts;
  if (head === undefined || head.message === undefined || channel === null) return { message: undefined, rows: sends.slice(0, 1).map(({ row }) => row), said: head?.said ?? [] };
  const whole = behind.findIndex(({ message }) => message === undefined);
  const next = (whole === -1 ? behind : behind.slice(0, whole)).flatMap(({ message }) => message ?? []);
  const { message, count } = joinWaiting([head.message, ...next], channel.capabilities);
  const joined = parts.slice(0, count);
  return { message, rows: joined.map(({ row }) => row), said: joined.flatMap(({ said }) => said) };
}

async function findLastMessageAt(repos: Repositories, conversationId: string): Promise<number | null> {
  for (const amount of RECENT) {
    const found = (await repos.activities.latest(conversationId, amount)).findLast((activity) => activity.direction === 'in' && activity.content.type === 'message');
    if (found !== undefined) return found.at;
  }
  return null;
}

/** Never throws: whatever the channel does is a receipt. */
async function sendOne(channel: Channel | null, message: OutgoingMessage | undefined, to: SendContext): Promise<Receipt> {
  if (channel?.send === undefined || channel.status.state === 'off') return { status: 'retry', code: 'channel.off' };
  if (message === undefined) return { status: 'failed', code: 'deliver.empty', fallback: false };
  try {
    return await channel.send(message, to);
  } catch (error) {
    return { status: 'retry', code: isAppError(error) ? error.code : 'channel.threw' };
  }
}

/** A peer that asks for "at once" again and again must not be asked in a loop, ms. */
const MIN_RETRY_AFTER_MS = 1_000;

type Checkpoint = (status: 'delivered' | 'retrying' | 'failed' | null, code: string | null, done: boolean) => Promise<boolean>;

async function settle(receipt: Receipt, checkpoint: Checkpoint, lastCode: string | null, finds: boolean): Promise<JobOutcome> {
  switch (receipt.status) {
    case 'delivered':
      return { kind: 'done', released: await checkpoint('delivered', null, true) };
    case 'failed': {
      const released = await checkpoint('failed', receipt.code, !receipt.fallback || finds);
      // Somebody has to reach the citizen another way: it stays as a dead letter that the desk sees. A notice finds its way itself.
      return receipt.fallback && !finds ? { kind: 'bury', code: receipt.code } : { kind: 'done', released };
    }
    case 'retry': {
      const code = receipt.awaits === 'citizen' ? `${receipt.code}${AWAITS_CITIZEN}` : receipt.code;
      // The same reason again is no news; a row for each of it would grow for as long as a quota is spent.
      await checkpoint(code === lastCode ? null : 'retrying', receipt.code, false);
      return receipt.retryAfterMs === undefined
        ? { kind: 'retry', code, burns: true }
        : { kind: 'retry', code, afterMs: receipt.retryAfterMs > MIN_RETRY_AFTER_MS ? receipt.retryAfterMs : MIN_RETRY_AFTER_MS, burns: false };
    }
  }
}

const FetchPayload = Type.Object({ conversationId: Type.String(), activityId: Type.String(), index: Type.Integer({ minimum: 0 }) });
const fetchPayload = Compile(FetchPayload);

/** Copies a peer's attachment into our media store before the peer deletes it; the copy is appended as an event. */
export function createFetchHandler(context: IntakeContext): JobHandler {
  return async (row, lease) => {
    if (!fetchPayload.Check(row.payload)) return { kind: 'bury', code: 'fetch.bad_payload' };
    const payload: Static<typeof FetchPayload> = row.payload;
    const activity = await context.store.read((repos) => repos.activities.get(payload.activityId));
    const attachment = activity?.content.type === 'message' ? activity.content.attachments?.[payload.index] : undefined;
    const channel = activity === null ? null : context.channel(activity.channel);
    if (attachment === undefined || channel?.fetchAttachment === undefined) return { kind: 'bury', code: 'fetch.impossible' };
    const fetched = await channel.fetchAttachment(attachment);
    if (fetched === null) return { kind: 'bury', code: 'fetch.gone' };
    const saved = await context.media.save(fetched.bytes, fetched.name ?? attachment.name);
    await writeUnit(context, async (unit) => {
      await claim(unit, row, lease);
      const appended = await unit.repos.activities.append(payload.conversationId, [
        { id: context.newId(), direction: 'in', externalId: null, role: 'system', seatId: null, at: context.now(), replyToId: payload.activityId, content: { type: 'event', name: 'attachment.saved', value: { activityId: payload.activityId, index: payload.index, url: saved.url, contentType: saved.contentType } }, channelData: null, sealed: null },
      ]);
      if (saved.url.startsWith('media:')) await keepCopied(context, unit, { activityId: payload.activityId, index: payload.index, url: saved.url, name: saved.name ?? null, contentType: saved.contentType });
      for (const saved of appended) unit.after.push({ kind: 'live', conversationId: payload.conversationId, event: { kind: 'activity', activity: saved } });
    });
    return { kind: 'done' };
  };
}
