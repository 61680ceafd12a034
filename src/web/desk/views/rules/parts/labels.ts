import type { Tone } from '../../../ui/bits.tsx';
import { LABELS as w, CLASSES_WORDS } from './words.ts';
import { COMMON as common } from '../../../words.ts';

/** Words that the pages of rules share. */

export const states = (): Readonly<Record<string, { readonly label: string; readonly tone: Tone }>> => ({ draft: { label: w.draft, tone: 'warn' }, published: { label: w.inUse, tone: 'good' }, retired: { label: w.retired, tone: 'plain' } });
export const stateOf = (state: string): { readonly label: string; readonly tone: Tone } => states()[state] ?? { label: state, tone: 'plain' };

/** Version 0 is the files that came with the installation. */
export const versionName = (version: number): string => (version === 0 ? w.filesOfTheInstallation : w.version(version));

export const KINDS = ['咨询', '求助', '投诉', '举报', '建议', '表扬'] as const;
export const urgencies = () => ([['normal', w.normal], ['urgent', w.urgent], ['emergency', w.emergency]] as const);
export const CLASSES: Readonly<Record<string, string>> = CLASSES_WORDS;
export const classLabel = (name: string): string => (CLASSES[name] === undefined ? name : common.bracketed(CLASSES[name], name));
export const stages = () => ([['accept', w.acceptAndDispatch], ['sign', w.signedFor], ['contact', w.firstContact], ['handle', w.handle], ['return', w.returnAskedFor], ['judge', w.judgeRequests]] as const);
export const stageLabel = (stage: string): string => stages().find(([id]) => id === stage)?.[1] ?? stage;
export const units = () => ([['minutes', w.minutes], ['hours', w.hours], ['workhours', w.workingHours], ['workdays', w.workingDay], ['days', w.days]] as const);
