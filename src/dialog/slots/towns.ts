import type { Town } from '../../domain/config-files.ts';
import { foldText } from '../../domain/text.ts';
import { byFirst, onceFor, type ByFirst } from '../word-index.ts';

const SELF_NAMED = /^(?:[东西南北中新旧老]|[一二三四五])?(?:路|街|大道|大街|大桥|二路|一路)/;
const GENERIC_TAIL = /^(?:医院|中学|小学|公园|广场|车站|汽车站|客运站|火车站|派出所|法院|体育馆|图书馆|政务服务中心|市场|社区|村|居委会|大厦|学校|幼儿园|高级中学|实验小学|中心小学|人民医院|政府|人社分局|税务分局)/;
/** Short names that are everyday words: believed only with 镇 or beside a place. */
const EVERYDAY = new Set(['桥头', '中堂', '沙田', '清溪', '茶山', '长安']);

/** A town named in a folded text. */
export interface TownMention {
  readonly id: string;
  readonly start: number;
  readonly end: number;
  /** The name begins a longer one (虎门公园): it stays in the place. */
  readonly inName: boolean;
  readonly sure: boolean;
}

interface TownName {
  readonly id: string;
  readonly name: string;
  readonly full: boolean;
  /** Longer names come first, whatever their place in the text. */
  readonly order: number;
}

const townNames = onceFor((towns: readonly Town[]): ByFirst<TownName> => {
  const names = towns.flatMap((town) => [town.name, ...(town.aliases ?? []), town.short].map((name) => ({ id: town.id, name: foldText(name), full: name === town.name }))).sort((a, b) => b.name.length - a.name.length);
  return byFirst(names.map((name, order) => ({ ...name, order })), ({ name }) => name);
});

/** Every place where a town's name stands: longest names first, then in the order of the list and of the text. */
export function townNamesIn(text: string, towns: readonly Town[]): { readonly town: Omit<TownName, 'order'>; readonly start: number }[] {
  const names = townNames(towns);
  const seen: { readonly town: TownName; readonly start: number }[] = [];
  for (let start = 0; start < text.length; start += 1) for (const town of names.get(text.charCodeAt(start)) ?? []) if (text.startsWith(town.name, start)) seen.push({ town, start });
  return seen.sort((a, b) => a.town.order - b.town.order || a.start - b.start);
}

/** Towns in the order of the text; of names that overlap the longest counts. */
export function findTowns(text: string, towns: readonly Town[]): TownMention[] {
  const found: TownMention[] = [];
  for (const { town: { id, name, full }, start } of townNamesIn(text, towns)) {
    const end = start + name.length;
    if (found.some((each) => start < each.end && end > each.start)) continue;
    const after = text.slice(end);
    // 东城中路, 长安街: a road that only shares the name.
    if (!full && SELF_NAMED.test(after)) continue;
    const unit = /^(?:镇|街道|区)(?!路|中心|域)/.exec(after)?.[0].length ?? 0;
    found.push({ id, start, end: end + (full ? 0 : unit), inName: !full && unit === 0 && GENERIC_TAIL.test(after), sure: full || unit > 0 || !EVERYDAY.has(name) });
  }
  return found.sort((a, b) => a.start - b.start);
}
