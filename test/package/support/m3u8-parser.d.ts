/** m3u8-parser ships no types; what our tests use of it. */
declare module 'm3u8-parser' {
  export class Parser {
    readonly manifest: unknown;
    on(event: 'warn' | 'info', listener: (event: { readonly message: string }) => void): void;
    push(text: string): void;
    end(): void;
  }
}
