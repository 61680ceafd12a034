import { describe, expect, it } from 'vitest';
import { shorten } from '../../src/dialog/shorten.ts';

const MORE = { 'zh-CN': '回复“详细”看全文。', en: 'Reply “more details”.' } as const;
const LONG = '居住证在派出所申领。先登记居住满半年。带身份证、照片和住址证明。十五个工作日内办好。签注每年一次。';
const facts = (sentences: number | null, modality: 'text' | 'voice' = 'text') => ({ modality, brief: { sentences, more: MORE, ask: ['详细'] } });
const cut = (text: string, given: ReturnType<typeof facts>, locale: 'zh-CN' | 'en' = 'zh-CN'): string => shorten({ facts: given, core: { locale } }, { text, voice: '短' }).text;

describe('an answer in a storm', () => {
  it('is its first sentences and how to have the rest', () => {
    expect(cut(LONG, facts(2))).toBe('居住证在派出所申领。先登记居住满半年。\n回复“详细”看全文。');
    expect(cut('材料：\n1. 身份证原件和复印件各一份\n2. 近期照片两张\n3. 住址证明，由房东或居委会开具', facts(2))).toBe('材料：\n1. 身份证原件和复印件各一份\n回复“详细”看全文。');
  });

  it('stays whole when it is calm, when it is spoken, and when nearly nothing would be left out', () => {
    expect(cut(LONG, facts(null))).toBe(LONG);
    expect(cut(LONG, facts(2, 'voice'))).toBe(LONG);
    expect(cut('去派出所办。带身份证。当天取。', facts(2))).toBe('去派出所办。带身份证。当天取。');
  });
});
