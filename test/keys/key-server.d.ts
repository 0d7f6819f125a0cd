declare module '*/key-server.mjs' {
  export function keyOf(keyId: string, secret: string): Buffer;
  export function answer(
    question: string,
    secret?: string,
  ): { status: number; headers: Record<string, string>; body: string };
}
