import { signal, type ReadonlySignal } from '@preact/signals';
import { ACTION_GROUPS, ACTION_LABELS } from './key-words.ts';

/**
 * Everything that can be done by key, once: the palette, the help page and the handler read the same table. Keys with Alt or Ctrl work
 * also while typing; bare ones never do. What can be done right now is what the shown views have registered a handler for.
 */

export type ActionId = keyof typeof ACTIONS;
export type ActionGroup = keyof typeof ACTION_GROUPS;

export interface ActionSpec {
  readonly group: ActionGroup;
  /** `Alt+KeyT` by the key's place on the board, `?` and `/` by what they write. */
  readonly key: string;
  /** What stands on the key. */
  readonly shown: string;
}

const alt = (code: string, shown = code.replace(/^(Key|Digit|Arrow)/, '')): Pick<ActionSpec, 'key' | 'shown'> => ({ key: `Alt+${code}`, shown: `Alt+${shown}` });

export const ACTIONS = {
  accept: { group: 'conversation', ...alt('KeyA') },
  decline: { group: 'conversation', ...alt('KeyX') },
  take: { group: 'conversation', ...alt('KeyT') },
  takeNext: { group: 'conversation', ...alt('Enter', 'Enter') },
  transfer: { group: 'conversation', ...alt('KeyG') },
  passOn: { group: 'conversation', ...alt('KeyE') },
  conference: { group: 'conversation', ...alt('Digit9') },
  invite: { group: 'conversation', ...alt('KeyI') },
  handBack: { group: 'conversation', ...alt('KeyB') },
  close: { group: 'conversation', ...alt('KeyJ') },
  ticket: { group: 'conversation', ...alt('KeyO') },
  listen: { group: 'conversation', ...alt('KeyL') },
  whisper: { group: 'conversation', ...alt('KeyW') },
  undo: { group: 'conversation', ...alt('KeyZ') },
  next: { group: 'list', ...alt('ArrowDown', '↓') },
  previous: { group: 'list', ...alt('ArrowUp', '↑') },
  nextUnread: { group: 'list', ...alt('KeyU') },
  list1: { group: 'list', ...alt('Digit1') },
  list2: { group: 'list', ...alt('Digit2') },
  list3: { group: 'list', ...alt('Digit3') },
  list4: { group: 'list', ...alt('Digit4') },
  list5: { group: 'list', ...alt('Digit5') },
  find: { group: 'list', key: '/', shown: '/' },
  reply: { group: 'reply', ...alt('KeyR') },
  note: { group: 'reply', ...alt('KeyN') },
  canned: { group: 'reply', ...alt('KeyC') },
  attach: { group: 'reply', ...alt('KeyP') },
  knowledge: { group: 'details', ...alt('KeyK') },
  context: { group: 'details', ...alt('KeyV') },
  assist: { group: 'details', ...alt('KeyY') },
  // Possible while the panel of assist is open.
  assistAnswer: { group: 'details', ...alt('KeyD') },
  assistQuestion: { group: 'details', ...alt('KeyQ') },
  assistForm: { group: 'details', ...alt('KeyF') },
  history: { group: 'details', ...alt('KeyH') },
  presence: { group: 'seat', ...alt('KeyS') },
  notices: { group: 'seat', ...alt('KeyM') },
  palette: { group: 'general', key: 'Ctrl+KeyK', shown: 'Ctrl+K' },
  help: { group: 'general', key: '?', shown: '?' },
} as const satisfies Readonly<Record<string, ActionSpec>>;

/** What the action is called. */
export const actionName = (id: ActionId): string => ACTION_LABELS[id];
export const groupName = (group: ActionGroup): string => ACTION_GROUPS[group];

export const ACTION_IDS: readonly ActionId[] = Object.keys(ACTIONS).filter((id): id is ActionId => id in ACTIONS);

export interface Pressed {
  readonly key: string;
  readonly code: string;
  readonly altKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly isComposing: boolean;
}

/** The action of a key press; null: none. @param typing the focus is in something that takes text */
export function actionOf(pressed: Pressed, typing: boolean): ActionId | null {
  if (pressed.isComposing) return null;
  const { altKey, ctrlKey, metaKey } = pressed;
  const name = altKey && !ctrlKey && !metaKey ? `Alt+${pressed.code.replace(/^Numpad/, '')}` : (ctrlKey || metaKey) && !altKey ? `Ctrl+${pressed.code}` : altKey || ctrlKey || metaKey || typing ? '' : pressed.key;
  return ACTION_IDS.find((id) => ACTIONS[id].key === name) ?? null;
}

/** The letter behind `g` that opens a page: of its path the first that is still free. */
export function pageLetters(paths: readonly string[]): ReadonlyMap<string, string> {
  const letters = new Map<string, string>();
  const taken = new Set<string>();
  for (const path of paths) {
    const letter = [...path.replace(/[^a-z]/g, ''), ...'abcdefghijklmnopqrstuvwxyz'].find((one) => !taken.has(one));
    if (letter === undefined) continue;
    taken.add(letter);
    letters.set(path, letter);
  }
  return letters;
}

export interface Actions {
  /** What can be done now. */
  readonly possible: ReadonlySignal<ReadonlySet<ActionId>>;
  /** A shown view can do this; the last that came wins. Answers how to take it back. */
  register(id: ActionId, run: () => void): () => void;
  /** False when it cannot be done now. */
  run(id: ActionId): boolean;
}

export function createActions(): Actions {
  const handlers = new Map<ActionId, (() => void)[]>();
  const possible = signal<ReadonlySet<ActionId>>(new Set());
  return {
    possible,
    register(id, run) {
      const list = handlers.get(id) ?? [];
      handlers.set(id, [...list, run]);
      if (list.length === 0) possible.value = new Set([...possible.value, id]);
      return () => {
        const left = (handlers.get(id) ?? []).filter((one) => one !== run);
        handlers.set(id, left);
        if (left.length === 0) possible.value = new Set([...possible.value].filter((one) => one !== id));
      };
    },
    run(id) {
      const last = handlers.get(id)?.at(-1);
      last?.();
      return last !== undefined;
    },
  };
}
