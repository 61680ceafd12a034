import { describe, expect, it } from 'vitest';
import { isAppError } from '../../src/domain/errors.ts';
import { readConfiguration } from './config.ts';

const ENV = { WECHAT_APPID: 'wx0000000000000000', WECHAT_SECRET: 'not-a-real-secret', WECHAT_TOKEN: 'not-a-real-token', WECHAT_AES_KEY: 'A'.repeat(43) };

const complaint = (more: Record<string, string>): string => {
  try {
    readConfiguration({ ...ENV, ...more }, false);
    return '';
  } catch (error) {
    return isAppError(error) && error.code === 'settings.invalid' ? error.message : String(error);
  }
};

describe('settings', () => {
  it('have sound defaults', () => {
    expect(readConfiguration(ENV, true)).toMatchObject({
      state: 'on',
      settings: { apiBase: 'https://api.weixin.qq.com', allowPlain: false, windowMs: 300_000, textLimitBytes: 2048, typing: true, timeoutMs: 5000, mediaMaxBytes: 10_485_760, picHosts: ['qpic.cn', 'qlogo.cn', 'weixin.qq.com'] },
    });
  });

  it('list everything that is missing at once', () => {
    expect(readConfiguration({ WECHAT_APPID: 'wx0' }, false)).toEqual({ state: 'off', missing: ['WECHAT_SECRET', 'WECHAT_TOKEN', 'WECHAT_AES_KEY'] });
  });

  it.each([
    ['WECHAT_AES_KEY', 'abcde', /WECHAT_AES_KEY must be exactly 43 .* it has 5 characters/],
    ['WECHAT_AES_KEY', `${'A'.repeat(43)}=`, /it has 44 characters/],
    ['WECHAT_AES_KEY_PREVIOUS', 'x'.repeat(42), /WECHAT_AES_KEY_PREVIOUS must be exactly 43/],
    ['WECHAT_API_BASE', 'api.weixin.qq.com', /WECHAT_API_BASE must be an http or https URL/],
    ['WECHAT_API_BASE', 'ftp://x', /WECHAT_API_BASE/],
    ['WECHAT_ALLOW_PLAIN', 'yes', /WECHAT_ALLOW_PLAIN must be true or false/],
    ['WECHAT_TEXT_LIMIT_BYTES', '20', /WECHAT_TEXT_LIMIT_BYTES must be a whole number from 300 to 8192/],
    ['WECHAT_PUSH_WINDOW_SECONDS', '5 minutes', /WECHAT_PUSH_WINDOW_SECONDS must be a whole number/],
  ])('%s = %s is refused with a sentence that helps', (name, value, message) => {
    const text = complaint({ [name]: value });
    expect(text).toMatch(message);
    expect(text, 'the value itself is not shown').not.toContain(`${value} `);
  });

  it('take a base with a path and drop its last slash', () => {
    expect(readConfiguration({ ...ENV, WECHAT_API_BASE: 'http://127.0.0.1:9191/wx/' }, false)).toMatchObject({ settings: { apiBase: 'http://127.0.0.1:9191/wx' } });
  });
});
