import type { Activity, MessageContent } from '../domain/activity.ts';
import type { Conversation, Understood } from '../domain/conversation.ts';
import { AppError } from '../domain/errors.ts';
import { maskName, maskText } from '../domain/masking.ts';
import type { JsonValue } from '../domain/json.ts';
import type { DialogEffect, DialogEvent, DialogState, DialogStep } from '../dialog/types.ts';
import type { ActivityDraft, ConversationChange } from '../store/contract.ts';
import { callOf } from '../outbound/campaign-talk.ts';
import { performAction } from './actions.ts';
import type { IntakeContext, Unit } from './context.ts';
import type { Held, InHook } from './in-hook.ts';
import { hearWord, isMute, MUTE_REASON, tellAtDoor, VISIT_FLOW } from './door.ts';
import { gatherFacts } from './facts.ts';
import { queueSends } from './outgoing.ts';
import { followTurn } from './queue/follow.ts';
import { maskSaid } from './protect.ts';
import { type Rehearsal, stateOf } from './rehearse.ts';
import { hearInStorm, stormSays } from './storm/hear.ts';
import { waitForPerson } from './storm/join.ts';
import type { StormSaid } from './storm/words.ts';

/** A conversation that begins again with the bot. */
export const REOPENED = { owner: 'bot', seatId: null, handoffReason: null, waitingSince: null, emergency: null, understood: null, unread: 0 } as const;
/** Actions one turn may chain (find a ticket, then urge it …); more is a loop in a flow. */
const MAX_ACTIONS = 8;

/** Actions that settle something; the others look something up. */
const DOES: ReadonlySet<string> = new Set(['ticket.open', 'ticket.supplement', 'ticket.urge', 'ticket.withdraw', 'ticket.reopen', 'ticket.rate']);

/** Where a turn begins: the row as it was read, and what is to be committed together with the turn's own effects. */
export interface Begun {
  readonly stored: Conversation;
  /** Changes of the conversation that receiving its message makes. */
  readonly change: ConversationChange;
  /** The message itself, when the turn happens in the transaction that takes it. */
  readonly drafts: readonly ActivityDraft[];
  /** The conversation begins again: an old dialog state does not count. */
  readonly fresh: boolean;
  /** Everything up to the end of this turn goes out in the webhook's answer. */
  readonly collect: boolean;
  /** The webhook of a `push` channel that waits for the first text. */
  readonly hook?: InHook | null;
  /** What was thought out before this transaction began. */
  readonly rehearsal?: Rehearsal | null;
}

export interface Turned {
  readonly conversation: Conversation;
  /** What was appended: the message if it was among `Begun.drafts`, then what was said. */
  readonly activities: readonly Activity[];
  /** What goes in the webhook's answer instead of being sent. */
  readonly held: Held | null;
}

/** A turn of a conversation whose message is stored already. */
export function begunAt(stored: Conversation, hook: InHook | null = null): Begun {
  return { stored, change: {}, drafts: [], fresh: false, collect: false, hook };
}

/**
 * Emergency, then the one writer, then the dialog. Everything is decided on rows read in this transaction, so a seat
 * that takes over in the same moment either comes before (the bot is silent) or after (the bot has spoken first).
 */
export async function runPipeline(context: IntakeContext, unit: Unit, begun: Begun, event: DialogEvent, inboundId: string | null, channelData: JsonValue = null): Promise<Turned> {
  const given: Conversation = { ...begun.stored, ...begun.change };
  const word = event.type === 'message' ? await hearWord(context, unit, given, event.text) : null;
  const silent = given.owner === 'human' || (given.owner === 'closed' && (given.modality === 'voice' || event.type !== 'message'));
  if (silent) return commitTurn(context, unit, begun, event.type === 'message' ? flagged(context, unit, given, event.text) : {}, []);
  // Closed between the citizen's words and their turn: nothing a citizen says is dropped. A call that is over stays so.
  const reopened = given.owner === 'closed';
  const conversation: Conversation = reopened ? { ...given, ...REOPENED } : given;
  if (word !== null) {
    const says: readonly ActivityDraft[] = word.answer === '' ? [] : [{ id: context.newId(), direction: 'out', externalId: null, role: 'bot', seatId: null, at: context.now(), replyToId: inboundId, content: { type: 'message', text: word.answer, inputHint: 'acceptingInput' }, channelData, sealed: null }];
    return commitTurn(context, unit, begun, reopened ? REOPENED : {}, says);
  }
  const ahead = reopened || begun.fresh ? null : standing(begun);
  const { facts, waiting } = ahead ?? (await gatherFacts(context, unit, conversation));
  const turn = createTurn(context, unit, conversation, inboundId, facts.knownPhoneLast4, channelData);
  const besides: StormSaid[] = [];
  let done = false;
  const advance = async (state: DialogState, next: DialogEvent, read: DialogStep | null = null): Promise<DialogState> => {
    let step = read ?? context.dialog.advance(state, next, facts);
    for (let actions = 0; ; actions += 1) {
      const action = await turn.apply(step.effects);
      if (action === null) return step.state;
      if (actions >= MAX_ACTIONS) throw new AppError('dialog.action_loop', 'a flow chains too many actions in one turn', { status: 500 });
      const result = await performAction(context, unit, conversation, action, event.type === 'message' ? (event.keys ?? null) : null);
      besides.push(...(result.besides ?? []));
      done ||= result.ok && DOES.has(action.action);
      step = context.dialog.advance(step.state, { type: 'result', action: action.action, ok: result.ok, data: result.data }, facts);
    }
  };
  const restored = ahead?.state ?? context.dialog.restore(begun.fresh || reopened ? null : await stateOf(context, unit.repos, begun.stored));
  // Whoever picks up a call of ours is not welcomed as a caller: the flow of that call begins.
  const ours = event.type === 'enter' && conversation.modality === 'voice' ? await callOf(unit, conversation) : null;
  const opening: DialogEvent = ours === null ? event : { type: 'begin', flow: ours.attempt.script };
  const heard = await hearInStorm(context, unit, { conversation, event: opening, inboundId, state: restored, facts, step: ahead?.step ?? null });
  turn.add(heard.said);
  let now = heard.joined ? restored : await advance(restored, heard.event, heard.step);
  const asksForPerson = turn.change().owner === 'waiting' && conversation.owner !== 'waiting' && turn.change().emergency === undefined && conversation.emergency === null;
  const wait = asksForPerson ? waitForPerson(context, conversation) : null;
  turn.add([...besides, ...(wait === null ? [] : [wait])].map((said) => stormSays(context, said, inboundId)));
  if (waiting && ours === null && (event.type === 'message' || event.type === 'enter')) turn.add(await tellAtDoor(context, unit, conversation, event.type === 'enter'));
  // A phone is not rung for a visit-back: whoever calls is asked, after the greeting.
  if (opening.type === 'enter' && conversation.modality === 'voice' && typeof facts.visitNumber === 'string') now = await advance(now, { type: 'begin', flow: VISIT_FLOW });
  // Nobody sees what is said here: what the bot could not settle by itself is a person's.
  if (event.type === 'message' && !done && conversation.owner !== 'waiting' && turn.change().owner !== 'waiting' && isMute(context, conversation)) await turn.apply([{ kind: 'handoff', reason: MUTE_REASON, understood: conversation.understood ?? { flow: null, slots: [], items: [] } }]);
  const state = { format: now.format, programVersion: now.programVersion, data: now.data };
  await unit.repos.conversations.saveState(conversation.id, state);
  const turned = await commitTurn(context, unit, begun, { ...(reopened ? REOPENED : {}), ...turn.change() }, turn.said(), true);
  unit.after.push({ kind: 'state', conversationId: conversation.id, version: turned.conversation.version, state }, { kind: 'count', name: 'answered', labels: { channel: conversation.channel } });
  return turned;
}

/** What was thought ahead counts while its conversation is as it was then. */
function standing({ stored, rehearsal = null }: Begun): Rehearsal | null {
  return rehearsal?.conversation.id === stored.id && rehearsal.conversation.version === stored.version ? rehearsal : null;
}

/** The one write of a turn: the message (if it came with it), what was said and the conversation as it is now. */
async function commitTurn(context: IntakeContext, unit: Unit, begun: Begun, change: ConversationChange, said: readonly ActivityDraft[], stateSaved = false): Promise<Turned> {
  const drafts = [...begun.drafts, ...said];
  const whole = { ...begun.change, ...change };
  // A new state always comes with a new version, also when nothing was said.
  if (drafts.length === 0 && Object.keys(whole).length === 0 && !begun.collect && !stateSaved) return { conversation: begun.stored, activities: [], held: null };
  const { conversation, activities } = await unit.repos.activities.appendWith(begun.stored, whole, drafts, begun.collect);
  for (const activity of activities) unit.after.push({ kind: 'live', conversationId: conversation.id, event: { kind: 'activity', activity } });
  unit.after.push({ kind: 'conversation', conversationId: conversation.id });
  const held = await queueSends(context, unit, conversation, activities, begun.hook ?? null);
  if (change.owner !== undefined || change.emergency !== undefined) await followTurn(context, unit, begun.stored, conversation);
  return { conversation, activities, held };
}

/** A seat is talking: the bot keeps silent, but a cry for help still turns the desk red. */
function flagged(context: IntakeContext, unit: Unit, conversation: Conversation, text: string): ConversationChange {
  const emergency = context.dialog.emergency(text);
  if (emergency === null) return {};
  unit.after.push({ kind: 'emergency', conversationId: conversation.id, category: emergency.category }, { kind: 'count', name: 'emergency', labels: { category: emergency.category } });
  return { emergency: { ...emergency, at: context.now() } };
}

/** Collects the effects of one turn, so that they are written together. */
function createTurn(context: IntakeContext, unit: Unit, conversation: Conversation, inboundId: string | null, knownPhoneLast4: string | null, channelData: JsonValue) {
  const drafts: ActivityDraft[] = [];
  /** Last digits of the citizen's numbers: what ends like them is masked in what the bot says. */
  const own = new Set(knownPhoneLast4 === null ? [] : [knownPhoneLast4]);
  let change: ConversationChange = {};

  const draft = (content: ActivityDraft['content'], role: 'bot' | 'system'): void => {
    drafts.push({ id: context.newId(), direction: 'out', externalId: null, role, seatId: null, at: context.now(), replyToId: inboundId, content, channelData, sealed: null });
  };

  /** Applies the effects in order; returns the action that has to be performed before the dialog goes on. */
  const apply = async (effects: readonly DialogEffect[]): Promise<Extract<DialogEffect, { kind: 'action' }> | null> => {
    let action: Extract<DialogEffect, { kind: 'action' }> | null = null;
    for (const effect of effects) {
      switch (effect.kind) {
        case 'say': {
          const message: MessageContent = {
            type: 'message',
            text: effect.text,
            ...(effect.speak === undefined ? {} : { speak: effect.speak }),
            ...(effect.choices === undefined || effect.choices.length === 0 ? {} : { choices: effect.choices }),
            ...(effect.source === undefined ? {} : { source: effect.source }),
            ...(effect.links === undefined || effect.links.length === 0 ? {} : { links: effect.links }),
            ...(effect.pace === undefined ? {} : { pace: effect.pace }),
            inputHint: effect.inputHint,
          };
          draft(message, 'bot');
          break;
        }
        case 'action':
          if (action !== null) throw new AppError('dialog.two_actions', 'a step asked for two actions at once', { status: 500 });
          action = effect;
          if (effect.action === 'ticket.open' && effect.args.phone !== null) own.add(effect.args.phone.slice(-4));
          break;
        case 'timer':
          await setTimer(effect.token, effect.afterMs);
          break;
        case 'handoff':
          // Asking again keeps the place in the queue.
          change = { ...change, owner: 'waiting', waitingSince: conversation.waitingSince ?? context.now(), handoffReason: maskText(effect.reason).text, understood: protect(effect.understood) };
          if (conversation.owner !== 'waiting') {
            // Screens show that a person is being waited for; `accepted` follows when a seat joins.
            draft({ type: 'event', name: 'handoff.status', value: { state: 'waiting' } }, 'system');
            unit.after.push({ kind: 'count', name: 'handoff', labels: { channel: conversation.channel } });
          }
          break;
        case 'handoffCancelled':
          change = { ...change, owner: 'bot', waitingSince: null, handoffReason: null };
          draft({ type: 'event', name: 'handoff.status', value: { state: 'failed', message: '已取消转人工' } }, 'system');
          break;
        case 'emergency':
          change = { ...change, emergency: { category: effect.category, words: effect.words, at: context.now() } };
          unit.after.push({ kind: 'emergency', conversationId: conversation.id, category: effect.category }, { kind: 'count', name: 'emergency', labels: { category: effect.category } });
          break;
        case 'understood':
          change = { ...change, understood: protect(effect.understood) };
          break;
        case 'identity':
          if (effect.phone !== undefined) own.add(effect.phone.slice(-4));
          await unit.repos.citizens.learn(conversation.citizenId, { ...(effect.phone === undefined ? {} : { phone: effect.phone }), ...(effect.name === undefined ? {} : { name: effect.name }) });
          break;
        case 'locale':
          change = { ...change, locale: effect.locale };
          break;
        case 'gap':
          await unit.repos.gaps.add({ id: context.newId(), conversationId: conversation.id, kind: effect.why, question: maskText(effect.question).text.slice(0, 500), bestId: effect.bestId, bestScore: effect.bestScore, at: context.now() });
          break;
        case 'end':
          // A call has to be hung up; a chat simply rests until the citizen writes again.
          if (conversation.modality === 'voice') {
            draft({ type: 'endOfConversation', code: effect.code }, 'system');
            change = { ...change, owner: 'closed' };
          }
          break;
      }
    }
    return action;
  };

  const setTimer = async (token: string, afterMs: number): Promise<void> => {
    // One timer a conversation: the new one takes the old one's place.
    const timer = { id: `timer:${conversation.id}`, lane: `turn:${conversation.id}`, availableAt: context.now() + afterMs };
    await unit.repos.outbox.put({ ...timer, kind: 'timer', payload: { conversationId: conversation.id, token }, blocking: false, now: context.now() });
    unit.after.push({ kind: 'wake', rows: [timer] });
  };

  return {
    apply,
    add: (more: readonly ActivityDraft[]): void => void drafts.push(...more),
    change: () => change,
    // Masked last, when every number that this turn has learned is known.
    said: (): readonly ActivityDraft[] => drafts.map((one) => ({ ...one, content: maskMessage(one.content, own) })),
  };
}

function maskMessage(content: ActivityDraft['content'], own: ReadonlySet<string>): ActivityDraft['content'] {
  if (content.type !== 'message') return content;
  return { ...content, text: maskSaid(content.text, own), ...(content.speak === undefined ? {} : { speak: maskSaid(content.speak, own) }) };
}

/** Slot values on their way to the desk's context panel: no number and no name in the clear. */
function protect(understood: Understood): Understood {
  return {
    ...understood,
    slots: understood.slots.map((slot) => ({ ...slot, value: slot.name === 'name' ? maskName(slot.value) : maskText(slot.value).text })),
  };
}
