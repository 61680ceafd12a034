/** What the house and the thread that runs Wechaty tell each other. Plain data: it crosses a thread's border. */

/** One message as the puppet gave it. */
export interface Heard {
  readonly id: string;
  /** Name of Wechaty's message type (`Text`, `Image` …). */
  readonly type: string;
  readonly self: boolean;
  readonly talkerId: string;
  readonly talkerName: string;
  /** Null: said to us alone. */
  readonly roomId: string | null;
  /** In a room: to us. */
  readonly mentioned: boolean;
  /** Without the mention. */
  readonly text: string;
  /** Epoch ms. */
  readonly at: number;
}

/** What a message carries besides its text, where the puppet gives it. */
export interface Carried {
  readonly file?: { readonly name: string; readonly bytes: Uint8Array };
  readonly link?: { readonly title: string; readonly url: string };
  /** Title of a mini-program card. */
  readonly card?: string;
  readonly place?: { readonly name: string; readonly address: string; readonly latitude: number; readonly longitude: number };
}

export type FromThread =
  /** `qrcode` is what the QR code says; whoever scans it lends us an account. */
  | { readonly kind: 'scan'; readonly qrcode: string; readonly status: string }
  | { readonly kind: 'login' }
  | { readonly kind: 'logout' }
  /** A class or code, never a text: that may quote anything. */
  | { readonly kind: 'error'; readonly code: string }
  | { readonly kind: 'alive' }
  | { readonly kind: 'message'; readonly heard: Heard; readonly carried: Carried }
  /** The puppet's own session, so that a restart needs no new scan. Sealed where it is kept. */
  | { readonly kind: 'memory'; readonly json: string }
  | { readonly kind: 'said'; readonly number: number; readonly result: 'ok' | 'offline' | 'nobody' | 'failed' };

export type ToThread =
  /** `room`: said there, to that person. */
  | { readonly kind: 'say'; readonly number: number; readonly to: string; readonly room: string | null; readonly text: string }
  | { readonly kind: 'stop' };

export interface ThreadStart {
  readonly task: 'yihu.wechaty';
  readonly puppet: string;
  readonly token: string | null;
  readonly endpoint: string | null;
  /** What `memory` told last; null: nothing yet. */
  readonly memory: string | null;
  /** Older messages are replays of what was there before us, epoch ms. */
  readonly since: number;
}
