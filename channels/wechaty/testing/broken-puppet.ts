/** A puppet that breaks as soon as it is made, in the way that its endpoint names. */
// oxlint-disable-next-line import/no-default-export -- so puppets are packaged
export default function BrokenPuppet({ endpoint }: { readonly endpoint?: string }): void {
  const error = new Error('secret words');
  if (endpoint === 'reject') void Promise.reject(error);
  if (endpoint === 'throw') {
    setTimeout(() => {
      throw error;
    }, 0);
  }
}
