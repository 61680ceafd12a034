import type { Conversation } from '../../../domain/conversation.ts';
import type { ConversationViewShape } from './schemas.ts';
import type { Audience, ListView } from './sockets.ts';

/**
 * Tells desks which rows of their lists have changed. Many changes of a moment become one look into the store and one frame a row.
 * Everybody hears of who waits and who is in need, and when that is over; of a conversation that a seat has only that seat
 * and those who look on: 450 desks with 200 messages a second would otherwise be 90,000 frames a second.
 */
export interface RowTeller {
  changed(conversationId: string): void;
  stop(): void;
}

/** What decides who hears of a row. */
export type ListedRow = Pick<Conversation, 'id' | 'owner' | 'seatId' | 'emergency'> & {
  /** Seats that were asked in or listen. */
  readonly joined?: readonly string[];
};

export interface RowTellerOptions {
  /** The rows as they are now, without what only a reader needs. */
  readonly look: (ids: readonly string[]) => Promise<readonly ListedRow[]>;
  readonly views: (ids: readonly string[]) => Promise<readonly ConversationViewShape[]>;
  /** Would anybody hear it? Nothing is read for nobody. */
  readonly hears: (audience: Audience) => boolean;
  readonly tell: (view: ConversationViewShape, audience: Audience) => void;
  /** Conversations went from one list to another: the lists' lengths have changed. */
  readonly moved: () => void;
  readonly failed: (error: unknown) => void;
  /** Pause between two looks, ms. */
  readonly pauseMs?: number;
}

const PAUSE_MS = 100;
/** Rows of the bot that are told at one look; their list reads itself anew when it is opened. */
const BOT_ROWS = 10;
/** Rows looked at together; the rest follows at the next look. */
const ROWS_AT_ONCE = 200;
/** Conversations remembered as being on somebody's list; the oldest are forgotten first. */
const MAX_LISTED = 20_000;

export function createRowTeller({ look, views, hears, tell, moved, failed, pauseMs = PAUSE_MS }: RowTellerOptions): RowTeller {
  const changed = new Set<string>();
  /** What was last heard of those that waited, were with a seat or in need: who saw it then must hear that it has changed. */
  const listed = new Map<string, ListedRow>();
  let pause: NodeJS.Timeout | null = null;
  let looking = false;
  let stopped = false;

  /** Forgets what is on nobody's list any more. Returns whether the row has changed lists. */
  const remember = (row: ListedRow): boolean => {
    const before = listed.get(row.id);
    listed.delete(row.id);
    if (isListed(row)) listed.set(row.id, { id: row.id, owner: row.owner, seatId: row.seatId, emergency: row.emergency, joined: row.joined ?? [] });
    return before === undefined ? isListed(row) : before.owner !== row.owner;
  };

  const tellRows = async (ids: readonly string[]): Promise<void> => {
    const rows = await look(ids);
    const audiences = new Map(rows.map((row) => [row.id, audienceOf(row, listed.get(row.id))]));
    const heard = rows.filter((row) => {
      const audience = audiences.get(row.id);
      return audience !== undefined && hears(audience);
    });
    const own = heard.filter((row) => isListed(row) || listed.has(row.id));
    const bots = heard.filter((row) => !isListed(row) && !listed.has(row.id)).slice(-BOT_ROWS);
    let parted = false;
    for (const row of rows) parted = remember(row) || parted;
    for (const id of listed.keys()) {
      if (listed.size <= MAX_LISTED) break;
      listed.delete(id);
    }
    if (parted) moved();
    for (const view of await views([...own, ...bots].map(({ id }) => id))) {
      const audience = audiences.get(view.id);
      if (audience !== undefined) tell(view, audience);
    }
  };

  const run = async (): Promise<void> => {
    looking = true;
    const ids = [...changed].slice(0, ROWS_AT_ONCE);
    for (const id of ids) changed.delete(id);
    try {
      await tellRows(ids);
    } catch (error) {
      failed(error);
    } finally {
      looking = false;
    }
    if (stopped) return;
    pause = setTimeout(() => {
      pause = null;
      if (changed.size > 0) void run();
    }, pauseMs);
  };

  return {
    changed: (id) => {
      changed.delete(id); // the newest last
      changed.add(id);
      if (!looking && pause === null && !stopped) void run();
    },
    stop: () => {
      stopped = true;
      if (pause !== null) clearTimeout(pause);
    },
  };
}

/** `before`: what was last told of it; not known of what the bot has and of what is closed. */
function audienceOf(row: ListedRow, before: ListedRow | undefined): Audience {
  const cameFrom: readonly ListView[] = before === undefined ? (isListed(row) ? ['bot', 'closed'] : []) : listOf(before);
  return {
    everybody: isForAll(row) || (before !== undefined && isForAll(before)),
    seatIds: [...new Set([row.seatId, before?.seatId ?? null, ...(row.joined ?? []), ...(before?.joined ?? [])].filter((id) => id !== null))],
    conversationId: row.id,
    views: [...new Set([...listOf(row), ...cameFrom])],
  };
}

const listOf = ({ owner }: ListedRow): readonly ListView[] => (owner === 'waiting' ? [] : [owner]);

function isForAll(row: ListedRow): boolean {
  return row.owner === 'waiting' || row.emergency !== null;
}

function isListed(row: ListedRow): boolean {
  return row.owner === 'human' || isForAll(row);
}
