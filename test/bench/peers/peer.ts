/** The citizens of one channel, driven over the channel's own protocol. */
export interface BenchPeer {
  /** Opens the worker's conversation. Not measured. */
  open(worker: number): Promise<void>;
  /** One message of the worker; resolves when its answer has come back, hence after its turn was committed. */
  turn(worker: number): Promise<void>;
  close(): Promise<void>;
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
