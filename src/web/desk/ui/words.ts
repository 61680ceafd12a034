import { words } from '../language.ts';

/** The same in both: who cannot read one language finds the other. */
export const LANGUAGES = words({
  label: { zh: '语言 Language', en: 'Language 语言' },
  chinese: { zh: '中文', en: '中文' },
  english: { zh: 'English', en: 'English' },
});
