import { pathToFileURL } from 'node:url';

/** `npm run --silent yihu -- COMMAND`: one door to the commands for operators and for those who write flows. */

const HELP = `用法: npm run --silent yihu -- 命令 [选项]

命令:
  migrate          把数据库的表更新到本版本
  export 文件      把整个数据库写进一个文件
  import 文件      把这样的文件导入一个空的数据库（SQLite 和 PostgreSQL 之间可以互换）
  kb …             知识库：导入、导出、检查、训练、评测
  items …          事项：目录的导入导出，推荐的训练和评测
  dispatch …       派单规则：用过去的工单试跑
  enterprises …    企业直通车：导入企业名册
  qa …             质检：评测规则，质检一个会话
  report …         日报、周报、月报和专报：Excel、PDF、网页
  measures …       指标：从原始记录重新统计
  outbound …       外呼任务：开始、查看进度、暂停、停止
  linkage …        联动：转办、重发、每日对账
  flow …           检查、重放、试用流程
  wechat-menu 文件 按文件生成公众号的菜单
  sim …            模拟电话和微信

每个命令都有 --help。退出码：0 成功，1 没有做成，2 用法不对。
`;

/** @returns the exit code; 2 for an unknown command */
export async function runYihu(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  // Loaded when asked for: each brings its own libraries along.
  if (name === 'migrate') return (await import('./migrate.ts')).runMigrate(rest);
  if (name === 'export') return (await import('./export.ts')).runExport(rest);
  if (name === 'import') return (await import('./import.ts')).runImport(rest);
  if (name === 'kb') return (await import('./kb.ts')).runKb(rest);
  if (name === 'items') return (await import('./items.ts')).runItems(rest);
  if (name === 'enterprises') return (await import('./enterprises.ts')).runEnterprises(rest);
  if (name === 'dispatch') return (await import('./dispatch.ts')).runDispatch(rest);
  if (name === 'qa') return (await import('./qa.ts')).runQa(rest);
  if (name === 'report') return (await import('./report.ts')).runReport(rest);
  if (name === 'measures') return (await import('./measures.ts')).runMeasures(rest);
  if (name === 'outbound') return (await import('./outbound.ts')).runOutbound(rest);
  if (name === 'linkage') return (await import('./linkage.ts')).runLinkage(rest);
  if (name === 'flow') return (await import('./flow.ts')).runFlow(rest);
  if (name === 'wechat-menu') return (await import('./wechat-menu.ts')).runWechatMenu(rest);
  if (name === 'sim') return (await import('./sim.ts')).runSim(rest);
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  process.stderr.write(`${name === undefined ? '缺少命令' : `没有命令 ${name}`}\n\n${HELP}`);
  return 2;
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runYihu(process.argv.slice(2));
