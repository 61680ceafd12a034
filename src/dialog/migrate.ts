import { newFrame, type Frame } from './state.ts';
import type { Flow } from './program.ts';
import type { Turn } from './turn.ts';

/**
 * The conversation was begun with a program that nobody has any more (a restart after an edit). What is under way goes on
 * in the new one: a step that still does the same work is kept, otherwise the flow starts over; values of slots that
 * still exist with a type that can hold them are kept in both cases, so nothing is asked twice.
 */
export function migrate(turn: Turn): void {
  const { core, program } = turn;
  const frames = core.frames.flatMap((frame): Frame[] => {
    const flow = program.flows.get(frame.flow);
    return flow === undefined ? [] : [migrateFrame(flow, frame)];
  });
  core.frames.splice(0, core.frames.length, ...frames);
}

function migrateFrame(flow: Flow, frame: Frame): Frame {
  const slots = Object.fromEntries(Object.entries(frame.slots).filter(([name]) => flow.slots.has(name)));
  const step = flow.steps.get(frame.step);
  const asked = frame.asked === null || (step?.verb.kind === 'ask' && step.verb.slots.includes(frame.asked) && flow.slots.has(frame.asked));
  // A step waits in one of these; an action is never awaited across a restart, its result belongs to the same turn.
  const waits = step !== undefined && ['ask', 'confirm', 'choose', 'answer', 'wait'].includes(step.verb.kind);
  if (waits && asked) return { ...frame, slots, action: null };
  return newFrame(flow.id, flow.first, frame.call, slots);
}
