import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { Activity } from '../../domain/activity.ts';
import { beijingText } from '../../domain/clock.ts';
import type { Conversation, ItemSuggestion, Understood } from '../../domain/conversation.ts';
import { isOpen } from '../../domain/ticket-moves.ts';
import type { TicketKind } from '../../domain/config-files.ts';
import type { Ticket } from '../../domain/ticket.ts';
import type { DialogEvent, DialogFacts, DialogStep } from '../../dialog/types.ts';
import type { ActivityDraft } from '../../store/contract.ts';
import { shortTitle } from '../../tickets/notices/words.ts';
import { openTicket } from '../../tickets/open.ts';
import { withdrawTicket } from '../../tickets/visits/answer.ts';
import { enqueue, type IntakeContext, type Unit } from '../context.ts';
import { departmentName } from '../describe.ts';
import { keepSent } from '../ticket-files.ts';
import type { Storm } from './contract.ts';
import type { StormGroup } from './groups.ts';
import { joinRow } from './merge.ts';
import { isNearly, sayingOf, standardAnswer, timesText, wordingOf, type StormSaid } from './words.ts';

/**
 * The same matter, gathered: who reports what many report already hears the one answer to it, and their report is a ticket of that matter, in
 * one turn instead of a form's five. The dialog has read the words before; nothing of it is kept when they are joined.
 */

/** Items that are less likely tell nothing. */
const LIKELY = 0.5;
const likely = (top: ItemSuggestion | undefined): string | null => (top !== undefined && (top.sure ?? top.score >= LIKELY) ? top.code : null);
const likelyItem = (context: IntakeContext, text: string): string | null => likely(context.suggestItems(text)[0]);

/** Marks what was said, so that “不是这件事” finds what to take back. */
const Mark = Compile(Type.Object({ storm: Type.Object({ stormId: Type.String(), ticketId: Type.String() }) }));
/** The newest activities among which the mark is looked for. */
const RECENT = 8;
/** Tickets of a citizen that are looked at for one of the same matter. */
const THEIRS = 5;
/** As much of the words of a report as shows that it is this message that began it. */
const BEGINS = 4;

export interface Reading {
  readonly conversation: Conversation;
  readonly event: DialogEvent;
  readonly inboundId: string | null;
  /** What the dialog would do. */
  readonly step: DialogStep;
  readonly facts: Pick<DialogFacts, 'suggestItems' | 'locale'>;
}

/** What is said instead of the dialog's words, when this message reports what is gathered; null: it does not. */
export async function joinMatter(context: IntakeContext, unit: Unit, { conversation, event, inboundId, step, facts }: Reading): Promise<readonly ActivityDraft[] | null> {
  const { storm } = context;
  if (storm === undefined || !storm.gathers() || storm.groups.list().length === 0 || event.type !== 'message' || inboundId === null) return null;
  // An enterprise has its own lane and its own seat.
  if (conversation.owner !== 'bot' || conversation.enterpriseId !== null) return null;
  const report = reportOf(step, event.text);
  if (report === null) return null;
  const { townId, place } = placeOf(context, report);
  // Which matter it is must be known, however much comes in; the dialog has mostly asked already.
  const [top] = facts.suggestItems(event.text);
  const itemCode = likely(top);
  const group = storm.groups.find({ content: event.text, townId, itemCode });
  if (group === null) return null;

  const before = await theirs(unit, conversation.citizenId, group.storm.id);
  if (before !== null) return [draftOf(context, inboundId, said(context, storm, 'known', conversation, group, group.count, before.number), { stormId: group.storm.id, ticketId: before.id }, [])];
  const ticket = await openTicket(context, unit, {
    ticketKind: kindOf(report) ?? group.leading.kind, title: group.storm.title, content: event.text, townId, place, happened: null, itemCode: itemCode ?? group.storm.itemCode, urgency: 'normal', confidential: false, callback: false, phone: null, name: null,
    citizenId: conversation.citizenId, enterpriseId: null, conversationId: conversation.id, channel: conversation.channel, actor: { kind: 'citizen' }, openingKey: `storm:${inboundId}`,
  });
  await keepSent(context, unit, conversation, ticket);
  const count = await register(context, unit, storm, group, ticket);
  const { words } = storm.settings;
  const other = words.notThisAsk[wordingOf(conversation.locale)][0] ?? '';
  return [draftOf(context, inboundId, said(context, storm, 'joined', conversation, group, count, ticket.number), { stormId: group.storm.id, ticketId: ticket.id }, conversation.modality === 'voice' ? [] : [other])];
}

/** A ticket that a form has just opened is of what is gathered: it is handled with the others. What its citizen is told besides; null: it is of nothing. */
export async function joinOpened(context: IntakeContext, unit: Unit, conversation: Conversation, ticket: Ticket): Promise<StormSaid | null> {
  const { storm } = context;
  if (storm === undefined || !storm.gathers() || storm.groups.list().length === 0 || ticket.confidential || ticket.enterpriseId !== null || ticket.urgency !== 'normal') return null;
  const group = storm.groups.find({ content: ticket.content, townId: ticket.townId, itemCode: ticket.itemCode ?? likelyItem(context, ticket.content) });
  if (group === null || group.leading.id === ticket.id) return null;
  const count = await register(context, unit, storm, group, ticket);
  return said(context, storm, 'filedWith', conversation, group, count, ticket.number);
}

/** What a citizen hears whose ticket is opened while very much comes in; null: nothing beside what the flow says. */
export async function waitOfTicket(context: IntakeContext, unit: Unit, conversation: Conversation, ticket: Ticket): Promise<StormSaid | null> {
  const { storm } = context;
  const view = storm?.view();
  if (storm === undefined || view === undefined || view.level === 0) return null;
  const load = timesText(view.load);
  const dueAt = (await unit.repos.clocks.of(ticket.id)).find(({ stage, endedAt }) => stage === 'sign' && endedAt === null)?.dueAt ?? null;
  return dueAt === null ? sayingOf(storm.settings, 'ticket', conversation.locale, { load }) : sayingOf(storm.settings, 'ticketBy', conversation.locale, { load, by: beijingText(dueAt) });
}

/** What a citizen hears who asks for a person while very much comes in. Their place in the queue follows, as always. */
export function waitForPerson({ storm }: Pick<IntakeContext, 'storm'>, { locale }: Pick<Conversation, 'locale'>): StormSaid | null {
  const view = storm?.view();
  return storm === undefined || view === undefined || view.level === 0 ? null : sayingOf(storm.settings, 'waiting', locale, { load: timesText(view.load) });
}

export interface TakenBack {
  /** What the citizen had said: it is heard again, and not gathered. */
  readonly text: string;
  readonly words: StormSaid;
}

/** “不是这件事” right after being joined: the ticket is taken back, and what was said is heard as the matter of its own that it is. */
export async function takeBack(context: IntakeContext, unit: Unit, conversation: Conversation, event: DialogEvent): Promise<TakenBack | null> {
  const { storm } = context;
  if (storm === undefined || event.type !== 'message' || !Object.values(storm.settings.words.notThisAsk).some((phrases) => isNearly(event.text, phrases))) return null;
  const marked = (await unit.repos.activities.latest(conversation.id, RECENT)).findLast(({ direction, content }) => direction === 'out' && content.type === 'message');
  if (marked === undefined || !Mark.Check(marked.channelData) || marked.replyToId === null) return null;
  const ticket = await unit.repos.tickets.get(marked.channelData.storm.ticketId);
  const original = await unit.repos.activities.get(marked.replyToId);
  if (ticket === null || original === null || ticket.citizenId !== conversation.citizenId || !isOpen(ticket.state) || ticket.state === '回访' || ticket.state === '办结待审') return null;
  await withdrawTicket(context, unit, ticket.id, '市民说明不是同一件事');
  return { text: await wordsOf(unit, original), words: sayingOf(storm.settings, 'notThis', conversation.locale) };
}

/** The ticket is of the storm from now on, and follows its leading one as soon as the bus comes to it. @returns how many it makes */
async function register(context: IntakeContext, unit: Unit, storm: Storm, group: StormGroup, ticket: Ticket): Promise<number> {
  await unit.repos.storms.addTicket(group.storm.id, ticket.id, context.now());
  if (storm.settings.groups.merge) await enqueue(unit, [joinRow(context, { stormId: group.storm.id, leadingId: group.leading.id, ticketId: ticket.id })]);
  unit.after.push({ kind: 'count', name: 'storm_joined', labels: { channel: ticket.channel } });
  return storm.groups.counted(group.storm.id);
}

function said(context: IntakeContext, { settings }: Storm, name: 'joined' | 'filedWith' | 'known', { locale }: Conversation, { storm, leading }: StormGroup, count: number, number: string): StormSaid {
  const department = departmentName(context, leading) ?? (locale === 'en' ? 'the department in charge' : '承办单位');
  const answer = storm.answer ?? standardAnswer(settings, storm.itemCode, locale, department);
  // Titles are the citizens' own words, masked when they came.
  return sayingOf(settings, name, locale, { count, title: shortTitle({ ...leading, title: storm.title }), answer: closed(answer), number });
}

/** With a full stop, as the next sentence follows. */
const closed = (text: string): string => (/[。！？.!?]$/.test(text.trim()) ? text.trim() : `${text.trim()}。`);

/** What the message reports, when it is this message that begins a report; null: it asks, answers, goes on with a form, or wants a person. */
function reportOf(step: DialogStep, text: string): Understood | null {
  if (step.effects.some(({ kind }) => kind === 'emergency' || kind === 'handoff' || kind === 'action')) return null;
  const told = step.effects.findLast((effect) => effect.kind === 'understood');
  if (told?.kind !== 'understood') return null;
  const slot = (name: string): string | undefined => told.understood.slots.find((one) => one.name === name)?.value;
  const content = slot('content');
  if (content === undefined || !bare(text).includes(bare(content).slice(0, BEGINS)) || bare(text).length + BEGINS < bare(content).length) return null;
  return ['是', '要', 'Yes', 'yes'].includes(slot('confidential') ?? '') ? null : told.understood;
}

const bare = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/[\s，。！？；：、,.!?;:]+/g, '');

function placeOf({ city }: IntakeContext, { slots }: Understood): { readonly townId: string | null; readonly place: string | null } {
  const value = (name: string): string | null => slots.find((slot) => slot.name === name)?.value ?? null;
  const [town, place] = [value('town'), value('place')];
  const named = city.towns.find(({ id, name, short }) => town === id || town === name || (short !== undefined && town === short)) ?? city.towns.find(({ name, short }) => place !== null && (place.startsWith(name) || (short !== undefined && place.startsWith(short))));
  return { townId: named?.id ?? null, place };
}

const KINDS: readonly TicketKind[] = ['咨询', '求助', '投诉', '举报', '建议', '表扬'];
const kindOf = ({ slots }: Understood): TicketKind | null => KINDS.find((kind) => slots.some(({ name, value }) => name === 'kind' && value === kind)) ?? null;

/** A ticket of this citizen in this storm already: nobody is counted twice. */
async function theirs(unit: Unit, citizenId: string, stormId: string): Promise<Ticket | null> {
  const tickets = (await unit.repos.tickets.byCitizen(citizenId, THEIRS)).filter(({ state }) => isOpen(state));
  if (tickets.length === 0) return null;
  const held = await unit.repos.storms.holding(tickets.map(({ id }) => id));
  return tickets.find(({ id }) => held.some((one) => one.ticketId === id && one.stormId === stormId)) ?? null;
}

function draftOf(context: IntakeContext, inboundId: string, { text, speak }: StormSaid, mark: { readonly stormId: string; readonly ticketId: string }, choices: readonly string[]): ActivityDraft {
  return {
    id: context.newId(), direction: 'out', externalId: null, role: 'bot', seatId: null, at: context.now(), replyToId: inboundId,
    content: { type: 'message', text, ...(speak === undefined || speak === text ? {} : { speak }), ...(choices.length === 0 ? {} : { choices: choices.map((title) => ({ title, value: title })) }), inputHint: 'acceptingInput' },
    channelData: { storm: { ...mark } }, sealed: null,
  };
}

const Sealed = Compile(Type.Object({ text: Type.String() }));

/** As it was said, where the stored row is masked. */
async function wordsOf(unit: Unit, activity: Activity): Promise<string> {
  const sealed = await unit.repos.activities.unsealed(activity.id);
  const original: unknown = sealed === null ? null : JSON.parse(sealed);
  if (Sealed.Check(original)) return original.text;
  return activity.content.type === 'message' ? activity.content.text : '';
}
