/** xhr2 brings no types; the tests only hand its class to directlinejs. */
declare module 'xhr2' {
  const XMLHttpRequest: new () => object;
  export default XMLHttpRequest;
}
