import { randomBytes } from 'node:crypto';
import { dropTemplate } from './postgres.ts';

/** What a whole run has once, whatever processes its files run in: a name that they share, for what they make together. */
export function setup(): () => Promise<void> {
  process.env['YIHU_TEST_RUN'] = randomBytes(6).toString('hex');
  return dropTemplate;
}
