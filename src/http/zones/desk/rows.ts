import type { ConversationViewShape } from './schemas.ts';

/**
 * Tells desks which rows of their lists have changed. Many changes of a moment become one look into the store and one
 * frame a row. A conversation that the bot is leading concerns nobody at the desk, but there are hundreds of them a
 * second on a bad day: of those only the newest few are told; the list of them reads itself anew when it is opened.
 */
export interface RowTeller {
  changed(conversationId: string): void;
  stop(): void;
}

export interface RowTellerOptions {
  readonly views: (ids: readonly string[]) => Promise<readonly ConversationViewShape[]>;
  readonly tell: (view: ConversationViewShape) => void;
  readonly failed: (error: unknown) => void;
  /** Pause between two looks, ms. */
  readonly pauseMs?: number;
}

const PAUSE_MS = 100;
/** Rows of the bot that are told at one look. */
const BOT_ROWS = 10;
/** Rows looked at together; the rest follows at the next look. */
const ROWS_AT_ONCE = 200;
/** Conversations remembered as being on somebody's list; the oldest are forgotten first. */
const MAX_LISTED = 20_000;

export function createRowTeller({ views, tell, failed, pauseMs = PAUSE_MS }: RowTellerOptions): RowTeller {
  const changed = new Set<string>();
  /** Told as waiting, with a seat or in need: when the bot has it back, everybody must hear of it. */
  const listed = new Set<string>();
  let pause: NodeJS.Timeout | null = null;
  let looking = false;
  let stopped = false;

  const look = async (): Promise<void> => {
    looking = true;
    const ids = [...changed].slice(0, ROWS_AT_ONCE);
    for (const id of ids) changed.delete(id);
    try {
      const rows = await views(ids);
      const own = rows.filter((row) => isListed(row) || listed.has(row.id));
      const bots = rows.filter((row) => !isListed(row) && !listed.has(row.id)).slice(-BOT_ROWS);
      for (const row of [...own, ...bots]) {
        listed.delete(row.id);
        if (isListed(row)) listed.add(row.id);
        tell(row);
      }
      for (const id of listed) {
        if (listed.size <= MAX_LISTED) break;
        listed.delete(id);
      }
    } catch (error) {
      failed(error);
    } finally {
      looking = false;
    }
    if (stopped) return;
    pause = setTimeout(() => {
      pause = null;
      if (changed.size > 0) void look();
    }, pauseMs);
  };

  return {
    changed: (id) => {
      changed.delete(id); // the newest last
      changed.add(id);
      if (!looking && pause === null && !stopped) void look();
    },
    stop: () => {
      stopped = true;
      if (pause !== null) clearTimeout(pause);
    },
  };
}

function isListed(row: ConversationViewShape): boolean {
  return row.owner === 'waiting' || row.owner === 'human' || row.emergency !== null;
}
