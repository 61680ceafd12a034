import type { ChannelModule } from '../../src/channel/contract.ts';
import { AppError } from '../../src/domain/errors.ts';

/** Settings of the Wechaty channel, read once from the environment and checked with plain words. */

const SEND_GAP_MS = 800;

export const SETTINGS: ChannelModule['settings'] = [
  { name: 'WECHATY_PUPPET', required: true, secret: false, about: 'npm package of the puppet (wechaty-puppet-service, wechaty-puppet-wechat4u …), or a file: URL. Switches the channel on: read its README first.' },
  { name: 'WECHATY_PUPPET_TOKEN', required: false, secret: true, about: 'Token of the puppet’s service, where it has one.' },
  { name: 'WECHATY_PUPPET_ENDPOINT', required: false, secret: false, about: 'Address of the puppet’s service, where it is not found by the token.' },
  { name: 'WECHATY_SEND_GAP_MS', required: false, secret: false, about: `Least time between two sends in milliseconds, ${SEND_GAP_MS} unless told: accounts that write faster than people are noticed.` },
  { name: 'ROLES', required: false, secret: false, about: 'The house’s own setting: a node without the role worker opens no session, as it sends nothing.' },
];

export interface Settings {
  readonly puppet: string;
  readonly token: string | null;
  readonly endpoint: string | null;
  readonly sendGapMs: number;
  /** This node sends, so the session may live here. */
  readonly carries: boolean;
}

export type Configuration = { readonly state: 'on'; readonly settings: Settings } | { readonly state: 'off'; readonly missing: readonly string[] };

/** `off` lists what is missing; a value that is present but wrong throws `settings.invalid` and names the variable, never its value. */
export function readConfiguration(env: Readonly<Record<string, string | undefined>>): Configuration {
  const [puppet, token, endpoint, gap, roles] = ['WECHATY_PUPPET', 'WECHATY_PUPPET_TOKEN', 'WECHATY_PUPPET_ENDPOINT', 'WECHATY_SEND_GAP_MS', 'ROLES'].map((name) => env[name]?.trim() ?? '');
  if (puppet === undefined || puppet === '') return { state: 'off', missing: ['WECHATY_PUPPET'] };
  // A name that could leave node_modules would load whatever lies there.
  if (!/^(@[\w.-]+\/)?[\w][\w.-]*$|^file:\/\/\//.test(puppet)) throw invalid('WECHATY_PUPPET', 'must be the name of an npm package or a file: URL.');
  const sendGapMs = gap === undefined || gap === '' ? SEND_GAP_MS : /^\d{1,6}$/.test(gap) ? Number(gap) : Number.NaN;
  if (!(sendGapMs <= 60_000)) throw invalid('WECHATY_SEND_GAP_MS', 'must be a whole number from 0 to 60000.');
  return {
    state: 'on',
    settings: { puppet, token: token === undefined || token === '' ? null : token, endpoint: endpoint === undefined || endpoint === '' ? null : endpoint, sendGapMs, carries: roles === undefined || roles === '' || roles.split(',').map((role) => role.trim()).includes('worker') },
  };
}

function invalid(name: string, rule: string): AppError {
  return new AppError('settings.invalid', `${name} ${rule}`, { status: 500, details: { setting: name } });
}
