import type { CheckWith } from '../rules.ts';
import { asks, has, phrases, plain } from '../text.ts';
import { type Hit, hitLine, type Said, type Transcript } from '../transcript.ts';

/** A caller speaks some five characters a second; what the seat says itself is no silence. */
const SPOKEN_MS = 200;
/** 好的, 收到, 嗯: no answer yet. */
const NOD_CHARS = 3;

const seconds = (ms: number): number => Math.round(ms / 1000);

/** 首响超时: from a seat's taking to its first words. */
export function checkLate({ seconds: limits }: CheckWith<'late'>): (transcript: Transcript) => Hit[] {
  return ({ said, happened, modality }) => {
    const limit = limits[modality];
    return happened.flatMap((one, index) => {
      if (one.kind !== 'accepted') return [];
      const next = happened.slice(index + 1).find(({ kind }) => kind === 'accepted')?.at ?? Number.POSITIVE_INFINITY;
      const first = said.find((line) => line.who === 'seat' && line.at >= one.at && line.at < next && (one.seatId === undefined || line.seatId === one.seatId));
      // Who never said a word is met by what never came: silence.
      if (first === undefined) return [];
      const waited = seconds(first.at - one.at);
      return waited <= limit ? [] : [hitLine(first, `接入后 ${waited} 秒才说第一句话，规定不超过 ${limit} 秒`)];
    });
  };
}

/** Who was told “嗯” waits for more; on the phone everybody does who was not asked anything. */
function leavesWaiting(said: string, modality: Transcript['modality']): boolean {
  return plain(said).replace(/[^\u4e00-\u9fffa-z0-9]/g, '').length <= NOD_CHARS || (modality === 'voice' && !asks(plain(said)));
}

/** 长时间无应答: the citizen waits for the seat, and nothing comes. After “请稍等” it may take longer. */
export function checkSilence({ seconds: limits, held, holding }: CheckWith<'silence'>): (transcript: Transcript) => Hit[] {
  const holds = phrases(holding);
  return ({ said, happened, modality }) => {
    const talk = said.filter(({ who }) => who === 'citizen' || who === 'seat');
    const over = happened.findLast(({ kind }) => kind === 'ended' || kind === 'left');
    const met = new Set<string>();
    const hits: Hit[] = [];
    const limitAt = (index: number): { limit: number; was: boolean } => {
      let was = false;
      for (let at = index - 1; at >= 0 && at >= index - 3; at -= 1) {
        const line = talk[at];
        if (line?.who !== 'seat') continue;
        was = has(plain(line.text), holds);
        break;
      }
      return { limit: (was ? held : limits)[modality], was };
    };
    const judge = (line: Said, index: number, until: number, spoken: number): void => {
      const { limit, was } = limitAt(index);
      const before = talk[index - 1];
      if (before === undefined || (before.who === 'seat' && !was && !leavesWaiting(before.text, modality))) return;
      const waited = seconds(until - before.at - spoken);
      if (waited > limit) hits.push(hitLine(line, `市民等了 ${waited} 秒没有听到回应，规定${was ? '请市民稍等后' : ''}不超过 ${limit} 秒`));
    };
    talk.forEach((line, index) => {
      if (line.who !== 'seat') return;
      const key = line.seatId ?? '';
      // First words are the business of `late`.
      if (met.has(key)) judge(line, index, line.at, modality === 'voice' ? line.text.length * SPOKEN_MS : 0);
      met.add(key);
    });
    const last = talk.at(-1);
    if (last?.who === 'citizen' && over !== undefined && met.size > 0) judge(last, talk.length, over.at, 0);
    return hits;
  };
}
