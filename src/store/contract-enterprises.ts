import type { EpochMs } from '../domain/activity.ts';

/** 企业直通车: the register. */
export interface Enterprise {
  readonly id: string;
  readonly name: string;
  /** 统一社会信用代码 (GB 32100-2015). */
  readonly creditCode: string;
  readonly townId: string | null;
  /** Its named seat (专员); null: none. */
  readonly seatId: string | null;
  readonly active: boolean;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
}

export interface EnterpriseRepository {
  /**
   * Inserts or updates by creditCode; the phones are kept as keyed hashes only and replace those before. Citizens whose vouched number is
   * among them are bound.
   */
  put(enterprise: Enterprise, phones: readonly string[]): Promise<void>;
  get(id: string): Promise<Enterprise | null>;
  findByCreditCode(creditCode: string): Promise<Enterprise | null>;
  findByPhone(phone: string): Promise<Enterprise | null>;
  /** The enterprise that a citizen's account is bound to. */
  ofCitizen(citizenId: string): Promise<Enterprise | null>;
  /** Conversations that are open go with it. Null unbinds. */
  bind(citizenId: string, enterpriseId: string | null, at: EpochMs): Promise<void>;
  /** Binds a citizen whose vouched number is an enterprise's; no change when it is bound already. */
  recognise(citizenId: string, phone: string, at: EpochMs): Promise<void>;
  list(filter: { readonly text?: string; readonly limit: number; readonly afterId?: string }): Promise<readonly Enterprise[]>;
}
