import type { EpochMs } from '../domain/activity.ts';
import { beijingDay, DAY } from '../domain/clock.ts';
import type { FallingEntry } from '../store/contract.ts';
import type { EditingContext } from './context.ts';
import { publishDue } from './review.ts';

/** What time brings to the knowledge base: publications that were planned, entries that expire or want to be looked at again. */

/** Days before an entry is to be looked at again, and before it expires, on which its owner is told. */
export const REVIEW_DAYS = 14;
export const EXPIRY_DAYS = 30;
/** Of each kind in one look; the rest follows at the next. */
const AT_ONCE = 200;

export interface UpkeepReport {
  readonly published: number;
  readonly reminded: number;
}

export interface KnowledgeUpkeep {
  /** Looks once. Every node may: what one has done the others find done. */
  tick(now: EpochMs): Promise<UpkeepReport>;
}

export function createKnowledgeUpkeep(context: Omit<EditingContext, 'now'>): KnowledgeUpkeep {
  async function publishPlanned(now: EpochMs): Promise<number> {
    const due = await context.store.read((repos) => repos.revisions.due(now, AT_ONCE));
    let published = 0;
    // One transaction each: one that cannot be published holds up no other.
    for (const { id } of due) if (await publishDue({ ...context, now: () => now }, id)) published += 1;
    return published;
  }

  async function remind(now: EpochMs): Promise<number> {
    const by = { reviewBy: beijingDay(now + REVIEW_DAYS * DAY), expiryBy: beijingDay(now + EXPIRY_DAYS * DAY), limit: AT_ONCE };
    // Most looks find nothing: those need no writer.
    if ((await context.store.read((repos) => repos.knowledge.falling(by))).length === 0) return 0;
    return context.store.write(async (repos) => {
      let reminded = 0;
      for (const entry of await repos.knowledge.falling(by)) {
        const { kind, id, on, owner } = entry;
        const added = await repos.knowledgeTasks.add({ id: context.newId(), key: `${kind}:${id}:${on}`, kind, entryId: id, owner, text: reminder(entry), conversationId: null, createdBy: 'system', createdAt: now, dueOn: on });
        if (added) reminded += 1;
      }
      return reminded;
    });
  }

  return {
    async tick(now) {
      return { published: await publishPlanned(now), reminded: await remind(now) };
    },
  };
}

function reminder({ kind, on, question }: FallingEntry): string {
  return kind === 'review' ? `请在 ${on} 前复核“${question}”` : `“${question}”的最后有效日是 ${on}，请更新或下线`;
}
