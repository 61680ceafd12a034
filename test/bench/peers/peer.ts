/** The citizens of one channel, driven over the channel's own protocol. */
export interface BenchPeer {
  /** Opens the worker's conversation. Not measured. */
  open(worker: number): Promise<void>;
  /** One message of the worker; resolves when its answer has come back, hence after its turn was committed. */
  turn(worker: number): Promise<void>;
  close(): Promise<void>;
}

/** What is said in turn: a greeting, questions, a complaint with its form and its ticket. A citizen whose number is known is not asked for it. */
export const CHAT_LINES = ['你好', '居住证怎么办', '谢谢', '楼下工地半夜两点还在施工吵死了，东城鸿福路', '对', '公积金怎么提取', '社保卡丢了怎么补办', '谢谢'] as const;

export function lineOf(turn: number): string {
  return CHAT_LINES[turn % CHAT_LINES.length] ?? CHAT_LINES[0];
}
