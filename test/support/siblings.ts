import { createExchange } from '../../src/bus/siblings/exchange.ts';
import { createSiblingLine, type SiblingLine } from '../../src/bus/siblings/line.ts';
import { outlastingMeasures } from '../../src/meter.ts';

/** The processes of one machine without processes: lines to one exchange, what is said goes through JSON as it does between processes. */
export interface Family {
  /** A process that listens. `mute`: it hears, but nothing of it arrives. */
  join(given?: { readonly mute?: boolean }): Member;
  /** Runs what waits for time to pass. */
  passTime(): void;
}

export interface Member {
  readonly line: SiblingLine;
  /** What this process sends besides, as it is. */
  say(message: unknown): void;
  /** The process ends. */
  leave(): void;
}

export function createFamily(processes: number): Family {
  let waiting: (() => void)[] = [];
  const exchange = createExchange({
    processes,
    outlast: outlastingMeasures,
    later: (_, act) => {
      waiting.push(act);
      return () => {
        waiting = waiting.filter((other) => other !== act);
      };
    },
  });
  let count = 0;
  return {
    join: ({ mute = false } = {}) => {
      count += 1;
      const id = count;
      let connected = true;
      let hear: (message: unknown) => void = () => undefined;
      const line = createSiblingLine(
        {
          get connected() {
            return connected;
          },
          send: (message, done) => {
            const copy: unknown = JSON.parse(JSON.stringify(message));
            queueMicrotask(() => {
              done(null);
              if (!mute) exchange.receive(id, copy);
            });
          },
          onMessage: (listener) => {
            hear = listener;
          },
        },
        { number: id, processes },
      );
      exchange.join(id, (message) => {
        const copy: unknown = JSON.parse(JSON.stringify(message));
        queueMicrotask(() => hear(copy));
      });
      return {
        line,
        say: (message) => exchange.receive(id, message),
        leave: () => {
          connected = false;
          exchange.leave(id);
        },
      };
    },
    passTime: () => {
      for (const act of waiting.splice(0)) act();
    },
  };
}
