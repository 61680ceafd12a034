import { fileURLToPath } from 'node:url';
import { loadQuality } from '../../src/quality/file.ts';
import { createInspector } from '../../src/quality/inspect.ts';
import type { Happening, Said, Transcript } from '../../src/quality/transcript.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const RULES = loadQuality(ROOT);
export const INSPECTOR = createInspector(RULES);

/** `坐席：您好` lines, ten seconds apart; `!` before a word is something that happened. */
export function talk(lines: readonly string[], over: Partial<Transcript> = {}): Transcript {
  const said: Said[] = [];
  const happened: Happening[] = [{ kind: 'accepted', at: 0 }];
  lines.forEach((line, index) => {
    const [who = '', text = ''] = line.split('：');
    const at = (index + 1) * 1_000;
    if (who === '!工单') happened.push({ kind: 'ticket', at });
    else if (who === '!转接') happened.push({ kind: 'transferred', at });
    else if (who === '!结束') happened.push({ kind: 'ended', at });
    else if (who === '!离开') happened.push({ kind: 'left', at });
    else said.push({ seq: index + 1, at, who: who === '市民' ? 'citizen' : 'seat', seatId: who === '市民' ? null : 'seat-1', text });
  });
  return { channel: 'webchat', modality: 'text', said, happened, knowsPhone: false, ...over };
}

/** Rules that find something. */
export const found = (lines: readonly string[], over: Partial<Transcript> = {}): readonly string[] => [...new Set(INSPECTOR.inspect(talk(lines, over)).findings.map(({ rule }) => rule))].toSorted();
