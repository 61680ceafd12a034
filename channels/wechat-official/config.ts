import type { ChannelModule } from '../../src/channel/contract.ts';
import type { AccountConfiguration } from '../../src/channel/wechat/module.ts';
import type { NoticeWay } from '../../src/channel/wechat/notify.ts';
import { accountSettings, readAccount, readTemplateSetting, readWord, templateSetting, type Env } from '../../src/channel/wechat/settings.ts';

/** Settings of the WeChat official account (service account). */

export const SETTINGS: ChannelModule['settings'] = [
  ...accountSettings('WECHAT_MP_', 'official account'),
  templateSetting('WECHAT_MP_'),
  { name: 'WECHAT_MP_NOTIFY', required: false, secret: false, about: 'Which kind of notification the templates are: template (to followers) or subscribe (to who allowed it); template.' },
];

/** @throws AppError `settings.invalid`, which names the variable and never its value */
export function readConfiguration(env: Env, production: boolean): AccountConfiguration {
  const account = readAccount(env, production, 'WECHAT_MP_');
  if (account.state === 'off') return account;
  const way: NoticeWay = { kind: readWord(env, 'WECHAT_MP_NOTIFY', ['template', 'subscribe']) };
  return { state: 'on', settings: { ...account.settings, templates: readTemplateSetting(env, 'WECHAT_MP_'), way } };
}
