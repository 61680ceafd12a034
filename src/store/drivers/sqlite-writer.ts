import { performance } from 'node:perf_hooks';
import { AppError } from '../../domain/errors.ts';
import type { Repositories } from '../contract.ts';
import { toStoreError } from '../failures.ts';
import { type Door, newDoor } from '../session.ts';
import type { SqliteClient } from './sqlite-client.ts';
import type { Disk } from './sqlite-disk.ts';

/**
 * Writers on SQLite: one after the other, many to a commit.
 *
 *   write(a) ─┐                       ┌ SAVEPOINT a RELEASE ┐
 *   write(b) ─┼─ queue ─ BEGIN IMMEDIATE ─ SAVEPOINT b ROLLBACK TO ─ … ─ COMMIT ─ a resolves, b rejected alone
 *   write(c) ─┘                       └ SAVEPOINT c RELEASE ┘            (told when the disk has it; the next group runs meanwhile)
 *
 * better-sqlite3 works synchronously: a job that waits for nothing but the repositories runs from its first to its
 * last statement on microtasks alone. That is what lets many jobs share one connection, and what makes a job that
 * waits for something else easy to tell: Node runs `process.nextTick` callbacks when no microtask is left, and by then
 * a proper job has ended. The other is rolled back alone and rejects with `store.slow_write`, at once, also if what it
 * waits for would be quick: a habit that passes on an idle machine would stop everybody's writes on a busy one.
 */
export interface GroupWriterOptions {
  readonly client: SqliteClient;
  readonly disk: Disk;
  readonly busyMs: number;
  readonly perform: <Result>(door: Door, fn: (repos: Repositories) => Promise<Result>) => Promise<Result>;
  readonly onCommit?: ((group: { readonly jobs: number; readonly ms: number }) => void) | undefined;
  /** How long a group is open is measured by this, ms; the machine's steady clock unless told. */
  readonly elapsed?: (() => number) | undefined;
}

export interface GroupWriter {
  write<Result>(fn: (repos: Repositories) => Promise<Result>): Promise<Result>;
  /** Takes no more jobs and resolves when the waiting ones are done. */
  finish(): Promise<void>;
}

interface Job {
  /** Does the work; the returned function tells the caller, when the commit is durable. */
  readonly attempt: (door: Door) => Promise<() => void>;
  readonly reject: (error: unknown) => void;
}

/** A job whose caller is told when the commit is durable. */
interface Ended {
  readonly refused: boolean;
  readonly tell: () => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly acknowledge: () => void } | { readonly error: unknown };

/** A group is committed after so many jobs or so much time, so that nobody waits long for the rest of a storm. */
const MAX_JOBS = 256;
const GROUP_MS = 12;
/** On a slow disk groups grow to this many times the last commit, so that a storm is not spent in fsync; but not beyond all patience. */
const GROUP_TO_COMMIT = 3;
const MAX_GROUP_MS = 40;
/** Pause before the next look at a file that another process holds; where several share it, each holds it some 10 ms at a time. */
const BUSY_PAUSE_MS = 1;

export function createGroupWriter({ client, disk, busyMs, perform, onCommit, elapsed = () => performance.now() }: GroupWriterOptions): GroupWriter {
  const begin = client.prepare('BEGIN IMMEDIATE');
  const commit = client.prepare('COMMIT');
  const rollback = client.prepare('ROLLBACK');
  const savepoint = client.prepare('SAVEPOINT job');
  const release = client.prepare('RELEASE job');
  const rollbackTo = client.prepare('ROLLBACK TO job');

  let queue: Job[] = [];
  let next = 0;
  let scheduled = false;
  let busySince: number | null = null;
  let groupMs = GROUP_MS;
  let finishing = false;
  let onEmpty: (() => void) | null = null;
  /** Settles the job that runs now, from outside. */
  let interrupt: ((error: AppError) => void) | null = null;

  const waitingJobs = (): number => queue.length - next;

  function takeJob(): Job | undefined {
    const job = queue[next];
    if (job !== undefined) next += 1;
    return job;
  }

  /** A queue that never runs empty would otherwise keep every job that it has ever held, with its request and its answer. */
  function forgetTaken(): void {
    queue = queue.slice(next);
    next = 0;
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    // After the poll phase: everything that came in meanwhile joins the group.
    setImmediate(() => void runGroup());
  }

  async function runGroup(): Promise<void> {
    await Promise.resolve(); // from here on as a microtask: what nextTick does is then done after all microtasks, not before
    if (!open()) return;
    const started = performance.now();
    const opened = elapsed();
    const done: Ended[] = [];
    let running = true;
    const watch = (): void => {
      process.nextTick(() => {
        if (!running) return;
        interrupt?.(slowWrite());
        queueMicrotask(watch);
      });
    };
    watch();
    let lost: unknown = null;
    for (let taken = 0; taken < MAX_JOBS && (taken === 0 || elapsed() - opened < groupMs); taken += 1) {
      const job = takeJob();
      if (job === undefined) break;
      const door = newDoor('write');
      let outcome: Outcome;
      try {
        savepoint.run();
        outcome = await runJob(job, door);
        if ('error' in outcome) undo();
        else release.run();
      } catch (error) {
        // The savepoint itself failed: nothing of this group can be trusted to be whole.
        outcome = { error };
        if (client.inTransaction) rollback.run();
      }
      // A refusal waits for the commit too: it may rest on what an earlier job of this group has written.
      const tell = 'acknowledge' in outcome ? outcome.acknowledge : refuse(job, outcome.error);
      done.push({ refused: 'error' in outcome, tell, reject: job.reject });
      if (!client.inTransaction) {
        // SQLite gives up the whole transaction for a full disk and the like.
        lost = 'error' in outcome ? outcome.error : new AppError('store.failed', 'the transaction was given up', { retry: 'later', status: 503 });
        break;
      }
    }
    running = false;
    forgetTaken();
    settle(done, lost, started);
    scheduled = false;
    if (waitingJobs() > 0) schedule();
    else onEmpty?.();
  }

  /** BEGIN; false when it could not and the rest was arranged for. */
  function open(): boolean {
    try {
      if (disk.lost !== null) throw disk.lost;
      begin.run();
      busySince = null;
      return true;
    } catch (error) {
      const known = toStoreError(error);
      busySince ??= performance.now();
      if (known instanceof AppError && known.code === 'store.busy' && performance.now() - busySince < busyMs) {
        setTimeout(() => void runGroup(), BUSY_PAUSE_MS);
        return false;
      }
      busySince = null;
      scheduled = false;
      for (let job = takeJob(); job !== undefined; job = takeJob()) job.reject(known);
      forgetTaken();
      onEmpty?.();
      return false;
    }
  }

  /** Never rejects. */
  function runJob(job: Job, door: Door): Promise<Outcome> {
    return new Promise<Outcome>((resolve) => {
      const end = (outcome: Outcome): void => {
        door.open = false;
        interrupt = null;
        resolve(outcome);
      };
      interrupt = (error) => end({ error });
      void (async () => {
        try {
          const acknowledge = await job.attempt(door);
          if (door.open) end(door.doom === null ? { acknowledge } : { error: door.doom });
        } catch (error) {
          if (door.open) end({ error });
        }
      })();
    });
  }

  function undo(): void {
    if (!client.inTransaction) return; // given up by SQLite already
    rollbackTo.run();
    release.run();
  }

  function refuse(job: Job, error: unknown): () => void {
    return () => job.reject(toStoreError(error));
  }

  /** COMMIT; whoever took part hears of it when it is durable, of a failure too: it may rest on what an earlier group has written. */
  function settle(done: readonly Ended[], lost: unknown, started: number): void {
    let failure = lost;
    const begun = performance.now();
    if (failure === null) {
      try {
        commit.run();
      } catch (error) {
        failure = error;
        if (client.inTransaction) rollback.run();
      }
    }
    const known = failure === null ? null : toStoreError(failure);
    const jobs = known === null ? done.filter(({ refused }) => !refused).length : 0;
    if (jobs > 0) disk.committed();
    disk.whenDurable((gone) => {
      const refusal = gone ?? known;
      if (refusal !== null) {
        for (const job of done) job.reject(refusal);
        return;
      }
      const ended = performance.now();
      groupMs = Math.min(MAX_GROUP_MS, Math.max(GROUP_MS, GROUP_TO_COMMIT * (ended - begun)));
      if (jobs > 0) onCommit?.({ jobs, ms: ended - started });
      for (const job of done) job.tell();
    });
  }

  return {
    write<Result>(fn: (repos: Repositories) => Promise<Result>): Promise<Result> {
      return new Promise<Result>((resolve, reject) => {
        if (finishing) {
          reject(new AppError('store.closed', 'the store is closing', { retry: 'later', status: 503 }));
          return;
        }
        queue.push({
          attempt: async (door) => {
            const result = await perform(door, fn);
            return () => resolve(result);
          },
          reject,
        });
        schedule();
      });
    },
    finish() {
      finishing = true;
      return new Promise((resolve) => {
        const end = (): void => disk.whenDurable(() => resolve());
        if (!scheduled) end();
        else onEmpty = end;
      });
    },
  };
}

function slowWrite(): AppError {
  return new AppError(
    'store.slow_write',
    'a write waited for something else than its repositories (the network, a timer, a thread, another door of the store): do that before or after the write',
    { status: 500 },
  );
}
