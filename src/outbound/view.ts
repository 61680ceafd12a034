import type { EpochMs } from '../domain/activity.ts';
import type { CampaignTarget, Repositories } from '../store/contract.ts';
import { channelText, codeText, scriptText, stateText, yuanText } from './words.ts';

/** How a ticket's citizen was told of it, for people. No number and no name: who it is, the vault knows. */
export interface AttemptView {
  readonly id: string;
  /** `conversation`: a message in a conversation that the citizen has. */
  readonly kind: 'notification' | 'call' | 'conversation';
  readonly channel: string;
  readonly channelName: string;
  readonly about: string;
  readonly state: string;
  readonly stateName: string;
  /** Why it went so, in words; null: nothing to be said. */
  readonly reason: string | null;
  readonly cost: string | null;
  readonly number: number;
  readonly at: EpochMs;
  readonly sentAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  /** Of talk. */
  readonly seconds: number | null;
  /** Of the calls together, at the last of them: what was asked, the keys as they were pressed, what was understood (`true`, a word). */
  readonly answers: readonly { readonly question: string; readonly keys: string | null; readonly answer: string | null }[];
}

/** Attempts of one ticket that are shown. */
const MOST = 200;

/** Oldest first. */
export async function attemptViews(repos: Repositories, ticketId: string): Promise<readonly AttemptView[]> {
  const attempts = await repos.reach.ofTicket(ticketId, MOST);
  const notices = await repos.ticketNotices.of(ticketId);
  const targets = new Map<string, CampaignTarget>();
  for (const id of new Set(attempts.flatMap(({ targetId }) => targetId ?? []))) {
    const target = await repos.campaigns.target(id);
    if (target !== null) targets.set(id, target);
  }
  const answersAt = (at: number): AttemptView['answers'] => {
    const id = attempts[at]?.targetId;
    const target = id === undefined || id === null ? undefined : targets.get(id);
    return target === undefined || attempts.findLastIndex(({ targetId }) => targetId === id) !== at ? [] : answersOf(target);
  };
  const began = attempts.map((one, index): AttemptView => ({
    id: one.id, kind: one.kind, channel: one.channel, channelName: channelText(one.channel), about: scriptText(one.script), state: one.state, stateName: stateText(one.state), reason: codeText(one.code),
    cost: one.costFen === null || one.costFen === 0 ? null : yuanText(one.costFen), number: one.number, at: one.createdAt, sentAt: one.sentAt, endedAt: one.endedAt, seconds: one.seconds, answers: answersAt(index),
  }));
  const byAttempt = new Set(attempts.flatMap(({ noticeIds }) => noticeIds));
  const talked = notices.flatMap((notice): AttemptView[] => {
    const channel = notice.channels.at(-1);
    if (channel === undefined || notice.state !== 'sent' || notice.sentAt === null || byAttempt.has(notice.id)) return [];
    return [{ id: notice.id, kind: 'conversation', channel, channelName: channelText(channel), about: '会话内告知', state: 'sent', stateName: stateText('sent'), reason: null, cost: null, number: notice.channels.length, at: notice.sentAt, sentAt: notice.sentAt, endedAt: null, seconds: null, answers: [] }];
  });
  return [...began, ...talked].toSorted((one, other) => one.at - other.at);
}

/** What the call keeps for itself is nobody's answer. */
const OWN: ReadonlySet<string> = new Set(['outcome', 'ticket', 'tickets', 'refusals']);

function answersOf({ keys, result }: CampaignTarget): AttemptView['answers'] {
  return [...new Set([...Object.keys(keys), ...Object.keys(result)])].filter((name) => !OWN.has(name)).map((question) => ({ question, keys: keys[question] ?? null, answer: result[question] ?? null }));
}
