import type { Line } from '../../src/channel/voice/plan.ts';
import { SLOW_PERCENT, splitForSay } from '../../src/channel/voice/speech.ts';
import type { Locale } from '../../src/domain/activity.ts';
import type { TwilioConfig } from './config.ts';
import type { Say } from './twiml.ts';

/** What is said, each line in the voice of its language. */
export function spoken({ config, slow = false }: { readonly config: TwilioConfig; readonly slow?: boolean }, lines: readonly Line[]): readonly Say[] {
  return lines.flatMap(({ text, locale }) => {
    const attributes = attributesOf(config, locale);
    // The newest voices read no markup; they are not made slower.
    const slowly = slow && !attributes.voice.includes('Chirp3');
    return splitForSay(text).map((piece): Say => ({ verb: 'Say', attributes, content: slowly ? [{ verb: 'prosody', attributes: { rate: `${SLOW_PERCENT}%` }, content: piece }] : piece }));
  });
}

function attributesOf({ voice, voiceCantonese, voiceEnglish }: TwilioConfig, locale: Locale): Say['attributes'] {
  switch (locale) {
    case 'zh-CN':
      return { language: 'cmn-CN', voice };
    case 'zh-HK':
      return { language: 'yue-HK', voice: voiceCantonese };
    case 'en':
      return { language: 'en-US', voice: voiceEnglish };
  }
}
