import { pathToFileURL } from 'node:url';

/** `npm run sim -- phone|wechat|wechat-official|sms`: stand-ins of the outside peers, to try a running gateway by hand. */

const HELP = `用法: npm run sim -- 模拟器 [选项]

模拟器:
  phone            打一个电话（Twilio、jambonz、VoiceXML）
  wechat           微信小程序客服消息
  wechat-official  微信公众号
  botframework     Azure Bot Service（Teams、Direct Line 等）
  wechaty          个人微信（Wechaty，模拟木偶）
  sms              短信平台（阿里云、腾讯云）
  linkage          联动单位（110、省平台……）

每个模拟器都有 --help。
`;

/** @returns the exit code; 2 for an unknown simulator */
export async function runSim(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  // Loaded when asked for: each brings its peer's libraries along.
  if (name === 'phone') return (await import('./sim/phone.ts')).runPhone(rest);
  if (name === 'wechat') return (await import('./sim/wechat.ts')).runWechat(rest);
  if (name === 'wechat-official') return (await import('./sim/wechat.ts')).runWechat(rest, undefined, 'official');
  if (name === 'botframework') return (await import('./sim/botframework.ts')).runBotFramework(rest);
  if (name === 'wechaty') return (await import('./sim/wechaty.ts')).runWechaty(rest);
  if (name === 'sms') return (await import('./sim/sms.ts')).runSms(rest);
  if (name === 'linkage') return (await import('./sim/linkage.ts')).runLinkageSim(rest);
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  process.stderr.write(`${name === undefined ? '缺少模拟器名' : `没有模拟器 ${name}`}\n\n${HELP}`);
  return 2;
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runSim(process.argv.slice(2));
