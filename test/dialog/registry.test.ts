import { describe, expect, it } from 'vitest';
import { advance, compileOrThrow, createProgramRegistry, startState, type Program } from '../../src/dialog/index.ts';
import type { DialogEvent, DialogState } from '../../src/dialog/types.ts';
import { facts, opened, realProgram, realSources, said } from './support/program.ts';

const message = (text: string): DialogEvent => ({ type: 'message', text, attachments: 0 });

/** The program after an operator's edit. */
function edited(change: (text: string) => string, path = 'flows/report/flow.yaml'): Program {
  const sources = realSources();
  return compileOrThrow({ ...sources, flows: sources.flows.map((source) => (source.path === path ? { ...source, text: change(source.text) } : source)) });
}

function play(program: Program, lines: readonly string[], from: DialogState = startState(program)): DialogState {
  return lines.reduce((state, line) => advance(program, state, message(line), facts()).state, from);
}

describe('versions', () => {
  it('are the hash of the rules: same text, same version; an edit changes it; a new town does not', () => {
    const sources = realSources();
    expect(compileOrThrow(sources).version).toBe(realProgram().version);
    expect(edited((text) => text.replace('登记诉求', '登记')).version).not.toBe(realProgram().version);
    expect(compileOrThrow({ ...sources, towns: sources.towns.slice(1) }).version).toBe(realProgram().version);
    expect(realProgram().version).toMatch(/^[0-9a-f]{12}$/);
  });
});

describe('the registry', () => {
  const next = edited((text) => text.replaceAll('请留个手机号', '请留一个联系方式'));

  it('lets a running form finish with the program that it began with', () => {
    const registry = createProgramRegistry(realProgram());
    const state = play(realProgram(), ['东城鸿福路的路灯昨晚坏了']);
    registry.publish(next);
    expect(registry.current).toBe(next);
    expect(registry.programFor(state)).toBe(realProgram());
    const step = registry.advance(state, message('谢谢'), facts());
    expect(said(step.effects)).toContain('请留个手机号');
    expect(step.state.programVersion).toBe(realProgram().version);
  });

  it('moves a conversation at rest to the newest program', () => {
    const registry = createProgramRegistry(realProgram());
    const state = play(realProgram(), ['谢谢']);
    registry.publish(next);
    expect(said(registry.advance(state, message('东城鸿福路的路灯昨晚坏了'), facts()).effects)).toContain('请留一个联系方式');
  });

  it('knows the way on when the old program is gone', () => {
    const registry = createProgramRegistry(next);
    const state = play(realProgram(), ['东城鸿福路的路灯昨晚坏了']);
    const step = registry.advance(state, message('13800138000'), facts());
    expect(said(step.effects)).toContain('核对');
    expect(step.state.programVersion).toBe(next.version);
  });
});

describe('carrying a conversation over to another program', () => {
  it('keeps the values when the step is gone and asks nothing twice', () => {
    const state = play(realProgram(), ['东城鸿福路的路灯昨晚坏了', '13800138000']);
    const program = edited((text) => text.replace('  check:\n', '  review:\n'));
    const step = advance(program, state, message('对'), facts());
    expect(said(step.effects)).toContain('核对');
    const done = advance(program, step.state, message('对'), facts());
    expect(opened(done.effects)).toMatchObject({ townId: 'dongcheng', phone: '13800138000' });
  });

  it('drops slots that no longer exist, and flows that no longer exist', () => {
    const state = play(realProgram(), ['我要投诉']);
    const sources = realSources();
    const without = compileOrThrow({ ...sources, flows: sources.flows.filter((source) => !source.path.includes('/report/')) });
    expect(() => advance(without, state, message('路灯坏了'), facts())).not.toThrow();
    const renamed = edited((text) => text.replaceAll('happened', 'moment'));
    const carried = advance(renamed, play(realProgram(), ['东城鸿福路的路灯昨晚坏了']), message('13800138000'), facts());
    expect(said(carried.effects)).toMatch(/什么时候|核对/);
  });

  it('somebody who waits for a person goes on waiting', () => {
    const state = advance(realProgram(), startState(realProgram()), message('人工'), facts({ seatsOnline: 1 })).state;
    const step = advance(edited((text) => `${text}\n`), state, message('还要多久啊'), facts({ seatsOnline: 1 }));
    expect(step.effects.map((effect) => effect.kind)).not.toContain('handoff');
    expect(step.state.data['waiting']).toBe(true);
  });
});
