import type { LinkageLink, LinkageMessage } from '../store/contract.ts';
import { superviseByRule } from '../tickets/supervision.ts';
import { type LinkageContext, noteStep, requireEndpoint, ticketOf } from './context.ts';
import { drain } from './take.ts';
import { carry, rowOf } from './tell.ts';

/** What time brings: answers that are owed and late, acknowledgements that never came, records that a crash left undone. */

const AT_ONCE = 200;

export interface SweepDone {
  readonly late: number;
  readonly again: number;
  readonly given: number;
}

export async function sweepLinkage(context: LinkageContext): Promise<SweepDone> {
  const { store, now } = context;
  const due = await store.read((repos) => repos.linkage.due(now(), AT_ONCE));
  for (const link of due) await markLate(context, link);
  let [again, given] = [0, 0];
  for (const message of await store.read((repos) => repos.linkage.unacknowledged(now(), AT_ONCE))) {
    if (await sendAgain(context, message)) again += 1;
    else given += 1;
  }
  for (const link of await store.read((repos) => repos.linkage.holding(AT_ONCE))) {
    const endpoint = context.house.endpoint(link.profile);
    if (endpoint !== null) await drain(context, endpoint.profile, link.id);
  }
  return { late: due.length, again, given };
}

/** Marked once; the ticket is supervised, so that a person follows it (跟踪督办). */
async function markLate(context: LinkageContext, link: LinkageLink): Promise<void> {
  await context.write(async (unit) => {
    const { repos } = unit;
    await repos.linkage.lock(link.profile, link.id);
    const stored = await repos.linkage.getLink(link.id);
    const at = context.now();
    if (stored === null || stored.overdueAt !== null || stored.dueAt === null || stored.dueAt > at) return;
    await repos.linkage.updateLink(link.id, { overdueAt: at, updatedAt: at });
    const ticket = stored.ticketId === null ? null : await repos.tickets.get(stored.ticketId);
    if (ticket === null) return;
    const { profile } = requireEndpoint(context.house, link.profile);
    const theirs = stored.direction === 'out';
    const words = theirs ? `${profile.name}逾期未${stored.owes === 'acceptance' ? '答复是否接收' : '反馈办理结果'}，请联系对方；协商不成由本热线先行处置` : `应向${profile.name}反馈的结果已逾期，请尽快办理并反馈`;
    await noteStep(context, unit, ticket, profile, words, { kind: 'system' });
    await superviseByRule(context, unit, ticket, { level: 1, cause: 'overdue', person: null, words });
  });
}

/** @returns false: given up, and a dead letter */
async function sendAgain(context: LinkageContext, message: LinkageMessage): Promise<boolean> {
  return context.write(async (unit) => {
    const { repos } = unit;
    await repos.linkage.lock(message.profile, message.linkId);
    const stored = await repos.linkage.getMessage(message.id);
    const at = context.now();
    if (stored === null || stored.state !== 'sent' || stored.ackBy === null || stored.ackBy > at) return true;
    const endpoint = context.house.endpoint(message.profile);
    if (endpoint !== null && endpoint.on && stored.attempts < endpoint.profile.attempts) {
      await repos.linkage.updateMessage(stored.id, { state: 'waiting', ackBy: null });
      await carry(context, unit, stored);
      return true;
    }
    // A row that is buried as it is made: the dead letters' page shows it, and trying it again from there sends it again.
    const row = rowOf(context, stored);
    await repos.outbox.add([row]);
    await repos.outbox.bury(row.id, 'linkage.unacknowledged', at);
    await repos.linkage.updateMessage(stored.id, { state: 'dead', code: 'linkage.unacknowledged', ackBy: null, outboxId: row.id });
    const link = await repos.linkage.getLink(stored.linkId);
    const ticket = await ticketOf(repos, link);
    if (ticket !== null && endpoint !== null) await noteStep(context, unit, ticket, endpoint.profile, `第 ${stored.version} 号记录多次发送仍无回执，已列入死信`, { kind: 'system' });
    return false;
  });
}
