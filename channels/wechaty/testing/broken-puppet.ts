/** A puppet that breaks as soon as it is made, in the way that its endpoint names. */
export default class BrokenPuppet {
  constructor({ endpoint }: { readonly endpoint?: string }) {
    const error = new Error('secret words');
    if (endpoint === 'reject') void Promise.reject(error);
    if (endpoint === 'throw') {
      setTimeout(() => {
        throw error;
      }, 0);
    }
  }
}
