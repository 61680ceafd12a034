import type { DialogEvent, DialogFacts, DialogState, DialogStep } from '../../dialog/types.ts';
import type { Conversation } from '../../domain/conversation.ts';
import type { Ticket } from '../../domain/ticket.ts';
import type { ActivityDraft } from '../../store/contract.ts';
import { enqueue, type IntakeContext, type Unit } from '../context.ts';
import { joinMatter, joinOpened, takeBack, waitOfTicket } from './join.ts';
import { suggestRow } from './late-suggestions.ts';
import type { StormSaid } from './words.ts';

/** Where a turn meets storm mode. Without one, or while all is calm, every function here is a look at a number. */

/** What the dialog is told of it. */
export function stormFacts({ storm }: Pick<IntakeContext, 'storm'>): Pick<DialogFacts, 'brief' | 'unsuggested'> {
  if (storm === undefined) return {};
  const { answers, words } = storm.settings;
  return {
    brief: { sentences: storm.givesUp('long-answers') ? answers.sentences : null, more: { 'zh-CN': words.more['zh-CN'].text, en: words.more.en.text }, ask: answers.ask },
    ...(storm.givesUp('suggestions') ? { unsuggested: true } : {}),
  };
}

export interface Heard {
  /** What the dialog shall hear. */
  readonly event: DialogEvent;
  /** What it makes of it, when it has read it already. */
  readonly step: DialogStep | null;
  readonly said: readonly ActivityDraft[];
  /** The message is dealt with: the dialog stays as it was. */
  readonly joined: boolean;
}

export interface Hearing {
  readonly conversation: Conversation;
  readonly event: DialogEvent;
  readonly inboundId: string | null;
  readonly state: DialogState;
  readonly facts: DialogFacts;
  /** What the dialog makes of the event, where that is known already. */
  readonly step?: DialogStep | null;
}

/** A message before the dialog acts on it: of a matter that is gathered, or “不是这件事” after it was. Anything else goes its way. */
export async function hearInStorm(context: IntakeContext, unit: Unit, { conversation, event, inboundId, state, facts, step: known = null }: Hearing): Promise<Heard> {
  const { storm } = context;
  const plain: Heard = { event, step: known, said: [], joined: false };
  if (storm === undefined || event.type !== 'message' || conversation.owner !== 'bot') return plain;
  const back = await takeBack(context, unit, conversation, event);
  if (back !== null) return { ...plain, step: null, event: { type: 'message', text: back.text, attachments: 0 }, said: [stormSays(context, back.words, inboundId)] };
  if (!storm.gathers() || storm.groups.list().length === 0) return plain;
  // Pure: what it would do is known before anything of it is done.
  const step = known ?? context.dialog.advance(state, event, facts);
  const said = await joinMatter(context, unit, { conversation, event, inboundId, step, facts });
  return said === null ? { ...plain, step } : { ...plain, said, joined: true };
}

/** A form has opened a ticket: gathered with others of its matter, noted for a later suggestion; what its citizen hears besides. */
export async function openedInStorm(context: IntakeContext, unit: Unit, conversation: Conversation, ticket: Ticket): Promise<readonly StormSaid[]> {
  const { storm } = context;
  if (storm === undefined) return [];
  if (ticket.itemCode === null && storm.givesUp('suggestions')) await enqueue(unit, [suggestRow(context, ticket.id)]);
  const said = (await joinOpened(context, unit, conversation, ticket)) ?? (await waitOfTicket(context, unit, conversation, ticket));
  return said === null ? [] : [said];
}

export function stormSays(context: IntakeContext, { text, speak }: StormSaid, replyToId: string | null): ActivityDraft {
  return {
    id: context.newId(), direction: 'out', externalId: null, role: 'bot', seatId: null, at: context.now(), replyToId,
    content: { type: 'message', text, ...(speak === undefined || speak === text ? {} : { speak }), inputHint: 'acceptingInput' }, channelData: null, sealed: null,
  };
}
