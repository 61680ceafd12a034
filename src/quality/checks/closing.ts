import type { CheckWith } from '../rules.ts';
import { has, phrases, plain } from '../text.ts';
import { type Hit, hitLine, type Transcript } from '../transcript.ts';

/** 结束语: a seat that ends the service takes leave. When the citizen is gone there is nobody to say it to. */
export function checkClosing({ words, last }: CheckWith<'closing'>): (transcript: Transcript) => Hit[] {
  const farewell = phrases(words);
  return ({ said, happened }) => {
    const over = happened.findLast(({ kind }) => kind === 'ended' || kind === 'left');
    const spoken = said.filter(({ who }) => who === 'seat').slice(-last);
    const end = spoken.at(-1);
    if (over?.kind !== 'ended' || end === undefined || spoken.some((line) => has(plain(line.text), farewell))) return [];
    return [hitLine(end, '坐席结束服务前没有致谢或道别')];
  };
}
