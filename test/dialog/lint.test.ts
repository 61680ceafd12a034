import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compileFlows, compileOrThrow, formatIssue, lintProgram } from '../../src/dialog/index.ts';
import { allPrompts } from '../../src/dialog/lint.ts';
import { PLACEHOLDER } from '../../src/dialog/template.ts';
import { isAppError } from '../../src/domain/errors.ts';
import { realProgram, realSources, root, said, talk } from './support/program.ts';
import { seed, seedDialog } from './support/small-flow.ts';

describe('the project’s own flows', () => {
  it('pass the lint', () => {
    expect(lintProgram(realProgram()).map(formatIssue)).toEqual([]);
  });
});

describe('Cantonese', () => {
  it('has words of its own for whatever is spoken, without an exception', () => {
    const spoken = allPrompts(realProgram()).flatMap((prompt) => prompt.map(({ wordings }) => ({ mandarin: (wordings['zh-CN']?.voice ?? '').replace(PLACEHOLDER, ''), cantonese: wordings['zh-HK']?.voice ?? null })));
    expect(spoken.length).toBeGreaterThan(200);
    expect(spoken.filter(({ mandarin, cantonese }) => /\p{Script=Han}/u.test(mandarin) && cantonese === null)).toEqual([]);
    // Nobody reads Mandarin out with another voice.
    expect(spoken.filter(({ cantonese }) => /的|不|您|什么|怎么|没有|们/u.test((cantonese ?? '').replace(/不如/g, '')))).toEqual([]);
  });
});

describe('the handbook', () => {
  it('its example compiles, passes the lint and works', () => {
    const text = /```yaml\n(id: umbrella[\s\S]*?)```/.exec(readFileSync(join(root, 'docs/flows.md'), 'utf8'))?.[1] ?? '';
    const sources = realSources();
    const program = compileOrThrow({ ...sources, flows: [...sources.flows, { path: 'flows/umbrella/flow.yaml', text }] });
    expect(lintProgram(program).map(formatIssue)).toEqual([]);
    const one = talk({}, program);
    expect(said(one.say('我想借雨伞'))).toContain('哪个服务大厅');
    expect(said(one.say('南城市民中心'))).toContain('20261124000013');
  });
});

/** flow, what stands there, what is written instead, rule, lines further down where it is reported. */
const FAULTS: readonly (readonly [string, string, string, string, number?])[] = [
  // What the compiler refuses.
  ['report', 'type: choice', 'type: choise', 'schema'],
  ['report', '    loose: true', '    lose: true', 'schema'],
  ['report', '    ok: opened', '    okay: opened', 'schema'],
  ['report', 'id: report', 'id: [report', 'yaml', 1],
  ['report', '    do: ticket.open', '    do: ticket.burn', 'unknown-action'],
  ['report', '    confirm: [kind', '    ask: [content]\n    confirm: [kind', 'two-verbs', 1],
  ['report', '    yes: open', '    yes: open\n    free: true', 'stray-setting', 1],
  ['progress', "'工单号.{0,4}20\\d{10}'", "'(?:a+)+b'", 'unsafe-pattern'],
  ['progress', "'工单号.{0,4}20\\d{10}'", "'(?<wrong>工单)'", 'unknown-slot'],
  // What the lint finds.
  ['report', '    ok: opened', '    ok: opend', 'unknown-step'],
  ['report', '    yes: open', '    yes: failed', 'unreachable-step', 2],
  ['report', '    error: failed', '    errors: {}', 'no-error-branch', -3],
  ['report', 'with: { ticketKind: slot.kind,', 'with: {', 'missing-argument', -1],
  ['report', 'phone: slot.phone,', 'telephone: slot.phone,', 'unknown-argument'],
  ['report', 'phone: slot.phone,', 'phone: slot.fon,', 'unknown-slot'],
  ['report', 'ask: [content]', 'ask: [contents]', 'unknown-slot'],
  ['report', 'inherit: [content,', 'inherit: [contents,', 'unknown-slot'],
  ['report', 'if: { fact.knownPhoneLast4: missing }', 'if: { fact.knownPhone: missing }', 'unknown-fact'],
  ['report', "'{slot.town}的哪条路、哪个小区或者哪家单位？'", "'{slot.twon}的哪条路？'", 'unknown-placeholder'],
  ['report', '工单号 {result.number}，由{result.department}办理，{result.deadlineText}。凭工单号', '工单号 {result.nummer}。凭工单号', 'unknown-placeholder'],
  ['report', '      en: Certainly. Please tell me what happened, where and when, all in one go.\n', '', 'missing-locale', -3],
  ['report', "      hk: '好，我幫你登記。請講發生咗咩事、喺邊度、幾時，一齊講就得。'\n", '', 'missing-cantonese', -2],
  ['report', '喺{slot.town}邊條路', '喺{slot.twon}邊條路', 'unknown-placeholder'],
  ['goodbye', '多謝你嘅來電，祝你生活愉快，再見。', '多謝。你嘅來電。祝你生活愉快。再見。', 'voice-too-long'],
  ['welcome', "text: 您好，这里是12345政务服务便民热线，我是智能助手。您想问什么、要反映什么，直接告诉我就行；随时回复“人工”转工作人员。For English, reply “English”.\n        ", '', 'missing-modality', -1],
  ['emergency', '先离开，走楼梯，不要坐电梯。', '先离开。走楼梯。不要坐电梯。再打120。', 'voice-too-long'],
  ['report', '    names: [名字, 姓名, 称呼, name]\n    required: false\n    silent: true', '    required: false', 'slot-never-asked', -3],
  ['report', '  kind:\n    type: choice', '  extra: { type: text, label: { zh: 多余, en: Extra }, silent: true }\n  kind:\n    type: choice', 'slot-never-used'],
  ['welcome', "key: '1', words: [咨询", "key: '0', words: [咨询", 'key-zero'],
  ['welcome', "key: '2', words: [我要投诉", "key: '1', words: [我要投诉", 'key-clash'],
  ['welcome', 'go: progress }', 'go: progres }', 'unknown-flow'],
  ['person', '    handoff: true\n', '    set: { kind: x }\n', 'no-person', 0],
  ['urge', 'phrases: [催办,', 'phrases: [催办, 人工,', 'trigger-swallowed'],
  ['supplement', 'phrases: [补充内容,', 'phrases: [补充内容, 查进度,', 'trigger-clash'],
  ['nottaken', 'start: court', 'start: cort', 'unknown-step'],
  ['goodbye', 'id: goodbye', 'id: bye', 'folder-name'],
];

describe('seeded faults', () => {
  it.each(FAULTS.map(([flow, from, to, rule, offset = 0]) => ({ flow, from, to, rule, offset })))('$flow: $from → $to is found as $rule', ({ flow, from, to, rule, offset }) => {
    const { issues, file, line } = seed(flow, from, to);
    const found = issues.filter((issue) => issue.rule === rule);
    expect(issues.map(formatIssue).join('\n')).toContain(`[${rule}]`);
    if (rule === 'no-person' || rule === 'trigger-clash') return;
    expect(found.map((issue) => `${issue.file}:${issue.line}`)).toContain(`${file}:${line + offset}`);
    expect(found.every((issue) => issue.column >= 1 && issue.message.length > 3)).toBe(true);
  });

  it('a clash names both flows', () => {
    const { issues } = seed('supplement', 'phrases: [补充内容,', 'phrases: [补充内容, 查进度,');
    expect(issues.find((issue) => issue.rule === 'trigger-clash')?.message).toMatch(/progress.*supplement|supplement.*progress/);
  });

  it('a program without a way to a person does not pass', () => {
    const { issues } = seedDialog('person: [人工, ', 'person: [');
    expect(issues.map((issue) => issue.rule)).toContain('no-person');
  });

  it('an emergency category needs its step', () => {
    const { issues, line } = seedDialog('category: gas', 'category: gases');
    expect(issues.find((issue) => issue.rule === 'unknown-step')).toMatchObject({ file: 'config/dialog.yaml', line });
  });

  it('a missing common prompt is named', () => {
    const { issues } = seedDialog('  cancelled:', '  canceled:');
    expect(issues.filter((issue) => issue.severity === 'error').map((issue) => issue.message).join()).toMatch(/canceled.*cancelled/);
  });

  it('unknown items of triggers are found when the catalogue is given', () => {
    const sources = realSources();
    const flows = sources.flows.map((source) => (source.path === 'flows/report/flow.yaml' ? { ...source, text: source.text.replace('  - signals: [trouble]', '  - signals: [trouble]\n    items: [env.noise.*, no.such]') } : source));
    const program = compileOrThrow({ ...sources, flows });
    expect(lintProgram(program, { items: ['env.noise.construction'] }).map((issue) => `${issue.line} ${issue.rule}`)).toEqual(['7 unknown-item']);
  });

  it('throws all faults at once for a program that must run', () => {
    const sources = realSources();
    const flows = sources.flows.map((source) => ({ ...source, text: source.text.replace('about:', 'abouts:') }));
    expect(compileFlows({ ...sources, flows }).program).toBeNull();
    try {
      compileOrThrow({ ...sources, flows });
      expect.unreachable();
    } catch (error) {
      expect(isAppError(error) && error.code).toBe('flow.invalid');
      expect(isAppError(error) && error.message.split('\n').length).toBeGreaterThan(flows.length);
    }
  });
});
