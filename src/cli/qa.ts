/** `yihu qa …`: quality inspection from the command line. */

const HELP = `用法: npm run --silent yihu -- qa 命令 [选项]

命令:
  eval             用标注会话评测质检规则
  inspect 会话ID   质检一个会话里最近的人工服务，只看不存

每个命令都有 --help。退出码：0 成功，1 没有做成或低于要求，2 用法不对。
`;

/** @returns the exit code; 2 for an unknown command */
export async function runQa(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === 'eval') return (await import('./qa-eval.ts')).runQaEval(rest);
  if (name === 'inspect') return (await import('./qa-inspect.ts')).runQaInspect(rest);
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  process.stderr.write(`${name === undefined ? '缺少命令' : `没有命令 ${name}`}\n\n${HELP}`);
  return 2;
}
