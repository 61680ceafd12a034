import { existsSync } from 'node:fs';
import Type, { type Static } from 'typebox';
import { type FileFault, faultsError, readYaml, yamlFiles } from '../config/files.ts';
import { AppError } from '../domain/errors.ts';
import type { Happening, Said, Transcript } from './transcript.ts';

/** Conversations with what a rule should find in them: quality/transcripts/*.yaml. How one is written: docs/quality.md. */

const shape = { additionalProperties: false } as const;
const WAYS = { 电话: { channel: 'ivr-twilio', modality: 'voice' }, 网页: { channel: 'webchat', modality: 'text' }, 小程序: { channel: 'wechat-miniprogram', modality: 'text' } } as const;
const EVENTS = { 转人工: 'asked', 接入: 'accepted', 工单: 'ticket', 催单: 'urged', 转接: 'transferred', 结束: 'ended', 挂断: 'left' } as const;
const SPEAKERS = { 市民: 'citizen', 坐席: 'seat', 机器人: 'bot', 系统: 'system' } as const;
/** 12 坐席：您好。 31 坐席乙：…  40 工单：投诉 …  90 结束 */
const LINE = /^(\d{1,5}) (市民|坐席|机器人|系统|转人工|接入|工单|催单|转接|结束|挂断)([乙丙])?(?:：(.*))?$/s;

const LabelledSchema = Type.Object(
  {
    /** `tune`: looked at while rules are written; `hold`: not. */
    split: Type.Union([Type.Literal('tune'), Type.Literal('hold')]),
    transcripts: Type.Array(
      Type.Object(
        {
          id: Type.String({ pattern: '^[a-z0-9-]+$' }),
          by: Type.Union([Type.Literal('电话'), Type.Literal('网页'), Type.Literal('小程序')]),
          /** A number to call back at is known; always so for a call. */
          knows: Type.Optional(Type.Literal('phone')),
          matter: Type.String({ minLength: 1 }),
          lines: Type.Array(Type.String({ pattern: LINE.source }), { minItems: 2 }),
          /** Rule → the lines (from 1) where it should be found. */
          labels: Type.Record(Type.String({ pattern: '^[a-z][a-z0-9-]*$' }), Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1 })),
        },
        shape,
      ),
      { minItems: 1 },
    ),
  },
  shape,
);

export interface Labelled {
  readonly id: string;
  readonly split: 'tune' | 'hold';
  readonly matter: string;
  readonly transcript: Transcript;
  /** Rule → seqs. A line's number is its seq. */
  readonly labels: ReadonlyMap<string, readonly number[]>;
}

/**
 * All of a folder.
 * @throws AppError `config.invalid` with every fault and its place: a bad line, a label of a rule or a line that is not there, an id that stands twice
 */
export function loadLabelled(folder: string, rules: ReadonlySet<string>): readonly Labelled[] {
  if (!existsSync(folder)) throw new AppError('quality.no_transcripts', `没有这个目录：${folder}`, { details: { folder } });
  const found: Labelled[] = [];
  const faults: FileFault[] = [];
  const seen = new Set<string>();
  for (const path of yamlFiles(folder)) {
    const file = readYaml(folder, path, LabelledSchema);
    faults.push(...file.faults);
    file.value?.transcripts.forEach((one, index) => {
      const at = `/transcripts/${index}`;
      if (seen.has(one.id)) faults.push(file.fault(`${at}/id`, `${one.id} stands twice`));
      seen.add(one.id);
      for (const [rule, lines] of Object.entries(one.labels)) {
        if (!rules.has(rule)) faults.push(file.fault(`${at}/labels/${rule}`, `there is no rule ${rule}`));
        for (const line of lines) if (line > one.lines.length) faults.push(file.fault(`${at}/labels/${rule}`, `there is no line ${line}`));
      }
      found.push({ id: one.id, split: file.value?.split ?? 'tune', matter: one.matter, transcript: transcriptOf(one), labels: new Map(Object.entries(one.labels)) });
    });
  }
  if (faults.length > 0) throw faultsError(faults);
  return found;
}

function transcriptOf(one: Static<typeof LabelledSchema>['transcripts'][number]): Transcript {
  const { channel, modality } = WAYS[one.by];
  const said: Said[] = [];
  const happened: Happening[] = [];
  one.lines.forEach((line, index) => {
    const [, seconds = '0', word = '', other = '甲', text = ''] = LINE.exec(line) ?? [];
    const [at, seq] = [Number(seconds) * 1000, index + 1];
    if (isKey(SPEAKERS, word)) said.push({ seq, at, who: SPEAKERS[word], seatId: word === '坐席' ? other : null, text });
    else if (isKey(EVENTS, word)) happened.push({ kind: EVENTS[word], at, ...(word === '接入' ? { seatId: other } : {}) });
  });
  return { channel, modality, said, happened, knowsPhone: one.by === '电话' || one.knows === 'phone' };
}

function isKey<Table extends object>(table: Table, key: string): key is keyof Table & string {
  return Object.hasOwn(table, key);
}
