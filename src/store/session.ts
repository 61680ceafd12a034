import type { Column } from 'drizzle-orm';
import { AppError } from '../domain/errors.ts';
import type { Repositories, Vault } from './contract.ts';
import { toStoreError } from './failures.ts';
import type { Database } from './kit.ts';
import { recallOf } from './recall.ts';
import type { Tables } from './tables.ts';

/** What repositories work with: one connection, its tables and the vault. Made once per connection, so that statements stay prepared. */
export interface Session {
  /** For the few statements where many writers at once (PostgreSQL) want another form than one after the other (SQLite). */
  readonly dialect: 'sqlite' | 'postgres';
  readonly db: Database;
  readonly tables: Tables;
  readonly vault: Vault;
  /**
   * In a write door: nobody else passes the same name until this transaction ends. For read-then-write on something
   * that may not have a row yet. Nothing to do on SQLite, where writers are one after the other.
   */
  lockName(name: string): Promise<void>;
  /** In a write door: holds the row where `column` equals `value` until this transaction ends (FOR UPDATE). Nothing to do on SQLite. */
  lockRow(column: Column, value: string): Promise<void>;
  /** Marks the open transaction as lost, because part of a repository's call is already written; returns the error to throw. */
  doom(error: AppError): AppError;
}

/** One passage through `read` or `write`. */
export interface Door {
  readonly kind: 'read' | 'write';
  open: boolean;
  /** Set when the transaction can only be rolled back, even if the caller caught the error. */
  doom: unknown;
}

export function newDoor(kind: Door['kind']): Door {
  return { kind, open: true, doom: null };
}

/**
 * The repositories as one passage sees them. They refuse work once the door is shut (a forgotten `await`, a stashed
 * `repos`), because on a shared connection a stray statement would join somebody else's transaction. Database errors
 * leave here as AppErrors without parameters, and doom the passage: PostgreSQL has given the transaction up by then,
 * and SQLite must not differ.
 */
export function throughDoor(repositories: Repositories, door: Door): Repositories {
  let views = viewsOf.get(repositories);
  if (views === undefined) {
    views = planViews(repositories);
    viewsOf.set(repositories, views);
  }
  return views(door);
}

/** What a connection's repositories look like through any door; planned once, because a message goes through in microseconds. */
const viewsOf = new WeakMap<Repositories, (door: Door) => Repositories>();

/** One repository as one passage sees it. Its methods are on the prototype; which door it belongs to is its own, also when it is carried out. */
class RepositoryView {
  // Declared, not made: fields that a class makes cost more than all the rest of a view.
  declare readonly door: Door;
  declare readonly fail: (error: unknown) => never;

  constructor(door: Door, fail: (error: unknown) => never) {
    this.door = door;
    this.fail = fail;
  }
}

/** All repositories as one passage sees them, each made when it is first asked for. */
class PassageView {
  declare readonly door: Door;
  declare readonly views: (RepositoryView | undefined)[];
  declare readonly fail: (error: unknown) => never;

  constructor(door: Door) {
    this.door = door;
    this.views = [];
    this.fail = (error) => failIn(door, error);
  }
}

function planViews(repositories: Repositories): (door: Door) => Repositories {
  class View extends PassageView {}
  Object.values(repositories).forEach((repository: object, index) => {
    const Guarded = guardedClass(repository);
    Object.defineProperty(View.prototype, Object.keys(repositories)[index] ?? '', {
      enumerable: true,
      get(this: PassageView): RepositoryView {
        return (this.views[index] ??= new Guarded(this.door, this.fail));
      },
    });
  });
  // What the getters give is made from `repositories`, method by method; only `construct` is too dynamic for the compiler to see it.
  const construct: (target: typeof View, given: readonly [Door]) => Repositories = Reflect.construct;
  const recall = recallOf(repositories);
  return (door) => {
    recall?.forget();
    return construct(View, [door]);
  };
}

function guardedClass(repository: object): typeof RepositoryView {
  class Guarded extends RepositoryView {}
  for (const [name, member] of Object.entries(repository)) {
    Object.defineProperty(Guarded.prototype, name, { enumerable: true, value: typeof member === 'function' ? guarded(repository, name, member) : member });
  }
  return Guarded;
}

function guarded(repository: object, name: string, method: (...given: readonly unknown[]) => unknown) {
  return function (this: RepositoryView, ...given: readonly unknown[]): unknown {
    if (!this.door.open) return Promise.reject(new AppError('store.door_shut', `${name} was called after its ${this.door.kind} had ended: await every call inside the door`, { status: 500 }));
    const result = Reflect.apply(method, repository, given);
    return result instanceof Promise ? result.then(undefined, this.fail) : result;
  };
}

function failIn(door: Door, error: unknown): never {
  const known = toStoreError(error);
  if (known !== error) door.doom ??= known;
  throw known;
}
