import type { Locale } from '../../src/domain/activity.ts';

/** What the channel itself says; everything else comes from the bot or a seat. Short, honest, no promises of time. */
export interface Phrases {
  /** The turn takes longer than a caller likes to hear nothing. */
  readonly pleaseWait: string;
  readonly stillWorking: string;
  /** The wait was too long, or the bot had nothing to say. */
  readonly sayAgain: string;
  readonly goOn: string;
  /** The caller waits for a person. */
  readonly connecting: string;
  readonly stillWaiting: string;
  readonly seatBusy: string;
  /** What the caller said while waiting was kept for the seat. */
  readonly noted: string;
  /** A seat has the conversation and writes. */
  readonly passedOn: string;
  readonly seatWorking: string;
  readonly attachment: string;
  readonly goodbye: string;
}

export const PHRASES: Readonly<Record<Locale, Phrases>> = {
  'zh-CN': {
    pleaseWait: '请稍候，正在为您处理。',
    stillWorking: '还在处理，请再稍候。',
    sayAgain: '抱歉让您久等了，请您再说一遍，转人工请按0。',
    goOn: '请讲，转人工请按0。',
    connecting: '正在为您接通人工坐席，请不要挂断。',
    stillWaiting: '坐席仍在忙，请继续等候，您也可以先把情况说出来。',
    seatBusy: '坐席电话暂时无人接听，请继续等候，您也可以先把情况说出来。',
    noted: '已经记下，坐席接入后就能看到，请继续等候。',
    passedOn: '已转给坐席，请稍候。',
    seatWorking: '坐席正在为您处理，请稍候。',
    attachment: '坐席发来了一个附件，电话里无法播放。',
    goodbye: '感谢您的来电，再见。',
  },
  en: {
    pleaseWait: 'One moment please, we are working on it.',
    stillWorking: 'Still working on it, one more moment please.',
    sayAgain: 'Sorry to keep you waiting. Please say that again, or press 0 for a person.',
    goOn: 'Please go ahead, or press 0 for a person.',
    connecting: 'We are connecting you to a person, please stay on the line.',
    stillWaiting: 'All our staff are still busy. Please stay on the line; you may also tell us the matter now.',
    seatBusy: 'Nobody could pick up just now. Please stay on the line; you may also tell us the matter now.',
    noted: 'That is noted, and the person who picks up will see it. Please stay on the line.',
    passedOn: 'That has been passed on, one moment please.',
    seatWorking: 'Our staff are working on it, one moment please.',
    attachment: 'A file was sent to you, which cannot be played on the telephone.',
    goodbye: 'Thank you for calling, goodbye.',
  },
};
