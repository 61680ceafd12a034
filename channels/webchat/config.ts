/** Settings of web chat. Read once at start; nothing here looks at the environment by itself. */

export interface WebchatConfig {
  /** Null: the channel is off. */
  readonly secret: string | null;
  /** Origins that may call from a browser, lower case; null: all. */
  readonly origins: readonly string[] | null;
  /** Activities a conversation may post in a minute; null: no limit of our own. */
  readonly postsPerMinute: number | null;
}

export const settings = [
  { name: 'DIRECTLINE_SECRET', required: true, secret: true, about: 'Direct Line secret: makes tokens for any conversation. Made at the first start when empty.' },
  { name: 'WEBCHAT_ORIGINS', required: false, secret: false, about: 'Origins that may use web chat from a browser, separated by commas; empty or * allows all.' },
  { name: 'WEBCHAT_POSTS_PER_MINUTE', required: false, secret: false, about: 'Activities that one conversation may post in a minute, 240 unless told; 0 sets no limit.' },
] as const;

const POSTS_PER_MINUTE = 240;

export function readConfig(env: Readonly<Record<string, string | undefined>>): WebchatConfig {
  const secret = env['DIRECTLINE_SECRET']?.trim() ?? '';
  return { secret: secret === '' ? null : secret, origins: readOrigins(env['WEBCHAT_ORIGINS']), postsPerMinute: readRate(env['WEBCHAT_POSTS_PER_MINUTE']) };
}

function readOrigins(text: string | undefined): readonly string[] | null {
  const origins = (text ?? '').split(',').map(normalOrigin).filter((origin) => origin !== '');
  return origins.length === 0 || origins.includes('*') ? null : origins;
}

/** Scheme, host and port as browsers write them in `Origin`: lower case, no slash at the end. */
export function normalOrigin(text: string): string {
  return text.trim().toLowerCase().replace(/\/+$/, '');
}

function readRate(text: string | undefined): number | null {
  const rate = text === undefined || text.trim() === '' ? POSTS_PER_MINUTE : Number(text);
  if (!Number.isFinite(rate) || rate < 0) return POSTS_PER_MINUTE;
  return rate === 0 ? null : rate;
}
