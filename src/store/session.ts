import type { Column } from 'drizzle-orm';
import { AppError } from '../domain/errors.ts';
import type { Repositories, Vault } from './contract.ts';
import { toStoreError } from './failures.ts';
import type { Database } from './kit.ts';
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
  const views = new Map<PropertyKey, unknown>();
  return new Proxy(repositories, {
    get(target, key): unknown {
      let view = views.get(key);
      if (view === undefined) {
        const repository: unknown = Reflect.get(target, key);
        view = typeof repository === 'object' && repository !== null ? guarded(repository, door) : repository;
        views.set(key, view);
      }
      return view;
    },
  });
}

function guarded(repository: object, door: Door): object {
  return new Proxy(repository, {
    get(target, key): unknown {
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function') return member;
      return (...given: readonly unknown[]): unknown => {
        if (!door.open) return Promise.reject(new AppError('store.door_shut', `${String(key)} was called after its ${door.kind} had ended: await every call inside the door`, { status: 500 }));
        const result: unknown = Reflect.apply(member, target, given);
        return result instanceof Promise ? result.catch((error: unknown) => fail(door, error)) : result;
      };
    },
  });
}

function fail(door: Door, error: unknown): never {
  const known = toStoreError(error);
  if (known !== error) door.doom ??= known;
  throw known;
}
