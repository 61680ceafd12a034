import type { News } from '../bus/news.ts';
import type { Activity, EpochMs } from '../domain/activity.ts';
import type { Conversation } from '../domain/conversation.ts';
import { codeOf } from '../domain/errors.ts';
import type { Store } from '../store/contract.ts';
import type { Log } from './context.ts';
import type { LiveHub } from './live.ts';

/** Between two looks, ms. */
const LOOK_MS = 1_000;
/** News is back here, but another node may still be on its way to it (they try again after two seconds at most), ms. */
const LINGER_MS = 5_000;
/** Clocks of the nodes may differ, and a commit comes later than its time says, ms. */
const SLACK_MS = 30_000;
const PAGE = 200;
/** Activities of one conversation that are told; a web chat's socket that missed more reads them itself. */
const MOST = 20;

export interface CatchUp {
  start(): void;
  /** Resolves when no look is under way any more. */
  stop(): Promise<void>;
}

export interface CatchUpOptions {
  /** Listeners of this process. */
  readonly live: Pick<LiveHub, 'publish' | 'publishDesk' | 'listens' | 'anybody'>;
  readonly store: Pick<Store, 'read'>;
  readonly news: Pick<News, 'connected'>;
  readonly now: () => EpochMs;
  readonly log: Pick<Log, 'warn'>;
}

/**
 * While news of other nodes is cut off, an open socket would stay silent until its page happens to come again: nobody tells it
 * to look. So this node looks itself, once a second and a little beyond the outage: which conversations have moved? Listeners
 * know what they have by its place, so telling them twice does no harm.
 */
export function createCatchUp({ live, store, news, now, log }: CatchUpOptions): CatchUp {
  let timer: NodeJS.Timeout | null = null;
  let looking: Promise<void> | null = null;
  /** By the process clock: look until then. */
  let until = -Infinity;
  /** From here on news may be missing. */
  let since: EpochMs = now();
  let known = new Map<string, { readonly version: number; readonly seq: number; readonly emergencyAt: EpochMs | null }>();

  const look = async (): Promise<void> => {
    const at = performance.now();
    if (!news.connected()) until = at + LINGER_MS;
    if (at >= until) {
      since = now();
      known = new Map();
      return;
    }
    if (!live.anybody()) return;
    try {
      const moved = await movedSince(since - SLACK_MS);
      for (const [conversation, activities] of moved) tell(conversation, activities);
    } catch (error) {
      log.warn({ code: codeOf(error) }, 'what other nodes said could not be looked up');
    }
  };

  const movedSince = (from: EpochMs): Promise<readonly (readonly [Conversation, readonly Activity[]])[]> =>
    store.read(async (repos) => {
      const moved: (readonly [Conversation, readonly Activity[]])[] = [];
      for (let before: EpochMs | undefined; ; ) {
        const page = await repos.conversations.list({ limit: PAGE, ...(before === undefined ? {} : { before }) });
        for (const conversation of page) {
          const { id, version, lastSeq, lastActivityAt } = conversation;
          const last = known.get(id);
          if (lastActivityAt < from || (last !== undefined && last.version === version && last.seq === lastSeq)) continue;
          const after = Math.max(last?.seq ?? 0, lastSeq - MOST);
          moved.push([conversation, live.listens(id) ? await repos.activities.after(id, after, MOST) : []]);
        }
        before = page.at(-1)?.lastActivityAt;
        if (page.length < PAGE || before === undefined || before < from) return moved;
      }
    });

  const tell = (conversation: Conversation, activities: readonly Activity[]): void => {
    const { id, version, lastSeq, emergency } = conversation;
    const last = known.get(id);
    const from = since - SLACK_MS;
    known.set(id, { version, seq: lastSeq, emergencyAt: emergency?.at ?? null });
    for (const activity of activities) if (last !== undefined || activity.at >= from) live.publish(id, { kind: 'activity', activity });
    live.publishDesk({ kind: 'conversation', conversationId: id });
    if (emergency !== null && emergency.at >= from && emergency.at !== last?.emergencyAt) live.publishDesk({ kind: 'emergency', conversationId: id, category: emergency.category });
  };

  return {
    start: () => {
      timer ??= setInterval(() => {
        looking ??= look().finally(() => {
          looking = null;
        });
      }, LOOK_MS);
      timer.unref();
    },
    stop: async () => {
      if (timer !== null) clearInterval(timer);
      timer = null;
      await looking;
    },
  };
}
