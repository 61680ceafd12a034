import { startState } from '../dialog/advance.ts';
import { findEmergency } from '../dialog/listen.ts';
import type { Program } from '../dialog/program.ts';
import { createProgramRegistry } from '../dialog/registry.ts';
import type { DialogState } from '../dialog/types.ts';
import type { JsonValue } from '../domain/json.ts';
import type { Dialog } from './dialog-port.ts';

export interface RunningDialog extends Dialog {
  /** Makes a program the current one; what is under way goes on with its own. */
  publish(program: Program): void;
}

/** The engine behind the port that turns use; one a process. */
export function createDialog(program: Program): RunningDialog {
  const registry = createProgramRegistry(program);
  return {
    start: () => startState(registry.current),
    restore: (stored) => readState(stored) ?? startState(registry.current),
    advance: (state, event, facts) => registry.advance(state, event, facts),
    emergency: (text) => findEmergency(text, registry.current.dialog),
    publish: (next) => registry.publish(next),
  };
}

function readState(stored: JsonValue): DialogState | null {
  if (stored === null || typeof stored !== 'object' || Array.isArray(stored)) return null;
  const { format, programVersion, data } = stored;
  if (format !== 1 || typeof programVersion !== 'string' || data === null || typeof data !== 'object' || Array.isArray(data)) return null;
  return { format, programVersion, data: data ?? {} };
}
