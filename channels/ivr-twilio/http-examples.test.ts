import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openHook } from './testing/signed-request.ts';

/** The requests of docs/http/ivr-twilio.http carry fixed signatures; this keeps them true. */
const text = readFileSync(new URL('../../docs/http/ivr-twilio.http', import.meta.url), 'utf8');
const token = /TWILIO_AUTH_TOKEN=(\S+)/.exec(text)?.[1] ?? '';

const examples = text.split(/^### /m).slice(1).map((block) => {
  const [head = '', body = ''] = block.split('\n\n');
  const [title = '', request = '', ...lines] = head.split('\n');
  const headers = Object.fromEntries(lines.map((line): [string, string] => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]));
  return { title, address: new URL(request.replace(/^POST /, '')), headers, body: body.trim() };
});

describe('docs/http/ivr-twilio.http', () => {
  it('shows a whole call', () => expect(examples.length).toBeGreaterThanOrEqual(6));

  it.each(examples.map((example) => [example.title, example] as const))('%s', async (title, { address, headers, body }) => {
    const hook = await openHook(address.pathname.endsWith('/status') ? 'status' : 'voice', { TWILIO_AUTH_TOKEN: token }, address.origin);
    const reading = hook.read({ method: 'POST', url: address.pathname + address.search, headers, body: Buffer.from(body) }, 0);
    expect(reading.kind === 'refused').toBe(title.startsWith('Forged'));
  });
});
