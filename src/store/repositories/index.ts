import type { Repositories } from '../contract.ts';
import { bindRecall, createRecall } from '../recall.ts';
import type { Session } from '../session.ts';
import { createActivityRepository } from './activities.ts';
import { createAlikeProposalRepository, createAlikeTicketRepository, createStormRepository } from './alike.ts';
import { createCampaignRepository } from './campaigns.ts';
import { createCatalogueRepository, createItemCorrectionRepository } from './catalogues.ts';
import { createChannelStateRepository, createMediaRepository } from './channels.ts';
import { createCitizenRepository } from './citizens.ts';
import { createConversationRepository } from './conversations.ts';
import { createCannedRepository, createDraftRepository, createNoteRepository } from './desk-work.ts';
import { createEnterpriseRepository } from './enterprises.ts';
import { createGapRepository } from './knowledge-gaps.ts';
import { createRevisionRepository } from './knowledge-revisions.ts';
import { createKnowledgeMemoRepository, createKnowledgeTaskRepository } from './knowledge-work.ts';
import { createKnowledgeRepository } from './knowledge.ts';
import { createLaneRepository } from './lanes.ts';
import { createLinkageRepository } from './linkage.ts';
import { createMeasureSourceRepository } from './measure-sources.ts';
import { createRollupRepository } from './measures.ts';
import { createTicketNoticeRepository, createTicketVisitRepository } from './notices.ts';
import { createChannelFactsRepository, createDeadLetterRepository } from './operations.ts';
import { createConsentRepository, createReachRepository } from './outbound.ts';
import { createOutboxRepository } from './outbox.ts';
import { createApiTokenRepository, createExternalNumberRepository, createPartnerRepository, createPartnerTicketRepository, createWebhookDeliveryRepository } from './partners.ts';
import { createParticipantRepository, createQueueRepository, createTransferRepository } from './queue.ts';
import { createQualityRepository } from './quality.ts';
import { createReplyRepository } from './replies.ts';
import { createReportRepository, createReportTicketRepository } from './reports.ts';
import { createSeatWorkRepository } from './seat-work.ts';
import { createSeatRepository, createSessionRepository } from './seats.ts';
import { createServicePeriodRepository } from './service-periods.ts';
import { createTicketClockRepository, createTicketFileRepository, createTicketRequestRepository } from './ticket-work.ts';
import { createSupervisionRepository } from './supervision.ts';
import { createTicketRepository } from './tickets.ts';
import { createTrailRepository } from './trail.ts';

/** All repositories of one connection. Preparing their statements costs some milliseconds: once per connection, never per transaction. */
export function createRepositories(session: Session): Repositories {
  const recall = createRecall(session.db);
  const conversations = createConversationRepository(session, recall);
  const repositories: Repositories = {
    citizens: createCitizenRepository(session, recall),
    conversations,
    activities: createActivityRepository(session, conversations),
    replies: createReplyRepository(session),
    lanes: createLaneRepository(session, recall),
    outbox: createOutboxRepository(session),
    tickets: createTicketRepository(session),
    clocks: createTicketClockRepository(session),
    requests: createTicketRequestRepository(session),
    ticketFiles: createTicketFileRepository(session),
    ticketNotices: createTicketNoticeRepository(session, recall),
    ticketVisits: createTicketVisitRepository(session),
    supervisions: createSupervisionRepository(session),
    alikeProposals: createAlikeProposalRepository(session),
    alikeTickets: createAlikeTicketRepository(session),
    storms: createStormRepository(session),
    catalogues: createCatalogueRepository(session),
    itemCorrections: createItemCorrectionRepository(session),
    knowledge: createKnowledgeRepository(session),
    revisions: createRevisionRepository(session),
    knowledgeTasks: createKnowledgeTaskRepository(session),
    knowledgeMemos: createKnowledgeMemoRepository(session),
    gaps: createGapRepository(session),
    enterprises: createEnterpriseRepository(session),
    seats: createSeatRepository(session),
    sessions: createSessionRepository(session),
    services: createServicePeriodRepository(session),
    queue: createQueueRepository(session),
    seatWork: createSeatWorkRepository(session),
    participants: createParticipantRepository(session),
    transfers: createTransferRepository(session),
    trail: createTrailRepository(session),
    deadLetters: createDeadLetterRepository(session),
    channelFacts: createChannelFactsRepository(session),
    channelState: createChannelStateRepository(session),
    media: createMediaRepository(session),
    apiTokens: createApiTokenRepository(session),
    partners: createPartnerRepository(session),
    externalNumbers: createExternalNumberRepository(session),
    partnerTickets: createPartnerTicketRepository(session),
    webhookDeliveries: createWebhookDeliveryRepository(session),
    canned: createCannedRepository(session),
    notes: createNoteRepository(session),
    drafts: createDraftRepository(session),
    rollups: createRollupRepository(session),
    measureSources: createMeasureSourceRepository(session),
    reach: createReachRepository(session),
    consents: createConsentRepository(session),
    linkage: createLinkageRepository(session),
    campaigns: createCampaignRepository(session),
    quality: createQualityRepository(session),
    reports: createReportRepository(session),
    reportTickets: createReportTicketRepository(session),
  };
  return bindRecall(repositories, recall);
}
