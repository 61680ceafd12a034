import type { Ticket, TicketEvent, TicketEventType } from '../domain/ticket.ts';
import type { LinkageLink } from '../store/contract.ts';
import type { TicketUnit } from '../tickets/context.ts';
import { stateText } from '../tickets/words.ts';
import type { LinkageContext } from './context.ts';
import type { RecordKind } from './record.ts';
import { rulesFor } from './rules.ts';
import { type Told, tellPeer } from './tell.ts';
import { transferTicket } from './transfer.ts';

/** Which events of a ticket the other side of a link is told, and as what. */

/** Of what they sent us. */
const OF_THEIRS: Readonly<Partial<Record<TicketEventType, RecordKind>>> = {
  'ticket.dispatched': 'progress', 'ticket.redirected': 'progress', 'ticket.signed': 'progress', 'ticket.contacted': 'progress', 'ticket.extension_granted': 'progress', 'ticket.held': 'progress', 'ticket.resumed': 'progress',
  'ticket.escalated': 'progress', 'ticket.supervised': 'progress', 'ticket.reopened': 'progress', 'ticket.vetoed': 'progress',
  'ticket.refused': 'refusal', 'ticket.review_passed': 'result', 'ticket.answered_at_once': 'result', 'ticket.confirmed': 'feedback', 'ticket.unreached': 'feedback', 'ticket.withdrawn': 'feedback',
};
/** Of what we passed on: what the citizen adds, and the end. */
const OF_OURS: Readonly<Partial<Record<TicketEventType, RecordKind>>> = { 'ticket.supplemented': 'supplement', 'ticket.urged': 'urge', 'ticket.withdrawn': 'withdraw' };
const HEARD = new Set<string>([...Object.keys(OF_THEIRS), ...Object.keys(OF_OURS), 'ticket.opened']);

/** A listener of ticket events (src/intake/ticket-events.ts). */
export function createLinkageListener(context: LinkageContext) {
  const { house } = context;
  const any = house.endpoints.some(({ on }) => on);
  const atOnce = house.rules.some(({ how }) => how === 'at-once');
  return {
    hears: (type: TicketEventType): boolean => any && HEARD.has(type) && (type !== 'ticket.opened' || atOnce),
    handle: async (unit: TicketUnit, ticket: Ticket, event: TicketEvent): Promise<void> => {
      if (event.type === 'ticket.opened') return passAtOnce(context, unit, ticket);
      for (const link of await unit.repos.linkage.linksOfTicket(ticket.id)) await tellLink(context, unit, ticket, event, link);
    },
  };
}

async function tellLink(context: LinkageContext, unit: TicketUnit, ticket: Ticket, event: TicketEvent, link: LinkageLink): Promise<void> {
  const wanted = (link.direction === 'in' ? OF_THEIRS : OF_OURS)[event.type];
  // The ticket may be further by now, and its result taken back.
  const kind = wanted === 'result' && ticket.result === null ? 'progress' : wanted;
  // They know what they did themselves. What they refused or finished is not theirs any more.
  if (kind === undefined || (event.actor.kind === 'partner' && event.actor.partnerId === link.profile)) return;
  if (link.direction === 'out' && link.state !== 'open' && link.state !== 'accepted') return;
  await tellPeer(context, unit, link.id, ticket, { kind, ...wordsFor(context, ticket, event, kind), by: event.actor });
  const at = context.now();
  if (kind === 'result') await unit.repos.linkage.updateLink(link.id, { state: 'done', owes: null, dueAt: null, updatedAt: at });
  else if (kind === 'refusal') await unit.repos.linkage.updateLink(link.id, { state: 'refused', reason: text(event, 'reason'), owes: null, dueAt: null, updatedAt: at });
  else if (event.type === 'ticket.withdrawn') await unit.repos.linkage.updateLink(link.id, { state: 'withdrawn', owes: null, dueAt: null, updatedAt: at });
}

function wordsFor(context: LinkageContext, ticket: Ticket, event: TicketEvent, kind: RecordKind): Pick<Told, 'note' | 'refusalReason' | 'feedback'> {
  const department = context.city.departments.find(({ id }) => id === ticket.departmentId)?.name ?? null;
  switch (kind) {
    case 'refusal':
      return { refusalReason: text(event, 'reason') ?? '不在热线受理范围' };
    case 'feedback':
      return { feedback: event.type === 'ticket.withdrawn' ? '市民撤回诉求' : event.type === 'ticket.unreached' ? '回访未联系上市民' : '回访已完成' };
    case 'supplement':
      return { note: text(event, 'text') ?? '市民补充了材料' };
    case 'urge':
      return { note: '市民催办' };
    case 'withdraw':
      return { note: text(event, 'reason') ?? '市民撤回' };
    default:
      return { note: [stateText(ticket, department), event.type === 'ticket.vetoed' ? '市民反映未解决' : null].filter((part) => part !== null).join('；') };
  }
}

/** Life and safety do not wait for a person to press a button. */
async function passAtOnce(context: LinkageContext, unit: TicketUnit, ticket: Ticket): Promise<void> {
  for (const rule of rulesFor(context.house.rules, ticket, null)) {
    const endpoint = context.house.endpoint(rule.to);
    if (rule.how !== 'at-once' || endpoint === null || !endpoint.on || ticket.channel === rule.to) continue;
    await transferTicket(context, unit, ticket, { profile: rule.to, mode: 'system', threeParty: false, emergency: true, note: rule.why, actor: { kind: 'system' } });
  }
}

function text(event: TicketEvent, name: string): string | null {
  const value = event.data[name];
  return typeof value === 'string' && value.trim() !== '' ? value : null;
}
