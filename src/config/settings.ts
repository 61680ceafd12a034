import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError } from '../domain/errors.ts';

/**
 * Settings from the environment. Every fault is listed at once; a value is never printed, only its name.
 * Channels read their own settings (see `settings` in each channel's index.ts).
 */
const SettingsSchema = Type.Object({
  HOST: Type.String({ minLength: 1 }),
  PORT: Type.Integer({ minimum: 0, maximum: 65_535 }),
  PUBLIC_URL: Type.String({ pattern: '^(https?://[^\\s/]+(/[^\\s]*)?)?$' }),
  DATA_DIR: Type.String({ minLength: 1 }),
  DATABASE_URL: Type.String({ pattern: '^(postgres(ql)?://\\S+)?$' }),
  REDIS_URL: Type.String({ pattern: '^(rediss?://\\S+)?$' }),
  ADMIN_PASSWORD: Type.String(),
  VAULT_KEY: Type.String(),
  DIRECTLINE_SECRET: Type.String(),
  NODE_ENV: Type.String(),
  LOG_LEVEL: Type.Union([Type.Literal('trace'), Type.Literal('debug'), Type.Literal('info'), Type.Literal('warn'), Type.Literal('error'), Type.Literal('silent')]),
  /** FULL: a commit survives power loss. NORMAL: faster, the last moments may be lost on power loss (not on a crash). */
  SQLITE_SYNCHRONOUS: Type.Union([Type.Literal('FULL'), Type.Literal('NORMAL')]),
  /** Proxies whose X-Forwarded-For is believed, comma separated addresses or ranges; empty: none. */
  TRUSTED_PROXIES: Type.String(),
  /** Requests a minute from one address before it is slowed; high, because many citizens share one address. */
  RATE_LIMIT_ADDRESS: Type.Integer({ minimum: 1 }),
  /** Messages a minute of one citizen. */
  RATE_LIMIT_CITIZEN: Type.Integer({ minimum: 1 }),
  /** Milliseconds that a stop waits for running turns. */
  STOP_GRACE_MS: Type.Integer({ minimum: 0 }),
});
export type Settings = Static<typeof SettingsSchema>;

const DEFAULTS: Readonly<Record<keyof Settings, string>> = {
  HOST: '127.0.0.1',
  PORT: '3000',
  PUBLIC_URL: '',
  DATA_DIR: './data',
  DATABASE_URL: '',
  REDIS_URL: '',
  ADMIN_PASSWORD: '',
  VAULT_KEY: '',
  DIRECTLINE_SECRET: '',
  NODE_ENV: 'development',
  LOG_LEVEL: 'info',
  SQLITE_SYNCHRONOUS: 'FULL',
  TRUSTED_PROXIES: '',
  RATE_LIMIT_ADDRESS: '1200',
  RATE_LIMIT_CITIZEN: '40',
  STOP_GRACE_MS: '10000',
};

const validator = Compile(SettingsSchema);

/**
 * @throws AppError `settings.invalid` naming every wrong variable; values are never repeated
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const raw: Record<string, string | number> = {};
  for (const [name, fallback] of Object.entries(DEFAULTS)) {
    const value = env[name]?.trim() ?? '';
    const text = value === '' ? fallback : value;
    raw[name] = isInteger(name) && /^\d+$/.test(text) ? Number(text) : text;
  }
  const faults = validator.Check(raw) ? [] : [...validator.Errors(raw)].map((error) => `${error.instancePath.slice(1)}: ${error.message}`);
  if (env['VAULT_KEY'] !== undefined && env['VAULT_KEY'] !== '' && Buffer.from(env['VAULT_KEY'], 'base64').length !== 32) {
    faults.push('VAULT_KEY: must be 32 bytes in base64');
  }
  if (env['ADMIN_PASSWORD'] !== undefined && env['ADMIN_PASSWORD'] !== '' && env['ADMIN_PASSWORD'].length < 8) {
    faults.push('ADMIN_PASSWORD: must have at least 8 characters');
  }
  if (faults.length > 0 || !validator.Check(raw)) {
    throw new AppError('settings.invalid', `settings have faults:\n  ${[...new Set(faults)].join('\n  ')}`, { status: 500 });
  }
  return raw;
}

function isInteger(name: string): boolean {
  return ['PORT', 'RATE_LIMIT_ADDRESS', 'RATE_LIMIT_CITIZEN', 'STOP_GRACE_MS'].includes(name);
}
