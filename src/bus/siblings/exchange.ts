import { fromChild, type FromPrimary, type Measures } from './messages.ts';

/** The primary's side: hands on what one process says to the others, and gathers what all of them measure. */
export interface Exchange {
  /** A process listens from now on. `send` never throws. */
  join(id: number, send: (message: FromPrimary) => void): void;
  /** It has ended. What it had counted by its last answer goes on being counted: a sum that shrinks looks like a start to Prometheus. */
  leave(id: number): void;
  /** Whatever a process sent. */
  receive(id: number, message: unknown): void;
}

export interface ExchangeGiven {
  /** Processes that there should be. */
  readonly processes: number;
  /** Calls back later; returns how to forget it. */
  readonly later: (ms: number, act: () => void) => () => void;
  /** What lasts of the measures of processes that have ended, as one: counters and histograms, no gauges. */
  readonly outlast: (measures: readonly Measures[]) => Measures;
}

/** A process that does not answer for so long is busy or stands still: the others are shown without what it has now. */
export const GATHER_MS = 1_000;

interface Gathering {
  readonly asker: number;
  readonly askerId: number;
  readonly waiting: Set<number>;
  readonly answers: Measures[];
  forget: () => void;
}

export function createExchange({ processes, later, outlast }: ExchangeGiven): Exchange {
  const members = new Map<number, (message: FromPrimary) => void>();
  const last = new Map<number, Measures>();
  const gatherings = new Map<number, Gathering>();
  let departed: Measures = [];
  let nextId = 0;

  const announce = (): void => {
    for (const send of members.values()) send({ yihu: 'family', up: members.size, of: processes });
  };

  const finish = (id: number, gathering: Gathering): void => {
    gatherings.delete(id);
    gathering.forget();
    // Of one that is silent, what it had counted before: gauges are of a moment, and that moment is over.
    const silent = [...gathering.waiting].flatMap((member) => last.get(member) ?? []);
    const measures = [...gathering.answers, ...(silent.length === 0 ? [] : [outlast([silent])]), ...(departed.length === 0 ? [] : [departed])];
    members.get(gathering.asker)?.({ yihu: 'gathered', id: gathering.askerId, measures, silent: gathering.waiting.size });
  };

  const gather = (asker: number, askerId: number): void => {
    const id = nextId;
    nextId += 1;
    const others = [...members.keys()].filter((member) => member !== asker);
    const gathering: Gathering = { asker, askerId, waiting: new Set(others), answers: [], forget: () => undefined };
    if (others.length === 0) return finish(id, gathering);
    gatherings.set(id, gathering);
    gathering.forget = later(GATHER_MS, () => finish(id, gathering));
    for (const member of others) members.get(member)?.({ yihu: 'question', id });
  };

  return {
    join: (id, send) => {
      members.set(id, send);
      announce();
    },
    leave: (id) => {
      if (!members.delete(id)) return;
      const counted = last.get(id);
      if (counted !== undefined) departed = outlast([departed, counted]);
      last.delete(id);
      for (const [gatheringId, gathering] of gatherings) {
        if (gathering.waiting.delete(id) && gathering.waiting.size === 0) finish(gatheringId, gathering);
      }
      announce();
    },
    receive: (id, message) => {
      const said = fromChild(message);
      if (said === null || !members.has(id)) return;
      switch (said.yihu) {
        case 'news':
          for (const [member, send] of members) if (member !== id) send({ yihu: 'news', text: said.text });
          break;
        case 'ask':
          last.set(id, said.measures);
          gather(id, said.id);
          break;
        case 'answer': {
          last.set(id, said.measures);
          const gathering = gatherings.get(said.id);
          if (gathering === undefined || !gathering.waiting.delete(id)) return; // too late
          gathering.answers.push(said.measures);
          if (gathering.waiting.size === 0) finish(said.id, gathering);
        }
      }
    },
  };
}
