import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError } from '../domain/errors.ts';
import type { Settings } from './settings.ts';

const SecretsFile = Type.Object({ vaultKey: Type.String(), directlineSecret: Type.String(), adminPassword: Type.String() });
const validator = Compile(SecretsFile);

export interface Secrets {
  /** 32 bytes. */
  readonly vaultKey: Buffer;
  readonly directlineSecret: string;
  /** Password of the first administrator, used only while there is no seat yet. */
  readonly adminPassword: string;
  /** True when the administrator's password was made now and must be shown once. */
  readonly adminPasswordIsNew: boolean;
}

/**
 * Secrets from the environment; what is missing is made on the first start and kept in DATA_DIR/secrets.json,
 * readable by the owner only. Losing that file means losing the identity vault: back it up, apart from the database.
 */
export function loadSecrets(settings: Settings): Secrets {
  mkdirSync(settings.DATA_DIR, { recursive: true });
  const path = join(settings.DATA_DIR, 'secrets.json');
  const known = existsSync(path) ? read(path) : null;
  const kept = known ?? {
    vaultKey: settings.VAULT_KEY || randomBytes(32).toString('base64'),
    directlineSecret: settings.DIRECTLINE_SECRET || randomBytes(32).toString('base64url'),
    adminPassword: settings.ADMIN_PASSWORD || randomBytes(9).toString('base64url'),
  };
  if (known === null) write(path, kept);
  return {
    vaultKey: Buffer.from(settings.VAULT_KEY || kept.vaultKey, 'base64'),
    directlineSecret: settings.DIRECTLINE_SECRET || kept.directlineSecret,
    adminPassword: settings.ADMIN_PASSWORD || kept.adminPassword,
    adminPasswordIsNew: known === null && settings.ADMIN_PASSWORD === '',
  };
}

function read(path: string): Static<typeof SecretsFile> {
  const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!validator.Check(value)) throw new AppError('secrets.broken', `${path} is not a secrets file`, { status: 500 });
  return value;
}

/** Written beside and renamed: a crash leaves either no file or a whole one. */
function write(path: string, secrets: Static<typeof SecretsFile>): void {
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, path);
}
