import type { ChannelModule } from '../../src/channel/contract.ts';
import { accountSettings, readAccount, type Configuration, type Env } from '../../src/channel/wechat/settings.ts';

/** Settings of the WeChat official account (service account). */

export const SETTINGS: ChannelModule['settings'] = accountSettings('WECHAT_MP_', 'official account');

/** @throws AppError `settings.invalid`, which names the variable and never its value */
export function readConfiguration(env: Env, production: boolean): Configuration {
  return readAccount(env, production, 'WECHAT_MP_');
}
