import type { Locale } from '../../domain/activity.ts';

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
  /** The database is away: what is said is kept, nobody can answer. Numbers stand as they are to be read: digit by digit. */
  readonly outage: string;
  /** Instead of nothing to do but wait: a person's telephone still rings. */
  readonly outagePerson: string;
  /** That telephone was not answered. */
  readonly outageNobody: string;
  /** Something was said just now, and it is safe. */
  readonly outageNoted: string;
  readonly outageStill: string;
  readonly outageEnd: string;
  readonly outageOver: string;
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
    outage: '抱歉，系统出了故障，正在恢复，现在查不了也办不了。紧急情况请挂断后拨打1 1 0、1 1 9或1 2 0。您可以现在说出事情、地点和联系电话，我们会记下，恢复后处理；也可以在线上稍等。',
    outagePerson: '找人工请按0。',
    outageNobody: '坐席电话暂时无人接听。',
    outageNoted: '您说的已经记下，系统恢复后处理。',
    outageStill: '系统还在恢复。您可以补充，也可以挂断，说过的话都已经记下。紧急情况请拨打1 1 0、1 1 9或1 2 0。',
    outageEnd: '抱歉，系统还没有恢复，不让您再等了。您说过的话都已经记下，系统恢复后处理；您也可以稍后再拨。紧急情况请拨打1 1 0、1 1 9或1 2 0。感谢您的来电，再见。',
    outageOver: '让您久等了，系统已经恢复。',
  },
  'zh-HK': {
    pleaseWait: '請等陣，而家幫你處理緊。',
    stillWorking: '仲處理緊，請再等陣。',
    sayAgain: '要你等咁耐唔好意思，請你再講一次，轉人工請按0。',
    goOn: '請講，轉人工請按0。',
    connecting: '而家幫你接通人工座席，請唔好收線。',
    stillWaiting: '座席仲係好忙，請繼續等，你亦可以先將情況講出嚟。',
    seatBusy: '座席電話暫時冇人聽，請繼續等，你亦可以先將情況講出嚟。',
    noted: '已經記低，座席接入之後就睇到，請繼續等。',
    passedOn: '已經轉咗畀座席，請等陣。',
    seatWorking: '座席幫你處理緊，請等陣。',
    attachment: '座席發咗一個附件過嚟，電話入面播唔到。',
    goodbye: '多謝你嘅來電，再見。',
    outage: '唔好意思，系統出咗故障，而家恢復緊，暫時查唔到亦辦唔到。緊急情況請收線之後打1 1 0、1 1 9或者1 2 0。你可以而家講件事、地點同聯絡電話，我哋會記低，恢復之後處理；亦可以喺線上等陣。',
    outagePerson: '搵人工請按0。',
    outageNobody: '座席電話暫時冇人聽。',
    outageNoted: '你講嘅已經記低，系統恢復之後處理。',
    outageStill: '系統仲恢復緊。你可以補充，亦可以收線，講過嘅都已經記低。緊急情況請打1 1 0、1 1 9或者1 2 0。',
    outageEnd: '唔好意思，系統仲未恢復，唔使你再等。你講過嘅都已經記低，系統恢復之後處理；你亦可以遲啲再打。緊急情況請打1 1 0、1 1 9或者1 2 0。多謝你嘅來電，再見。',
    outageOver: '要你等咁耐唔好意思，系統已經恢復。',
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
    outage: 'Sorry, our system has a fault and is being restored, so nothing can be looked up just now. In an emergency please hang up and call 1 1 0, 1 1 9 or 1 2 0. You can tell us the matter, the place and your telephone number now: it is kept and will be worked on once the system is back.',
    outagePerson: 'For a person, press 0.',
    outageNobody: 'Nobody could pick up just now.',
    outageNoted: 'What you said is kept and will be worked on once the system is back.',
    outageStill: 'The system is still being restored. You may add something, or hang up: everything you said is kept. In an emergency please call 1 1 0, 1 1 9 or 1 2 0.',
    outageEnd: 'Sorry, the system is not back yet, and we do not want to keep you. Everything you said is kept and will be worked on once it is back; you may also call again later. In an emergency please call 1 1 0, 1 1 9 or 1 2 0. Thank you for calling, goodbye.',
    outageOver: 'Thank you for waiting, the system is back.',
  },
};
