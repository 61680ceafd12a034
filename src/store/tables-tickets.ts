import { and, gt, isNotNull, isNull, sql } from 'drizzle-orm';
import type { DeadlineRule, TicketKind, Urgency } from '../domain/config-files.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import type { Hold } from '../domain/legal-clock.ts';
import type { RequestKind, SupervisionLevel, TicketActor, TicketClosure, TicketEventType, TicketState, VisitAnswer } from '../domain/ticket.ts';
import type { AlikeProposal, Storm } from './contract-alike.ts';
import type { Catalogue } from './contract-catalogues.ts';
import type { ApiToken, Partner, WebhookDelivery } from './contract-partners.ts';
import type { ClockStage, Supervision, TicketFile, TicketNotice, TicketRequest, TicketVisit } from './contract-tickets.ts';
import type { Kit } from './kit.ts';
import type { PeopleTables } from './tables-people.ts';

/** Tickets and everything that hangs on them. Defaults are what a row was before tickets had a whole life. */
export function ticketTables(kit: Kit, people: PeopleTables) {
  return { ...coreTables(kit, people), ...workTables(kit), ...catalogueTables(kit), ...alikeTables(kit), ...outsideTables(kit) };
}

function coreTables({ table, text, int, bool, json, index, uniqueIndex, primaryKey }: Kit, { citizens }: PeopleTables) {
  const ticketSequences = table('ticket_sequences', { day: text('day').primaryKey(), last: int('last').notNull() });
  const tickets = table(
    'tickets',
    {
      id: text('id').primaryKey(),
      number: text('number').notNull().unique(),
      kind: text('kind').$type<TicketKind>().notNull(),
      state: text('state').$type<TicketState>().notNull(),
      stateBefore: text('state_before').$type<TicketState>(),
      pending: text('pending').$type<RequestKind>(),
      itemCode: text('item_code'),
      title: text('title').notNull(),
      content: text('content').notNull(),
      townId: text('town_id'),
      place: text('place'),
      happened: text('happened'),
      departmentId: text('department_id'),
      assistIds: json('assist_ids').$type<readonly string[]>().notNull().default(sql`'[]'`),
      routeId: text('route_id'),
      urgency: text('urgency').$type<Urgency>().notNull(),
      confidential: bool('confidential').notNull(),
      callback: bool('callback').notNull(),
      citizenId: text('citizen_id').notNull().references(() => citizens.id),
      enterpriseId: text('enterprise_id'),
      conversationId: text('conversation_id'),
      channel: text('channel').notNull(),
      profileId: text('profile_id').notNull().default('demo'),
      deadlineAt: int('deadline_at'),
      deadlineRule: text('deadline_rule'),
      holds: json('holds').$type<readonly Hold[]>().notNull().default(sql`'[]'`),
      overdueAt: int('overdue_at'),
      dispatchedAt: int('dispatched_at'),
      signedAt: int('signed_at'),
      contactedAt: int('contacted_at'),
      finishedAt: int('finished_at'),
      archivedAt: int('archived_at'),
      result: text('result'),
      closure: text('closure').$type<TicketClosure>(),
      visit: json('visit').$type<VisitAnswer>(),
      urges: int('urges').notNull(),
      returns: int('returns').notNull().default(0),
      extensions: int('extensions').notNull().default(0),
      redirects: int('redirects').notNull().default(0),
      redos: int('redos').notNull().default(0),
      vetoes: int('vetoes').notNull().default(0),
      supervision: int('supervision').$type<SupervisionLevel>().notNull().default(0),
      leadingId: text('leading_id'),
      createdAt: int('created_at').notNull(),
      updatedAt: int('updated_at').notNull(),
      version: int('version').notNull(),
      /** Keyed hash of number and last four digits of the phone; null when none was given. */
      phoneCheck: text('phone_check'),
      lastEventSeq: int('last_event_seq').notNull(),
      /** What makes a repeated opening the same ticket. */
      openingKey: text('opening_key'),
    },
    (t) => [
      index('tickets_created').on(t.createdAt),
      index('tickets_state').on(t.state, t.createdAt),
      index('tickets_department').on(t.departmentId, t.createdAt),
      index('tickets_item').on(t.itemCode, t.createdAt),
      index('tickets_town').on(t.townId, t.createdAt),
      // Seldom values are few among all tickets. Most tickets are in neither, so that opening one stays cheap.
      index('tickets_urgency').on(t.urgency, t.createdAt).where(sql`${t.urgency} <> 'normal'`),
      index('tickets_channel').on(t.channel, t.createdAt).where(sql`${t.channel} <> 'phone'`),
      index('tickets_citizen').on(t.citizenId, t.createdAt),
      index('tickets_conversation').on(t.conversationId),
      index('tickets_enterprise').on(t.enterpriseId, t.createdAt).where(isNotNull(t.enterpriseId)),
      index('tickets_leading').on(t.leadingId).where(isNotNull(t.leadingId)),
      uniqueIndex('tickets_opening').on(t.openingKey).where(isNotNull(t.openingKey)),
      // What a desk watches: open ones that are due, late or supervised.
      index('tickets_due').on(t.deadlineAt).where(and(isNull(t.archivedAt), isNotNull(t.deadlineAt)) ?? sql`true`),
      index('tickets_overdue').on(t.createdAt).where(and(isNull(t.archivedAt), isNotNull(t.overdueAt)) ?? sql`true`),
      index('tickets_visited').on(t.citizenId).where(sql`${t.state} = '回访'`),
      index('tickets_supervised').on(t.supervision, t.createdAt).where(gt(t.supervision, sql.raw('0'))),
    ],
  );
  /**
   * The words a ticket is found by (search-words.ts). The index over them is the dialect's own and made by its migration: on SQLite an FTS5 table
   * that triggers on this one keep, on PostgreSQL a GIN index.
   */
  const ticketTexts = table('ticket_texts', { ticketId: text('ticket_id').primaryKey(), createdAt: int('created_at').notNull(), words: text('words').notNull() });
  const ticketEvents = table(
    'ticket_events',
    {
      ticketId: text('ticket_id').notNull().references(() => tickets.id),
      seq: int('seq').notNull(),
      type: text('type').$type<TicketEventType>().notNull(),
      actor: json('actor').$type<TicketActor>().notNull(),
      at: int('at').notNull(),
      data: json('data').$type<JsonObject>().notNull(),
    },
    // In the order that things happened: what counts them reads it (src/measures).
    (t) => [primaryKey({ columns: [t.ticketId, t.seq] }), index('ticket_events_at').on(t.at)],
  );
  /** Leading and assisting departments: what each may see, newest first. */
  const ticketDepartments = table(
    'ticket_departments',
    { ticketId: text('ticket_id').notNull(), departmentId: text('department_id').notNull(), part: text('part').$type<'lead' | 'assist'>().notNull(), createdAt: int('created_at').notNull() },
    (t) => [primaryKey({ columns: [t.ticketId, t.departmentId] }), index('ticket_departments_seen').on(t.departmentId, t.createdAt)],
  );
  const ticketClocks = table(
    'ticket_clocks',
    {
      ticketId: text('ticket_id').notNull(),
      stage: text('stage').$type<ClockStage>().notNull(),
      run: int('run').notNull(),
      rule: json('rule').$type<DeadlineRule>().notNull(),
      startedAt: int('started_at').notNull(),
      dueAt: int('due_at'),
      endedAt: int('ended_at'),
      warned: int('warned').notNull(),
      overdueAt: int('overdue_at'),
      rung: int('rung').notNull(),
      nextAt: int('next_at'),
    },
    (t) => [primaryKey({ columns: [t.ticketId, t.stage, t.run] }), index('ticket_clocks_next').on(t.nextAt).where(isNotNull(t.nextAt))],
  );
  return { ticketSequences, tickets, ticketTexts, ticketEvents, ticketDepartments, ticketClocks };
}

function workTables({ table, text, int, bool, json, index, uniqueIndex, primaryKey }: Kit) {
  const ticketRequests = table(
    'ticket_requests',
    {
      id: text('id').primaryKey(),
      ticketId: text('ticket_id').notNull(),
      kind: text('kind').$type<RequestKind>().notNull(),
      departmentId: text('department_id'),
      itemCode: text('item_code'),
      reasonCode: text('reason_code').notNull(),
      reason: text('reason').notNull(),
      evidence: json('evidence').$type<readonly string[]>().notNull(),
      amount: int('amount'),
      until: int('until'),
      askedBy: text('asked_by').notNull(),
      askedAt: int('asked_at').notNull(),
      judgeBy: int('judge_by'),
      state: text('state').$type<TicketRequest['state']>().notNull(),
      judgedBy: text('judged_by'),
      judgedAt: int('judged_at'),
      verdict: text('verdict'),
    },
    (t) => [
      index('ticket_requests_ticket').on(t.ticketId, t.askedAt),
      // One waits at a time, whoever writes.
      uniqueIndex('ticket_requests_pending').on(t.ticketId).where(sql`${t.state} = 'asked'`),
      index('ticket_requests_waiting').on(t.state, t.judgeBy),
      index('ticket_requests_precedents').on(t.kind, t.itemCode, t.departmentId, t.judgedAt),
      index('ticket_requests_asked').on(t.askedAt),
    ],
  );
  const ticketFiles = table(
    'ticket_files',
    {
      id: text('id').primaryKey(),
      ticketId: text('ticket_id').notNull(),
      media: text('media').notNull(),
      name: text('name'),
      contentType: text('content_type').notNull(),
      purpose: text('purpose').$type<TicketFile['purpose']>().notNull(),
      addedBy: text('added_by').notNull(),
      at: int('at').notNull(),
    },
    (t) => [index('ticket_files_ticket').on(t.ticketId, t.at)],
  );
  const supervisions = table(
    'supervisions',
    {
      id: text('id').primaryKey(),
      ticketId: text('ticket_id').notNull(),
      level: int('level').$type<Supervision['level']>().notNull(),
      cause: text('cause').notNull(),
      departmentId: text('department_id'),
      person: text('person'),
      words: text('words').notNull(),
      dueAt: int('due_at'),
      createdBy: text('created_by').notNull(),
      createdAt: int('created_at').notNull(),
      endedAt: int('ended_at'),
      outcome: text('outcome'),
    },
    (t) => [index('supervisions_ticket').on(t.ticketId, t.createdAt), index('supervisions_created').on(t.createdAt), index('supervisions_open').on(t.dueAt).where(isNull(t.endedAt))],
  );
  const ticketVisits = table(
    'ticket_visits',
    {
      ticketId: text('ticket_id').notNull(),
      attempt: int('attempt').notNull(),
      channel: text('channel').notNull(),
      askedAt: int('asked_at').notNull(),
      answeredAt: int('answered_at'),
      process: int('process'),
      solved: bool('solved'),
      outcome: text('outcome').$type<TicketVisit['outcome']>().notNull(),
    },
    (t) => [primaryKey({ columns: [t.ticketId, t.attempt] })],
  );
  const ticketNotices = table(
    'ticket_notices',
    {
      id: text('id').primaryKey(),
      ticketId: text('ticket_id').notNull(),
      seq: int('seq').notNull(),
      citizenId: text('citizen_id').notNull(),
      channels: json('channels').$type<readonly string[]>().notNull(),
      state: text('state').$type<TicketNotice['state']>().notNull(),
      createdAt: int('created_at').notNull(),
      sentAt: int('sent_at'),
    },
    // Those that wait are few: whoever comes is asked about them.
    (t) => [uniqueIndex('ticket_notices_once').on(t.ticketId, t.seq, t.citizenId), index('ticket_notices_waiting').on(t.citizenId).where(sql`${t.state} = 'waiting'`)],
  );
  return { ticketRequests, ticketFiles, supervisions, ticketVisits, ticketNotices };
}

function catalogueTables({ table, text, int, json, index, primaryKey, uniqueIndex }: Kit) {
  const catalogues = table(
    'catalogues',
    {
      kind: text('kind').$type<Catalogue['kind']>().notNull(),
      version: int('version').notNull(),
      state: text('state').$type<Catalogue['state']>().notNull(),
      body: json('body').$type<JsonValue>().notNull(),
      note: text('note').notNull(),
      author: text('author').notNull(),
      createdAt: int('created_at').notNull(),
      publishedBy: text('published_by'),
      publishedAt: int('published_at'),
    },
    (t) => [primaryKey({ columns: [t.kind, t.version] }), uniqueIndex('catalogues_published').on(t.kind).where(sql`${t.state} = 'published'`)],
  );
  const itemCorrections = table(
    'item_corrections',
    {
      id: text('id').primaryKey(),
      ticketId: text('ticket_id').notNull(),
      text: text('text').notNull(),
      suggested: text('suggested'),
      chosen: text('chosen').notNull(),
      by: text('by').notNull(),
      at: int('at').notNull(),
    },
    (t) => [index('item_corrections_at').on(t.at)],
  );
  return { catalogues, itemCorrections };
}

function alikeTables({ table, text, int, real, json, index, primaryKey }: Kit) {
  const alikeProposals = table(
    'alike_proposals',
    {
      ticketId: text('ticket_id').notNull(),
      leadingId: text('leading_id').notNull(),
      score: real('score').notNull(),
      why: json('why').$type<readonly string[]>().notNull(),
      state: text('state').$type<AlikeProposal['state']>().notNull(),
      at: int('at').notNull(),
      decidedBy: text('decided_by'),
      decidedAt: int('decided_at'),
    },
    (t) => [primaryKey({ columns: [t.ticketId, t.leadingId] }), index('alike_proposals_leading').on(t.leadingId), index('alike_proposals_state').on(t.state, t.at)],
  );
  const storms = table(
    'storms',
    {
      id: text('id').primaryKey(),
      itemCode: text('item_code'),
      title: text('title').notNull(),
      townIds: json('town_ids').$type<readonly string[]>().notNull(),
      leadingId: text('leading_id'),
      count: int('count').notNull(),
      firstAt: int('first_at').notNull(),
      lastAt: int('last_at').notNull(),
      state: text('state').$type<Storm['state']>().notNull(),
      answer: text('answer'),
    },
    (t) => [index('storms_state').on(t.state, t.lastAt)],
  );
  const stormTickets = table(
    'storm_tickets',
    { stormId: text('storm_id').notNull(), ticketId: text('ticket_id').notNull(), at: int('at').notNull() },
    (t) => [primaryKey({ columns: [t.stormId, t.ticketId] }), index('storm_tickets_ticket').on(t.ticketId)],
  );
  return { alikeProposals, storms, stormTickets };
}

function outsideTables({ table, text, int, bool, json, index, primaryKey, uniqueIndex }: Kit) {
  const apiTokens = table(
    'api_tokens',
    {
      id: text('id').primaryKey(),
      tokenHash: text('token_hash').notNull().unique(),
      kind: text('kind').$type<ApiToken['kind']>().notNull(),
      ownerId: text('owner_id').notNull(),
      name: text('name').notNull(),
      createdBy: text('created_by').notNull(),
      createdAt: int('created_at').notNull(),
      expiresAt: int('expires_at'),
      revokedAt: int('revoked_at'),
    },
    (t) => [index('api_tokens_owner').on(t.kind, t.ownerId)],
  );
  const partners = table('partners', {
    id: text('id').primaryKey(),
    name: text('name').notNull(),
    webhookUrl: text('webhook_url'),
    events: json('events').$type<readonly TicketEventType[]>().notNull(),
    scope: text('scope').$type<Partner['scope']>().notNull(),
    active: bool('active').notNull(),
    secretSealed: text('secret_sealed'),
    createdAt: int('created_at').notNull(),
  });
  const externalNumbers = table(
    'external_numbers',
    { partnerId: text('partner_id').notNull(), number: text('number').notNull(), ticketId: text('ticket_id').notNull(), at: int('at').notNull() },
    (t) => [primaryKey({ columns: [t.partnerId, t.number] }), index('external_numbers_ticket').on(t.ticketId)],
  );
  const webhookDeliveries = table(
    'webhook_deliveries',
    {
      id: text('id').primaryKey(),
      partnerId: text('partner_id').notNull(),
      ticketId: text('ticket_id').notNull(),
      seq: int('seq').notNull(),
      state: text('state').$type<WebhookDelivery['state']>().notNull(),
      attempts: int('attempts').notNull(),
      lastResult: text('last_result'),
      createdAt: int('created_at').notNull(),
      deliveredAt: int('delivered_at'),
    },
    (t) => [uniqueIndex('webhook_deliveries_once').on(t.partnerId, t.ticketId, t.seq), index('webhook_deliveries_state').on(t.state, t.id)],
  );
  const enterprises = table(
    'enterprises',
    {
      id: text('id').primaryKey(),
      name: text('name').notNull(),
      creditCode: text('credit_code').notNull().unique(),
      townId: text('town_id'),
      seatId: text('seat_id'),
      active: bool('active').notNull(),
      createdAt: int('created_at').notNull(),
      updatedAt: int('updated_at').notNull(),
    },
    (t) => [index('enterprises_name').on(t.name)],
  );
  /** Keyed hashes of the numbers that an enterprise calls from. */
  const enterprisePhones = table('enterprise_phones', { phoneIndex: text('phone_index').primaryKey(), enterpriseId: text('enterprise_id').notNull() }, (t) => [index('enterprise_phones_enterprise').on(t.enterpriseId)]);
  const enterpriseMembers = table('enterprise_members', { citizenId: text('citizen_id').primaryKey(), enterpriseId: text('enterprise_id').notNull(), at: int('at').notNull() }, (t) => [index('enterprise_members_enterprise').on(t.enterpriseId)]);
  return { apiTokens, partners, externalNumbers, webhookDeliveries, enterprises, enterprisePhones, enterpriseMembers };
}
