import { join } from 'node:path';
import type { ConferenceCalls } from '../channel/contract.ts';
import type { LinkageLink, Repositories, Store } from '../store/contract.ts';
import type { TicketsContext, TicketUnit } from '../tickets/context.ts';
import { record } from '../tickets/record.ts';
import type { Ticket, TicketActor } from '../domain/ticket.ts';
import { AppError } from '../domain/errors.ts';
import { maskText } from '../domain/masking.ts';
import type { LinkageRules, Profile, Rule } from './profile.ts';

/** What this room works with. */
export interface LinkageContext extends TicketsContext {
  readonly store: Pick<Store, 'read' | 'write'>;
  /** One transaction whose news are told after it. */
  readonly write: <Result>(fn: (unit: TicketUnit) => Promise<Result>) => Promise<Result>;
  readonly house: LinkageHouse;
  /** Three-party calls of a channel; null: it has none, or is off. */
  readonly conference?: (channel: string) => ConferenceCalls | null;
}

/** A profile with what the environment says of it. */
export interface Endpoint {
  readonly profile: Profile;
  /** Exchanges records: it is active and nothing is missing. */
  readonly on: boolean;
  /** Settings that an active profile lacks. */
  readonly missing: readonly string[];
  readonly url: string;
  /** Signs what we post, and what they post where `auth` is `signature`. */
  readonly secret: string;
  /** What they show where `auth` is `key`. */
  readonly key: string;
  readonly folder: string;
  /** Telephone of the service that a caller is put through to; null: nobody is dialled, the citizen is told the number. */
  readonly dial: string | null;
}

export interface LinkageHouse {
  readonly endpoints: readonly Endpoint[];
  readonly rules: readonly Rule[];
  endpoint(id: string): Endpoint | null;
}

type Env = Readonly<Record<string, string | undefined>>;

/** `LINKAGE_POLICE_110_` */
export const settingPrefix = (id: string): string => `LINKAGE_${id.toUpperCase().replaceAll('-', '_')}_`;

/**
 * Settings of linkage: `LINKAGE_ACTIVE` (ids, comma separated) and for each profile `LINKAGE_<ID>_URL`, `_SECRET`, `_KEY`, `_FOLDER`, `_DIAL`.
 * What an active profile lacks keeps that profile off, not the house.
 * @throws AppError `settings.invalid`: an address, a number or an id that is none
 */
export function openLinkageHouse({ profiles, rules }: LinkageRules, env: Env, dataDir: string): LinkageHouse {
  const faults: string[] = [];
  const read = (name: string): string => env[name]?.trim() ?? '';
  const named = read('LINKAGE_ACTIVE').split(',').map((id) => id.trim()).filter((id) => id !== '');
  for (const id of named) if (!profiles.some((profile) => profile.id === id)) faults.push('LINKAGE_ACTIVE: names a profile that config/linkage.yaml does not have');
  const endpoints = profiles.map((profile): Endpoint => {
    const prefix = settingPrefix(profile.id);
    const [url, secret, key, folder, dial] = ['URL', 'SECRET', 'KEY', 'FOLDER', 'DIAL'].map((name) => read(prefix + name));
    if (url !== '' && !isPostable(url ?? '')) faults.push(`${prefix}URL: must be an http or https address without user and password`);
    if (secret !== '' && (secret ?? '').length < 24) faults.push(`${prefix}SECRET: must have at least 24 characters`);
    if (key !== '' && (key ?? '').length < 24) faults.push(`${prefix}KEY: must have at least 24 characters`);
    if (dial !== '' && !/^\+?\d{3,15}$/.test(dial ?? '')) faults.push(`${prefix}DIAL: must be a telephone number of 3 to 15 digits, with or without +`);
    const active = profile.active || named.includes(profile.id);
    const missing = active ? missingOf(profile, { url, secret, key }).map((name) => prefix + name) : [];
    return { profile, on: active && missing.length === 0, missing, url: url ?? '', secret: secret ?? '', key: key ?? '', folder: folder === undefined || folder === '' ? join(dataDir, 'linkage', profile.id) : folder, dial: dial === undefined || dial === '' ? null : dial };
  });
  if (faults.length > 0) throw new AppError('settings.invalid', `settings have faults:\n  ${[...new Set(faults)].join('\n  ')}`, { status: 500 });
  return { endpoints, rules, endpoint: (id) => endpoints.find(({ profile }) => profile.id === id) ?? null };
}

function missingOf({ transport, directions }: Profile, { url, secret, key }: { readonly url: string | undefined; readonly secret: string | undefined; readonly key: string | undefined }): readonly string[] {
  if (transport.kind === 'files') return [];
  return [...(url === '' ? ['URL'] : []), ...(secret === '' ? ['SECRET'] : []), ...(transport.auth === 'key' && key === '' && directions.includes('in') ? ['KEY'] : [])];
}

function isPostable(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}

/** @throws AppError `linkage.unknown_profile` */
export function requireEndpoint(house: LinkageHouse, id: string): Endpoint {
  const endpoint = house.endpoint(id);
  if (endpoint === null) throw new AppError('linkage.unknown_profile', 'no such profile', { status: 404, citizenText: '没有这个联动单位。' });
  return endpoint;
}

/** @throws AppError `linkage.not_found` */
export async function requireLink(repos: Repositories, id: string): Promise<LinkageLink> {
  const link = await repos.linkage.getLink(id);
  if (link === null) throw new AppError('linkage.not_found', 'no such link', { status: 404, citizenText: '没有这条联动记录。' });
  return link;
}

/** Null: it has none yet. */
export async function ticketOf(repos: Repositories, link: Pick<LinkageLink, 'ticketId'> | null): Promise<Ticket | null> {
  return link === null || link.ticketId === null ? null : repos.tickets.get(link.ticketId);
}

/** A step of the linkage on the ticket's timeline. The ticket itself does not change. */
export async function noteStep(context: TicketsContext, unit: TicketUnit, ticket: Ticket, profile: Pick<Profile, 'id' | 'name'>, said: string, actor: TicketActor): Promise<void> {
  await record(context, unit, ticket, { type: 'ticket.noted', actor, at: context.now(), data: { text: maskText(`联动（${profile.name}）：${said}`).text, linkage: profile.id } });
}
