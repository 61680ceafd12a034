import { parseTarget, type Program, type Trigger, type WordList } from './program.ts';
import type { Issue } from './source.ts';

/** Triggers: no two flows of equal rank wait for the same words, and no phrase is swallowed by a word that holds everywhere. */

const SWALLOWERS: readonly WordList[] = ['person', 'repeat', 'help', 'menu', 'chinese', 'english', 'cancel'];

export function lintTriggers(program: Program, issues: Issue[], items: readonly string[] | null): void {
  const phrases = new Map<string, Trigger>();
  const keys = new Map<string, Trigger>();
  const person = parseTarget(program.dialog.flows.person).flow;
  for (const flow of program.flows.values()) {
    for (const trigger of flow.triggers) {
      const report = (severity: Issue['severity'], rule: string, message: string, ...path: (string | number)[]): void => {
        issues.push({ ...flow.source.at([...trigger.path, ...path]), severity, rule, message });
      };
      if (trigger.phrases.length + trigger.patterns.length + trigger.keys.length + trigger.signals.length + trigger.items.length === 0) report('error', 'empty-trigger', '这一条触发什么也没写');
      if (trigger.start !== null && !flow.steps.has(trigger.start)) report('error', 'unknown-step', `触发后要去的步骤“${trigger.start}”不存在`, 'start');
      for (const name of Object.keys(trigger.set)) if (!flow.slots.has(name)) report('error', 'unknown-slot', `没有信息项“${name}”`, 'set', name);
      trigger.phrases.forEach((phrase, index) => {
        const other = phrases.get(`${trigger.priority} ${phrase}`);
        if (other !== undefined && (other.flow !== trigger.flow || other.start !== trigger.start)) {
          report('error', 'trigger-clash', `“${phrase}”同时触发“${other.flow}”和“${trigger.flow}”，优先级又一样`, 'phrases', index);
        }
        phrases.set(`${trigger.priority} ${phrase}`, trigger);
        const swallower = SWALLOWERS.find((list) => program.dialog.words[list].some((word) => word.toLowerCase() === phrase));
        if (swallower !== undefined && flow.id !== person) report('error', 'trigger-swallowed', `“${phrase}”在 dialog.yaml 的 words.${swallower} 里，永远轮不到这个流程`, 'phrases', index);
      });
      trigger.keys.forEach((key, index) => {
        const other = keys.get(key);
        if (other !== undefined && other.flow !== trigger.flow) report('error', 'trigger-clash', `按键 ${key} 同时触发“${other.flow}”和“${trigger.flow}”`, 'keys', index);
        keys.set(key, trigger);
      });
      if (items !== null) {
        trigger.items.forEach((item, index) => {
          const known = item.endsWith('.*') ? items.some((code) => code.startsWith(item.slice(0, -1))) : items.includes(item);
          if (!known) report('error', 'unknown-item', `事项目录里没有“${item}”`, 'items', index);
        });
      }
    }
  }
}
