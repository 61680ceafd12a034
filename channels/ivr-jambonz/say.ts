import type { Line } from '../../src/channel/voice/plan.ts';
import { SLOW_PERCENT, splitForSay } from '../../src/channel/voice/speech.ts';
import { writeFragment } from '../../src/channel/voice/xml.ts';
import type { Locale } from '../../src/domain/activity.ts';
import type { JambonzConfig } from './config.ts';

/** What is said, as jambonz' say verb takes it. */

export interface Synthesizer {
  readonly vendor: string;
  readonly language: string;
  readonly voice?: string;
}

export interface Say {
  readonly text: string | readonly string[];
  readonly synthesizer?: Synthesizer;
}

/** Lines that follow each other in one language are said in one go. */
export function byLocale(lines: readonly Line[]): readonly (readonly Line[])[] {
  const groups: Line[][] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    if (last?.[0]?.locale === line.locale) last.push(line);
    else groups.push([line]);
  }
  return groups;
}

/** Lines of one language. */
export function spoken({ config, slow = false }: { readonly config: JambonzConfig; readonly slow?: boolean }, lines: readonly Line[]): Say {
  const { tts } = config;
  const pieces = lines.flatMap((line) => splitForSay(line.text)).map((piece) => (slow && tts !== null && READS_SSML.has(tts.vendor) ? slowly(piece) : piece));
  const locale = lines[0]?.locale ?? 'zh-CN';
  const [only] = pieces;
  const said = pieces.length === 1 && only !== undefined ? only : pieces;
  if (tts === null) return { text: said };
  const voice = { 'zh-CN': tts.voice, 'zh-HK': tts.voiceCantonese, en: tts.voiceEnglish }[locale];
  return { text: said, synthesizer: { vendor: tts.vendor, language: spokenAs(tts.vendor, locale), ...(voice === null ? {} : { voice }) } };
}

/** Vendors that read SSML; others would read the markup aloud. */
const READS_SSML: ReadonlySet<string> = new Set(['google', 'aws', 'microsoft', 'ibm']);

const slowly = (text: string): string => writeFragment({ name: 'speak', content: [{ name: 'prosody', attributes: { rate: `${SLOW_PERCENT}%` }, content: text }] });

/** Each vendor has a name of its own for Cantonese; Azure's is what the others are given. */
const CANTONESE_SPOKEN: Readonly<Record<string, string>> = { google: 'yue-HK', aws: 'yue-CN' };

const spokenAs = (vendor: string, locale: Locale): string => ({ 'zh-CN': 'zh-CN', 'zh-HK': CANTONESE_SPOKEN[vendor] ?? 'zh-HK', en: 'en-US' })[locale];
