/** `yihu kb …`: the knowledge base from the command line. */

const HELP = `用法: npm run --silent yihu -- kb 命令 [选项]

命令:
  import 文件      导入知识（XLSX、CSV、JSONL），逐行报告；默认只检查，加 --write 才写入
  export 文件      导出知识
  lint             检查知识库：说法冲突、过期来源、口播太长、个人信息……
  train            用标注问题训练重排模型
  eval             在一组问题上评测检索和作答

每个命令都有 --help。退出码：0 成功，1 没有做成，2 用法不对。
`;

/** @returns the exit code; 2 for an unknown command */
export async function runKb(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  // Loaded when asked for: each brings its own libraries along.
  if (name === 'import') return (await import('./kb-import.ts')).runKbImport(rest);
  if (name === 'export') return (await import('./kb-export.ts')).runKbExport(rest);
  if (name === 'lint') return (await import('./kb-lint.ts')).runKbLint(rest);
  if (name === 'train') return (await import('./kb-train.ts')).runKbTrain(rest);
  if (name === 'eval') return (await import('./kb-eval.ts')).runKbEval(rest);
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  process.stderr.write(`${name === undefined ? '缺少命令' : `没有命令 ${name}`}\n\n${HELP}`);
  return 2;
}
