/** Where Twilio asks us. */
export const VOICE_PATH = '/hooks/ivr/twilio/voice';
export const STATUS_PATH = '/hooks/ivr/twilio/status';
/** Of rooms: three-party calls. */
export const ROOM_PATH = '/hooks/ivr/twilio/conference';
