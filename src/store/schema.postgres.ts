import { postgresKit } from './kit.ts';
import { defineTables } from './tables.ts';

export const postgresTables = defineTables(postgresKit);

/** One by one as well: drizzle-kit reads a module's exports. */
export const {
  citizens, citizenIdentities, conversations, conversationStates, conversationTallies, activities, receipts, replies, outbox, lanes,
  ticketSequences, tickets, ticketTexts, ticketEvents, ticketDepartments, ticketClocks, ticketRequests, ticketFiles, supervisions, ticketVisits, ticketNotices, catalogues, itemCorrections,
  alikeProposals, storms, stormTickets, apiTokens, partners, externalNumbers, webhookDeliveries, enterprises, enterprisePhones, enterpriseMembers, seats, sessions, servicePeriods, queueEntries, seatStates, seatSkills, participants, transfers, trail, trailHeads, knowledge, revisions, knowledgeTasks, knowledgeMemos, gaps, gapClusters, channelState, media, cannedAnswers, conversationNotes, noteMentions, drafts,
  measureRollups, measureCursors, measureMarks, reports, inspections, inspectionFindings, qualityRules, linkageLinks, linkageMessages, linkageDays, linkageCalls, seatPhones, reachAttempts, consents, consentChanges, campaigns, campaignTargets,
} = postgresTables;
