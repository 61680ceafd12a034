import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CityData } from '../config/city.ts';
import type { Item } from '../domain/config-files.ts';
import type { ItemSuggestion } from '../domain/conversation.ts';
import { codeOf } from '../domain/errors.ts';
import { openItems } from '../domain/lanes.ts';
import type { Log } from '../intake/context.ts';
import { everyMs, type Every } from '../store/follow.ts';
import { createItemSuggester, type ItemSuggester } from '../matcher/items.ts';
import { createLearnedSuggester, readModel, type LearnedSuggester } from '../matcher/learner/model.ts';
import { learnerAnalyzer } from '../matcher/learner/terms.ts';
import type { AnalyzerOptions } from '../matcher/segment.ts';

/** Which item a message is about: by the learned model in DATA_DIR where there is one, else from the catalogue's own examples. */

export const MODEL_FILE = 'items.model';
/** Between two looks at the model's file. */
const LOOK_MS = 5_000;
const SHOWN = 3;
/** Labels that the catalogue no longer has are passed over; so many more are asked for. */
const SPARE = 7;
/** A model that knows less of the catalogue's items than this share of its labels is of another catalogue. */
const LEAST_SHARED = 0.5;

export interface LiveItemSuggester {
  /** `lane`: the items of this lane as well; absent: only those for everybody. */
  readonly suggest: (text: string, lane?: Item['lane']) => readonly ItemSuggestion[];
  /** Reads the model's file when it is another one than before. Never rejects. */
  look(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
  /** `learned`: a model of this catalogue; `examples`: none. */
  status(): { readonly by: 'learned' | 'examples'; readonly labels: number; readonly sureFrom: number | null };
}

export interface ItemSuggesterGiven {
  readonly dataDir: string;
  /** The catalogue in force; asked anew each time. */
  readonly city: Pick<CityData, 'items'>;
  readonly words: AnalyzerOptions;
  readonly log: Pick<Log, 'info' | 'warn'>;
  readonly every?: Every;
}

/** A catalogue as the suggester sees it; made anew when another one is published. */
interface View {
  readonly items: readonly Item[];
  /** Without those of a lane. */
  readonly open: readonly Item[];
  /** Codes that only callers of the enterprise lane are suggested. */
  readonly laned: ReadonlySet<string>;
  readonly names: ReadonlyMap<string, string>;
  readonly model: LearnedSuggester | null;
  /** The model, when it is of this catalogue. */
  readonly learned: LearnedSuggester | null;
}

export function openItemSuggester({ dataDir, city, words, log, every = everyMs }: ItemSuggesterGiven): LiveItemSuggester {
  const path = join(dataDir, MODEL_FILE);
  let model: LearnedSuggester | null = null;
  let seen = '';
  let view: View | null = null;
  /** By their examples: what everybody is suggested, and what the lane is; each made when it is first asked. */
  const examples = new Map<'open' | 'lane', { readonly items: readonly Item[]; readonly suggester: ItemSuggester }>();
  let looking: Promise<void> | null = null;
  let stopEvery: (() => void) | null = null;

  const viewNow = (): View => {
    const { items } = city;
    if (view !== null && view.items === items && view.model === model) return view;
    const names = new Map(items.map(({ code, name }) => [code, name]));
    const shared = model === null ? 0 : model.labels.filter((label) => names.has(label)).length;
    const fits = model !== null && shared > 0 && shared >= model.labels.length * LEAST_SHARED;
    if (model !== null && !fits) log.warn({ labels: model.labels.length, shared }, 'the item model is of another catalogue: items are suggested from their examples');
    const open = openItems(items);
    const laned = new Set(items.flatMap(({ code, lane }) => (lane === undefined ? [] : [code])));
    view = { items, open, laned, names, model, learned: fits ? model : null };
    return view;
  };

  // Words of the lane's examples must not weigh for those who never see its items: two models, not one that is filtered.
  const byExamples = (which: 'open' | 'lane', items: readonly Item[]): ItemSuggester => {
    const known = examples.get(which);
    if (known?.items === items) return known.suggester;
    const suggester = createItemSuggester(items, words);
    examples.set(which, { items, suggester });
    return suggester;
  };

  const byModel = (learned: LearnedSuggester, { names, laned }: View, lane: Item['lane'], text: string): readonly ItemSuggestion[] =>
    learned.suggest(text, SHOWN + SPARE).flatMap(({ label, score, matched }, place) => {
      const name = names.get(label);
      return name === undefined || (lane === undefined && laned.has(label)) ? [] : [{ code: label, name, score, matched, sure: place === 0 && score >= learned.sure }];
    }).slice(0, SHOWN);

  async function lookOnce(): Promise<void> {
    let print = '';
    try {
      const { mtimeMs, size } = await stat(path);
      print = `${mtimeMs} ${size}`;
    } catch {
      // No file: never trained, or taken away.
    }
    if (print === seen) return;
    seen = print;
    if (print === '') {
      model = null;
      return;
    }
    try {
      const read = readModel(await readFile(path));
      model = createLearnedSuggester(read, learnerAnalyzer(words));
      log.info({ labels: model.labels.length, accuracy: read.trained?.accuracy ?? null, covered: read.trained?.covered ?? null }, 'item model read');
    } catch (error) {
      // Half written, or of another version: the one before goes on.
      log.warn({ code: codeOf(error) }, 'the item model cannot be read');
    }
  }

  const look = (): Promise<void> => {
    looking ??= lookOnce().finally(() => {
      looking = null;
    });
    return looking;
  };

  return {
    suggest: (text, lane) => {
      const now = viewNow();
      if (now.learned !== null) return byModel(now.learned, now, lane, text);
      return (lane === undefined || now.laned.size === 0 ? byExamples('open', now.open) : byExamples('lane', now.items)).suggest(text);
    },
    look,
    start: () => {
      stopEvery ??= every(LOOK_MS, () => void look());
    },
    stop: async () => {
      stopEvery?.();
      stopEvery = null;
      await looking;
    },
    status: () => {
      const { learned } = viewNow();
      return { by: learned === null ? 'examples' : 'learned', labels: learned?.labels.length ?? 0, sureFrom: learned === null || learned.sure > 1 ? null : learned.sure };
    },
  };
}
