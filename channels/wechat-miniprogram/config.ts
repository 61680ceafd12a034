import type { ChannelModule } from '../../src/channel/contract.ts';
import type { AccountConfiguration } from '../../src/channel/wechat/module.ts';
import type { NoticeWay } from '../../src/channel/wechat/notify.ts';
import { accountSettings, readAccount, readTemplateSetting, readWord, templateSetting, type Env } from '../../src/channel/wechat/settings.ts';

/** Settings of the WeChat mini-program channel. */

export const SETTINGS: ChannelModule['settings'] = [
  ...accountSettings('WECHAT_', 'mini-program'),
  templateSetting('WECHAT_'),
  { name: 'WECHAT_MINIPROGRAM_STATE', required: false, secret: false, about: 'Which version of the mini-program a notification opens: formal, trial or developer; formal.' },
];

/** @throws AppError `settings.invalid`, which names the variable and never its value */
export function readConfiguration(env: Env, production: boolean): AccountConfiguration {
  const account = readAccount(env, production, 'WECHAT_');
  if (account.state === 'off') return account;
  const way: NoticeWay = { kind: 'mini-program', state: readWord(env, 'WECHAT_MINIPROGRAM_STATE', ['formal', 'trial', 'developer']) };
  return { state: 'on', settings: { ...account.settings, templates: readTemplateSetting(env, 'WECHAT_'), way } };
}
