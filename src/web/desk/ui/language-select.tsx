import type { JSX } from 'preact';
import { useDesk } from './context.ts';
import { LANGUAGES } from './words.ts';

/** Which language the desk speaks. Its label and each choice are readable in both: who cannot read the one must find the other. */
export function LanguageSelect(): JSX.Element {
  const { preferences } = useDesk();
  return (
    <label class="field">
      <span>{LANGUAGES.label}</span>
      <select value={preferences.language.value} onChange={(event) => preferences.setLanguage(event.currentTarget.value === 'en' ? 'en' : 'zh-CN')}>
        <option value="zh-CN" lang="zh-CN">
          {LANGUAGES.chinese}
        </option>
        <option value="en" lang="en">
          {LANGUAGES.english}
        </option>
      </select>
    </label>
  );
}
