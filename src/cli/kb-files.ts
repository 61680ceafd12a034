import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import cliProgress from 'cli-progress';
import { loadCity, type CityData } from '../config/city.ts';
import { findRoot } from '../config/root.ts';
import { AppError } from '../domain/errors.ts';
import type { KnowledgeEntry } from '../domain/knowledge.ts';
import { FILE_LIMITS } from '../knowledge/files/limits.ts';
import { MODULE_NAMES } from '../knowledge/files/names.ts';
import type { KnowledgeFile } from '../knowledge/files/open.ts';
import { createStore, type Store } from '../store/index.ts';
import { UsageError, vaultOf, type DatabaseCommand } from './database.ts';

/** What `kb import`, `kb export` and `kb lint` share. */

type Given<Options extends Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>> = { readonly [Key in keyof Options]?: Options[Key]['type'] extends 'string' ? string : boolean };

/**
 * Takes a command's own options off its arguments and gives it the rest, which every command on a database knows.
 * @returns what `run` returns; 2 when the options are wrong
 */
export async function withOptions<const Options extends Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>>(argv: readonly string[], help: string, options: Options, run: (values: Given<Options>, rest: readonly string[]) => Promise<number>): Promise<number> {
  const values: Record<string, string | boolean> = {};
  const rest: string[] = [];
  for (let at = 0; at < argv.length; at += 1) {
    const argument = argv[at] ?? '';
    const match = /^--([a-z-]+)(?:=(.*))?$/s.exec(argument);
    const name = match?.[1] ?? '';
    const wanted = Object.hasOwn(options, name) ? options[name] : undefined;
    if (wanted === undefined) {
      rest.push(argument);
      continue;
    }
    const next = wanted.type === 'string' && match?.[2] === undefined ? argv[(at += 1)] : match?.[2];
    if (wanted.type === 'string' ? next === undefined || next === '' || next.startsWith('--') : next !== undefined) {
      process.stderr.write(`选项 --${name} ${wanted.type === 'string' ? '要有一个值' : '不带值'}\n\n${help}`);
      return 2;
    }
    values[name] = next ?? true;
  }
  return run(given<Options>(values, options), rest);
}

/** Values of each option in its type. */
function given<Options extends Readonly<Record<string, { readonly type: 'string' | 'boolean' }>>>(values: Readonly<Record<string, string | boolean>>, options: Options): Given<Options> {
  const typed = (made: object): made is Given<Options> => Object.entries(made).every(([name, value]) => typeof value === options[name]?.type);
  return typed(values) ? values : {};
}

let city: CityData | null = null;
/** config/ of this checkout, read once: a command lives shorter than an edit. */
export const cityOfCheckout = (): CityData => (city ??= loadCity(findRoot(import.meta.url)));

/** @throws AppError `knowledge.no_file`, `knowledge.file_too_large` */
export function readFile(path: string): KnowledgeFile {
  try {
    if (statSync(path).size > FILE_LIMITS.fileBytes) throw new AppError('knowledge.file_too_large', `文件太大：最多 ${FILE_LIMITS.fileBytes / 1024 / 1024} MB`);
    return { name: basename(path), bytes: readFileSync(path) };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError('knowledge.no_file', `读不到文件 ${path}`);
  }
}

/** Runs with the store open, and closes it. */
export async function withStore<Result>({ settings, place }: DatabaseCommand, fn: (store: Store) => Promise<Result>): Promise<Result> {
  const store = await createStore({ databaseUrl: place.databaseUrl, dataDir: place.dataDir, vault: vaultOf(settings), connections: 2 });
  try {
    return await fn(store);
  } finally {
    await store.close();
  }
}

/** @throws UsageError for a module that is none */
export function readModule(text: string): KnowledgeEntry['module'] {
  for (const module of ['duties', 'desk', 'faq', 'terms', 'guides'] as const) if (text === module || text === MODULE_NAMES[module]) return module;
  throw new UsageError(`没有模块 ${text}（有 ${Object.entries(MODULE_NAMES).map(([id, name]) => `${id} ${name}`).join('、')}）`);
}

export interface PhaseBar {
  /** `share` of the phase, 0 to 1. */
  show(phase: string, share: number): void;
  stop(): void;
}

/** A bar on stderr while a person watches; otherwise nothing. */
export function phaseBar(json: boolean): PhaseBar {
  if (json || !process.stderr.isTTY) return { show: () => {}, stop: () => {} };
  const bar = new cliProgress.SingleBar({ format: '{bar} {percentage}%  {phase}，还要 {eta_formatted}', stream: process.stderr, hideCursor: true, clearOnComplete: true }, cliProgress.Presets.shades_classic);
  let current: string | null = null;
  return {
    show(phase, share) {
      if (phase !== current) bar.start(1_000, 0, { phase });
      current = phase;
      bar.update(Math.round(share * 1_000), { phase });
    },
    stop: () => bar.stop(),
  };
}
