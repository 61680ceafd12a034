/**
 * Lane, outbox and lease as a pure machine: every step is one transaction or one act of the world. Two nodes, two
 * conversations. It is written from the contracts and not from the code; `real.test.ts` holds both against each other.
 */

export type Place = 0 | 1;
export const PLACES: readonly Place[] = [0, 1];

export type Step =
  /** A citizen's next message reaches a node: message and row in one transaction. */
  | { readonly do: 'receive'; readonly node: Place; readonly talk: Place }
  /** The same, but when the lane is passable the turn is done on the spot, without a row. */
  | { readonly do: 'receive-inline'; readonly node: Place; readonly talk: Place }
  /** The newest message of the conversation comes again. */
  | { readonly do: 'resend'; readonly node: Place; readonly talk: Place }
  /** Asks the outbox which lanes are due. */
  | { readonly do: 'look'; readonly node: Place }
  /** Takes a lane that it has seen, or that the queue named, with the rows that are due. */
  | { readonly do: 'acquire'; readonly node: Place; readonly talk: Place }
  /** The next of the taken rows: effect, fence and completion in one transaction. */
  | { readonly do: 'commit'; readonly node: Place; readonly talk: Place }
  /** Only of a model that is broken on purpose: the completion as a transaction of its own. */
  | { readonly do: 'complete'; readonly node: Place; readonly talk: Place }
  | { readonly do: 'retry'; readonly node: Place; readonly talk: Place }
  | { readonly do: 'bury'; readonly node: Place; readonly talk: Place }
  | { readonly do: 'renew'; readonly node: Place; readonly talk: Place }
  | { readonly do: 'release'; readonly node: Place; readonly talk: Place }
  | { readonly do: 'crash'; readonly node: Place }
  | { readonly do: 'pause'; readonly node: Place }
  | { readonly do: 'resume'; readonly node: Place }
  /** Every lease runs out, every retry falls due. */
  | { readonly do: 'expire' }
  /** One node's clock moves away from the other's, or back. */
  | { readonly do: 'skew'; readonly node: Place; readonly ms: number }
  /** The queue forgets everything. */
  | { readonly do: 'flush' };

export const START_MS = 1_000_000;
export const LEASE_MS = 100;
export const RETRY_MS = 40;
export const EXPIRE_MS = 1_000;
export const SKEW_MS = 250;
/** Rows taken at a time. */
export const TAKE = 2;

export interface Row {
  readonly id: string;
  readonly talk: Place;
  readonly position: number;
  readonly at: number;
  readonly attempts: number;
  readonly dead: boolean;
}

export interface Held {
  readonly fence: number;
  readonly rows: readonly string[];
  /** Only of a broken model: its effect is there, its completion is not. */
  readonly half: boolean;
}

export interface Node {
  readonly paused: boolean;
  readonly skewMs: number;
  readonly seen: readonly [boolean, boolean];
  readonly held: readonly [Held | null, Held | null];
}

export interface State {
  readonly now: number;
  /** Accepted messages of each conversation, in the order of their seq. */
  readonly accepted: readonly [readonly string[], readonly string[]];
  /** What the turns of each conversation did, in the order of their commits. */
  readonly effects: readonly [readonly string[], readonly string[]];
  readonly rows: readonly Row[];
  readonly lanes: readonly [Lane, Lane];
  readonly nodes: readonly [Node, Node];
  /** Conversations that the queue has named and nobody has taken. */
  readonly queue: readonly [boolean, boolean];
  readonly nextPosition: number;
  readonly buried: readonly string[];
  /** Writes of a holder whose fence was not the lane's any more. Must stay 0. */
  readonly staleWrites: number;
}

export interface Lane {
  /** 0: never taken. */
  readonly fence: number;
  readonly expiresAt: number;
}

/** What is left out on purpose, to see that it is missed. */
export interface Variant {
  readonly fence: boolean;
  readonly completionInside: boolean;
  readonly inbox: boolean;
  readonly passability: boolean;
}
export const SOUND: Variant = { fence: true, completionInside: true, inbox: true, passability: true };

/** What a step answers to whoever did it; compared with what the store answers. */
export type Answer = string;

const FREE: Lane = { fence: 0, expiresAt: 0 };
const FRESH: Node = { paused: false, skewMs: 0, seen: [false, false], held: [null, null] };
export const INITIAL: State = { now: START_MS, accepted: [[], []], effects: [[], []], rows: [], lanes: [FREE, FREE], nodes: [FRESH, FRESH], queue: [false, false], nextPosition: 1, buried: [], staleWrites: 0 };

const put = <Item>(pair: readonly [Item, Item], at: Place, item: Item): readonly [Item, Item] => (at === 0 ? [item, pair[1]] : [pair[0], item]);
const clock = (state: State, node: Place): number => state.now + state.nodes[node].skewMs;
const change = (state: State, node: Place, over: Partial<Node>): State => ({ ...state, nodes: put(state.nodes, node, { ...state.nodes[node], ...over }) });
const hold = (state: State, node: Place, talk: Place, held: Held | null): State => change(state, node, { held: put(state.nodes[node].held, talk, held) });

/** Rows of a lane that may run now: up to the first that waits for its retry. Every row here blocks. */
export function dueRows(state: State, talk: Place, now: number): readonly Row[] {
  const ready = state.rows.filter((row) => row.talk === talk && !row.dead);
  const blocker = ready.findIndex((row) => row.at > now);
  return blocker === -1 ? ready : ready.slice(0, blocker);
}

/** Conversations whose lane is due and free, the oldest head first. */
export function dueTalks(state: State, now: number): readonly Place[] {
  return PLACES.flatMap((talk) => {
    const head = dueRows(state, talk, now)[0];
    return head === undefined || state.lanes[talk].expiresAt > now ? [] : [{ talk, head }];
  })
    .toSorted((a, b) => a.head.at - b.head.at || a.head.position - b.head.position)
    .map(({ talk }) => talk);
}

const passable = (state: State, talk: Place, now: number): boolean => state.lanes[talk].expiresAt <= now && !state.rows.some((row) => row.talk === talk && !row.dead);

/** Can this step happen? The world decides when; a paused node does nothing. */
export function isEnabled(state: State, step: Step, variant: Variant): boolean {
  if (step.do === 'expire' || step.do === 'flush') return true;
  const node = state.nodes[step.node];
  if (step.do === 'crash' || step.do === 'skew') return true;
  if (step.do === 'resume') return node.paused;
  if (node.paused) return false;
  if (step.do === 'pause' || step.do === 'look' || step.do === 'receive' || step.do === 'receive-inline') return true;
  if (step.do === 'resend') return state.accepted[step.talk].length > 0;
  const held = node.held[step.talk];
  if (step.do === 'acquire') return held === null && (node.seen[step.talk] || state.queue[step.talk]);
  if (held === null) return false;
  if (step.do === 'complete') return !variant.completionInside && held.half;
  if (held.half) return false;
  return step.do === 'renew' || step.do === 'release' || held.rows.length > 0;
}

export function apply(state: State, step: Step, variant: Variant = SOUND): { readonly state: State; readonly answer: Answer } {
  switch (step.do) {
    case 'receive':
    case 'receive-inline':
      return receive(state, step, `${step.talk}.${state.accepted[step.talk].length + 1}`, variant);
    case 'resend': {
      const newest = state.accepted[step.talk].at(-1) ?? '';
      return variant.inbox ? { state, answer: 'duplicate' } : receive(state, step, newest, variant);
    }
    case 'look': {
      const due = dueTalks(state, clock(state, step.node));
      return { state: change(state, step.node, { seen: [due.includes(0), due.includes(1)] }), answer: `due ${due.join(' ')}` };
    }
    case 'acquire':
      return acquire(state, step.node, step.talk);
    case 'release': {
      const held = state.nodes[step.node].held[step.talk];
      const mine = held !== null && state.lanes[step.talk].fence === held.fence;
      const freed = mine ? { ...state, lanes: put(state.lanes, step.talk, { ...state.lanes[step.talk], expiresAt: 0 }) } : state;
      return { state: hold(freed, step.node, step.talk, null), answer: 'released' };
    }
    case 'renew': {
      const held = state.nodes[step.node].held[step.talk];
      const lane = state.lanes[step.talk];
      if (held === null || lane.fence !== held.fence || lane.expiresAt === 0) return { state: hold(state, step.node, step.talk, null), answer: 'lost' };
      return { state: { ...state, lanes: put(state.lanes, step.talk, { ...lane, expiresAt: clock(state, step.node) + LEASE_MS }) }, answer: 'renewed' };
    }
    case 'commit':
    case 'complete':
    case 'retry':
    case 'bury':
      return write(state, step, variant);
    case 'crash':
      return { state: { ...state, nodes: put(state.nodes, step.node, { ...FRESH, skewMs: state.nodes[step.node].skewMs }) }, answer: '' };
    case 'pause':
      return { state: change(state, step.node, { paused: true }), answer: '' };
    case 'resume':
      return { state: change(state, step.node, { paused: false }), answer: '' };
    case 'expire':
      return { state: { ...state, now: state.now + EXPIRE_MS }, answer: '' };
    case 'skew':
      return { state: change(state, step.node, { skewMs: step.ms }), answer: '' };
    case 'flush':
      return { state: { ...state, queue: [false, false] }, answer: '' };
  }
}

function receive(state: State, { do: how, node, talk }: Extract<Step, { do: 'receive' | 'receive-inline' | 'resend' }>, id: string, variant: Variant): { state: State; answer: Answer } {
  const now = clock(state, node);
  const accepted = { ...state, accepted: put(state.accepted, talk, state.accepted[talk].includes(id) ? state.accepted[talk] : [...state.accepted[talk], id]) };
  if (how === 'receive-inline' && (!variant.passability || passable(state, talk, now))) return { state: { ...accepted, effects: put(state.effects, talk, [...state.effects[talk], id]) }, answer: 'turned at once' };
  const row: Row = { id, talk, position: state.nextPosition, at: now, attempts: 0, dead: false };
  return { state: { ...accepted, rows: [...state.rows, row], nextPosition: state.nextPosition + 1, queue: put(state.queue, talk, true) }, answer: 'queued' };
}

function acquire(state: State, node: Place, talk: Place): { state: State; answer: Answer } {
  const now = clock(state, node);
  const asked = { ...change(state, node, { seen: put(state.nodes[node].seen, talk, false) }), queue: put(state.queue, talk, false) };
  const lane = state.lanes[talk];
  if (lane.expiresAt > now) return { state: asked, answer: 'held by somebody' };
  // The fence starts at the clock, and grows with every taking whatever the clock says.
  const fence = now > lane.fence ? now : lane.fence + 1;
  const rows = dueRows(state, talk, now).slice(0, TAKE).map(({ id }) => id);
  const taken = { ...asked, lanes: put(asked.lanes, talk, { fence, expiresAt: now + LEASE_MS }) };
  return { state: hold(taken, node, talk, { fence, rows, half: false }), answer: `fence ${fence}: ${rows.join(' ')}` };
}

/** A transaction of the lane's holder about its next row. */
function write(state: State, step: Extract<Step, { do: 'commit' | 'complete' | 'retry' | 'bury' }>, variant: Variant): { state: State; answer: Answer } {
  const { node, talk } = step;
  const held = state.nodes[node].held[talk];
  const [id, ...rest] = held?.rows ?? [];
  if (held === null || id === undefined) return { state, answer: 'nothing' };
  const stale = state.lanes[talk].fence !== held.fence;
  const drop = hold(state, node, talk, null);
  if (stale && variant.fence) return { state: drop, answer: 'fenced' };
  const known = state.rows.some((row) => row.id === id && row.talk === talk);
  const written = { ...state, staleWrites: state.staleWrites + (stale ? 1 : 0) };
  const without = { ...written, rows: written.rows.filter((row) => row.id !== id) };
  const effects = put(state.effects, talk, [...state.effects[talk], id]);
  const next = (from: State): State => hold(from, node, talk, { fence: held.fence, rows: rest, half: false });
  switch (step.do) {
    case 'commit':
      if (!variant.completionInside) return { state: hold({ ...written, effects }, node, talk, { ...held, half: true }), answer: 'half done' };
      if (!known) return { state: drop, answer: 'gone' };
      return { state: next({ ...without, effects }), answer: 'done' };
    case 'complete':
      return { state: next(without), answer: 'completed' };
    case 'retry': {
      const rows = written.rows.map((row) => (row.id === id ? { ...row, attempts: row.attempts + 1, at: clock(state, node) + RETRY_MS } : row));
      // The row holds up its lane until it is due again: the holder goes on looking, from the head.
      return { state: hold({ ...written, rows }, node, talk, { ...held, rows: [] }), answer: 'later' };
    }
    case 'bury': {
      const rows = written.rows.map((row) => (row.id === id ? { ...row, dead: true } : row));
      return { state: next({ ...written, rows, buried: known ? [...state.buried, id] : state.buried }), answer: 'buried' };
    }
  }
}

/** Nothing is left to do but what somebody buried. */
export const isQuiet = (state: State): boolean => state.rows.every((row) => row.dead);

/** Everything that two fair nodes do until nothing waits any more, or null when they never come to an end. */
export function settle(from: State, variant: Variant = SOUND, play: (step: Step) => void = () => undefined): State | null {
  let state = from;
  const go = (step: Step): void => {
    if (!isEnabled(state, step, variant)) return;
    play(step);
    state = apply(state, step, variant).state;
  };
  for (const node of PLACES) {
    go({ do: 'skew', node, ms: 0 });
    go({ do: 'resume', node });
  }
  for (let round = 0; round < 50; round += 1) {
    if (isQuiet(state)) return state;
    go({ do: 'expire' });
    for (const node of PLACES) {
      go({ do: 'look', node });
      for (const talk of PLACES) {
        // What it held before, then what it finds.
        for (const again of [0, 1]) {
          for (let row = 0; row < TAKE; row += 1) {
            go({ do: 'complete', node, talk });
            go({ do: 'commit', node, talk });
            go({ do: 'complete', node, talk });
          }
          go({ do: 'release', node, talk });
          if (again === 0) go({ do: 'acquire', node, talk });
        }
      }
    }
  }
  return null;
}
