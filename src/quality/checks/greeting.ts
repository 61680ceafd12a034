import type { CheckWith } from '../rules.ts';
import { has, phrases, plain } from '../text.ts';
import { type Hit, hitLine, type Transcript } from '../transcript.ts';

/** 开场问候: each seat's first words greet. A second seat greets too: the citizen hears a new voice. */
export function checkGreeting({ words }: CheckWith<'greeting'>): (transcript: Transcript) => Hit[] {
  const greets = phrases(words);
  return ({ said }) => {
    const met = new Set<string>();
    const hits: Hit[] = [];
    for (const line of said) {
      if (line.who !== 'seat' || met.has(line.seatId ?? '')) continue;
      met.add(line.seatId ?? '');
      if (!has(plain(line.text), greets)) hits.push(hitLine(line, '坐席接入后的第一句话没有问候'));
    }
    return hits;
  };
}
