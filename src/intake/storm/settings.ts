import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { faultsError, readYaml, type YamlFile } from '../../config/files.ts';
import { GIVEN_UP, SIGNALS, type StormRules } from '../../domain/storm.ts';

/** config/storm.yaml: when the house is pressed, what it gives up in which order, how the same matter is gathered, and what citizens are told. */

const shape = { additionalProperties: false };
const Text = Type.String({ minLength: 1, maxLength: 400 });
const Wording = Type.Object({ text: Text, speak: Type.Optional(Text) }, shape);
const Words = Type.Object({ 'zh-CN': Wording, en: Wording }, shape);
const Phrases = Type.Array(Type.String({ minLength: 2, maxLength: 40 }), { minItems: 1, maxItems: 20 });
const Standard = Type.Object({ items: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z0-9-]+(\\.[a-z0-9-]+)*(\\.\\*)?$' }), { minItems: 1 })), 'zh-CN': Text, en: Text }, shape);

const StormFile = Type.Object(
  {
    normal: Type.Object({ weeks: Type.Integer({ minimum: 1, maximum: 12 }), set: Type.Number({ minimum: 1 }), least: Type.Number({ minimum: 1 }) }, shape),
    windowSeconds: Type.Integer({ minimum: 10, maximum: 300 }),
    levels: Type.Array(
      Type.Object(
        {
          name: Type.String({ minLength: 1, maxLength: 12 }),
          from: Type.Object(
            { load: Type.Optional(Type.Number({ exclusiveMinimum: 1 })), waitMs: Type.Optional(Type.Number({ minimum: 1 })), loopMs: Type.Optional(Type.Number({ minimum: 1 })), lanes: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000 })) },
            { ...shape, minProperties: 1 },
          ),
          givesUp: Type.Array(Type.Union([Type.Literal('typing'), Type.Literal('long-answers'), Type.Literal('rollups'), Type.Literal('background'), Type.Literal('suggestions')]), { maxItems: GIVEN_UP.length }),
        },
        shape,
      ),
      { minItems: 1, maxItems: 9 },
    ),
    fall: Type.Object({ below: Type.Number({ exclusiveMinimum: 0, maximum: 1 }), seconds: Type.Integer({ minimum: 1, maximum: 3600 }) }, shape),
    answers: Type.Object({ sentences: Type.Integer({ minimum: 1, maximum: 5 }), ask: Phrases }, shape),
    groups: Type.Object({ from: Type.Integer({ minimum: 0, maximum: 9 }), near: Type.Number({ minimum: 0.2, maximum: 1 }), sure: Type.Number({ minimum: 0.2, maximum: 1 }), areaItems: Type.Array(Type.String({ minLength: 1 }), { maxItems: 100 }), merge: Type.Boolean() }, shape),
    words: Type.Object(
      { more: Words, waiting: Words, ticket: Words, ticketBy: Words, joined: Words, filedWith: Words, known: Words, notThis: Words, refused: Words, notThisAsk: Type.Object({ 'zh-CN': Phrases, en: Phrases }, shape) },
      shape,
    ),
    standardAnswers: Type.Array(Standard, { minItems: 1, maxItems: 50 }),
  },
  shape,
);
type StormFile = Static<typeof StormFile>;

export type StormWording = Static<typeof Wording>;
export type StormSaying = Exclude<keyof StormFile['words'], 'notThisAsk'>;

export interface StormSettings extends Pick<StormFile, 'normal' | 'answers' | 'groups' | 'words' | 'standardAnswers'> {
  readonly rules: StormRules;
  readonly windowMs: number;
}

/** What each saying may hold. */
const HOLES: Readonly<Record<StormSaying, readonly string[]>> = {
  more: [], waiting: ['load'], ticket: ['load'], ticketBy: ['load', 'by'], notThis: [], refused: [],
  joined: ['count', 'title', 'answer', 'number'], filedWith: ['count', 'title', 'answer', 'number'], known: ['title', 'answer', 'number'],
};

/**
 * @param root folder that holds `config/`
 * @throws AppError `config.invalid` with file, line and column of every fault
 */
export function loadStorm(root: string): StormSettings {
  const file = readYaml(root, join(root, 'config', 'storm.yaml'), StormFile);
  const { value } = file;
  if (value === null) throw faultsError(file.faults);
  const faults = lint(value, file);
  if (faults.length > 0) throw faultsError(faults);
  const { levels, fall, windowSeconds, normal, answers, groups, words, standardAnswers } = value;
  const rules: StormRules = {
    levels: levels.map(({ name, from: { load, waitMs, loopMs, lanes }, givesUp }) => ({
      name, givesUp,
      from: { ...(load === undefined ? {} : { load }), ...(waitMs === undefined ? {} : { wait: waitMs }), ...(loopMs === undefined ? {} : { loop: loopMs }), ...(lanes === undefined ? {} : { lanes }) },
    })),
    fallBelow: fall.below, calmMs: fall.seconds * 1000,
  };
  return { rules, windowMs: windowSeconds * 1000, normal, answers, groups, words, standardAnswers };
}

const KEYS: Readonly<Record<(typeof SIGNALS)[number], 'load' | 'waitMs' | 'loopMs' | 'lanes'>> = { load: 'load', wait: 'waitMs', loop: 'loopMs', lanes: 'lanes' };

/** What a schema cannot say: levels rise, each thing is given up once, sayings fill only what they know. */
function lint({ levels, groups, words, standardAnswers }: StormFile, file: YamlFile<StormFile>) {
  const faults = [];
  const given = new Set<string>();
  for (const [index, level] of levels.entries()) {
    for (const [at, name] of level.givesUp.entries()) {
      if (given.has(name)) faults.push(file.fault(`/levels/${index}/givesUp/${at}`, `${name} is given up already`));
      given.add(name);
    }
    for (const signal of SIGNALS) {
      const key = KEYS[signal];
      const [limit, before] = [level.from[key], levels.slice(0, index).findLast(({ from }) => from[key] !== undefined)?.from[key]];
      if (limit !== undefined && before !== undefined && limit <= before) faults.push(file.fault(`/levels/${index}/from/${key}`, `${key} must be more than ${before}, where the level before begins`));
    }
  }
  if (groups.sure < groups.near) faults.push(file.fault('/groups/sure', `sure must not be less than near, ${groups.near}`));
  if (groups.from > levels.length) faults.push(file.fault('/groups/from', `there is no level ${groups.from}`));
  for (const name of Object.keys(HOLES).filter(isSaying)) {
    for (const locale of ['zh-CN', 'en'] as const) {
      for (const key of ['text', 'speak'] as const) for (const hole of holesIn(words[name][locale][key] ?? '')) if (!HOLES[name].includes(hole)) faults.push(file.fault(`/words/${name}/${locale}/${key}`, `{${hole}} is not known here; known are ${HOLES[name].map((one) => `{${one}}`).join(' ') || 'none'}`));
    }
  }
  for (const [index, answer] of standardAnswers.entries()) {
    for (const locale of ['zh-CN', 'en'] as const) for (const hole of holesIn(answer[locale])) if (hole !== 'department') faults.push(file.fault(`/standardAnswers/${index}/${locale}`, `{${hole}} is not known here; known is {department}`));
    if ((answer.items === undefined) !== (index === standardAnswers.length - 1)) faults.push(file.fault(`/standardAnswers/${index}`, index === standardAnswers.length - 1 ? 'the last answer is for all items and names none' : 'only the last answer names no items'));
  }
  return faults;
}

const holesIn = (text: string): readonly string[] => [...text.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name ?? '');
const isSaying = (name: string): name is StormSaying => Object.hasOwn(HOLES, name);
