/** The citizens of one channel, driven over the channel's own protocol. A seat of the load is called a place: one conversation at a time. */
export interface CitizenPeer {
  /** Begins a new conversation of this caller at this place. */
  open(place: number, caller: Caller): Promise<void>;
  /**
   * One message; resolves when its answer has come back, hence after its turn was committed. Gives the answer as it came
   * (TwiML, a frame, a send of the API), to be read only by whom it concerns.
   */
  say(place: number, text: string): Promise<Buffer>;
  /** Ends the conversation as citizens do: hangs up, closes the page; in WeChat nothing happens. */
  leave(place: number): Promise<void>;
  close(): Promise<void>;
}

/** Somebody made up. */
export interface Caller {
  /** 0 to 99,999,999. */
  readonly number: number;
}

/** Of a block that China's numbering plan gives to nobody. */
export function phoneOf({ number }: Caller): string {
  return `142${String(number).padStart(8, '0')}`;
}

const LINES: readonly ((turn: number) => string)[] = [
  () => '你好',
  () => '居住证怎么办',
  () => '谢谢',
  // Never the same twice in a conversation, so that no memory of words flatters the figure.
  (turn) => `楼下工地半夜两点还在施工吵死了，东城鸿福路${turn}号`,
  () => '对',
  () => '公积金怎么提取',
  () => '社保卡丢了怎么补办',
  () => '谢谢',
];

/** What a citizen says in turn: greetings, questions, a complaint with its ticket. The number was given before, so it is not asked for. */
export function lineOf(turn: number): string {
  return LINES[turn % LINES.length]?.(turn) ?? '';
}

/** What is said before anything is measured: the form asks for a number once. */
export function firstLines(channel: string, caller: Caller): readonly string[] {
  return ['楼下工地半夜两点还在施工吵死了，东城鸿福路', ...(channel === 'phone' ? [] : [phoneOf(caller)]), '对'];
}
