import { words, type Said } from '../language.ts';

export const REACH_PANEL = words({
  title: { zh: '告知市民', en: 'Telling the citizen' },
  notLoaded: { zh: (why: Said) => `告知记录没有读到：${why}`, en: (why: Said) => `Attempts could not be read: ${why}` },
  attempt: { zh: (number: Said) => `第${number}次`, en: (number: Said) => `attempt ${number}` },
  cost: { zh: (cost: Said) => `约${cost}`, en: (cost: Said) => `about ${cost}` },
  keys: { zh: (keys: Said) => `（按键 ${keys}）`, en: (keys: Said) => ` (key ${keys})` },
  wantsNone: { zh: '市民不要主动通知', en: 'The citizen wants no notices' },
  wantsNoTexts: { zh: '市民不要短信', en: 'The citizen wants no text messages' },
  stopAll: { zh: '记录：不要主动通知', en: 'Record: no notices' },
  stopTexts: { zh: '记录：不要短信', en: 'Record: no text messages' },
  start: { zh: '记录：恢复通知', en: 'Record: notices again' },
  kept: { zh: '已记录市民意愿', en: 'The wish is recorded' },
  notKept: { zh: '没有记录成功', en: 'The wish was not recorded' },
});
