import type { KnowledgeEntry } from '../../domain/knowledge.ts';
import type { Finding, LintRule, Severity } from './types.ts';

/** A voice answer is read out on the phone: short, and nothing in it that only eyes can take in. Pure. */

/** Issue 4 and the field's own practice: a caller keeps no more than this. */
const MOST_SENTENCES = 3;

/** Sentences of a spoken Chinese or English text; a dot inside or behind a number ends none. */
export function countSentences(text: string): number {
  return text.split(/[。！？!?\n]+|(?<=\p{L})\.(?=\s|$)/u).filter((part) => /[\p{L}\p{N}]/u.test(part)).length;
}

const LIST = /(?:^|[\n。；;：:，,])\s*(?:[（(]?[一二三四五六七八九十\d]{1,2}[、.．)）](?!\d)|[①-⑳•·▪■◆*-]\s?)/u;
const BRACKETS = /[（()）[\]【】{}]/u;
const SYMBOLS = /[\\/*#_~|<>→←=^`$&…]|[\p{Extended_Pictographic}]/u;
const URL = /https?:|www\.|[a-z0-9-]+\.(?:com|cn|net|org)\b|[\w.]+@[\w.]+/iu;

export function voiceRules(entry: KnowledgeEntry): readonly Finding[] {
  return [...check(entry.id, 'voice', entry.voice), ...(entry.en?.voice === undefined ? [] : check(entry.id, 'en.voice', entry.en.voice))];
}

function check(id: string, field: string, voice: string): Finding[] {
  const found: Finding[] = [];
  const add = (rule: LintRule, severity: Severity, text: string, mend: string): void => void found.push({ rule, severity, entryIds: [id], field, text, mend });
  const sentences = countSentences(voice);
  if (sentences > MOST_SENTENCES) add('voice.sentences', 'error', `口播有 ${sentences} 句`, `压到 ${MOST_SENTENCES} 句以内`);
  if (URL.test(voice)) add('voice.link', 'error', '口播里有网址或邮箱，念不出来', '改成“可以发短信给您”或机构名称');
  else if (SYMBOLS.test(voice)) add('voice.symbols', 'warning', `口播里有念不出来的符号“${SYMBOLS.exec(voice)?.[0] ?? ''}”`, '改成文字');
  if (LIST.test(voice) || voice.includes('\n')) add('voice.list', 'error', '口播里有编号或分行的列表', '改成连贯的一句话');
  if (BRACKETS.test(voice)) add('voice.brackets', 'warning', '口播里有括号，听不出来', '去掉括号，或并进句子');
  if (field === 'voice' && !URL.test(voice) && /[A-Za-z]{7,}/.test(voice)) add('voice.english', 'hint', '口播里有长的英文词', '改成中文说法');
  return found;
}
