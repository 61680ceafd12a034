import type { Issue, Path } from './source.ts';
import type { Prompt } from './program.ts';
import { MAX_SENTENCES, PLACEHOLDER, sentences } from './template.ts';

/** Prompts: both languages, both modalities, short enough to be listened to, no name that nobody fills in. */
export interface PromptRules {
  readonly known: (subject: string) => boolean;
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
      const voice = wording.voice ?? '';
      const count = sentences(voice).length;
      if (count > MAX_SENTENCES) rules.report(path, 'error', 'voice-too-long', `电话里一次最多说 ${MAX_SENTENCES} 句，这里有 ${count} 句`);
      else if (locale === 'zh-CN' && voice.replace(PLACEHOLDER, '').length > LONG_VOICE) rules.report(path, 'warning', 'voice-long', `电话里这段话有 ${voice.length} 个字，听的人记不住，请缩短`);
      if (/https?:\/\//.test(voice)) rules.report(path, 'error', 'voice-link', '电话里念不了链接');
      for (const text of [wording.text ?? '', voice]) {
        for (const subject of new Set([...text.matchAll(PLACEHOLDER)].map((match) => match[1] ?? ''))) {
          if (!rules.known(subject)) rules.report(path, 'error', 'unknown-placeholder', `话术里的“{${subject}}”没有人填`);
        }
      }
    }
  }
  const last = prompt.at(-1);
  if (prompt.length > 1 && last !== undefined && last.when !== null) rules.report(last.path, 'warning', 'no-default', '几种说法都带条件：都不满足时会什么也不说');
}

export function placeholders(prompt: Prompt | null): string[] {
  return (prompt ?? []).flatMap((variant) =>
    Object.values(variant.wordings).flatMap((wording) => [...`${wording.text ?? ''}${wording.voice ?? ''}`.matchAll(PLACEHOLDER)].map((match) => match[1] ?? '')),
  );
}
