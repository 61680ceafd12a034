import type { Hook } from '../../src/channel/contract.ts';
import { SUCCESS } from '../../src/channel/wechat/account.ts';
import { accountModule, createPushReader, WECHAT_CHAT, type AccountSettings } from '../../src/channel/wechat/module.ts';
import { ENTER_GRANT } from '../../src/channel/wechat/quota.ts';
import { readConfiguration, SETTINGS } from './config.ts';
import { CHANNEL_NAME, decodePush } from './decode.ts';

/** The customer chat of a WeChat mini-program: pushes come in, answers go out by API. See README.md. */
export const channel = accountModule({
  name: CHANNEL_NAME,
  path: '/hooks/wechat/miniprogram',
  account: 'mini-program',
  capabilities: WECHAT_CHAT,
  settings: SETTINGS,
  read: readConfiguration,
  grant: ENTER_GRANT,
  pushes,
});

function pushes(settings: AccountSettings): Pick<Hook, 'patienceMs' | 'read' | 'encodeReply'> {
  const open = createPushReader(settings, decodePush);
  return {
    patienceMs: 0,
    read: (request, now) => {
      const opened = open(request, now);
      return 'reading' in opened ? opened.reading : { kind: 'inbound', activities: [opened.activity], answerWhen: 'stored' };
    },
    // Answered as soon as it is stored; the bot's words go by API, whatever the outcome says.
    encodeReply: () => SUCCESS,
  };
}
