/**
 * What `channels/<name>/testing/peer.ts` may export as `openPeer`: the other side of a channel that must ask somebody before
 * it can judge a request (keys of tokens), or that has no HTTP side at all (`session`).
 */
export interface ChannelPeer {
  /** Laid over fixtures/settings.json: addresses of what was opened. */
  readonly env: Readonly<Record<string, string>>;
  /** Required for `session` channels. */
  readonly session?: SessionPeer;
  close(): Promise<void>;
}

/** The peer of the session that was opened last. */
export interface SessionPeer {
  /** Resolves when the channel's session is there; it is about to be up. */
  ready(): Promise<void>;
  /** Brings a fixture's body. */
  arrive(body: string): void;
  /** Brings an ordinary text by somebody of whom no fixture tells: what came before it is done when it is stored. */
  probe(text: string, now: number): void;
  /** Texts that the channel sent, oldest first. */
  readonly sent: readonly string[];
  /** The next sends fail. */
  failSends(times: number): void;
}
