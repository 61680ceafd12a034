import type { InspectionState, QualityMove } from '../../../shared/quality-types.ts';
import type { Tone } from '../../ui/bits.tsx';

/** Words of quality inspection. */

export const INSPECTION_STATES: Readonly<Record<InspectionState, string>> = { automatic: '自动评分', sampled: '待复核', told: '已告知坐席', appealed: '申诉中', final: '已定' };
export const STATE_TONES: Readonly<Record<InspectionState, Tone>> = { automatic: 'plain', sampled: 'warn', told: 'info', appealed: 'bad', final: 'good' };
export const MOVES: Readonly<Record<QualityMove, string>> = { sample: '抽检', judge: '复核', accept: '认可', appeal: '申诉', rejudge: '裁定' };
/** Keys while no field has the focus. */
export const MOVE_KEYS: Readonly<Record<QualityMove, string>> = { sample: 's', judge: 'r', accept: 'y', appeal: 'a', rejudge: 'r' };
const REASONS: Readonly<Record<string, string>> = { share: '按比例抽中', fatal: '有致命项', below: '得分低', dissatisfied: '市民不满意', 'new-seat': '新坐席', 'by-hand': '人工抽检' };
export const reasonLabel = (reason: string): string => REASONS[reason] ?? reason;
const SEVERITIES: Readonly<Record<string, string>> = { minor: '一般', major: '严重', fatal: '致命' };
export const severityLabel = (severity: string): string => SEVERITIES[severity] ?? severity;
export const severityTone = (severity: string): Tone => (severity === 'fatal' ? 'bad' : severity === 'major' ? 'warn' : 'plain');
const VERDICTS: Readonly<Record<string, string>> = { automatic: '规则判定', confirmed: '复核成立', dropped: '复核不成立', added: '复核补充' };
export const verdictLabel = (verdict: string): string => VERDICTS[verdict] ?? verdict;
/** Good, passable, bad: never by colour alone, the number stands in it. */
export const scoreTone = (score: number): Tone => (score >= 90 ? 'good' : score >= 60 ? 'warn' : 'bad');
export const isMove = (name: string): name is QualityMove => Object.hasOwn(MOVES, name);
