import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createLinkagePeer, MANNERS } from './linkage-peer.ts';

/** `npm run sim -- linkage`: a linked platform to try a running gateway with. */

const HELP = `用法: npm run sim -- linkage [选项]

模拟一个联动单位（110、省平台……）：接收网关转办的工单，按脾气应答，并发回接收、进展、结果。

  --profile 标识   扮演谁（默认 police-110；须是 config/linkage.yaml 里 HTTP、JSON、标准记录的一方）
  --url 地址       网关（默认 http://127.0.0.1:3000）
  --port 端口      在哪里接收（默认 8110）
  --manner 脾气    accept 正常；late 回执迟到；twice 每条发两遍；shuffle 顺序颠倒；refuse 不接收；away 先三次不应答（默认 accept）
  --secret 密钥    双方共用的密钥（默认是下面 --print-env 里的）
  --send 文字      先给网关派转一件这样的诉求
  --folder 目录    改走共享目录：看这个目录的 out/，写进 in/（网关那边是 DATA_DIR/linkage/<标识>）
  --print-env      打印网关要用的环境变量，然后结束
  --help           显示这段说明

停止：Ctrl+C。
`;

/** Known to everybody: only for trying. */
const DEMO_SECRET = 'linkage-simulator-secret-not-for-production';
const LOOK_MS = 1_000;

/** @returns the exit code; 2 for a fault in the arguments */
export async function runLinkageSim(argv: readonly string[]): Promise<number> {
  const options = { profile: { type: 'string', default: 'police-110' }, url: { type: 'string', default: 'http://127.0.0.1:3000' }, port: { type: 'string', default: '8110' }, manner: { type: 'string', default: 'accept' }, secret: { type: 'string', default: DEMO_SECRET }, send: { type: 'string' }, folder: { type: 'string' }, 'print-env': { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } } as const;
  let values;
  try {
    ({ values } = parseArgs({ args: [...argv], options }));
  } catch (error) {
    return usage(error instanceof Error ? error.message : String(error));
  }
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const manner = MANNERS.find((known) => known === values.manner);
  if (manner === undefined) return usage(`--manner 要写 ${MANNERS.join('、')}`);
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) return usage('--port 要写端口号');
  const prefix = `LINKAGE_${values.profile.toUpperCase().replaceAll('-', '_')}_`;
  if (values['print-env']) {
    process.stdout.write(values.folder === undefined ? `LINKAGE_ACTIVE=${values.profile}\n${prefix}URL=http://127.0.0.1:${port}/\n${prefix}SECRET=${values.secret}\nWEBHOOK_NETWORKS=127.0.0.0/8\n` : `LINKAGE_ACTIVE=${values.profile}\n${prefix}FOLDER=${values.folder}\n`);
    return 0;
  }
  const log = (line: string): void => void process.stdout.write(`${line}\n`);
  const peer = createLinkagePeer({ profile: values.profile, gateway: () => values.url.replace(/\/+$/, ''), secret: values.secret, manner, now: Date.now, log });
  const stopping = new AbortController();
  process.once('SIGINT', () => stopping.abort());
  process.once('SIGTERM', () => stopping.abort());
  if (values.send !== undefined) log(`派转 → ${await peer.dispatch(`SIM-${Date.now()}`, values.send).catch((error: unknown) => (error instanceof Error ? error.message : String(error)))}`);
  if (values.folder !== undefined) {
    log(`看着 ${values.folder}/out`);
    while (!stopping.signal.aborted) {
      await peer.lookInto(values.folder).catch((error: unknown) => log(error instanceof Error ? error.message : String(error)));
      await sleep(LOOK_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    return 0;
  }
  await new Promise<void>((resolve) => peer.server.listen(port, '127.0.0.1', resolve));
  log(`${values.profile} 在 http://127.0.0.1:${port}/ 等着，脾气：${manner}`);
  await new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve()));
  peer.server.closeAllConnections();
  peer.server.close();
  return 0;
}

function usage(fault: string): number {
  process.stderr.write(`${fault}\n\n${HELP}`);
  return 2;
}
