import { arrayOf, isBoolean, isNumber, isString, isUnknown, keepValid, nullable, object, optional, type Guard } from '../../shared/guards.ts';
import type { Calls } from './knowledge.ts';

/** Duplicates and storms, as the desk's API answers (src/http/zones/desk/alike.ts). */

export interface BriefTicket {
  readonly id: string;
  readonly number: string;
  readonly title: string;
  readonly state: string;
  readonly itemName: string | null;
  readonly townName: string | null;
  readonly place: string | null;
  readonly departmentName: string | null;
  readonly createdAt: number;
  readonly leadingId: string | null;
  readonly version: number;
}

export interface LikeView {
  readonly ticket: BriefTicket;
  readonly score: number;
  readonly words: string;
  /** Rule that forbids merging. */
  readonly refusal?: string | null;
}

export interface AlikeProposalView {
  readonly ticket: BriefTicket;
  readonly leads: boolean;
  readonly score: number;
  readonly why: readonly string[];
  readonly state: string;
}

export interface AlikeOfTicket {
  readonly leading: BriefTicket | null;
  readonly followers: readonly BriefTicket[];
  readonly followerCount: number;
  readonly likes: readonly LikeView[];
  readonly proposals: readonly AlikeProposalView[];
  readonly complete: boolean;
}

export interface StormView {
  readonly id: string;
  readonly title: string;
  readonly itemName: string | null;
  readonly towns: readonly string[];
  readonly leading: BriefTicket | null;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly state: string;
  readonly answer: string | null;
  readonly live: { readonly series: readonly number[]; readonly questions: number; readonly usual: number } | null;
}

const text = nullable(isString);
const isBrief: Guard<BriefTicket> = object({ id: isString, number: isString, title: isString, state: isString, itemName: text, townName: text, place: text, departmentName: text, createdAt: isNumber, leadingId: text, version: isNumber });
const isLike: Guard<LikeView> = object({ ticket: isBrief, score: isNumber, words: isString, refusal: optional(text) });
const isProposal: Guard<AlikeProposalView> = object({ ticket: isBrief, leads: isBoolean, score: isNumber, why: arrayOf(isString), state: isString });
const isStorm: Guard<StormView> = object({
  id: isString, title: isString, itemName: text, towns: arrayOf(isString), leading: nullable(isBrief), count: isNumber, firstAt: isNumber, lastAt: isNumber, state: isString, answer: text,
  live: nullable(object({ series: arrayOf(isNumber), questions: isNumber, usual: isNumber })),
});
const isAnswer = object({ leading: nullable(isBrief), followers: arrayOf(isUnknown), followerCount: isNumber, likes: arrayOf(isUnknown), proposals: arrayOf(isUnknown), complete: isBoolean });

export interface AlikeDraft {
  readonly title: string;
  readonly content: string;
  readonly itemCode: string | null;
  readonly townId: string | null;
  readonly place: string | null;
  readonly confidential: boolean;
}

export function createAlikeApi({ request, read, list }: Calls) {
  const id = encodeURIComponent;
  return {
    async of(ticketId: string): Promise<AlikeOfTicket> {
      const { leading, followers, followerCount, likes, proposals, complete } = await read(isAnswer, 'GET', `/api/tickets/${id(ticketId)}/alike`);
      return { leading, followerCount, complete, followers: keepValid(followers, isBrief), likes: keepValid(likes, isLike), proposals: keepValid(proposals, isProposal) };
    },
    async ofDraft(draft: AlikeDraft): Promise<readonly LikeView[]> {
      return keepValid((await read(object({ likes: arrayOf(isUnknown) }), 'POST', '/api/tickets/alike', draft)).likes, isLike);
    },
    merge: async (ticketId: string, given: { readonly leadingId: string; readonly version: number }): Promise<void> => void (await request('POST', `/api/tickets/${id(ticketId)}/merge`, given)),
    unmerge: async (ticketId: string, version: number): Promise<void> => void (await request('POST', `/api/tickets/${id(ticketId)}/unmerge`, { version })),
    refuse: async (ticketId: string, otherId: string): Promise<void> => void (await request('POST', `/api/tickets/${id(ticketId)}/alike/refuse`, { otherId })),
    storms: (): Promise<StormView[]> => list('storms', isStorm, '/api/storms'),
    mergeStorm: async (stormId: string): Promise<void> => void (await request('POST', `/api/storms/${id(stormId)}/merge`, {})),
    answerStorm: async (stormId: string, answer: string): Promise<void> => void (await request('POST', `/api/storms/${id(stormId)}/answer`, { text: answer })),
    endStorm: async (stormId: string): Promise<void> => void (await request('POST', `/api/storms/${id(stormId)}/end`, {})),
  };
}
