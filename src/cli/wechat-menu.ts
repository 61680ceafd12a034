import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readConfiguration } from '../../channels/wechat-official/config.ts';
import { checkMenu, createMenu, MenuFileSchema, type MenuFile } from '../../channels/wechat-official/menu.ts';
import type { ChannelPorts } from '../channel/contract.ts';
import { createClient } from '../channel/wechat/client.ts';
import { readYaml } from '../config/files.ts';

/** `yihu wechat-menu`: makes the official account's menu from a file. */

const HELP = `用法: npm run --silent yihu -- wechat-menu 文件 [选项]

按文件（YAML）生成公众号的自定义菜单，替换原来的菜单。最多三个按钮，每个下面最多五个：
  - name: 办事
    buttons:
      - { name: 居住证, say: 居住证怎么办 }       按下等于说这句话
  - { name: 我的工单, url: https://… }           打开网页
  - { name: 小程序, miniProgram: { appId: wx…, page: pages/index/index, url: https://… } }

公众号的设置（WECHAT_MP_APPID、WECHAT_MP_SECRET 等）取自环境变量，与网关相同。

选项:
  --check       只检查文件，不生成
  -h, --help    本说明

退出码：0 成功，1 没有做成，2 用法不对。
`;

export interface MenuIo {
  readonly output: { write(text: string): unknown };
  readonly errors: { write(text: string): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** @returns the exit code: 0 made (or sound), 1 the file is wrong or WeChat refused, 2 wrong arguments */
export async function runWechatMenu(argv: readonly string[], io: MenuIo = { output: process.stdout, errors: process.stderr, env: process.env }): Promise<number> {
  let given;
  try {
    given = parseArgs({ args: [...argv], allowPositionals: true, options: { check: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } } });
  } catch (error) {
    return usage(io, error instanceof Error ? error.message : String(error));
  }
  if (given.values.help) {
    io.output.write(HELP);
    return 0;
  }
  const [file, ...more] = given.positionals;
  if (file === undefined || more.length > 0) return usage(io, '要写一个文件');
  const read = readYaml(process.cwd(), resolve(file), MenuFileSchema);
  const menu = read.value;
  const faults = menu === null ? read.faults : checkMenu(menu).map(({ pointer, message }) => read.fault(pointer, `${pointer} ${message}`));
  if (menu === null || faults.length > 0) return failed(io, faults.map((fault) => `${fault.file}:${fault.line}:${fault.column} ${fault.message}`).join('\n'));
  if (given.values.check) {
    io.output.write(`${file} 没有问题\n`);
    return 0;
  }
  return make(menu, io);
}

async function make(menu: MenuFile, io: MenuIo): Promise<number> {
  let configuration;
  try {
    configuration = readConfiguration(io.env, false);
  } catch (error) {
    return failed(io, error instanceof Error ? error.message : String(error));
  }
  if (configuration.state === 'off') return failed(io, `缺少设置：${configuration.missing.join('、')}`);
  // The same token as the gateway's: WeChat gives it again to whoever asks in this way.
  const client = createClient(configuration.settings, { now: Date.now, log: QUIET, state: forgetful() });
  try {
    const answer = await createMenu(client, menu);
    if (answer.kind === 'unreachable') return failed(io, `微信接口没有应答（${answer.code}）`);
    if (answer.errcode !== 0) return failed(io, `微信拒绝了菜单，错误码 ${answer.errcode}`);
    io.output.write('菜单已生成；已关注的人一天之内看到，重新关注立即看到\n');
    return 0;
  } finally {
    await client.close();
  }
}

const QUIET: ChannelPorts['log'] = { info: () => {}, warn: () => {}, error: () => {} };

/** A token for the length of one command. */
function forgetful(): ChannelPorts['state'] {
  const kept = new Map<string, string>();
  return {
    get: async (key) => kept.get(key) ?? null,
    put: async (key, value) => void kept.set(key, value),
    update: async (key, change) => {
      const { value } = change(kept.get(key) ?? null);
      kept.set(key, value);
      return value;
    },
  };
}

function usage(io: MenuIo, fault: string): number {
  io.errors.write(`${fault}\n\n${HELP}`);
  return 2;
}

function failed(io: MenuIo, fault: string): number {
  io.errors.write(`${fault}\n`);
  return 1;
}
