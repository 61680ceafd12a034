import type { EpochMs } from '../../domain/activity.ts';

/** Campaigns of calls, as `/api/outbound` tells them. */

export type CampaignPurpose = 'visit' | 'missed' | 'progress' | 'notice';
export type CampaignState = 'draft' | 'running' | 'paused' | 'done' | 'stopped';
export type TargetState = 'waiting' | 'calling' | 'reached' | 'unreached' | 'refused' | 'skipped';

export interface CampaignView {
  readonly id: string;
  readonly name: string;
  readonly purpose: CampaignPurpose;
  readonly channel: string;
  readonly words: string | null;
  readonly state: CampaignState;
  readonly concurrency: number;
  readonly attempts: number;
  readonly retryAfterMinutes: number;
  readonly hours: readonly string[];
  readonly workdaysOnly: boolean;
  readonly createdByName: string;
  readonly createdAt: EpochMs;
  readonly startedAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  readonly tally: Readonly<Record<TargetState, number>>;
}

export interface CallView {
  readonly number: number;
  readonly state: string;
  readonly code: string | null;
  readonly at: EpochMs;
  readonly seconds: number | null;
}

export interface TargetView {
  readonly id: string;
  readonly ticketId: string | null;
  readonly ticketNumber: string | null;
  readonly state: TargetState;
  readonly code: string | null;
  readonly attempts: number;
  readonly nextAt: EpochMs | null;
  readonly keys: Readonly<Record<string, string>>;
  readonly result: Readonly<Record<string, string>>;
  readonly calls: readonly CallView[];
}

export interface CampaignWish {
  readonly name: string;
  readonly purpose: CampaignPurpose;
  readonly channel: string;
  readonly words?: string;
  readonly query?: { readonly kind: 'visit' | 'abandoned' | 'open'; readonly since?: number; readonly itemCode?: string; readonly townId?: string; readonly departmentId?: string };
  readonly tickets?: readonly string[];
  readonly concurrency: number;
  readonly attempts: number;
  readonly retryAfterMinutes: number;
  readonly hours: readonly string[];
  readonly workdaysOnly: boolean;
}

export interface CampaignPreview {
  readonly found: number;
  readonly called: number;
  readonly leftOut: Readonly<Record<string, number>>;
  readonly unknown: readonly string[];
}
