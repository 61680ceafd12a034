import { signal, type ReadonlySignal } from '@preact/signals';

/**
 * Everything that can be done by key, once: the palette, the help page and the handler read the same table. Keys with Alt or Ctrl work
 * also while typing; bare ones never do. What can be done right now is what the shown views have registered a handler for.
 */

export type ActionId = keyof typeof ACTIONS;
export type ActionGroup = '会话' | '列表' | '回复' | '会话信息' | '坐席' | '通用';

export interface ActionSpec {
  readonly label: string;
  readonly group: ActionGroup;
  /** `Alt+KeyT` by the key's place on the board, `?` and `/` by what they write. */
  readonly key: string;
  /** What stands on the key. */
  readonly shown: string;
}

const alt = (code: string, shown = code.replace(/^(Key|Digit|Arrow)/, '')): Pick<ActionSpec, 'key' | 'shown'> => ({ key: `Alt+${code}`, shown: `Alt+${shown}` });

export const ACTIONS = {
  accept: { label: '接受派给我的会话', group: '会话', ...alt('KeyA') },
  decline: { label: '谢绝派给我的会话', group: '会话', ...alt('KeyX') },
  take: { label: '接管会话', group: '会话', ...alt('KeyT') },
  takeNext: { label: '接管等得最久的市民', group: '会话', ...alt('Enter', 'Enter') },
  transfer: { label: '转接（坐席、技能组、承办单位）', group: '会话', ...alt('KeyG') },
  invite: { label: '邀请同事加入', group: '会话', ...alt('KeyI') },
  handBack: { label: '交还机器人', group: '会话', ...alt('KeyB') },
  close: { label: '结束会话', group: '会话', ...alt('KeyJ') },
  ticket: { label: '开工单', group: '会话', ...alt('KeyO') },
  listen: { label: '监听、停止监听（班长）', group: '会话', ...alt('KeyL') },
  whisper: { label: '对坐席耳语（班长）', group: '会话', ...alt('KeyW') },
  undo: { label: '撤销刚才的操作', group: '会话', ...alt('KeyZ') },
  next: { label: '下一个会话', group: '列表', ...alt('ArrowDown', '↓') },
  previous: { label: '上一个会话', group: '列表', ...alt('ArrowUp', '↑') },
  nextUnread: { label: '下一个未读会话', group: '列表', ...alt('KeyU') },
  list1: { label: '列表：待接入', group: '列表', ...alt('Digit1') },
  list2: { label: '列表：我的', group: '列表', ...alt('Digit2') },
  list3: { label: '列表：其他坐席', group: '列表', ...alt('Digit3') },
  list4: { label: '列表：机器人', group: '列表', ...alt('Digit4') },
  list5: { label: '列表：已结束', group: '列表', ...alt('Digit5') },
  find: { label: '筛选列表', group: '列表', key: '/', shown: '/' },
  reply: { label: '写回复', group: '回复', ...alt('KeyR') },
  note: { label: '写内部备注', group: '回复', ...alt('KeyN') },
  canned: { label: '插入常用语（输入框里按 /）', group: '回复', ...alt('KeyC') },
  attach: { label: '发送文件', group: '回复', ...alt('KeyP') },
  knowledge: { label: '检索知识', group: '会话信息', ...alt('KeyK') },
  context: { label: '显示或收起会话信息', group: '会话信息', ...alt('KeyV') },
  assist: { label: '坐席辅助', group: '会话信息', ...alt('KeyY') },
  // Possible while the panel of assist is open.
  assistAnswer: { label: '辅助：第一条答案放入回复', group: '会话信息', ...alt('KeyD') },
  assistQuestion: { label: '辅助：第一个追问放入回复', group: '会话信息', ...alt('KeyQ') },
  assistForm: { label: '辅助：接受整张工单', group: '会话信息', ...alt('KeyF') },
  history: { label: '往来记录', group: '会话信息', ...alt('KeyH') },
  presence: { label: '接待状态', group: '坐席', ...alt('KeyS') },
  notices: { label: '提醒（提到我的备注）', group: '坐席', ...alt('KeyM') },
  palette: { label: '命令面板', group: '通用', key: 'Ctrl+KeyK', shown: 'Ctrl+K' },
  help: { label: '快捷键一览', group: '通用', key: '?', shown: '?' },
} as const satisfies Readonly<Record<string, ActionSpec>>;

const IDS = Object.keys(ACTIONS).filter((id): id is ActionId => id in ACTIONS);

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
  return IDS.find((id) => ACTIONS[id].key === name) ?? null;
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
