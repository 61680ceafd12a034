import { describe, expect, it } from 'vitest';
import type { RawRequest } from '../../src/channel/contract.ts';
import { createGuard, type Guard } from '../../src/channel/guard.ts';

const SECRET = 'not-a-real-secret-01';
const from = (url: string, peer?: string): RawRequest => ({ method: 'POST', url, headers: {}, body: Buffer.alloc(0), ...(peer === undefined ? {} : { peer }) });

function guard(allow = '', secret = SECRET): Guard {
  const made = createGuard({ secret, allow });
  if ('faults' in made) throw new Error(made.faults.join());
  return made;
}

describe('the guard of webhooks that nobody signs', () => {
  it('lets in who knows the secret, once in the address, and nobody else', () => {
    const { refusal, query } = guard();
    expect(refusal(from(`/hooks/x?${query}`))).toBeNull();
    expect(refusal(from(`/hooks/x?step=1&${query}`, 'anything'))).toBeNull();
    for (const url of ['/hooks/x', '/hooks/x?key=', '/hooks/x?key=other', `/hooks/x?key=${SECRET}0`, `/hooks/x?KEY=${SECRET}`, `/hooks/x?${query}&${query}`, `/hooks/x#${query}`]) expect(refusal(from(url)), url).toBe('bad_key');
  });

  it('asks where it comes from when there is a list', () => {
    const { refusal, query } = guard('10.1.0.0/16, 192.0.2.7,2001:db8::/32');
    const at = (peer?: string): string | null => refusal(from(`/h?${query}`, peer));
    for (const peer of ['10.1.2.3', '192.0.2.7', '::ffff:10.1.255.255', '2001:db8:1::1']) expect(at(peer), peer).toBeNull();
    for (const peer of ['10.2.0.1', '192.0.2.8', '::1', '2001:db9::1', 'localhost', '', undefined]) expect(at(peer), peer).toBe('bad_address');
    expect(refusal(from('/h?key=wrong', '10.1.2.3'))).toBe('bad_key');
  });

  it.each([
    ['short', '', ['secret']],
    ['has a blank in it!!', '', ['secret']],
    [SECRET, '10.0.0.0/33', ['allow']],
    [SECRET, 'example.com', ['allow']],
    [SECRET, '10.0.0.1/8/8', ['allow']],
    ['', 'x', ['secret', 'allow']],
  ])('refuses the settings %j, %j', (secret, allow, faults) => {
    expect(createGuard({ secret, allow })).toEqual({ faults });
  });
});
