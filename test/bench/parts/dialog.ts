import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCity } from '../../../src/config/city.ts';
import { readFlowTexts } from '../../../src/config/flows.ts';
import { advance, compileOrThrow, findEmergency, modalitiesOf, readTranscript, readTranscriptKnowledge, startState, type Transcript } from '../../../src/dialog/index.ts';
import { findNames, findPhones, findPlaces, findTicketNumbers, findTimes, normalizeText, readYesNo, splitCorrection } from '../../../src/dialog/slots/index.ts';
import { slotContext } from '../../../src/dialog/program.ts';
import type { DialogEvent, DialogFacts, DialogState } from '../../../src/dialog/types.ts';
import type { Modality } from '../../../src/domain/activity.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import { maskText, scanPhones } from '../../../src/domain/masking.ts';
import { foldText, toSimplified } from '../../../src/domain/text.ts';
import { median, percentile } from '../statistics.ts';

/**
 * Processor time of the dialog engine alone: `npx tsx test/bench/parts/dialog.ts [--rounds N] [--slowest N]`. Plays the
 * recorded conversations of all flows, and the knowledge base's wordings and the items' examples as first messages,
 * against the real program. Matcher and suggester answer from a record, so that only the dialog is measured. Each turn is
 * repeated from its own state; its figure is the median over the rounds.
 */

interface Recorded {
  readonly about: string;
  readonly state: DialogState;
  readonly event: DialogEvent;
  readonly facts: DialogFacts;
}

const option = (name: string, otherwise: number): number => Number(process.argv[process.argv.indexOf(`--${name}`) + 1 || Infinity] ?? otherwise);
const rounds = option('rounds', 7);
const slowest = option('slowest', 5);

const root = fileURLToPath(new URL('../../..', import.meta.url));
const city = loadCity(root);
const program = compileOrThrow({ ...readFlowTexts(root), towns: city.towns, lexicon: city.lexicon });
const { knowledge } = readTranscriptKnowledge({ path: 'flows/transcripts.yaml', text: readFileSync(join(root, 'flows', 'transcripts.yaml'), 'utf8') });
if (knowledge === null) throw new Error('flows/transcripts.yaml does not compile');

/** Answers once, then out of the record. */
function recorded<Answer>(ask: (text: string) => Answer): (text: string) => Answer {
  const known = new Map<string, { readonly answer: Answer }>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before.answer;
    const answer = ask(text);
    known.set(text, { answer });
    return answer;
  };
}
const answers = { match: recorded(knowledge.match), entry: recorded(knowledge.entry), suggestItems: recorded(knowledge.suggestItems) };

const factsOf = (now: number, modality: Modality, given: NonNullable<Transcript['data']['facts']>): DialogFacts => ({
  now, modality, channel: modality === 'voice' ? 'phone' : 'webchat', locale: given.locale ?? 'zh-CN', seatsOnline: given.seatsOnline ?? 0,
  seatHoursOpen: given.seatHoursOpen ?? true, officeHoursOpen: given.officeHoursOpen ?? true, knownPhoneLast4: given.knownPhoneLast4 ?? null, ...answers,
});

const turns: Recorded[] = [];
const NOW = Date.parse('2026-11-24T10:00:00+08:00');

/** Plays one event and those of the actions it asks for; every one is a turn of the record. */
function play(about: string, state: DialogState, event: DialogEvent, facts: DialogFacts): DialogState {
  turns.push({ about, state: JSON.parse(JSON.stringify(state)) as DialogState, event, facts });
  const step = advance(program, state, event, facts);
  let next = step.state;
  for (const effect of step.effects) {
    if (effect.kind !== 'action') continue;
    const opened = effect.action === 'ticket.open';
    const data: JsonObject = opened ? { number: '20261124000013', department: '市城市管理和综合执法局', deadlineText: '5个工作日内答复', numberSpoken: '2 0 2 6，1 1 2 4，0 0 0 0，1 3' } : { code: 'ticket.not_found' };
    next = play(`${about} → ${effect.action}`, next, { type: 'result', action: effect.action, ok: opened, data }, facts);
  }
  return next;
}

const said: string[] = [];
for (const flow of program.flows.keys()) {
  for (const name of readdirSync(join(root, 'flows', flow, 'transcripts'))) {
    const path = `flows/${flow}/transcripts/${name}`;
    const { transcript } = readTranscript({ path, text: readFileSync(join(root, path), 'utf8') });
    if (transcript === null) throw new Error(`${path} does not compile`);
    for (const modality of modalitiesOf(transcript)) {
      let given = { ...transcript.data.facts };
      let state = startState(program, given.locale ?? 'zh-CN');
      const now = given.now === undefined ? NOW : Date.parse(given.now);
      for (const turn of transcript.data.turns) {
        if (turn.on !== undefined && turn.on !== modality) continue;
        given = { ...given, ...turn.facts };
        const facts = factsOf(now, modality, given);
        const text = turn.citizen ?? (modality === 'text' ? turn.keys : undefined) ?? '';
        if (text !== '') said.push(text);
        const event: DialogEvent = turn.enter === true ? { type: 'enter' } : turn.handedBack === true ? { type: 'handedBack' } : turn.silence === true ? { type: 'silence' }
          : { type: 'message', text, ...(turn.keys !== undefined && modality === 'voice' ? { keys: turn.keys } : {}), attachments: turn.attachments ?? 0 };
        state = play(`${path} “${text || event.type}”`, state, event, facts);
      }
    }
  }
}
const fromTranscripts = turns.length;
const openings = [...city.knowledge.flatMap((entry) => [entry.question, ...entry.wordings]), ...city.items.flatMap((item) => item.examples)];
for (const text of openings) {
  said.push(text);
  play(`“${text}”`, startState(program), { type: 'message', text, attachments: 0 }, factsOf(NOW, 'text', {}));
}

/** Processor time so far, in µs; asking is a system call, so each turn is repeated between two of them. */
const spent = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};
const REPEATS = 24;

function measureTurns(list: readonly Recorded[]): { readonly each: readonly number[]; readonly mean: number } {
  const taken = list.map((): number[] => []);
  const means: number[] = [];
  for (let round = -2; round < rounds; round += 1) {
    const began = spent();
    list.forEach(({ state, event, facts }, index) => {
      const from = spent();
      for (let again = 0; again < REPEATS; again += 1) advance(program, state, event, facts);
      if (round >= 0) taken[index]?.push((spent() - from) / REPEATS);
    });
    if (round >= 0) means.push((spent() - began) / REPEATS / list.length);
  }
  return { each: taken.map(median), mean: median(means) };
}

const show = (value: number): string => value.toFixed(1).padStart(8);
function reportTurns(name: string, list: readonly Recorded[]): void {
  const { each, mean } = measureTurns(list);
  const sorted = each.toSorted((a, b) => a - b);
  process.stdout.write(`${name.padEnd(28)} ${String(list.length).padStart(5)} turns  mean ${show(mean)}  p50 ${show(percentile(sorted, 0.5))}  p90 ${show(percentile(sorted, 0.9))}  p99 ${show(percentile(sorted, 0.99))}  max ${show(sorted.at(-1) ?? NaN)} µs\n`);
  const ranked = each.map((time, index) => ({ time, about: list[index]?.about ?? '' })).sort((a, b) => b.time - a.time);
  for (const { time, about } of ranked.slice(0, slowest)) process.stdout.write(`  ${show(time)} µs  ${about.slice(0, 110)}\n`);
}

function reportPart(name: string, texts: readonly string[], work: (text: string) => unknown): void {
  const taken: number[] = [];
  for (let round = -2; round < rounds; round += 1) {
    const from = spent();
    for (let again = 0; again < 3; again += 1) for (const text of texts) work(text);
    if (round >= 0) taken.push((spent() - from) / 3 / texts.length);
  }
  process.stdout.write(`  ${name.padEnd(26)} ${median(taken).toFixed(2).padStart(8)} µs a text\n`);
}

// Without the readings that a turn keeps, or each text would be read once only.
const { readings: _readings, ...context } = slotContext(program, NOW);
const loaded = turns.slice(0, fromTranscripts).map(({ state }) => state);
process.stdout.write(`processor time, median of ${rounds} rounds; ${said.length} texts\n`);
reportTurns('transcripts of all flows', turns.slice(0, fromTranscripts));
reportTurns('wordings and examples', turns.slice(fromTranscripts));
reportPart('normalizeText', said, normalizeText);
reportPart('toSimplified', said, toSimplified);
reportPart('foldText', said, foldText);
reportPart('findEmergency', said, (text) => findEmergency(text, program.dialog));
reportPart('findPlaces', said, (text) => findPlaces(text, context));
reportPart('findTimes', said, (text) => findTimes(text, context));
reportPart('findNames', said, (text) => findNames(text, context));
reportPart('findPhones', said, findPhones);
reportPart('findTicketNumbers', said, findTicketNumbers);
reportPart('readYesNo', said, (text) => readYesNo(text, context));
reportPart('splitCorrection', said, (text) => splitCorrection(text, context));
reportPart('scanPhones', said, scanPhones);
reportPart('maskText', said, maskText);
reportPart('state to JSON and back', loaded.map((state) => JSON.stringify(state)), (text) => JSON.stringify(JSON.parse(text)));
