import { buildIndex } from '../../../src/matcher/live/entries.ts';
import { idAt } from '../../../src/matcher/live/documents.ts';
import { createIndex, sealAll, writeEntry } from '../../../src/matcher/live/entries.ts';
import { createLiveMatcher, openMatcher } from '../../../src/matcher/live/index.ts';
import { readQuery } from '../../../src/matcher/live/query.ts';
import { search } from '../../../src/matcher/live/search.ts';
import { sharedAnalyzer } from '../../../src/matcher/segment.ts';
import type { MatchEntry } from '../../../src/matcher/types.ts';
import { ownCpuMs } from '../processor.ts';
import { percentile } from '../statistics.ts';
import { PEERS, questionTokens, tokensOf } from './engines.ts';
import { lexicon, makeEntries } from './entries.ts';

/**
 * One engine with one size in a process of its own: `run.ts ENGINE SIZE ROUNDS`. Sends `KbRun` to its parent. Times are of
 * this process's processor, so that others on the machine do not count; p99 is by the wall clock.
 */
export interface KbRun {
  readonly buildSeconds: number;
  readonly megabytes: number;
  /** By round. */
  readonly perSecond: readonly number[];
  readonly p50: readonly number[];
  readonly p99: readonly number[];
  /** Shares of the questions; -1: not measured. */
  readonly first: number;
  readonly ten: number;
  readonly extra: Readonly<Record<string, number>>;
}

const QUESTIONS = 500;
/** Questions of one round are broken off after this, ms: a slow engine is measured with fewer. */
const ROUND_MS = 30_000;
const [, , engine = '', sizeText = '', roundsText = '3'] = process.argv;
const size = Number(sizeText);
const analyzer = sharedAnalyzer(lexicon);
// The dictionary is loaded and the code is warm before anything is counted.
buildIndex([{ id: 'warm', question: '居住证怎么办', answer: '带身份证到派出所办理。' }], analyzer);

function resident(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss / 1_048_576;
}

interface Measured {
  readonly ask: (text: string) => readonly string[] | Promise<readonly string[]>;
  readonly extra?: () => Record<string, number>;
}

async function measure(build: (take: (make: (entry: MatchEntry) => void) => readonly { id: string; text: string }[]) => Promise<{ asked: readonly { id: string; text: string }[]; measured: Measured }>): Promise<KbRun> {
  const before = resident();
  const from = ownCpuMs();
  const { asked, measured } = await build((take) => makeEntries(size, QUESTIONS, take));
  const buildSeconds = (ownCpuMs() - from) / 1000;
  const megabytes = resident() - before;
  const [perSecond, p50, p99]: [number[], number[], number[]] = [[], [], []];
  let [first, ten, counted] = [0, 0, 0];
  for (let round = 0; round <= Number(roundsText); round += 1) {
    const taken: number[] = [];
    const began = ownCpuMs();
    const until = performance.now() + ROUND_MS;
    for (const { id, text } of asked) {
      const at = performance.now();
      if (at > until) break;
      const found = await measured.ask(text);
      taken.push(performance.now() - at);
      if (round > 0) continue;
      counted += 1;
      if (found[0] === id) first += 1;
      if (found.includes(id)) ten += 1;
    }
    if (round === 0) continue;
    perSecond.push((taken.length * 1000) / (ownCpuMs() - began));
    taken.sort((a, b) => a - b);
    p50.push(percentile(taken, 0.5));
    p99.push(percentile(taken, 0.99));
  }
  return { buildSeconds, megabytes, perSecond, p50, p99, first: first / counted, ten: ten / counted, extra: measured.extra?.() ?? {} };
}

/** Milliseconds of the processor for one call, over `times` calls. */
function each(times: number, call: (index: number) => void): number {
  const from = ownCpuMs();
  for (let index = 0; index < times; index += 1) call(index);
  return (ownCpuMs() - from) / times;
}

const CHANGES = 200;

async function result(): Promise<KbRun> {
  const questions = new Map<string, ReturnType<typeof analyzer.analyze>>();
  const analysed = (text: string) => {
    const known = questions.get(text) ?? analyzer.analyze(text);
    questions.set(text, known);
    return known;
  };
  if (engine === 'first') {
    // The first stage alone, the ten best: what the peers do.
    const index = createIndex();
    return measure(async (make) => {
      const asked = make((entry) => void writeEntry(index, entry, analyzer));
      sealAll(index);
      for (const { text } of asked) analysed(text);
      return { asked, measured: { ask: (text) => search(index, readQuery(index, analysed(text)), 10).map(({ entry }) => idAt(index.documents, entry)) } };
    });
  }
  if (engine === 'matcher') {
    return measure(async (make) => {
      const entries: MatchEntry[] = [];
      const asked = make((entry) => entries.push(entry));
      const matcher = createLiveMatcher(entries, lexicon);
      const some = entries.slice(0, CHANGES).map((entry, at) => ({ ...entry, id: `new.${at}` }));
      entries.length = 0;
      const extra = (): Record<string, number> => {
        const add = each(CHANGES, (at) => matcher.put(some.slice(at, at + 1)));
        const replace = each(CHANGES, (at) => matcher.put(some.slice(at, at + 1)));
        const remove = each(CHANGES, (at) => matcher.remove([`new.${at}`]));
        let bytes = new Uint8Array(0);
        const write = each(1, () => (bytes = Uint8Array.from(matcher.snapshot())));
        const open = each(1, () => void openMatcher(bytes, lexicon));
        return { add, replace, remove, write, snapshotMegabytes: bytes.length / 1_048_576, open };
      };
      return { asked, measured: { ask: (text) => matcher.match(text, { limit: 10 }).ranked.map(({ id }) => id), extra } };
    });
  }
  const peer = PEERS[engine]?.();
  if (peer === undefined) throw new Error(`no engine ${engine}`);
  return measure(async (make) => {
    const waiting: (void | Promise<void>)[] = [];
    const asked = make((entry) => waiting.push(peer.add(Number(entry.id), tokensOf(analyzer, entry))));
    await Promise.all(waiting);
    waiting.length = 0;
    peer.ready();
    const tokens = new Map(asked.map(({ text }) => [text, questionTokens(analysed(text))]));
    return { asked, measured: { ask: (text) => peer.search(tokens.get(text) ?? '') } };
  });
}

process.send?.(await result());
process.disconnect?.();
