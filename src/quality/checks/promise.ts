import type { CheckWith } from '../rules.ts';
import { asks, findAll, has, phrases, plain, sentences, unquoted } from '../text.ts';
import type { Hit, Transcript } from '../transcript.ts';

/** 承诺未落实: “我帮您登记”, and neither a ticket nor a press nor a transfer came of it. Offers and conditions promise nothing. */
export function checkPromise({ words, unless }: CheckWith<'promise'>): (transcript: Transcript) => Hit[] {
  const promises = phrases(words);
  const open = phrases(unless);
  return ({ said, happened }) => {
    if (happened.some(({ kind }) => kind === 'ticket' || kind === 'urged' || kind === 'transferred')) return [];
    for (const line of said) {
      if (line.who !== 'seat') continue;
      for (const sentence of sentences(unquoted(plain(line.text)))) {
        if (has(sentence.text, open)) continue;
        const found = findAll(sentence.text, promises)[0];
        // A question after the promise asks for something else: 我帮您登记，请问小区名称？
        if (found === undefined || (asks(sentence.text) && !/[,]/.test(sentence.text.slice(found.end)))) continue;
        const [start, end] = [sentence.start + found.start, sentence.start + found.end];
        return [{ seq: line.seq, seatId: line.seatId, start, end, why: `坐席承诺“${line.text.slice(start, end)}”，到服务结束没有工单、催办或转接` }];
      }
    }
    return [];
  };
}
