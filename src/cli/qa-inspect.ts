import { v7 as uuidv7 } from 'uuid';
import { findRoot } from '../config/root.ts';
import { loadCity } from '../config/city.ts';
import { AppError } from '../domain/errors.ts';
import { createLegalClock } from '../domain/legal-clock.ts';
import { loadQuality, versionOf } from '../quality/file.ts';
import { createInspector } from '../quality/inspect.ts';
import { stretchesOf } from '../quality/collect.ts';
import { inspectPeriod, inspectStretch, type QualityContext } from '../quality/work.ts';
import { DATABASE_OPTIONS, runDatabaseCommand, UsageError } from './database.ts';
import { withStore } from './kb-files.ts';

/** `yihu qa inspect CONVERSATION`: what the rules say of a conversation's last service. Nothing is kept. */

const HELP = `用法: yihu qa inspect 会话ID [选项]

用现在的规则质检一个会话里最近的人工服务：得分，每项扣分的那句话和原因。只看不存。

选项:
${DATABASE_OPTIONS}`;

const LATEST = 1_000;

/** @returns the exit code */
export function runQaInspect(argv: readonly string[]): Promise<number> {
  return runDatabaseCommand(argv, HELP, async (command) => {
    const [conversationId, ...more] = command.rest;
    if (conversationId === undefined || more.length > 0) throw new UsageError('要写一个会话的 ID');
    const root = findRoot(import.meta.url);
    const rules = loadQuality(root);
    const context: QualityContext = { now: Date.now, newId: uuidv7, clock: createLegalClock(loadCity(root).calendar), inspector: createInspector(rules), rulesVersion: versionOf(rules) };
    const made = await withStore(command, (store) =>
      store.read(async (repos) => {
        const conversation = await repos.conversations.get(conversationId);
        if (conversation === null) throw new AppError('qa.no_conversation', '没有找到这个会话', { details: { conversationId } });
        const period = (await repos.services.list({ conversationId, limit: 5 })).find(({ acceptedAt, endedAt }) => acceptedAt !== null && endedAt !== null);
        if (period !== undefined) return inspectPeriod(context, repos, period);
        const [stretch] = stretchesOf(await repos.activities.latest(conversationId, LATEST));
        return stretch === undefined ? null : inspectStretch(context, repos, conversation, stretch);
      }),
    );
    if (made === null) throw new AppError('qa.no_service', '这个会话没有坐席服务过', { details: { conversationId } });
    const { inspection, findings } = made;
    const nameOf = (rule: string): string => rules.rules.find(({ id }) => id === rule)?.name ?? rule;
    const lines = findings.map(({ rule, points, seq, sentence, why }) => `  -${points} ${nameOf(rule)}  第 ${seq} 条：${sentence}\n       ${why}`);
    return {
      facts: { conversationId, score: inspection.score, fatal: inspection.fatal, fromSeq: inspection.fromSeq, toSeq: inspection.toSeq, rulesVersion: inspection.rulesVersion, findings },
      text: [`${inspection.score} 分${inspection.fatal ? '（有致命项）' : ''}，规则 ${inspection.rulesVersion}，第 ${inspection.fromSeq} 到 ${inspection.toSeq} 条`, ...lines].join('\n'),
    };
  });
}
