import type { Issue, Path } from './source.ts';
import type { Prompt, PromptVariant, Wording } from './program.ts';
import { MAX_SENTENCES, PLACEHOLDER, sentences } from './template.ts';

/** Prompts: both languages, both modalities, short enough to be listened to, no name that nobody fills in. */
export interface PromptRules {
  readonly known: (subject: string) => boolean;
  /** Other prompts have Cantonese, so a caller would hear this one in the words of Mandarin. */
  readonly cantonese: boolean;
  readonly report: (path: Path, severity: Issue['severity'], rule: string, message: string) => void;
}

const LANGUAGES = [['zh-CN', 'zh', '中文'], ['en', 'en', '英文']] as const;
/** Characters of a spoken prompt beyond which people stop listening; a warning only. */
const LONG_VOICE = 90;

export function lintPrompt(prompt: Prompt, rules: PromptRules): void {
  for (const variant of prompt) {
    for (const [locale, key, name] of LANGUAGES) {
      const wording = variant.wordings[locale];
      const path = [...variant.path, key];
      if (wording === undefined) {
        rules.report(variant.path, 'error', 'missing-locale', `缺少${name}（${key}）`);
        continue;
      }
      if (wording.text === null) rules.report(path, 'error', 'missing-modality', `${name}缺少文字渠道的话术（text）`);
      if (wording.voice === null) rules.report(path, 'error', 'missing-modality', `${name}缺少电话渠道的话术（voice）`);
      lintWording(wording, path, locale === 'zh-CN', rules);
    }
    const cantonese = variant.wordings['zh-HK'];
    if (cantonese !== undefined) lintWording(cantonese, [...variant.path, 'hk'], true, rules);
    else if (rules.cantonese && hasOwnWords(variant)) rules.report(variant.path, 'warning', 'missing-cantonese', '别处写了粤语（hk），这里没有：说粤语的来电人会听到普通话的说法');
  }
  const last = prompt.at(-1);
  if (prompt.length > 1 && last !== undefined && last.when !== null) rules.report(last.path, 'warning', 'no-default', '几种说法都带条件：都不满足时会什么也不说');
}

/** What is nothing but values is the same in every Chinese. */
const hasOwnWords = (variant: PromptVariant): boolean => /\p{Script=Han}/u.test((variant.wordings['zh-CN']?.voice ?? '').replace(PLACEHOLDER, ''));

function lintWording(wording: Wording, path: Path, chinese: boolean, rules: PromptRules): void {
  const voice = wording.voice ?? '';
  const count = sentences(voice).length;
  if (count > MAX_SENTENCES) rules.report(path, 'error', 'voice-too-long', `电话里一次最多说 ${MAX_SENTENCES} 句，这里有 ${count} 句`);
  else if (chinese && voice.replace(PLACEHOLDER, '').length > LONG_VOICE) rules.report(path, 'warning', 'voice-long', `电话里这段话有 ${voice.length} 个字，听的人记不住，请缩短`);
  if (/https?:\/\//.test(voice)) rules.report(path, 'error', 'voice-link', '电话里念不了链接');
  for (const text of [wording.text ?? '', voice]) {
    for (const subject of new Set([...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? ''))) {
      if (!rules.known(subject)) rules.report(path, 'error', 'unknown-placeholder', `话术里的“{${subject}}”没有人填`);
    }
  }
}

/** Is any of these prompts written in Cantonese? */
export const speaksCantonese = (prompts: readonly (Prompt | null)[]): boolean => prompts.some((prompt) => prompt?.some(({ wordings }) => wordings['zh-HK'] !== undefined) === true);

export function placeholders(prompt: Prompt | null): string[] {
  return (prompt ?? []).flatMap((variant) =>
    Object.values(variant.wordings).flatMap((wording) => [...`${wording.text ?? ''}${wording.voice ?? ''}`.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '')),
  );
}
