import type { OutgoingMessage } from '../../src/channel/contract.ts';

/** C0 controls but tab and line ends, U+FFFE, U+FFFF: not a `Char` of XML 1.0, part 2.2. */
export const XML_FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/u;

const HOSTILE = 'a\u0000b\u0008c\u000bd\u001fe\ufffef ]]> <injected a="1"/> & " \' <!DOCTYPE x> 你好😀';

/** What no peer should be sent as it stands. */
export const hostileMessages: readonly [OutgoingMessage, OutgoingMessage] = [
  {
    activityIds: ['a1'],
    content: { type: 'message', text: HOSTILE, speak: HOSTILE, choices: [{ title: HOSTILE, value: HOSTILE, key: '1' }], inputHint: 'expectingInput' },
  },
  { activityIds: ['a2'], content: { type: 'message', text: HOSTILE, attachments: [{ contentType: 'image/png', name: HOSTILE, url: 'https://hotline.example/media/x/y.png' }] } },
];
