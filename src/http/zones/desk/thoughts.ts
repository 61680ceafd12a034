import type { AssistRules } from '../../../assist/rules.ts';
import { type Mind, think, thoughtKey } from '../../../assist/think.ts';
import type { Thoughts, Told } from '../../../assist/types.ts';
import type { Conversation } from '../../../domain/conversation.ts';
import type { Ticket } from '../../../domain/ticket.ts';
import type { IntakeContext } from '../../../intake/context.ts';
import type { Repositories } from '../../../store/contract.ts';

/** What assist thinks of conversations, once for each state of them. */
export interface Thinking {
  of(repos: Repositories, conversation: Conversation, tickets: readonly Ticket[]): Promise<Thoughts>;
  /** The hand-over in a few lines of text; '': nothing has been said that could be told. */
  summary(repos: Repositories, conversation: Conversation): Promise<string>;
}

/** Newest activities that are read. */
export const READ = 200;
/** Conversations whose thoughts are kept; the oldest are forgotten first. */
const KEPT = 600;

interface Kept {
  readonly key: string;
  readonly items: IntakeContext['city']['items'];
  readonly thoughts: Thoughts;
}

export function createThinking(context: IntakeContext, rules: () => AssistRules): Thinking {
  const { city, clock, knowledge, suggestItems, dialog } = context;
  const kept = new Map<string, Kept>();
  const mind = (): Mind => ({ rules: rules(), city, clock, matcher: knowledge.deskMatcher, entryOf: knowledge.full, suggestItems, emergencyOf: dialog.emergency });

  const toldOf = async (repos: Repositories, conversation: Conversation, tickets: readonly Ticket[]): Promise<Told> => ({
    modality: conversation.modality,
    enterprise: conversation.enterpriseId !== null,
    phoneKnown: ((await repos.citizens.summary(conversation.citizenId))?.phoneMasked ?? null) !== null,
    handoffReason: conversation.handoffReason,
    flow: conversation.understood?.flow ?? null,
    slots: conversation.understood?.slots ?? [],
    tickets: tickets.map(({ number, title, state }) => ({ number, title, state })),
    now: context.now(),
  });

  const of = async (repos: Repositories, conversation: Conversation, tickets: readonly Ticket[]): Promise<Thoughts> => {
    const opened = tickets.map(({ id, version }) => `${id}.${version}`).join(' ');
    const key = `${thoughtKey(conversation, knowledge.status?.().seq ?? 0, context.now())} ${city.routesVersion} ${opened}`;
    const known = kept.get(conversation.id);
    if (known !== undefined && known.key === key && known.items === city.items) return known.thoughts;
    const thoughts = think(await repos.activities.latest(conversation.id, READ), await toldOf(repos, conversation, tickets), mind());
    kept.delete(conversation.id);
    kept.set(conversation.id, { key, items: city.items, thoughts });
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT) break;
      kept.delete(oldest);
    }
    return thoughts;
  };

  return {
    of,
    summary: async (repos, conversation) => (await of(repos, conversation, await repos.tickets.byConversation(conversation.id))).summary.map(({ label, text }) => `${label}：${text}`).join('\n'),
  };
}
