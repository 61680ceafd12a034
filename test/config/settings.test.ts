import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../src/config/settings.ts';
import { AppError } from '../../src/domain/errors.ts';

const fault = (env: Record<string, string>): string => {
  try {
    readSettings(env);
    return '';
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'settings.invalid') throw error;
    return error.message;
  }
};

describe('settings', () => {
  it('need nothing', () => {
    expect(readSettings({})).toMatchObject({ HOST: '127.0.0.1', PORT: 3000, DATA_DIR: './data', DATABASE_URL: '', REDIS_URL: '', SQLITE_SYNCHRONOUS: 'FULL' });
  });

  it('take blanks as not given, and trim', () => {
    expect(readSettings({ PORT: ' 8080 ', HOST: '  ', VAULT_KEY: '  ', ADMIN_PASSWORD: '' })).toMatchObject({ PORT: 8080, HOST: '127.0.0.1', VAULT_KEY: '' });
  });

  it('list every fault at once and no value of any', () => {
    const wrong = {
      PORT: 'port-number', PUBLIC_URL: 'ftp://user:password@host', DATABASE_URL: 'mysql://root:secret@db', REDIS_URL: 'http://redis-secret', VAULT_KEY: 'not-the-key-you-think', ADMIN_PASSWORD: 'short',
      LOG_LEVEL: 'loudest', SQLITE_SYNCHRONOUS: 'SOMETIMES', TRUSTED_PROXIES: 'my-proxy.internal', RATE_LIMIT_ADDRESS: 'many', RATE_LIMIT_CITIZEN: '0', STOP_GRACE_MS: '-1',
    };
    const text = fault(wrong);
    for (const [name, value] of Object.entries(wrong)) {
      expect(text).toContain(`${name}: `);
      if (value.length > 2) expect(text).not.toContain(value);
    }
    expect(text).not.toMatch(/password|secret|my-proxy/);
  });

  it('want a model with the address of one', () => {
    expect(fault({ ASSIST_LLM_URL: 'https://llm.example/v1' })).toContain('ASSIST_LLM_MODEL: must be set with ASSIST_LLM_URL');
    expect(fault({ ASSIST_LLM_URL: 'https://llm.example/v1', ASSIST_LLM_MODEL: 'small' })).toBe('');
  });

  it('say once which words there are', () => {
    expect(fault({ ROLES: 'wrker', LOG_LEVEL: 'loud' }).split('\n').slice(1)).toEqual(['  ROLES: must be web, worker or both', '  LOG_LEVEL: must be trace, debug, info, warn, error or silent']);
  });

  it.each([
    ['PORT', ['0', '65535'], ['65536', '-1', '1.5', '0x10', '1e3', '３０００']],
    ['PUBLIC_URL', ['https://hotline.example', 'http://10.0.0.1:8080/yihu/'], ['hotline.example', 'https://', 'https://h/?a=b', 'https://h/#x', 'https://u:p@h/', 'javascript:alert(1)', 'https://a b/']],
    ['DATABASE_URL', ['postgres://u:p@h/db', 'postgresql:///x'], ['sqlite:x', 'postgres:// x']],
    ['REDIS_URL', ['redis://h:1', 'rediss://h'], ['h:6379']],
    ['VAULT_KEY', [Buffer.alloc(32, 200).toString('base64'), Buffer.alloc(32, 251).toString('base64url')], [Buffer.alloc(31).toString('base64'), Buffer.alloc(33).toString('base64'), `${Buffer.alloc(32).toString('base64').slice(0, -2)}!!=`, 'x']],
    ['TRUSTED_PROXIES', ['10.0.0.1', '10.0.0.0/8, fd00::/8', 'loopback,192.168.0.0/16'], ['10.0.0.0/33', 'host', '10.0.0.1/', '1.2.3', '10.0.0.0/8/8', 'true']],
    ['LOG_LEVEL', ['silent', 'trace'], ['WARN', 'fatal']],
    ['ADMIN_PASSWORD', ['12345678'], ['1234567']],
    ['RATE_LIMIT_CITIZEN', ['1'], ['0', '1.5']],
    ['PROCESSES', ['1', '64'], ['0', '65', '1.5']],
    ['RATE_LIMIT_PARTNER', ['1'], ['0', '1.5']],
    ['OPEN311_REQUESTS', ['public', 'keys'], ['everybody', 'PUBLIC']],
    ['ASSIST_LLM_URL', [''], ['llm.intranet/v1', 'ftp://x', 'http://a b']],
    ['ASSIST_LLM_KEY', ['', 'sk-any_thing'], ['two words']],
    ['WEBHOOK_NETWORKS', ['10.20.0.0/16', '10.0.0.1, fd00::/8'], ['10.0.0.0/33', 'intranet', 'loopback', 'https://x']],
  ] as const)('%s', (name, right, wrong) => {
    for (const value of right) expect([value, fault({ [name]: value })]).toEqual([value, '']);
    for (const value of wrong) expect([value, fault({ [name]: value })]).toEqual([value, expect.stringContaining(`${name}: `)]);
  });

  it('never repeat a secret, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 3, maxLength: 7 }), fc.constantFrom('ADMIN_PASSWORD', 'VAULT_KEY', 'DATABASE_URL', 'REDIS_URL'), (value, name) => {
        const text = fault({ [name]: `§${value}` });
        return text === '' ? value.trim().length + 1 >= 8 : !text.includes(`§${value}`);
      }),
    );
  });

  it('ignore what is not theirs', () => {
    expect(readSettings({ PATH: '/bin', __proto__: 'x', TWILIO_AUTH_TOKEN: 'secret' })).not.toHaveProperty('TWILIO_AUTH_TOKEN');
  });
});
