/**
 * Tickets that are about the same matter (并单). Pure: what is open is put in, likenesses come out; who merges what is decided
 * elsewhere. Texts are masked before they come here.
 */

export interface AlikeTicket {
  readonly id: string;
  readonly title: string;
  readonly content: string;
  readonly townId?: string | null;
  /** The place as the citizen said it: 东城中路12号, 丽景花园3栋. */
  readonly place?: string | null;
  readonly itemCode?: string | null;
  /** Whose it is: a repeat of the same citizen is likelier the same matter. */
  readonly citizenId?: string | null;
  /** When it was opened, ms since 1970. */
  readonly at: number;
}

export interface AlikeOptions {
  /** Most hits; 5 unless told. */
  readonly limit?: number;
  /** Hits below this score are left out; `PROPOSE` unless told. */
  readonly least?: number;
}

/** What a likeness is made of. Shares are logits: what each adds to the score, for or against. */
export interface AlikeWhy {
  /** 0 to 1: how much of the weight of their words is shared. */
  readonly text: number;
  /** `same`: a road, an estate or the like in common; `different`: both name one, none in common. */
  readonly place: 'same' | 'different' | 'unknown';
  /** Hours between the two. */
  readonly hours: number;
  readonly item: 'same' | 'different' | 'unknown';
  readonly town: 'same' | 'different' | 'unknown';
  readonly citizen: 'same' | 'different' | 'unknown';
}

export interface AlikeWords {
  /** Words of the asking ticket that the other has too, the weightiest first. */
  readonly shared: readonly string[];
  /** Place words of the asking ticket that the other has too. */
  readonly places: readonly string[];
}

export interface AlikeHit {
  readonly id: string;
  /** 0 to 1: see `PROPOSE` and `SURE`. */
  readonly score: number;
  readonly why: AlikeWhy;
  /** Made when asked for: most hits are only counted. They are those of the time of the ask, whatever becomes of the other ticket. */
  words(): AlikeWords;
}

export interface AlikeIndex {
  /**
   * Adds a ticket, or replaces the one with its id; false: it was there with these very words. Lists are read newest first, so a
   * ticket that is older than those that are there (`older`, when an index is filled backwards) goes to their end.
   */
  add(ticket: AlikeTicket, options?: { readonly older?: boolean }): boolean;
  /** @returns whether it was there */
  remove(id: string): boolean;
  has(id: string): boolean;
  /** Tickets that may be the same as this one, itself left out, best first, equal ones by id. It need not be in the index. */
  alike(ticket: AlikeTicket, options?: AlikeOptions): readonly AlikeHit[];
  readonly size: () => number;
  /** Ids of all tickets, in no order that means anything. */
  ids(): IterableIterator<string>;
}
