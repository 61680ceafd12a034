import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { Ticket } from '../../src/domain/ticket.ts';
import { type IntakeContext, writeUnit } from '../../src/intake/context.ts';
import { createTicketEventHandler, hearsAny } from '../../src/intake/ticket-events.ts';
import { type LinkageContext, openLinkageHouse } from '../../src/linkage/context.ts';
import { createDrop } from '../../src/linkage/drop.ts';
import { createFileHandler, LINKAGE_FILE_KIND } from '../../src/linkage/files.ts';
import { createLinkageListener } from '../../src/linkage/listen.ts';
import type { ExchangeRecord } from '../../src/linkage/record.ts';
import { createLinkageHandler } from '../../src/linkage/send.ts';
import { takeRecord } from '../../src/linkage/take.ts';
import { LINKAGE_SEND_KIND } from '../../src/linkage/tell.ts';
import { transferTicket } from '../../src/linkage/transfer.ts';
import { createAddressRules } from '../../src/partners/addresses.ts';
import { createCarrier } from '../../src/partners/carrier.ts';
import { isSigned } from '../../src/partners/signature.ts';
import { createValve } from '../../src/partners/valve.ts';
import { openTicket } from '../../src/tickets/open.ts';
import { TICKET_EVENT_KIND } from '../../src/tickets/record.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { openPeer, type Peer } from './peer.ts';
import { aRecord, profileOf, shipped } from './support.ts';

const SECRET = 'a-secret-that-both-sides-know';
export const SEAT = { kind: 'seat', seatId: 's1' } as const;

interface Opened {
  intake: IntakeUnderTest;
  context: IntakeContext;
  linkage: LinkageContext;
  peer: Peer;
  /** Where the platforms' folders lie. */
  folder: string;
}

/** A house that exchanges records with a peer of its own and with folders: another one for every test of a file. */
export function linkageWorld() {
  let opened: Opened | null = null;
  let listeners: ReturnType<typeof createLinkageListener>[] = [];
  const here = (): Opened => {
    if (opened === null) throw new Error('no test runs');
    return opened;
  };
  const houseOf = (peer: Peer, folder: string, env: Record<string, string>) => openLinkageHouse(shipped, { LINKAGE_ACTIVE: 'police-110,renminwang,yangguang', LINKAGE_POLICE_110_URL: peer.url, LINKAGE_POLICE_110_SECRET: SECRET, ...env }, folder);
  const wired = (intake: IntakeUnderTest, peer: Peer, folder: string, env: Record<string, string>): Opened => {
    listeners = [];
    const context: IntakeContext = { ...intake.context, hears: hearsAny(listeners) };
    const linkage: LinkageContext = { city: context.city, clock: context.clock, now: context.now, newId: context.newId, store: intake.store, house: houseOf(peer, folder, env), hears: (type, ticket) => hearsAny(listeners)(type, ticket), write: (fn) => writeUnit(context, fn) };
    listeners.push(createLinkageListener(linkage));
    return { intake, context, linkage, peer, folder };
  };

  const world = {
    /** The next transaction after a send dies with its process. */
    dies: false,
    get intake() {
      return here().intake;
    },
    get context() {
      return here().context;
    },
    get linkage() {
      return here().linkage;
    },
    get peer() {
      return here().peer;
    },
    get folder() {
      return here().folder;
    },
    /** Reads the settings anew, other ones. */
    wire(env: Record<string, string> = {}): void {
      opened = wired(world.intake, world.peer, world.folder, env);
    },
    async start(): Promise<void> {
      const { intake, context, linkage } = here();
      const carry = createCarrier({ rules: createAddressRules(['127.0.0.0/8']), timeoutMs: 2_000, maxBytes: 20_000, now: intake.clock.now });
      const write: LinkageContext['write'] = (fn) => {
        if (!world.dies) return linkage.write(fn);
        world.dies = false;
        return Promise.reject(new Error('the process is gone'));
      };
      await intake.bus.start({
        [TICKET_EVENT_KIND]: createTicketEventHandler(context, listeners),
        [LINKAGE_SEND_KIND]: createLinkageHandler({ context: { ...linkage, write }, carry, drop: createDrop(), valve: createValve(intake.clock.now), mediaUrl: (token) => `https://yihu.test/media/${token}/file`, random: () => 0.5, userAgent: 'Yihu/test', count: () => {} }),
        [LINKAGE_FILE_KIND]: createFileHandler({ store: intake.store, carry, save: (bytes, name) => context.media.save(bytes, name), now: intake.clock.now, newId: context.newId }),
      });
    },
    write: <Result>(fn: Parameters<LinkageContext['write']>[0] extends (unit: infer Unit) => unknown ? (unit: Unit) => Promise<Result> : never) => world.linkage.write(fn),
    links: (ticketId: string) => world.intake.store.read((repos) => repos.linkage.linksOfTicket(ticketId)),
    ticket: async (id: string): Promise<Ticket> => {
      const ticket = await world.intake.store.read((repos) => repos.tickets.get(id));
      if (ticket === null) throw new Error(`no ticket ${id}`);
      return ticket;
    },
    messages: async (linkId: string) => (await world.intake.store.read((repos) => repos.linkage.messagesOf(linkId))).map(({ direction, version, kind, state }) => `${direction} ${version} ${kind} ${state}`),
    notes: async (ticketId: string) => (await world.intake.store.read((repos) => repos.tickets.events(ticketId))).filter(({ data }) => data['linkage'] !== undefined).map(({ data }) => String(data['text'])),
    later: async (ms: number) => {
      world.intake.clock.advance(ms);
      await world.intake.settle();
    },
    ourTicket: async (over: Partial<Parameters<typeof openTicket>[2]> = {}): Promise<Ticket> => {
      const { context } = here();
      const ticket = await world.write(async (unit) => {
        const citizenId = await unit.repos.citizens.resolve({ id: context.newId(), channel: 'webchat', externalUserId: `u${Math.trunc(performance.now() * 1_000)}`, phone: null, displayName: null, now: context.now() });
        return openTicket(context, unit, {
          ticketKind: '求助', itemCode: null, title: '楼下吵闹', content: '楼下有人吵闹', townId: null, place: '东城大道 1 号', happened: null, phone: '13800138000', name: '王小明', urgency: 'normal', confidential: false, callback: false,
          citizenId, conversationId: null, channel: 'webchat', actor: SEAT, ...over,
        });
      });
      await world.intake.settle();
      return ticket;
    },
    transfer: (ticket: Ticket, over: object = {}) => world.write((unit) => transferTicket(world.linkage, unit, ticket, { profile: 'police-110', mode: 'system', threeParty: false, emergency: false, note: '', actor: SEAT, ...over })),
    take: (over: Partial<ExchangeRecord> = {}, profile = 'renminwang') => takeRecord(world.linkage, profileOf(profile), aRecord({ profile, ...over })),
    from110: (over: Partial<ExchangeRecord>) => world.take({ citizen: undefined, demand: undefined, ...over } as Partial<ExchangeRecord>, 'police-110'),
  };

  beforeEach(async () => {
    const intake = await openIntake();
    const peer = await openPeer((headers, body) => isSigned(Buffer.from(SECRET).toString('base64'), headers, body, Math.floor(intake.clock.now() / 1000)));
    opened = wired(intake, peer, mkdtempSync(join(tmpdir(), 'yihu-linkage-')), {});
    world.dies = false;
    await world.start();
  });
  afterEach(async () => {
    await world.peer.close();
    await world.intake.close();
    rmSync(world.folder, { recursive: true, force: true });
    opened = null;
  });
  return world;
}
