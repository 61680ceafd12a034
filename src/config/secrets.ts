import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
  mkdirSync(settings.DATA_DIR, { recursive: true, mode: 0o700 });
  const path = join(settings.DATA_DIR, 'secrets.json');
  const known = existsSync(path) ? read(path) : null;
  const kept = known ?? write(path, {
    vaultKey: settings.VAULT_KEY || randomBytes(32).toString('base64'),
    directlineSecret: settings.DIRECTLINE_SECRET || randomBytes(32).toString('base64url'),
    adminPassword: settings.ADMIN_PASSWORD || randomBytes(9).toString('base64url'),
  });
  return {
    vaultKey: Buffer.from(settings.VAULT_KEY || kept.vaultKey, 'base64'),
    directlineSecret: settings.DIRECTLINE_SECRET || kept.directlineSecret,
    adminPassword: settings.ADMIN_PASSWORD || kept.adminPassword,
    adminPasswordIsNew: known === null && settings.ADMIN_PASSWORD === '',
  };
}

function read(path: string): Static<typeof SecretsFile> {
  // Copied or restored without its mode: others on this machine have no business in it.
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
  const value = parse(readFileSync(path, 'utf8'));
  if (!validator.Check(value) || Buffer.from(value.vaultKey, 'base64').length !== 32) {
    throw new AppError('secrets.broken', `${path} is not a secrets file: put a backup in its place (a new key cannot open the identity vault)`, { status: 500 });
  }
  return value;
}

/** The parser's own message quotes the text, and this text is secret. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Written beside and linked: a crash leaves either no file or a whole one, and of two processes that start on a fresh
 * folder at once the first one's secrets count for both.
 */
function write(path: string, secrets: Static<typeof SecretsFile>): Static<typeof SecretsFile> {
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  chmodSync(draft, 0o600);
  try {
    linkSync(draft, path);
    return secrets;
  } catch {
    if (existsSync(path)) return read(path);
    renameSync(draft, path); // a file system without links
    return secrets;
  } finally {
    rmSync(draft, { force: true });
  }
}
