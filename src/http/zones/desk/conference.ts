import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Conversation } from '../../../domain/conversation.ts';
import { AppError } from '../../../domain/errors.ts';
import { maskPhone, normalizePhone } from '../../../domain/masking.ts';
import { writeUnit } from '../../../intake/context.ts';
import { requireConversation, requireOwner } from '../../../intake/handoff.ts';
import { conferenceOf, ringParty } from '../../../linkage/call.ts';
import type { LinkageContext } from '../../../linkage/context.ts';
import type { LinkageCall } from '../../../store/contract.ts';
import type { DeskDeps } from './index.ts';
import { CallView, callView, ConferenceView, RingBody, SeatPhoneBody, SeatPhoneView } from './linkage-schemas.ts';
import { IdParams } from './schemas.ts';

/** 三方通话 at the desk: whether this line can, how the call stands, ringing a party again, and the seat's own telephone. Begun by POST /api/conversations/:id/linkage. */

const tags = ['linkage'];
/** An extension of the house. */
const EXTENSION = /^\d{3,8}$/;

export function conferenceRoutes(deps: DeskDeps, linkage: LinkageContext): FastifyPluginAsyncTypebox {
  const { context } = deps;
  const viewOf = (call: LinkageCall) => callView(call, linkage.house.endpoint(call.profile)?.profile.name ?? call.profile);
  const whyNot = (conversation: Conversation): string | null => {
    if (conversation.modality !== 'voice') return '只有电话会话可以三方通话。';
    if (conferenceOf(linkage, conversation) === null) return '这条电话线路不能由系统接通三方，请用自己的话机拨打对方，并在“一键转办”里勾选三方通话登记。';
    return linkage.house.endpoints.some(({ dial }) => dial !== null) ? null : '还没有设置任何联动单位的转接电话（LINKAGE_…_DIAL）。';
  };

  return async (app) => {
    app.get('/api/seat-phone', { schema: { tags, summary: 'The telephone that this seat is rung on for three-party calls, masked', response: { 200: SeatPhoneView } } }, async (request) => {
      const { seat } = deps.signed(request);
      const phone = await context.store.read((repos) => repos.linkage.seatPhone(seat.id));
      return { phone: phone === null ? null : maskPhone(phone) };
    });

    app.put('/api/seat-phone', { schema: { tags, summary: 'Set or remove it: a telephone number, or an extension of 3 to 8 digits', body: SeatPhoneBody, response: { 200: SeatPhoneView } } }, async (request) => {
      const { seat } = deps.signed(request);
      const given = request.body.phone?.replace(/[\s-]/g, '') ?? null;
      const phone = given === null ? null : (normalizePhone(given)?.phone ?? (EXTENSION.test(given) ? given : null));
      if (given !== null && phone === null) throw new AppError('seat.bad_phone', 'this is no telephone number', { status: 400, citizenText: '请填写电话号码，或 3 到 8 位分机号。' });
      await context.store.write(async (repos) => {
        await repos.linkage.putSeatPhone(seat.id, phone, context.now());
        await repos.trail.append({ at: context.now(), actor: `seat:${seat.id}`, action: phone === null ? 'seat.phone_removed' : 'seat.phone_set', subject: `seat:${seat.id}`, purpose: null });
      });
      return { phone: phone === null ? null : maskPhone(phone) };
    });

    app.get('/api/conversations/:id/conference', { schema: { tags, summary: 'Can this caller be brought into a three-party call, and how does the newest one stand', params: IdParams, response: { 200: ConferenceView } } }, async (request) => {
      const { seat } = deps.signed(request);
      return context.store.read(async (repos) => {
        const conversation = await repos.conversations.get(request.params.id);
        if (conversation === null) throw new AppError('conversation.not_found', 'no such conversation', { status: 404, citizenText: '没有找到这个会话。' });
        const why = whyNot(conversation);
        const phone = await repos.linkage.seatPhone(seat.id);
        const [call = null] = await repos.linkage.callsOf(conversation.id, 1);
        return { able: why === null, why, phone: phone === null ? null : maskPhone(phone), call: call === null ? null : viewOf(call) };
      });
    });

    app.post('/api/conversations/:id/conference/ring', { schema: { tags, summary: 'Ring a party of the open three-party call again, or the seat for the first time', params: IdParams, body: RingBody, response: { 200: CallView } } }, async (request) => {
      const { seat } = deps.signed(request);
      const { party, looked = false } = request.body;
      return writeUnit(context, async (unit) => {
        const conversation = await requireConversation(unit, request.params.id);
        requireOwner(conversation, seat);
        const [call] = await unit.repos.linkage.callsOf(conversation.id, 1);
        if (call === undefined) throw new AppError('linkage.call_over', 'there is no call', { status: 409, retry: 'conflict', citizenText: '这场三方通话已经结束，可以重新发起。' });
        return viewOf(await ringParty(linkage, unit, { callId: call.id, party, seatId: seat.id, looked }));
      });
    });
  };
}
