import { advance } from './advance.ts';
import type { Program } from './program.ts';
import { atRest, loadCore } from './state.ts';
import type { DialogEvent, DialogFacts, DialogState, DialogStep } from './types.ts';

/** Keeps the programs that running conversations are pinned to. */
export interface ProgramRegistry {
  /** Makes a program the current one; the former ones stay for the conversations that began with them. */
  publish(program: Program): void;
  readonly current: Program;
  /** The program a conversation goes on with: its own while something is under way, otherwise the current one. */
  programFor(state: DialogState): Program;
  /** `advance` with the right program. */
  advance(state: DialogState, event: DialogEvent, facts: DialogFacts): DialogStep;
}

/** Old versions kept; a form does not outlive so many edits. */
const KEPT = 20;

/** One registry a process. Not pure: it remembers what was published. */
export function createProgramRegistry(first: Program): ProgramRegistry {
  const programs = new Map<string, Program>([[first.version, first]]);
  let current = first;
  const programFor = (state: DialogState): Program => {
    const own = programs.get(state.programVersion);
    if (own === undefined || own === current) return current;
    return atRest(loadCore(state, 'zh-CN')) ? current : own;
  };
  return {
    publish(program) {
      programs.delete(program.version);
      programs.set(program.version, program);
      current = program;
      for (const version of programs.keys()) {
        if (programs.size <= KEPT) break;
        if (version !== current.version) programs.delete(version);
      }
    },
    get current() {
      return current;
    },
    programFor,
    advance: (state, event, facts) => advance(programFor(state), state, event, facts),
  };
}
