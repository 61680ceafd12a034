import type { Chance } from './random.ts';

/** What citizens say. A talk is made of the same blocks everywhere; only the numbers in it are its own. */

export interface Talk {
  /** Talks of one shape get the same answers, but for numbers. */
  readonly shape: string;
  readonly lines: readonly string[];
  /** House numbers that were named in the complaints, in order: each must be found in its own ticket. */
  readonly marks: readonly string[];
}

const QUESTIONS = ['居住证怎么办', '公积金怎么提取', '社保卡丢了怎么补办'] as const;
const COMPLAINTS: readonly [(mark: string) => string, (mark: string) => string] = [
  (mark) => `楼下工地半夜两点还在施工吵死了，东城鸿福路${mark}号`,
  (mark) => `虎门镇连升路${mark}号垃圾堆了三天了没人清，臭死了`,
];

/** The shapes that one run uses: few, because each is first talked through undisturbed, to learn what its answers are. */
export function shapesOf(chance: Chance, modality: 'chat' | 'call', amount: number): readonly string[] {
  const questions = chance.shuffled(QUESTIONS.map((_, index) => index));
  return Array.from({ length: amount }, (_, index) => `${modality}:${questions[index % questions.length] ?? 0}:${chance.between(0, 1)}:${chance.between(0, 1)}`);
}

/** Two complaints, a question between them, in a chat small talk around. Each 对 confirms one; a caller's number is known. */
export function makeTalk(shape: string, chance: Chance): Talk {
  const [modality, question, swapped, greets] = shape.split(':');
  // Never the same, and no part of the telephone number.
  const marks = [String(chance.between(2_100, 2_999)), String(chance.between(4_100, 4_999))] as const;
  const order = swapped === '1' ? [1, 0] : [0, 1];
  const [first, second] = order.map((which, index) => (COMPLAINTS[which] ?? COMPLAINTS[0])(marks[index] ?? ''));
  const asked = QUESTIONS[Number(question)] ?? QUESTIONS[0];
  const lines = modality === 'call' ? [first, '对', asked, second, '对的'] : [...(greets === '1' ? ['你好'] : []), first, '13800138000', '对', asked, second, '对的', '谢谢'];
  return { shape, lines: lines.filter((line) => line !== undefined), marks };
}

/** Numbers differ from one talk to the next: ticket, deadline, house, place in the day. */
export const plain = (text: string): string => text.replace(/\d+/g, '#');

/** How far the answers `due` have come after one more send, and how many of them it brought again; null: it is none of them. */
export interface Progress {
  readonly next: number;
  readonly repeated: number;
}

/**
 * One send brings one answer, or several in a row that waited behind each other (with an empty line between). It may begin
 * with some that came before: the copy of a send that was under way at a crash.
 */
export function afterSend(due: readonly string[], next: number, sent: string): Progress | null {
  const text = plain(sent);
  for (let first = Math.min(next, due.length - 1); first >= 0; first -= 1) {
    let joined = '';
    for (let last = first; last < due.length && joined.length < text.length; last += 1) {
      joined = last === first ? plain(due[last] ?? '') : `${joined}\n\n${plain(due[last] ?? '')}`;
      if (joined === text) return { next: Math.max(next, last + 1), repeated: Math.min(next, last + 1) - first };
    }
  }
  return null;
}

/** How many of the answers have come, as far as the sends can be told; what cannot be told is found by the checks. */
export function answersIn(due: readonly string[], sends: readonly string[]): number {
  return sends.reduce((next, sent) => afterSend(due, next, sent)?.next ?? next, 0);
}
