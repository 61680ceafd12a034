/** `yihu items …`: the item tree and the item suggester from the command line. */

const HELP = `用法: npm run --silent yihu -- items 命令 [选项]

命令:
  import 文件      检查事项目录文件（XLSX、CSV、JSONL），写成草稿
  export 文件      把事项目录写进文件
  train            从标注过的来件训练事项模型
  eval             用模型给一批来件推荐事项，写出预测

每个命令都有 --help。退出码：0 成功，1 没有做成，2 用法不对。
`;

/** @returns the exit code; 2 for an unknown command */
export async function runItems(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === 'import') return (await import('./items-files.ts')).runItemsImport(rest);
  if (name === 'export') return (await import('./items-files.ts')).runItemsExport(rest);
  if (name === 'train') return (await import('./items-train.ts')).runItemsTrain(rest);
  if (name === 'eval') return (await import('./items-eval.ts')).runItemsEval(rest);
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  process.stderr.write(`${name === undefined ? '缺少命令' : `没有命令 ${name}`}\n\n${HELP}`);
  return 2;
}
