import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import type { DeskDeps } from './index.ts';

/** Reasons a seat may give for seeing a citizen's identity; the trail keeps the chosen one. */
export const UNMASK_PURPOSES = ['回拨市民', '核实工单信息', '紧急救助', '投诉复核', '其他'] as const;

const KINDS = ['咨询', '求助', '投诉', '举报', '建议', '表扬'];
const URGENCIES = ['normal', 'urgent', 'emergency'];
const Named = Type.Object({ id: Type.String(), name: Type.String() });

/** Lists that forms need, and the state of the channels. */
export function catalogRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { city } = deps.context;
  return async (app) => {
    app.get('/api/catalog', {
      config: { departments: true },
      schema: {
        tags: ['catalog'], summary: 'Items, departments, towns and other lists',
        response: { 200: Type.Object({ items: Type.Array(Type.Object({ code: Type.String(), name: Type.String(), field: Type.String(), kinds: Type.Array(Type.String()) })), departments: Type.Array(Named), towns: Type.Array(Named), kinds: Type.Array(Type.String()), urgencies: Type.Array(Type.String()), purposes: Type.Array(Type.String()) }) },
      },
    }, async () => ({
      items: city.items.map(({ code, name, field, kinds }) => ({ code, name, field, kinds: [...kinds] })),
      departments: city.departments.map(({ id, name }) => ({ id, name })),
      towns: city.towns.map(({ id, name }) => ({ id, name })),
      kinds: KINDS,
      urgencies: URGENCIES,
      purposes: [...UNMASK_PURPOSES],
    }));

    app.get('/api/channels', {
      schema: { tags: ['operations'], summary: 'Channels and what they miss', response: { 200: Type.Object({ channels: Type.Array(Type.Object({ name: Type.String(), state: Type.String(), missing: Type.Array(Type.String()), inbound: Type.String(), delivery: Type.String() })) }) } },
    }, async () => ({
      channels: deps.channels.map(({ module, channel }) => ({ name: channel.name, state: channel.status.state, missing: channel.status.state === 'off' ? [...channel.status.missing] : [], inbound: module.inbound, delivery: channel.capabilities.delivery })),
    }));
  };
}
