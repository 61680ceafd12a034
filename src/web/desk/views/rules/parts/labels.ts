import type { Tone } from '../../../ui/bits.tsx';

/** Words that the pages of rules share. */

export const STATES: Readonly<Record<string, { readonly label: string; readonly tone: Tone }>> = { draft: { label: '草稿', tone: 'warn' }, published: { label: '在用', tone: 'good' }, retired: { label: '停用', tone: 'plain' } };
export const stateOf = (state: string): { readonly label: string; readonly tone: Tone } => STATES[state] ?? { label: state, tone: 'plain' };

/** Version 0 is the files that came with the installation. */
export const versionName = (version: number): string => (version === 0 ? '随安装文件' : `第 ${version} 版`);

export const KINDS = ['咨询', '求助', '投诉', '举报', '建议', '表扬'] as const;
export const URGENCIES = [['normal', '一般'], ['urgent', '紧急'], ['emergency', '特急']] as const;
export const CLASSES: Readonly<Record<string, string>> = { life: '生命安全', utility: '水电气', consult: '咨询', general: '一般', complex: '复杂', default: '其他' };
export const classLabel = (name: string): string => (CLASSES[name] === undefined ? name : `${CLASSES[name]}（${name}）`);
export const STAGES = [['accept', '受理派单'], ['sign', '签收'], ['contact', '首次联系'], ['handle', '办理'], ['return', '申请退单'], ['judge', '审核申请']] as const;
export const stageLabel = (stage: string): string => STAGES.find(([id]) => id === stage)?.[1] ?? stage;
export const UNITS = [['minutes', '分钟'], ['hours', '小时'], ['workhours', '工作小时'], ['workdays', '工作日'], ['days', '天']] as const;
