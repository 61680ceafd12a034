import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseAst } from 'vite';
import { describe, expect, it } from 'vitest';
import { ENGLISH_ERRORS } from '../../src/web/desk/api/error-words.ts';
import { refusalText } from '../../src/web/desk/api/refusal.ts';
import { language, languageOf, plural, words } from '../../src/web/desk/language.ts';
import { createPreferences } from '../../src/web/desk/state/preferences.ts';

const DESK = join(import.meta.dirname, '../../src/web/desk');
const CHINESE = /[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]/;
const files = readdirSync(DESK, { recursive: true, encoding: 'utf8' }).filter((file) => /\.tsx?$/.test(file)).map((file) => file.replaceAll('\\', '/'));
const isWords = (file: string): boolean => /(^|[/-])words\.ts$/.test(file);

/** Values that tickets, catalogues and ready answers hold: data that the server knows by these very characters. */
const DATA = new Set(
  [
    ['受理', '待派', '待签收', '办理中', '提级', '重办', '退单待审', '延期待审', '挂起', '办结待审', '回访', '归档'],
    ['咨询', '求助', '投诉', '举报', '建议', '表扬'],
    ['街道', '镇', '园区'],
    ['坐席', '市民', '工单号', '部门', '时限', '事项', '镇街'],
    // A purpose that needs words of its own; how assist joins values.
    ['其他', '、'],
  ].flat(),
);
/** Characters by which initials are told. */
const LETTERS = 'state/pinyin.ts';

/** Every text of a file: literals, pieces of templates, text between tags; no comments, no patterns, no keys. */
function textsOf(file: string): string[] {
  const texts: string[] = [];
  const walk = (node: unknown, parent: object | null): void => {
    if (Array.isArray(node)) for (const one of node) walk(one, parent);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    const kind = 'type' in node ? node.type : '';
    const isKey = parent !== null && 'type' in parent && parent.type === 'Property' && 'key' in parent && parent.key === node;
    if ((kind === 'Literal' || kind === 'JSXText') && 'value' in node && typeof node.value === 'string' && !isKey) texts.push(node.value);
    if (kind === 'TemplateElement' && 'value' in node && typeof node.value === 'object' && node.value !== null && 'raw' in node.value) texts.push(String(node.value.raw));
    for (const part of Object.values(node)) walk(part, node);
  };
  walk(parseAst(readFileSync(join(DESK, file), 'utf8'), { lang: file.endsWith('x') ? 'tsx' : 'ts' }), null);
  return texts;
}

describe('the words of the desk', () => {
  it('stand in files of words: no view has Chinese of its own', () => {
    const own = files.filter((file) => !isWords(file) && file !== LETTERS).flatMap((file) => textsOf(file).filter((text) => CHINESE.test(text) && !DATA.has(text)).map((text) => `${file}: ${text.trim().slice(0, 40)}`));
    expect(own).toEqual([]);
  });

  it('are all said in both languages', async () => {
    const tables = await Promise.all(files.filter(isWords).map(async (file): Promise<[string, unknown]> => [relative('.', file), await import(pathToFileURL(join(DESK, file)).href)]));
    const faults: string[] = [];
    const empty = new Set<string>();
    const check = (place: string, value: unknown): void => {
      const said = typeof value === 'function' ? String(value(...Array.from({ length: value.length }, (_, at) => at + 1))) : value;
      if (typeof said !== 'string') faults.push(`${place}: no text`);
      // What says nothing in Chinese (no unit, no mark) says nothing in English.
      else if (said === '' && language.value === 'zh-CN') empty.add(place);
      else if ((said === '') !== empty.has(place)) faults.push(`${place}: nothing`);
      // Quoted examples, an emblem and the other language's own name stay as they are.
      else if (language.value === 'en' && CHINESE.test(said) && !/第六条|算了|^呼$|中文|语言|、/.test(said)) faults.push(`${place}: ${said}`);
    };
    for (const lang of ['zh-CN', 'en'] as const) {
      language.value = lang;
      for (const [file, table] of tables) {
        for (const [name, section] of Object.entries(Object(table))) {
          if (typeof section !== 'object') continue;
          for (const [word, value] of Object.entries(Object(section))) check(`${file} ${name}.${word}`, value);
        }
      }
    }
    language.value = 'zh-CN';
    expect(tables.length).toBeGreaterThan(15);
    expect(faults).toEqual([]);
  });

  it('follow the language of the moment, with one and many told apart', () => {
    const said = words({ hello: { zh: '您好', en: 'Hello' }, tickets: { zh: (count: number) => `${count} 张工单`, en: (count: number) => `${count} ${plural(count, 'ticket', 'tickets')}` } });
    expect([said.hello, said.tickets(1)]).toEqual(['您好', '1 张工单']);
    language.value = 'en';
    expect([said.hello, said.tickets(1), said.tickets(2)]).toEqual(['Hello', '1 ticket', '2 tickets']);
    language.value = 'zh-CN';
  });

  it('say a refusal by its code, and never a code', () => {
    expect(refusalText(409, 'conversation.taken', '该会话已由其他坐席接入。')).toBe('该会话已由其他坐席接入。');
    language.value = 'en';
    expect(refusalText(409, 'conversation.taken', '该会话已由其他坐席接入。')).toBe('Another seat has taken this conversation.');
    expect(refusalText(403, 'something.new', '不行。')).toBe('Your role does not allow this. (不行。)');
    expect(refusalText(503, 'x.y', '')).toBe(ENGLISH_ERRORS['http.failed']);
    language.value = 'zh-CN';
  });

  it('begin in the browser’s language, and stay in the one that was chosen', () => {
    expect(languageOf(['fr-FR', 'en-GB', 'zh-CN'])).toBe('en');
    expect(languageOf(['zh-TW', 'en'])).toBe('zh-CN');
    expect(languageOf(['fr-FR'])).toBe('zh-CN');
    let kept: string | null = null;
    const shelf = { read: () => kept, write: (value: string) => void (kept = value) };
    const first = createPreferences(shelf, ['en-US']);
    expect(first.language.value).toBe('en');
    first.setLanguage('zh-CN');
    expect(createPreferences(shelf, ['en-US']).language.value).toBe('zh-CN');
    language.value = 'zh-CN';
  });
});
