import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Capabilities, OutgoingMessage } from '../../src/channel/contract.ts';
import { cleanText, degrade, joinWaiting, sourceLine } from '../../src/channel/degrade.ts';
import { sizeOf, splitText } from '../../src/channel/split-text.ts';
import type { Choice, MessageContent } from '../../src/domain/activity.ts';

const wechat: Capabilities = {
  modality: 'text',
  textLimit: 600,
  textLimitUnit: 'chars',
  choices: 'numbered',
  maxChoices: 20,
  attachmentsOut: false,
  links: 'text',
  typing: true,
  mergeTexts: true,
  delivery: 'push',
  replyWindowMs: 172_800_000,
  proactive: false,
};
const buttons: Capabilities = { ...wechat, choices: 'buttons', maxChoices: 3, attachmentsOut: true, links: 'clickable', mergeTexts: false };
const phone: Capabilities = { ...wechat, modality: 'voice', choices: 'keys', maxChoices: 9, links: 'none', mergeTexts: true, textLimit: 500, delivery: 'pull' };

const options = { publicUrl: (url: string) => url.replace('media:', 'https://hotline.example/media/') };
const message = (id: string, content: Omit<MessageContent, 'type'>): OutgoingMessage => ({ activityIds: [id], content: { type: 'message', ...content } });
const only = (messages: readonly OutgoingMessage[]): MessageContent => {
  expect(messages).toHaveLength(1);
  const [first] = messages;
  if (first === undefined) throw new Error('no message');
  return first.content;
};
const yesNo: Choice[] = [
  { title: '是', value: 'yes' },
  { title: '否', value: 'no' },
];

describe('choices', () => {
  it('become numbered lines, a brought key is the number', () => {
    const content = only(degrade([message('a', { text: '是这里吗？', choices: [...yesNo, { title: '人工', value: 'human', key: '0' }] })], wechat, options));
    expect(content).toEqual({ type: 'message', text: '是这里吗？\n1. 是\n2. 否\n0. 人工' });
  });

  it('stay buttons up to the limit, the others are named in the text', () => {
    const choices = ['甲', '乙', '丙', '丁', '戊'].map((title) => ({ title, value: title }));
    const content = only(degrade([message('a', { text: '选一个', choices })], buttons, options));
    expect(content.choices).toEqual(choices.slice(0, 3));
    expect(content.text).toBe('选一个\n还可以回复：丁、戊');
  });

  it('become spoken keys; a key that the words name already is not said twice', () => {
    const content = only(degrade([message('a', { text: '……', speak: '是请按1。', choices: yesNo })], phone, options));
    expect(content.text).toBe('是请按1。\n否请按2。');
    expect(content.speak).toBe(content.text);
    expect(content.choices).toEqual([
      { title: '是', value: 'yes', key: '1' },
      { title: '否', value: 'no', key: '2' },
    ]);
  });

  it('never give key 0 away, and say what has no key', () => {
    const choices = Array.from({ length: 12 }, (_, index) => ({ title: `项${index}`, value: `v${index}` }));
    const content = only(degrade([message('a', { text: '请选', choices })], phone, options));
    expect(content.choices?.map((choice) => choice.key)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(content.text).toContain('也可以直接说：项9、项10、项11。');
  });

  it('get no number under which the dialog would find another one', () => {
    const choices: Choice[] = [{ title: '甲', value: 'a', key: '2' }, { title: '乙', value: 'b' }, { title: '丙', value: 'c' }, { title: '丁', value: 'd', key: '#' }];
    expect(only(degrade([message('a', { text: '请选', choices })], wechat, options)).text).toBe('请选\n2. 甲\n· 乙\n3. 丙\n4. 丁');
    const spoken = only(degrade([message('a', { text: '请选', choices })], phone, options));
    expect(spoken.choices?.map((choice) => choice.key)).toEqual(['2', '#']);
    expect(spoken.text).toBe('请选\n甲请按2，丁请按井号键。\n也可以直接说：乙、丙。');
    const english = only(degrade([message('a', { text: 'Which?', choices: [{ title: 'None of these', value: 'none', key: '2' }] })], phone, options));
    expect(english.text).toBe('Which?\nfor None of these press 2。');
  });
});

describe('voice', () => {
  it('says `speak`, without links, marks and sources', () => {
    const content = only(
      degrade([message('a', { text: '长文字 https://hotline.example/a', speak: '**办理**时间见（https://hotline.example/a）网页。', source: { title: '办法' } })], phone, options),
    );
    expect(content.text).toBe('办理时间见网页。');
  });

  it('keeps the star and the hash of the phone', () => {
    expect(only(degrade([message('a', { text: '', speak: '请按#号键，返回请按*号键。' })], phone, options)).text).toBe('请按#号键，返回请按*号键。');
  });

  it('falls back to the text', () => {
    expect(only(degrade([message('a', { text: '您好' })], phone, options)).speak).toBe('您好');
  });
});

describe('attachments and sources', () => {
  it('links become a line each, and are never spoken', () => {
    const links = [{ title: '网上申领', url: 'https://hotline.example/apply' }, { title: '办事指南', url: 'https://hotline.example/guide' }];
    const told = message('a', { text: '可以网上办。', source: { title: '指南' }, links });
    expect(only(degrade([told], wechat, options)).text).toBe('可以网上办。\n来源：《指南》\n网上申领：https://hotline.example/apply\n办事指南：https://hotline.example/guide');
    expect(only(degrade([told], { ...wechat, links: 'none' }, options)).text).toBe('可以网上办。\n来源：《指南》');
    expect(only(degrade([told], phone, options)).text).toBe('可以网上办。');
    expect(only(degrade([told], buttons, options))).not.toHaveProperty('links');
  });

  const picture = { contentType: 'image/png', name: '照片.png', url: 'media:abc' };

  it('become links where files cannot be sent', () => {
    expect(only(degrade([message('a', { text: '见附件', attachments: [picture] })], wechat, options)).text).toBe('见附件\n附件 照片.png：https://hotline.example/media/abc');
  });

  it('stay where they can, and only announced on the phone', () => {
    expect(only(degrade([message('a', { text: '', attachments: [picture] })], buttons, options))).toEqual({ type: 'message', text: '', attachments: [picture] });
    expect(only(degrade([message('a', { text: '见附件', attachments: [picture] })], phone, options)).text).toBe('见附件\n另有1个附件，请在网上查看。');
  });

  it('name the source with department, date and link', () => {
    const source = { title: '养犬管理条例', department: '市公安局', effectiveFrom: '2026-01-01', url: 'https://hotline.example/k/1' };
    expect(sourceLine({ title: '《条例》（国务院令第663号）' }, 'none')).toBe('来源：《条例》（国务院令第663号）');
    expect(sourceLine(source, 'text')).toBe('来源：《养犬管理条例》，市公安局，2026-01-01 起施行\nhttps://hotline.example/k/1');
    expect(only(degrade([message('a', { text: '要登记。', source })], wechat, options)).text).toBe(`要登记。\n${sourceLine(source, 'text')}`);
  });
});

describe('merging', () => {
  it('makes one send of a turn and names every activity', () => {
    const result = degrade([message('a', { text: '一', choices: yesNo }), message('b', { text: '二', inputHint: 'expectingInput' })], wechat, options);
    expect(result).toEqual([{ activityIds: ['a', 'b'], content: { type: 'message', text: '一\n1. 是\n2. 否\n\n二', inputHint: 'expectingInput' } }]);
  });

  it('keeps the last buttons as buttons and the earlier ones as words', () => {
    const content = only(degrade([message('a', { text: '一', choices: yesNo }), message('b', { text: '二', choices: [{ title: '好', value: 'ok' }] })], { ...buttons, mergeTexts: true }, options));
    expect(content.text).toBe('一\n可以回复：是、否\n\n二');
    expect(content.choices).toEqual([{ title: '好', value: 'ok' }]);
  });

  it('says of each piece which activities are in it', () => {
    const result = degrade([message('a', { text: '甲'.repeat(30) }), message('b', { text: '乙'.repeat(5) }), message('c', { text: '', attachments: [{ contentType: 'image/png', url: 'https://hotline.example/p.png' }] })], { ...wechat, textLimit: 20, attachmentsOut: true }, options);
    expect(result.map((piece) => piece.activityIds)).toEqual([['a'], ['a', 'b', 'c']]);
    expect(result.at(-1)?.content.attachments).toHaveLength(1);
  });
});

describe('cutting', () => {
  const cutAt = (text: string, limit: number, unit: 'chars' | 'bytes' = 'chars'): string[] => splitText(text, { limit, unit }).map((piece) => text.slice(piece.start, piece.end));

  it('prefers sentence ends, then weaker places', () => {
    expect(cutAt('今天停水。明天来水！后天呢？', 8)).toEqual(['今天停水。', '明天来水！', '后天呢？']);
    expect(cutAt('价格是3.5元，电话是12345，地址在人民路', 12)).toEqual(['价格是3.5元，', '电话是12345，', '地址在人民路']);
  });

  it('keeps a link whole where it can', () => {
    expect(cutAt('请看这里的说明 https://hotline.example/a/b?c=d 谢谢', 36)).toEqual(['请看这里的说明', 'https://hotline.example/a/b?c=d 谢谢']);
  });

  it('keeps grapheme clusters and counts bytes', () => {
    const family = '👨‍👩‍👧';
    expect(cutAt(family.repeat(3), 20)).toEqual([family.repeat(2), family]);
    expect(cutAt('水水水水水水水', 20, 'bytes')).toEqual(['水水水水水水', '水']);
  });
});

const alphabet = fc.constantFrom('水', '停', '。', '，', '\n', ' ', 'a', '.', '3', '😀', '👨‍👩‍👧', 'é', '\u0000', '\u0008', '\ufffe', '\ud800', 'https://hotline.example/x', '🇨🇳', '！', '\t');
const anyText = fc.array(alphabet, { maxLength: 200 }).map((parts) => parts.join(''));
const anyChoices = fc.array(fc.record({ title: fc.constantFrom('是', '否', '人工', '其他问题', '😀'), value: fc.constantFrom('a', 'b') }), { maxLength: 14 });
const anyCapabilities = fc.record({
  textLimit: fc.integer({ min: 20, max: 120 }),
  textLimitUnit: fc.constantFrom('chars' as const, 'bytes' as const),
  look: fc.constantFrom('buttons' as const, 'numbered' as const, 'keys' as const),
  maxChoices: fc.integer({ min: 1, max: 10 }),
  attachmentsOut: fc.boolean(),
  mergeTexts: fc.boolean(),
}).map(({ look, ...rest }): Capabilities => ({ ...wechat, ...rest, choices: look, ...(look === 'keys' ? { modality: 'voice', links: 'none' } : {}) }));
const anyMessages = fc.array(
  fc.record({ text: anyText, choices: anyChoices, files: fc.integer({ min: 0, max: 2 }) }),
  { minLength: 1, maxLength: 4 },
).map((parts) =>
  parts.map(({ text, choices, files }, index) =>
    message(`m${index}`, { text, choices, attachments: Array.from({ length: files }, (_, file) => ({ contentType: 'image/png', name: `f${index}-${file}.png`, url: `media:f${index}-${file}` })) }),
  ),
);
const dense = (text: string): string => text.replace(/\s+/g, '');

describe('whatever is said', () => {
  it('no send is above the limit, none holds a forbidden character or half a character', () => {
    fc.assert(
      fc.property(anyMessages, anyCapabilities, (messages, capabilities) => {
        for (const { content } of degrade(messages, capabilities, options)) {
          expect(sizeOf(content.text, capabilities.textLimitUnit)).toBeLessThanOrEqual(capabilities.textLimit);
          expect(content.text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ufffe\uffff]/);
          expect(content.text).not.toMatch(/\p{Surrogate}/u);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('nothing is lost: words in order, every choice, every file, every activity that has something to show', () => {
    fc.assert(
      fc.property(anyMessages, anyCapabilities, (messages, capabilities) => {
        const result = degrade(messages, capabilities, options);
        const all = dense(result.map(({ content }) => content.text).join(''));
        const shown = new Set(result.flatMap((one) => one.activityIds));
        let from = 0;
        for (const { activityIds, content } of messages) {
          const words = capabilities.modality === 'voice' ? '' : dense(cleanText(content.text));
          const at = all.indexOf(words, from);
          expect(at, 'words').toBeGreaterThanOrEqual(0);
          from = at + words.length;
          for (const choice of content.choices ?? []) {
            const asButton = result.some((one) => one.content.choices?.some((kept) => kept.title === choice.title));
            expect(asButton || all.includes(choice.title), `choice ${choice.title}`).toBe(true);
          }
          for (const file of content.attachments ?? []) {
            const sent = result.some((one) => one.content.attachments?.some((kept) => kept.url === file.url));
            expect(sent || all.includes(dense(options.publicUrl(file.url))) || capabilities.modality === 'voice').toBe(true);
          }
          const something = words !== '' || (content.choices?.length ?? 0) > 0 || (content.attachments?.length ?? 0) > 0;
          if (something) for (const id of activityIds) expect(shown.has(id), `activity ${id}`).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('pieces never start inside a grapheme cluster unless the cluster is longer than the limit', () => {
    const segmenter = new Intl.Segmenter('zh', { granularity: 'grapheme' });
    fc.assert(
      fc.property(anyText, fc.integer({ min: 20, max: 60 }), (raw, limit) => {
        const text = cleanText(raw);
        const borders = new Set([...segmenter.segment(text)].map((part) => part.index));
        for (const piece of splitText(text, { limit, unit: 'chars' })) expect(borders.has(piece.start)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('cuts a cluster that is longer than any send between code points', () => {
    const monster = `e${'\u0301'.repeat(100)}`;
    const pieces = splitText(monster, { limit: 20, unit: 'bytes' });
    expect(pieces.map((piece) => monster.slice(piece.start, piece.end)).join('')).toBe(monster);
    for (const piece of pieces) expect(sizeOf(monster.slice(piece.start, piece.end), 'bytes')).toBeLessThanOrEqual(20);
  });
});

describe('sends that wait', () => {
  const text = (id: string, words: string) => message(id, { text: words });

  it('become one as far as a send carries, in order, with all their activities', () => {
    expect(joinWaiting([text('a', '一'), text('b', '二'), text('b', '三')], wechat)).toEqual({ count: 3, message: { activityIds: ['a', 'b'], content: { type: 'message', text: '一\n\n二\n\n三' } } });
    const long = '水'.repeat(400);
    expect(joinWaiting([text('a', long), text('b', '二'), text('c', long), text('d', '四')], wechat).count).toBe(2);
  });

  it('stay alone where more than text is to be sent, or the channel joins nothing', () => {
    const file = message('f', { text: '图', attachments: [{ contentType: 'image/png', url: 'media:1' }] });
    const card = message('v', { text: '卡', value: { kind: 'link' } });
    for (const other of [file, card, message('c', { text: '选', choices: yesNo }), message('s', { text: '说', speak: '说' }), text('e', '')]) {
      expect(joinWaiting([text('a', '一'), other, text('z', '末')], wechat)).toEqual({ count: 1, message: text('a', '一') });
      expect(joinWaiting([other, text('a', '一')], wechat)).toEqual({ count: 1, message: other });
    }
    expect(joinWaiting([text('a', '一'), text('b', '二')], { ...wechat, mergeTexts: false }).count).toBe(1);
  });

  it('are never above the limit, and lose nothing', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('水', '停水三天了。', 'a'.repeat(9), '😀'), { minLength: 1, maxLength: 30 }), fc.constantFrom('chars' as const, 'bytes' as const), (words, textLimitUnit) => {
      const waiting = words.map((word, at) => text(String(at), word));
      const [first, ...others] = waiting;
      if (first === undefined) return;
      const { message: joined, count } = joinWaiting([first, ...others], { ...wechat, textLimit: 60, textLimitUnit });
      expect(sizeOf(joined.content.text, textLimitUnit)).toBeLessThanOrEqual(60);
      expect(joined.content.text).toBe(words.slice(0, count).join('\n\n'));
      expect(joined.activityIds).toEqual(words.slice(0, count).map((_word, at) => String(at)));
    }));
  });
});
