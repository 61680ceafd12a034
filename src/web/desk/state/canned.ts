import type { ConversationView, TicketView } from '../../shared/api-types.ts';
import type { CannedView } from '../../shared/desk-work-types.ts';
import { finds } from './pinyin.ts';
import { CANNED as w } from '../words.ts';

/** Ready answers: which fit what was typed, and what their `{{names}}` stand for. Pure. */

export interface Facts {
  readonly seatName: string;
  readonly conversation: ConversationView;
  /** Newest first. */
  readonly tickets: readonly TicketView[];
}

/** Names that may stand in an answer, and what they are, for the page where answers are written. */
export const variables = (): readonly (readonly [string, string])[] => [
  ['坐席', w.nameOfTheSeat],
  ['市民', w.howToAddressThe],
  ['工单号', w.numberOfTheNewest],
  ['部门', w.theDepartmentOfThat],
  ['时限', w.theDeadlineOfThat],
  ['事项', w.theItemOfThat],
  ['镇街', w.theTownOfThat],
];

const SLOT = /\{\{\s*([^{}]{1,20}?)\s*\}\}/g;

/** Of what the citizen is talking about: a ticket of this conversation first, else the newest that is not archived. */
function ticketOf({ conversation, tickets }: Facts): TicketView | undefined {
  const newest = tickets.toSorted((a, b) => b.createdAt - a.createdAt);
  return newest.find((ticket) => ticket.conversationId === conversation.id) ?? newest.find((ticket) => ticket.state !== '归档') ?? newest[0];
}

function valueOf(name: string, facts: Facts): string | null {
  const ticket = ticketOf(facts);
  const { conversation, seatName } = facts;
  const slot = (wanted: string): string | null => conversation.understood?.slots.find((one) => one.name === wanted)?.value ?? null;
  switch (name) {
    case '坐席':
      return seatName;
    case '市民':
      return conversation.citizen.nameMasked;
    case '工单号':
      return ticket?.number ?? null;
    case '部门':
      return ticket?.departmentName ?? null;
    case '时限':
      return ticket?.deadlineText ?? null;
    case '事项':
      return ticket?.itemName ?? conversation.understood?.items[0]?.name ?? null;
    case '镇街':
      return ticket?.townName ?? slot('town');
    default:
      return null;
  }
}

/** Fills what is known; the rest stays as `{{name}}`, to be seen to before it is sent. */
export function fill(text: string, facts: Facts): string {
  return text.replace(SLOT, (whole, name: string) => valueOf(name, facts) ?? whole);
}

/** Names that are still unfilled in a reply. */
export function unfilled(text: string): string[] {
  return [...new Set([...text.matchAll(SLOT)].map((match) => match[1] ?? ''))];
}

/** In the citizen's language, where the answer has it. */
export const textFor = (answer: CannedView, locale: string | undefined): string => (locale === 'en' ? (answer.texts.en ?? answer.texts['zh-CN']) : answer.texts['zh-CN']);

/** The best first: a shortcut that is typed out, one that begins so, then titles, then words of the text. */
export function searchCanned(answers: readonly CannedView[], query: string, limit: number): CannedView[] {
  const wanted = query.trim().toLowerCase();
  const rank = (answer: CannedView): number => {
    if (wanted === '') return 3;
    if (answer.shortcut === wanted) return 0;
    if (answer.shortcut?.startsWith(wanted) === true) return 1;
    if (finds(wanted, answer.title)) return 2;
    if (finds(wanted, answer.folder)) return 3;
    return answer.texts['zh-CN'].includes(wanted) ? 4 : 9;
  };
  return answers
    .map((answer, at) => ({ answer, at, rank: rank(answer) }))
    .filter((one) => one.rank < 9)
    .toSorted((a, b) => a.rank - b.rank || a.at - b.at)
    .slice(0, limit)
    .map(({ answer }) => answer);
}

/** `/wh` at the caret, at the beginning or behind a blank: what is being looked for; null: nothing. */
export function slashAt(text: string, caret: number): { readonly from: number; readonly query: string } | null {
  const match = /(^|\s)\/([^\s/]{0,20})$/.exec(text.slice(0, caret));
  return match === null ? null : { from: match.index + (match[1]?.length ?? 0), query: match[2] ?? '' };
}

/** `@李` at the caret. */
export function atAt(text: string, caret: number): { readonly from: number; readonly query: string } | null {
  const match = /(^|[^\w@])@([^\s@]{0,20})$/.exec(text.slice(0, caret));
  return match === null ? null : { from: match.index + (match[1]?.length ?? 0), query: match[2] ?? '' };
}
