import type { Conversation } from '../../../domain/conversation.ts';
import type { IntakeContext } from '../../../intake/context.ts';
import { capacityOf, groupsOf, presenceOf, roomOf } from '../../../intake/queue/plan.ts';
import type { Repositories, RosterSeat } from '../../../store/contract.ts';
import type { ConversationViewShape } from './schemas.ts';
import type { GroupViewShape, SeatPresenceViewShape } from './queue-schemas.ts';

/** Queues and seats as the desk sees them. */

type QueueFieldsShape = Pick<ConversationViewShape, 'groupId' | 'groupName' | 'offeredTo' | 'position' | 'participants' | 'transferNote'>;

const NOTHING: QueueFieldsShape = { groupId: null, groupName: null, offeredTo: null, position: null, participants: [], transferNote: null };

/** Of one conversation. What the bot has costs no statement. */
export async function queueFields({ city }: Pick<IntakeContext, 'city'>, repos: Repositories, conversation: Conversation): Promise<QueueFieldsShape> {
  if (conversation.owner !== 'waiting' && conversation.owner !== 'human') return NOTHING;
  const entry = await repos.queue.get(conversation.id);
  const groupId = entry?.groupId ?? (await repos.services.current(conversation.id))?.groupId ?? null;
  const note = await repos.transfers.latest(conversation.id);
  const participants = [];
  for (const { seatId, kind, since } of await repos.participants.of(conversation.id)) participants.push({ seatId, seatName: await nameOf(repos, seatId), kind, since });
  return {
    groupId,
    groupName: city.queueRules.groups.find(({ id }) => id === groupId)?.name ?? null,
    offeredTo: entry === null || entry.offeredTo === null || entry.offeredUntil === null ? null : { seatId: entry.offeredTo, seatName: await nameOf(repos, entry.offeredTo), until: entry.offeredUntil, kind: entry.kind === 'transfer' ? 'transfer' : 'queue' },
    position: entry === null || entry.kind === 'transfer' ? null : (await repos.queue.ahead(entry)) + 1,
    participants,
    transferNote: note === null || note.note === '' ? null : { fromSeatId: note.fromSeatId, fromSeatName: await nameOf(repos, note.fromSeatId), note: note.note, at: note.at },
  };
}

async function nameOf(repos: Repositories, seatId: string): Promise<string> {
  return (await repos.seats.get(seatId))?.displayName ?? '坐席';
}

export function seatPresenceView({ city, now }: Pick<IntakeContext, 'city' | 'now'>, seat: RosterSeat): SeatPresenceViewShape {
  const rules = city.queueRules;
  return { id: seat.id, displayName: seat.displayName, role: seat.role, groups: [...groupsOf(rules, seat)], ...presenceOf(seat, now()), load: seat.serving + seat.offered, capacity: capacityOf(rules, seat) };
}

/** Seats with what they say of themselves; all, or these. */
export async function seatPresenceViews(context: Pick<IntakeContext, 'city' | 'now'>, repos: Repositories, ids?: readonly string[]): Promise<SeatPresenceViewShape[]> {
  const [one, ...more] = ids ?? [];
  if (one !== undefined && more.length === 0) return (await repos.seatWork.roster(one)).map((seat) => seatPresenceView(context, seat));
  const wanted = ids === undefined ? null : new Set(ids);
  return (await repos.seatWork.roster()).filter((seat) => wanted === null || wanted.has(seat.id)).map((seat) => seatPresenceView(context, seat));
}

export async function groupViews({ city, now }: Pick<IntakeContext, 'city' | 'now'>, repos: Repositories): Promise<GroupViewShape[]> {
  const rules = city.queueRules;
  const at = now();
  const waiting = new Map((await repos.queue.groups()).map((group) => [group.groupId, group]));
  const seats = (await repos.seatWork.roster()).map((seat) => ({ groups: new Set(groupsOf(rules, seat)), presence: presenceOf(seat, at).presence, room: roomOf(rules, seat, at) }));
  return rules.groups.map(({ id, name }) => {
    const serving = seats.filter((seat) => seat.groups.has(id));
    return {
      id, name,
      waiting: waiting.get(id)?.waiting ?? 0,
      oldestWaitingSince: waiting.get(id)?.oldestWaitingSince ?? null,
      seatsOnline: serving.filter(({ presence }) => presence === 'online' || presence === 'busy' || presence === 'wrap-up').length,
      seatsFree: serving.filter(({ room }) => room > 0).length,
    };
  });
}
