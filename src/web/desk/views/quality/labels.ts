import type { InspectionState, QualityMove } from '../../../shared/quality-types.ts';
import type { Tone } from '../../ui/bits.tsx';
import { INSPECTION_STATES_WORDS, MOVES_WORDS, REASONS_WORDS, SEVERITIES_WORDS, VERDICTS_WORDS } from './words.ts';

/** Words of quality inspection. */

export const INSPECTION_STATES: Readonly<Record<InspectionState, string>> = INSPECTION_STATES_WORDS;
export const STATE_TONES: Readonly<Record<InspectionState, Tone>> = { automatic: 'plain', sampled: 'warn', told: 'info', appealed: 'bad', final: 'good' };
export const MOVES: Readonly<Record<QualityMove, string>> = MOVES_WORDS;
/** Keys while no field has the focus. */
export const MOVE_KEYS: Readonly<Record<QualityMove, string>> = { sample: 's', judge: 'r', accept: 'y', appeal: 'a', rejudge: 'r' };
const REASONS: Readonly<Record<string, string>> = REASONS_WORDS;
export const reasonLabel = (reason: string): string => REASONS[reason] ?? reason;
const SEVERITIES: Readonly<Record<string, string>> = SEVERITIES_WORDS;
export const severityLabel = (severity: string): string => SEVERITIES[severity] ?? severity;
export const severityTone = (severity: string): Tone => (severity === 'fatal' ? 'bad' : severity === 'major' ? 'warn' : 'plain');
const VERDICTS: Readonly<Record<string, string>> = VERDICTS_WORDS;
export const verdictLabel = (verdict: string): string => VERDICTS[verdict] ?? verdict;
/** Good, passable, bad: never by colour alone, the number stands in it. */
export const scoreTone = (score: number): Tone => (score >= 90 ? 'good' : score >= 60 ? 'warn' : 'bad');
export const isMove = (name: string): name is QualityMove => Object.hasOwn(MOVES, name);
