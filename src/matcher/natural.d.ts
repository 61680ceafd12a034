/** natural ships no types for its subpaths; its index must not be imported (it pulls in database clients). */
declare module 'natural/lib/natural/stemmers/porter_stemmer.js' {
  const stemmer: { stem(word: string): string };
  export default stemmer;
}
