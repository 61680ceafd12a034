import type { ChannelModule } from '../../src/channel/contract.ts';
import { accountSettings, readAccount, type Configuration, type Env } from '../../src/channel/wechat/settings.ts';

/** Settings of the WeChat mini-program channel. */

export const SETTINGS: ChannelModule['settings'] = accountSettings('WECHAT_', 'mini-program');

/** @throws AppError `settings.invalid`, which names the variable and never its value */
export function readConfiguration(env: Env, production: boolean): Configuration {
  return readAccount(env, production, 'WECHAT_');
}
