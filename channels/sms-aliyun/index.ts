import { smsModule } from '../../src/channel/sms/module.ts';
import { readConfig, settings } from './config.ts';
import { CHANNEL_NAME, readReplies, readReports, REPLY } from './decode.ts';
import { send } from './send.ts';

/** Text messages by Aliyun: see README.md. */
export const channel = smsModule({ name: CHANNEL_NAME, path: '/hooks/sms/aliyun', settings, read: readConfig, readReports, readReplies, reply: REPLY, send });
