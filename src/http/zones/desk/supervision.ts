import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { BEIJING_OFFSET, beijingText } from '../../../domain/clock.ts';
import { writeUnit } from '../../../intake/context.ts';
import { CONTENT_TYPES, writeTable } from '../../../knowledge/files/write.ts';
import { endSupervision, requireSupervisor, superviseTicket } from '../../../tickets/supervision.ts';
import { requireTicket } from '../../../tickets/record.ts';
import type { DeskDeps } from './index.ts';
import { IdParams, TicketView } from './schemas.ts';
import { moverOf, requireSeen } from './scope.ts';
import { OutcomeBody, SuperviseBody, SupervisionQuery, SupervisionView, type SupervisionViewShape } from './ticket-schemas.ts';
import { supervisionViews } from './ticket-views.ts';
import { ticketView } from './views.ts';

const tags = ['supervision'];
const Raised = Type.Object({ ticket: TicketView, supervision: SupervisionView });
/** Rows of the monthly file read at once. */
const PAGE = 500;

const CAUSES: Readonly<Record<string, string>> = { person: '人工督办', overdue: '超期', item: '重点事项', urges: '市民多次催办', repetition: '反复重办' };
const COLUMNS = ['督办时间', '级别', '起因', '工单编号', '标题', '工单状态', '责任单位', '责任人', '督办意见', '要求报告时间', '是否逾期', '结束时间', '结果', '督办人'].map((label) => ({ label, width: label === '督办意见' || label === '标题' ? 40 : 18 }));

/** 督办: raised by supervisors, ended with an outcome, listed by the month with date, responsible unit and person. */
export function supervisionRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  return async (app) => {
    app.post('/api/tickets/:id/supervisions', { schema: { tags, summary: 'Supervise a ticket', params: IdParams, body: SuperviseBody, response: { 201: Raised } } }, async (request, reply) => {
      const { role, actor } = moverOf(deps.signed(request));
      requireSupervisor(role);
      const { level, words, person = null } = request.body;
      const answer = await writeUnit(context, async (unit) => {
        const { ticket, supervision } = await superviseTicket(context, unit, await requireTicket(unit, request.params.id), { level, cause: 'person', words, person, actor });
        return { ticket: ticketView(context, ticket), supervision: await oneView(unit.repos, supervision) };
      });
      return reply.code(201).send(answer);
    });

    app.post('/api/supervisions/:id/end', { schema: { tags, summary: 'End a supervision with its outcome', params: IdParams, body: OutcomeBody, response: { 200: Raised } } }, async (request) => {
      const { role, actor } = moverOf(deps.signed(request));
      requireSupervisor(role);
      return writeUnit(context, async (unit) => {
        const { ticket, supervision } = await endSupervision(context, unit, request.params.id, request.body.outcome, actor);
        return { ticket: ticketView(context, ticket), supervision: await oneView(unit.repos, supervision) };
      });
    });

    app.get('/api/tickets/:id/supervisions', { config: { departments: true }, schema: { tags, summary: 'Supervisions of a ticket, oldest first', params: IdParams, response: { 200: Type.Object({ supervisions: Type.Array(SupervisionView) }) } } }, async (request) => {
      const signed = deps.signed(request);
      return context.store.read(async (repos) => {
        const ticket = requireSeen(signed, await repos.tickets.get(request.params.id));
        return { supervisions: await supervisionViews(context, repos, await repos.supervisions.of(ticket.id)) };
      });
    });

    app.get('/api/supervisions', { schema: { tags, summary: 'Supervisions of a month, newest first, also as a file; without a month those that have not ended', querystring: SupervisionQuery } }, async (request, reply) => {
      const { month, format = 'json', limit = 50, before, beforeId } = request.query;
      if (month === undefined) return context.store.read(async (repos) => ({ supervisions: await supervisionViews(context, repos, await repos.supervisions.open(limit)) }));
      const { from, to } = monthOf(month);
      if (format === 'json') {
        const cursor = before === undefined || beforeId === undefined ? undefined : { createdAt: before, id: beforeId };
        return context.store.read(async (repos) => ({ supervisions: await supervisionViews(context, repos, await repos.supervisions.between(from, to, limit, cursor)) }));
      }
      return reply
        .header('content-type', CONTENT_TYPES[format])
        .header('content-disposition', `attachment; filename="supervisions-${month}.${format}"`)
        .header('cache-control', 'no-store')
        .send(writeTable(format, { columns: COLUMNS, sheet: '督办', frozen: 1, pages: pagesOf(from, to) }));
    });
  };

  async function oneView(repos: Parameters<typeof supervisionViews>[1], supervision: Parameters<typeof supervisionViews>[2][number]): Promise<SupervisionViewShape> {
    const [view] = await supervisionViews(context, repos, [supervision]);
    if (view === undefined) throw new RangeError('a view is missing');
    return view;
  }

  async function* pagesOf(from: number, to: number): AsyncGenerator<string[][]> {
    let last: { readonly createdAt: number; readonly id: string } | undefined;
    for (;;) {
      const after = last;
      const page: SupervisionViewShape[] = await context.store.read(async (repos) => supervisionViews(context, repos, await repos.supervisions.between(from, to, PAGE, after)));
      if (page.length > 0) yield page.map(cellsOf);
      last = page.at(-1);
      if (page.length < PAGE) return;
    }
  }
}

function cellsOf(one: SupervisionViewShape): string[] {
  return [
    beijingText(one.createdAt), one.levelName, CAUSES[one.cause] ?? one.cause, one.number, one.title, one.ticketState, one.departmentName ?? '', one.person ?? '', one.words,
    one.dueAt === null ? '' : beijingText(one.dueAt), one.late ? '是' : '否', one.endedAt === null ? '' : beijingText(one.endedAt), one.outcome ?? '', one.createdBy,
  ];
}

/** Beijing's month as a stretch of time. */
function monthOf(month: string): { readonly from: number; readonly to: number } {
  const [year = 0, number = 1] = month.split('-').map(Number);
  return { from: Date.UTC(year, number - 1, 1) - BEIJING_OFFSET, to: Date.UTC(year, number, 1) - BEIJING_OFFSET };
}
