import type { Choice, EpochMs, Link, Locale, Modality, Source } from '../domain/activity.ts';
import type { ItemSuggestion, Understood } from '../domain/conversation.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import type { KnowledgeEntry } from '../domain/knowledge.ts';
import type { TicketOpenArgs } from '../domain/ticket.ts';
import type { MatchOptions, MatchResult } from '../matcher/types.ts';

/**
 * The dialog engine's outside shape: `advance(program, state, event, facts) → { state, effects }`, pure. The runner
 * (src/intake/turn.ts) performs the effects inside the turn's transaction and feeds an action's result back as an event.
 */

/** What happened. One event an advance. */
export type DialogEvent =
  /** The citizen said, typed or pressed something. `text` is the unmasked text; `keys` are phone keys. */
  | { readonly type: 'message'; readonly text: string; readonly keys?: string; readonly value?: JsonValue; readonly attachments: number; readonly confidence?: number }
  /** Voice: the citizen said nothing within the time. */
  | { readonly type: 'silence' }
  /** The conversation begins before anything is said (call answered, chat opened, WeChat session entered). */
  | { readonly type: 'enter' }
  /** A timer set by an effect fell due; ignored unless `token` is the state's. */
  | { readonly type: 'timeout'; readonly token: string }
  /** A seat handed the conversation back to the bot. */
  | { readonly type: 'handedBack' }
  /** The house has something to ask (a visit-back): the flow begins unless something else is under way; then nothing is said. */
  | { readonly type: 'begin'; readonly flow: string }
  /** The result of the action that the last advance asked for. */
  | { readonly type: 'result'; readonly action: string; readonly ok: boolean; readonly data: JsonObject };

/** What the engine may know about the world; passed in, never read. */
export interface DialogFacts {
  readonly now: EpochMs;
  readonly modality: Modality;
  readonly channel: string;
  readonly locale: Locale;
  /** Seats signed in and ready now. */
  readonly seatsOnline: number;
  /** Are we inside the hours in which seats are staffed (config/calendar.yaml seatHours)? */
  readonly seatHoursOpen: boolean;
  /** Working hours of departments now? */
  readonly officeHoursOpen: boolean;
  /** The channel vouches for a phone number: do not ask for it again. Only its last four digits are told. */
  readonly knownPhoneLast4: string | null;
  /** Number of this citizen's ticket whose visit-back is open; null or absent: none, or not looked up. */
  readonly visitNumber?: string | null;
  /** Name of the enterprise that the citizen speaks for (企业直通车); null or absent: nobody but themselves. */
  readonly enterprise?: string | null;
  /**
   * The knowledge base's matcher, an immutable snapshot; pure. The dialog says what the conversation is about (town, item,
   * last entry); the runner adds what day it is.
   */
  readonly match: (question: string, options?: MatchOptions) => MatchResult;
  /** Text of a knowledge entry by id, for answers and choice titles; null if it is gone or for the desk only. */
  readonly entry: (id: string) => KnowledgeAnswer | null;
  /** Answers are cut to so many sentences (null: whole) with a word on how to have the rest, and what asks for it; absent: never. */
  readonly brief?: { readonly sentences: number | null; readonly more: Readonly<Record<'zh-CN' | 'en', string>>; readonly ask: readonly string[] };
  /** True: tickets are opened without a suggested item; they get theirs later. */
  readonly unsuggested?: boolean;
  /** Items suggested for a text, best first, at most three; pure. */
  readonly suggestItems: (text: string) => readonly ItemSuggestion[];
}

/** An entry as the dialog tells it. What comes after `item` answers “要带什么材料” and the like, as far as the entry has it. */
export interface KnowledgeAnswer extends Partial<Pick<KnowledgeEntry, 'links' | 'card' | 'steps' | 'materials' | 'fees' | 'hours' | 'places' | 'conditions' | 'en'>> {
  readonly id: string;
  readonly question: string;
  readonly answer: string;
  readonly voice: string;
  readonly source: Source;
  readonly item: string | null;
}

/** JSON, versioned, pinned to the flow version it started with. Opaque to everyone but the engine; stored sealed. */
export interface DialogState {
  readonly format: 1;
  /** Hash of the program the running flows belong to: an edit does not break running conversations. */
  readonly programVersion: string;
  readonly data: JsonObject;
}

export type DialogEffect =
  | SayEffect
  | ActionEffect
  /** Wake this conversation later with `timeout`. Replaces an earlier timer. */
  | { readonly kind: 'timer'; readonly token: string; readonly afterMs: number }
  /** Ask for a person. The runner sets the owner to `waiting`; `reason` is shown at the desk. */
  | { readonly kind: 'handoff'; readonly reason: string; readonly understood: Understood }
  /** The citizen no longer waits for a person: the runner gives the conversation back to the bot (owner `bot`). */
  | { readonly kind: 'handoffCancelled' }
  /** Life and safety: the desk is flagged in red. `category`: fire, injury, crime, suicide … */
  | { readonly kind: 'emergency'; readonly category: string; readonly words: readonly string[] }
  /** What the bot understood so far, for the desk's context panel. */
  | { readonly kind: 'understood'; readonly understood: Understood }
  /** A fact about the person for the vault; never stored beside the conversation. */
  | { readonly kind: 'identity'; readonly phone?: string; readonly name?: string }
  | { readonly kind: 'locale'; readonly locale: Locale }
  /** For the gap list: a question that the knowledge base could not answer, was not sure of, or whose answer (`bestId`) did not help. */
  | { readonly kind: 'gap'; readonly why: GapReason; readonly question: string; readonly bestId: string | null; readonly bestScore: number }
  /** The bot has nothing more to do: voice says goodbye and hangs up, text closes the flow. */
  | { readonly kind: 'end'; readonly code: 'completedSuccessfully' | 'userCancelled' | 'botTimedOut' };

export type GapReason = 'unanswered' | 'low' | 'unhelpful';

export interface SayEffect {
  readonly kind: 'say';
  readonly text: string;
  /** Voice wording, at most three sentences; absent: `text` is fit to be spoken. */
  readonly speak?: string;
  readonly choices?: readonly Choice[];
  readonly source?: Source;
  readonly links?: readonly Link[];
  /** How fast it is spoken; absent: nobody asked. */
  readonly pace?: 'slow' | 'normal';
  readonly inputHint: 'acceptingInput' | 'expectingInput' | 'ignoringInput';
}

/** Number and last four digits of the phone of a ticket; the digits may be empty for one's own. */
export interface TicketNamed {
  readonly number: string;
  readonly phoneLast4: string;
}

/** Named, typed actions: logic beyond the flow language. The runner performs them; each answers with `result`. */
export type ActionEffect =
  /** ok + {number, department, deadlineText, numberSpoken}. */
  | { readonly kind: 'action'; readonly action: 'ticket.open'; readonly args: TicketOpenArgs }
  /** ok + {number,state,stateText,kind,title,department,deadlineText,openedText,lastEventText,urges} | not ok + {code:'ticket.not_found'|'ticket.check_failed'|'ticket.too_many_tries'} */
  | { readonly kind: 'action'; readonly action: 'ticket.find'; readonly args: TicketNamed }
  /** The citizen's own recent tickets: ok + {tickets:[{number,title,stateText}], only} (`only`: the number, when there is just one) */
  | { readonly kind: 'action'; readonly action: 'ticket.mine'; readonly args: JsonObject }
  /** Adds words, and the pictures that were sent in this conversation: ok + {…, files} */
  | { readonly kind: 'action'; readonly action: 'ticket.supplement'; readonly args: TicketNamed & { readonly text: string } }
  /** ok + {…, counted}: false when it was counted within the time of config/tickets.yaml already. */
  | { readonly kind: 'action'; readonly action: 'ticket.urge'; readonly args: TicketNamed }
  | { readonly kind: 'action'; readonly action: 'ticket.withdraw'; readonly args: TicketNamed & { readonly reason: string } }
  /** “没解决”: a veto of the closing, or a reopening. */
  | { readonly kind: 'action'; readonly action: 'ticket.reopen'; readonly args: TicketNamed & { readonly reason: string } }
  /** Answers a visit-back or rates what is finished. `process` 1 to 5. */
  | { readonly kind: 'action'; readonly action: 'ticket.rate'; readonly args: TicketNamed & { readonly process: 1 | 2 | 3 | 4 | 5 | null; readonly solved: boolean | null; readonly reason: string | null } }
  /** The citizen's ticket whose visit-back is open: ok + a ticket | not ok + {code:'visit.none'} */
  | { readonly kind: 'action'; readonly action: 'ticket.visit'; readonly args: JsonObject }
  /** In a call that the house placed: why, and the ticket that it is about; `next`: the citizen's next one. ok + {purpose, words, times} and a ticket's fields if there is one | not ok + {code:'call.none'} */
  | { readonly kind: 'action'; readonly action: 'call.about'; readonly args: { readonly next: boolean } }
  /** Keeps the answer to a question with the keys as they were pressed, and how the call stands. ok + {} | not ok + {code:'call.none'} */
  | { readonly kind: 'action'; readonly action: 'call.note'; readonly args: { readonly question: string | null; readonly answer: string | null; readonly outcome: 'reached' | 'refused' | 'later' | 'other' | 'silent' | null } }
  /** Answers the visit-back of the ticket that the call is about. ok + a ticket */
  | { readonly kind: 'action'; readonly action: 'call.answer'; readonly args: { readonly process: 1 | 2 | 3 | 4 | 5 | null; readonly solved: boolean | null; readonly reason: string | null } }
  /** The citizen is not called by the house again. */
  | { readonly kind: 'action'; readonly action: 'call.stop'; readonly args: JsonObject };

export interface DialogStep {
  readonly state: DialogState;
  readonly effects: readonly DialogEffect[];
}

export type { ItemSuggestion, Understood };
