/** Where jambonz asks us. */
export const VOICE_PATH = '/hooks/ivr/jambonz';
export const STATUS_PATH = '/hooks/ivr/jambonz/status';
/** Of rooms: three-party calls. */
export const ROOM_PATH = '/hooks/ivr/jambonz/conference';
