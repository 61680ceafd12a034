import { isIP } from 'node:net';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError } from '../domain/errors.ts';
import { allErrors } from './all-errors.ts';

/**
 * Settings from the environment. Every fault is listed at once; a value is never printed, only its name.
 * Channels read their own settings (see `settings` in each channel's index.ts).
 */
const SettingsSchema = Type.Object({
  HOST: Type.String({ minLength: 1 }),
  PORT: Type.Integer({ minimum: 0, maximum: 65_535 }),
  PUBLIC_URL: Type.String(),
  DATA_DIR: Type.String({ minLength: 1 }),
  DATABASE_URL: Type.String({ pattern: '^(postgres(ql)?://\\S+)?$' }),
  REDIS_URL: Type.String({ pattern: '^(rediss?://\\S+)?$' }),
  /** What this process does: take messages and serve pages (`web`), carry the bus (`worker`), or both. */
  ROLES: Type.Union([Type.Literal('web,worker'), Type.Literal('web'), Type.Literal('worker')]),
  /** Processes of this machine that share the port and the database, each a whole house; 1: no supervisor, one process. */
  PROCESSES: Type.Integer({ minimum: 1, maximum: 64 }),
  /** Connections to PostgreSQL at most, of this process. */
  DATABASE_CONNECTIONS: Type.Integer({ minimum: 2, maximum: 500 }),
  /** A statement of PostgreSQL that takes longer is given up, ms. */
  DATABASE_STATEMENT_MS: Type.Integer({ minimum: 100 }),
  ADMIN_PASSWORD: Type.String(),
  VAULT_KEY: Type.String(),
  DIRECTLINE_SECRET: Type.String(),
  /** Opens the data wall for a screen that nobody signs in at; empty: only seats look at it. */
  BOARD_TOKEN: Type.String({ pattern: '^(\\S{24,200})?$' }),
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
  /** Requests a minute of one partner platform. */
  RATE_LIMIT_PARTNER: Type.Integer({ minimum: 1 }),
  /** The one jurisdiction_id of Open311 that is served; empty: whichever is asked for. */
  OPEN311_JURISDICTION: Type.String(),
  /** Who may look at requests by Open311: anybody, without the words of citizens, or only who has a key. */
  OPEN311_REQUESTS: Type.Union([Type.Literal('public'), Type.Literal('keys')]),
  /** Private networks that webhooks to partners may go to, over plain http too, comma separated; empty: https to public addresses only. */
  WEBHOOK_NETWORKS: Type.String(),
  /** `auto`: storm mode goes by config/storm.yaml; `off`: nothing is ever given up (measurements). */
  STORM_MODE: Type.Union([Type.Literal('auto'), Type.Literal('off')]),
  /** Largest spool of webhooks while the database is away, megabytes. */
  SPOOL_MAX_MB: Type.Integer({ minimum: 1 }),
  /** Base address of an OpenTelemetry collector (OTLP over HTTP); empty: no traces. */
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.String({ pattern: '^(https?://\\S+)?$' }),
  /** Base address of an OpenAI-compatible endpoint that may draft hand-over summaries from masked text; empty: none. With its key and model. */
  ASSIST_LLM_URL: Type.String({ pattern: '^(https?://\\S+)?$' }),
  ASSIST_LLM_KEY: Type.String({ pattern: '^\\S*$' }),
  ASSIST_LLM_MODEL: Type.String(),
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
  ROLES: 'web,worker',
  PROCESSES: '1',
  DATABASE_CONNECTIONS: '16',
  DATABASE_STATEMENT_MS: '15000',
  ADMIN_PASSWORD: '',
  VAULT_KEY: '',
  DIRECTLINE_SECRET: '',
  BOARD_TOKEN: '',
  NODE_ENV: 'development',
  LOG_LEVEL: 'info',
  SQLITE_SYNCHRONOUS: 'FULL',
  TRUSTED_PROXIES: '',
  RATE_LIMIT_ADDRESS: '1200',
  RATE_LIMIT_CITIZEN: '40',
  RATE_LIMIT_PARTNER: '600',
  OPEN311_JURISDICTION: '',
  OPEN311_REQUESTS: 'public',
  WEBHOOK_NETWORKS: '',
  STORM_MODE: 'auto',
  SPOOL_MAX_MB: '512',
  OTEL_EXPORTER_OTLP_ENDPOINT: '',
  ASSIST_LLM_URL: '',
  ASSIST_LLM_KEY: '',
  ASSIST_LLM_MODEL: '',
  STOP_GRACE_MS: '10000',
};

const validator = Compile(SettingsSchema);

const ONE_OF: Readonly<Record<string, string>> = {
  ROLES: 'must be web, worker or both',
  LOG_LEVEL: 'must be trace, debug, info, warn, error or silent',
  SQLITE_SYNCHRONOUS: 'must be FULL or NORMAL',
  OPEN311_REQUESTS: 'must be public or keys',
  STORM_MODE: 'must be auto or off',
  BOARD_TOKEN: 'must have 24 to 200 characters and no spaces',
};

/**
 * @throws AppError `settings.invalid` naming every wrong variable; values are never repeated
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const raw: Record<string, string | number> = {};
  for (const [name, fallback] of Object.entries(DEFAULTS)) {
    const value = env[name]?.trim() ?? '';
    const text = value === '' ? fallback : name === 'ROLES' ? roles(value) : value;
    raw[name] = isInteger(name) && /^\d+$/.test(text) ? Number(text) : text;
  }
  // Each member of a union complains by itself: one line for all of them says more.
  const faults = allErrors(validator, raw).map(({ instancePath, message }) => `${instancePath.slice(1)}: ${ONE_OF[instancePath.slice(1)] ?? message}`);
  const text = (name: keyof Settings): string => String(raw[name]);
  // Buffer.from passes over what is no base64: a mistyped key must not become another key.
  if (text('VAULT_KEY') !== '' && (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text('VAULT_KEY')) || Buffer.from(text('VAULT_KEY'), 'base64').length !== 32)) {
    faults.push('VAULT_KEY: must be 32 bytes in base64');
  }
  if (text('ADMIN_PASSWORD') !== '' && text('ADMIN_PASSWORD').length < 8) faults.push('ADMIN_PASSWORD: must have at least 8 characters');
  if (text('PUBLIC_URL') !== '' && !isPlainUrl(text('PUBLIC_URL'))) faults.push('PUBLIC_URL: must be an http or https address without user, query and fragment');
  if (text('TRUSTED_PROXIES').split(',').some((range) => range.trim() !== '' && !isAddressRange(range.trim()))) {
    faults.push('TRUSTED_PROXIES: must be addresses or ranges (10.0.0.0/8), comma separated');
  }
  if (text('WEBHOOK_NETWORKS').split(',').some((range) => range.trim() !== '' && (!isAddressRange(range.trim()) || isIP(range.trim().split('/')[0] ?? '') === 0))) {
    faults.push('WEBHOOK_NETWORKS: must be addresses or ranges (10.0.0.0/8), comma separated');
  }
  if (text('ASSIST_LLM_URL') !== '' && text('ASSIST_LLM_MODEL') === '') faults.push('ASSIST_LLM_MODEL: must be set with ASSIST_LLM_URL');
  if (faults.length > 0 || !validator.Check(raw)) {
    throw new AppError('settings.invalid', `settings have faults:\n  ${[...new Set(faults)].join('\n  ')}`, { status: 500 });
  }
  return raw;
}

function isPlainUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, search, hash } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && search === '' && hash === '' && !/[\s?#]/.test(text);
}

/** As Fastify's `trustProxy` takes them; it would refuse others later, and quote them. */
function isAddressRange(text: string): boolean {
  if (['loopback', 'linklocal', 'uniquelocal'].includes(text)) return true;
  const [address = '', prefix, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) >= 1 && Number(prefix) <= (version === 4 ? 32 : 128));
}

/** `worker, web`, `both` … as the schema names them. */
function roles(value: string): string {
  if (value === 'both') return 'web,worker';
  return [...new Set(value.split(',').map((role) => role.trim()))].toSorted().join(',');
}

function isInteger(name: string): boolean {
  return ['PORT', 'PROCESSES', 'DATABASE_CONNECTIONS', 'DATABASE_STATEMENT_MS', 'RATE_LIMIT_ADDRESS', 'RATE_LIMIT_CITIZEN', 'RATE_LIMIT_PARTNER', 'SPOOL_MAX_MB', 'STOP_GRACE_MS'].includes(name);
}
