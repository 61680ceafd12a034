import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import { requireCampaign, type CampaignContext } from '../../../outbound/campaign-context.ts';
import { CampaignGiven, checkGiven, createCampaign, preview, stepCampaign, type CampaignStep } from '../../../outbound/campaign-draft.ts';
import { canCall } from '../../../outbound/campaign-drive.ts';
import type { Campaign, CampaignTarget, ReachAttempt, Repositories } from '../../../store/contract.ts';
import type { Signed } from './auth.ts';
import type { DeskDeps } from './index.ts';
import { readTicketList } from './outbound-list.ts';
import { IdParams } from './schemas.ts';

/** Campaigns of calls (智能外呼): supervisors make, start, pause and stop them, and see how each call went. No number of a telephone is in any answer. */

const shape = { additionalProperties: false };
const Time = Type.Union([Type.Number(), Type.Null()]);
const Text = Type.Union([Type.String(), Type.Null()]);
const Words = Type.Record(Type.String(), Type.String());
const Purpose = Type.Union([Type.Literal('visit'), Type.Literal('missed'), Type.Literal('progress'), Type.Literal('notice')]);
const CampaignState = Type.Union([Type.Literal('draft'), Type.Literal('running'), Type.Literal('paused'), Type.Literal('done'), Type.Literal('stopped')]);
const TargetState = Type.Union([Type.Literal('waiting'), Type.Literal('calling'), Type.Literal('reached'), Type.Literal('unreached'), Type.Literal('refused'), Type.Literal('skipped')]);

const Tally = Type.Object({ waiting: Type.Number(), calling: Type.Number(), reached: Type.Number(), unreached: Type.Number(), refused: Type.Number(), skipped: Type.Number() });
const CampaignView = Type.Object({
  id: Type.String(), name: Type.String(), purpose: Purpose, flow: Type.String(), channel: Type.String(), words: Text, query: Text, state: CampaignState, concurrency: Type.Number(), attempts: Type.Number(), retryAfterMinutes: Type.Number(),
  hours: Type.Array(Type.String()), workdaysOnly: Type.Boolean(), createdBy: Type.String(), createdByName: Type.String(), createdAt: Type.Number(), startedAt: Time, endedAt: Time, tally: Tally,
});
const AttemptView = Type.Object({ number: Type.Number(), state: Type.String(), code: Text, at: Type.Number(), endedAt: Time, seconds: Type.Union([Type.Number(), Type.Null()]) });
const TargetView = Type.Object({ id: Type.String(), ticketId: Text, ticketNumber: Text, state: TargetState, code: Text, attempts: Type.Number(), nextAt: Time, keys: Words, result: Words, endedAt: Time, calls: Type.Array(AttemptView) });
const PreviewView = Type.Object({ found: Type.Number(), called: Type.Number(), leftOut: Type.Record(Type.String(), Type.Number()), unknown: Type.Array(Type.String()) });
const TargetQuery = Type.Object({ state: Type.Optional(TargetState), after: Type.Optional(Type.String({ maxLength: 100 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })) }, shape);
const FileBody = Type.Object({ kind: Type.Union([Type.Literal('csv'), Type.Literal('xlsx')]), base64: Type.String({ maxLength: 5_500_000 }) }, shape);
const ListView = Type.Object({ campaigns: Type.Array(CampaignView), channels: Type.Array(Type.String()) });

const LEADERS: readonly string[] = ['supervisor', 'administrator'];
const SHOWN = 100;
const TARGETS = 100;
/** A list of ticket numbers as a file. */
const FILE_BYTES = 6 * 1024 * 1024;
const STEPS: readonly CampaignStep[] = ['start', 'pause', 'stop'];

export function outboundRoutes(deps: DeskDeps, campaigns: CampaignContext): FastifyPluginAsyncTypebox {
  const { context } = deps;
  const { store } = context;
  const tags = ['outbound'];
  const requireLeader = ({ seat }: Signed): string => {
    if (!LEADERS.includes(seat.role)) throw new AppError('desk.forbidden', 'leaders run campaigns', { status: 403, citizenText: '您的账号没有这项权限。' });
    return seat.id;
  };
  const view = async (repos: Repositories, campaign: Campaign): Promise<Static<typeof CampaignView>> => ({
    ...campaign, hours: [...campaign.hours], tally: await repos.campaigns.tally(campaign.id), createdByName: (await repos.seats.get(campaign.createdBy))?.displayName ?? campaign.createdBy,
  });

  return async (app) => {
    app.get('/api/outbound/campaigns', { schema: { tags, summary: 'Campaigns of calls, newest first, and the channels that place calls', response: { 200: ListView } } }, async (request) => {
      requireLeader(deps.signed(request));
      const views = await store.read(async (repos) => {
        const found: Static<typeof CampaignView>[] = [];
        for (const campaign of await repos.campaigns.list(SHOWN)) found.push(await view(repos, campaign));
        return found;
      });
      return { campaigns: views, channels: deps.channels.filter(({ channel }) => canCall(channel)).map(({ channel }) => channel.name) };
    });

    app.post('/api/outbound/campaigns/preview', { schema: { tags, summary: 'How many would be called, and who is left out why', body: CampaignGiven, response: { 200: PreviewView } } }, async (request) => {
      requireLeader(deps.signed(request));
      checkGiven(request.body);
      const { found, called, leftOut, unknown } = await store.read((repos) => preview(campaigns, { repos, after: { push: () => 0 } }, request.body));
      return { found, called: called.length, leftOut: { ...leftOut }, unknown: [...unknown] };
    });

    app.post('/api/outbound/campaigns', { schema: { tags, summary: 'Make a campaign; nobody is called before it is started', body: CampaignGiven, response: { 201: CampaignView } } }, async (request, reply) => {
      const by = requireLeader(deps.signed(request));
      const { campaign } = await campaigns.write((unit) => createCampaign(campaigns, unit, request.body, by));
      return reply.code(201).send(await store.read((repos) => view(repos, campaign)));
    });

    app.get('/api/outbound/campaigns/:id', { schema: { tags, summary: 'One campaign with its figures', params: IdParams, response: { 200: CampaignView } } }, async (request) => {
      requireLeader(deps.signed(request));
      return store.read(async (repos) => view(repos, await requireCampaign(repos, request.params.id)));
    });

    for (const step of STEPS) {
      app.post(`/api/outbound/campaigns/:id/${step}`, { schema: { tags, summary: SUMMARIES[step], params: IdParams, response: { 200: CampaignView } } }, async (request) => {
        const by = requireLeader(deps.signed(request));
        const moved = await campaigns.write((unit) => stepCampaign(campaigns, unit, request.params.id, step, by));
        return store.read((repos) => view(repos, moved));
      });
    }

    app.get('/api/outbound/campaigns/:id/targets', { schema: { tags, summary: 'Whom a campaign calls: state, keys as they were pressed, each call', params: IdParams, querystring: TargetQuery, response: { 200: Type.Object({ targets: Type.Array(TargetView) }) } } }, async (request) => {
      requireLeader(deps.signed(request));
      const { state, after, limit = TARGETS } = request.query;
      return store.read(async (repos) => {
        await requireCampaign(repos, request.params.id);
        const targets = await repos.campaigns.targets(request.params.id, { limit, ...(state === undefined ? {} : { state }), ...(after === undefined ? {} : { after }) });
        const [calls, tickets] = [await repos.campaigns.attempts(targets), await repos.tickets.getMany(targets.flatMap(({ ticketId }) => (ticketId === null ? [] : [ticketId])))];
        const numbers = new Map(tickets.map(({ id, number }): [string, string] => [id, number]));
        return { targets: targets.map((target) => targetView(target, numbers, calls)) };
      });
    });

    app.post('/api/outbound/ticket-list', { bodyLimit: FILE_BYTES, schema: { tags, summary: 'Ticket numbers of a CSV or XLSX file; nothing is kept', body: FileBody, response: { 200: Type.Object({ tickets: Type.Array(Type.String()), refused: Type.Number() }) } } }, async (request) => {
      requireLeader(deps.signed(request));
      const { tickets, refused } = await readTicketList(Buffer.from(request.body.base64, 'base64'), request.body.kind);
      return { tickets: [...tickets], refused };
    });
  };
}

const SUMMARIES: Readonly<Record<CampaignStep, string>> = {
  start: 'Start a campaign, or go on with one that is paused',
  pause: 'Place no more calls for now; who is on the line is heard to the end',
  stop: 'Stop for good: nobody of it is called any more',
};

function targetView(target: CampaignTarget, numbers: ReadonlyMap<string, string>, calls: readonly ReachAttempt[]): Static<typeof TargetView> {
  const { id, ticketId, state, code, attempts, nextAt, keys, result, endedAt } = target;
  return {
    id, ticketId, ticketNumber: ticketId === null ? null : (numbers.get(ticketId) ?? null), state, code, attempts, nextAt, keys: { ...keys }, result: { ...result }, endedAt,
    calls: calls.filter(({ targetId }) => targetId === id).map((call) => ({ number: call.number, state: call.state, code: call.code, at: call.createdAt, endedAt: call.endedAt, seconds: call.seconds })),
  };
}
