import type { Activity, EpochMs } from '../domain/activity.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { Repositories, ServicePeriod } from '../store/contract.ts';
import type { Happening, Said, Transcript } from './transcript.ts';

/** From rows to what is inspected: what was said and done from the asking for a person to the end of the service. */

export interface Collected {
  readonly transcript: Transcript;
  readonly fromSeq: number;
  readonly toSeq: number;
}

/** A stretch of a conversation. */
export interface Stretch {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly acceptedAt: EpochMs | null;
  readonly outcome: ServicePeriod['outcome'];
}

const PAGE = 200;
/** Longer services are inspected by their last so many activities. */
const MOST = 1_000;
/** What belongs to the end (notices) is written in the same transaction, in the same moment or the next. */
const AFTER_END_MS = 1_000;
/** A citizen who said nothing for so long after the seat's last words had gone. */
const GONE_MS = 5 * 60_000;

export async function collect(repos: Repositories, conversation: Conversation, stretch: Stretch, graceMs: number): Promise<Collected | null> {
  const activities = await within(repos, conversation, stretch);
  const [first, last] = [activities[0], activities.at(-1)];
  if (first === undefined || last === undefined) return null;
  const said = activities.flatMap(saidOf);
  const happened = [...(await doneBesides(repos, conversation.id, stretch, graceMs)), ...activities.flatMap(happenedOf)];
  if (!happened.some(({ kind }) => kind === 'accepted') && stretch.acceptedAt !== null) happened.push({ kind: 'accepted', at: stretch.acceptedAt });
  happened.push({ kind: 'asked', at: stretch.from });
  if (!happened.some(({ kind }) => kind === 'left')) happened.push(...endOf(said, stretch, conversation.modality));
  happened.sort((a, b) => a.at - b.at);
  const knowsPhone = (await repos.citizens.phoneLast4(conversation.citizenId)) !== null;
  return { transcript: { channel: conversation.channel, modality: conversation.modality, said, happened, knowsPhone }, fromSeq: first.seq, toSeq: last.seq };
}

/** Read backwards from the newest: a service is inspected soon after its end. */
async function within(repos: Repositories, { id, lastSeq }: Conversation, { from, to }: Stretch): Promise<readonly Activity[]> {
  const found: Activity[] = [];
  for (let upTo = lastSeq; upTo > 0 && found.length < MOST; upTo -= PAGE) {
    const page = await repos.activities.between(id, Math.max(0, upTo - PAGE), upTo);
    found.unshift(...page.filter(({ at }) => at >= from && at <= to + AFTER_END_MS));
    if ((page[0]?.at ?? 0) < from) break;
  }
  return found;
}

function saidOf({ seq, at, role, seatId, content }: Activity): Said[] {
  if (content.type !== 'message') return [];
  const text = content.text === '' ? (content.speak ?? ((content.attachments?.length ?? 0) > 0 ? '[附件]' : '')) : content.text;
  return text === '' ? [] : [{ seq, at, who: role, seatId, text }];
}

/** What the house wrote down: who took it, and that the peer went. */
function happenedOf({ at, direction, content }: Activity): Happening[] {
  if (content.type === 'endOfConversation' && direction === 'in') return [{ kind: 'left', at }];
  if (content.type !== 'event' || content.name !== 'handoff.status') return [];
  const { value } = content;
  const state = typeof value === 'object' && value !== null && 'state' in value ? value['state'] : null;
  return state === 'accepted' ? [{ kind: 'accepted', at }] : [];
}

async function doneBesides(repos: Repositories, conversationId: string, { from, to }: Stretch, graceMs: number): Promise<Happening[]> {
  const until = to + graceMs;
  const done: Happening[] = [];
  for (const ticket of await repos.tickets.byConversation(conversationId)) {
    if (ticket.createdAt >= from && ticket.createdAt <= until) done.push({ kind: 'ticket', at: ticket.createdAt });
    else if (ticket.createdAt < from && ticket.updatedAt >= from) {
      for (const { type, at } of await repos.tickets.events(ticket.id)) if ((type === 'ticket.urged' || type === 'ticket.supplemented') && at >= from && at <= until) done.push({ kind: 'urged', at });
    }
  }
  for (const { at } of await repos.transfers.of(conversationId)) if (at >= from && at <= until) done.push({ kind: 'transferred', at });
  return done;
}

function endOf(said: readonly Said[], { to, outcome }: Stretch, modality: Conversation['modality']): Happening[] {
  if (outcome !== 'served') return [];
  const last = said.findLast(({ who }) => who === 'citizen' || who === 'seat');
  const gone = modality === 'text' && last?.who === 'seat' && to - last.at >= GONE_MS;
  return [{ kind: gone ? 'left' : 'ended', at: to }];
}

/**
 * The stretches in which a seat had the conversation, by what the house wrote down; for inspecting by hand where no period is kept.
 * Newest first.
 */
export function stretchesOf(activities: readonly Activity[]): readonly Stretch[] {
  const found: Stretch[] = [];
  let asked: EpochMs | null = null;
  let accepted: EpochMs | null = null;
  let last: EpochMs = 0;
  const finish = (to: EpochMs, outcome: Stretch['outcome']): void => {
    if (accepted !== null) found.unshift({ from: asked ?? accepted, to, acceptedAt: accepted, outcome });
    asked = null;
    accepted = null;
  };
  for (const { at, content, direction } of activities) {
    last = at;
    if (content.type === 'endOfConversation' && direction === 'in') finish(at, 'served');
    if (content.type !== 'event' || content.name !== 'handoff.status') continue;
    const { value } = content;
    const state = typeof value === 'object' && value !== null && 'state' in value ? value['state'] : null;
    if (state === 'waiting') asked ??= at;
    else if (state === 'accepted') accepted ??= at;
    else if (state === 'completed') finish(at, 'served');
  }
  finish(last, 'open');
  return found;
}
