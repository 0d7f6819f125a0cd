/** Who listens to which channel; the same book for both implementations. */
import type { NotificationHandler } from './database.ts';

/** A book of handlers by channel. */
export interface Subscriptions {
  /** Adds a handler until `until` aborts. */
  add(channel: string, handler: NotificationHandler, until: AbortSignal): void;
  /** Calls the handlers of a channel. */
  notify(channel: string, payload: string): void;
  /** Calls every handler with null: notifications may have been missed. */
  notifyMissed(): void;
  /** Channels with at least one handler. */
  channels(): readonly string[];
}

/** An empty book. */
export function createSubscriptions(): Subscriptions {
  const handlers = new Map<string, Set<NotificationHandler>>();
  return {
    add(channel, handler, until) {
      if (until.aborted) return;
      const ofChannel = handlers.get(channel) ?? new Set();
      handlers.set(channel, ofChannel.add(handler));
      until.addEventListener(
        'abort',
        () => {
          ofChannel.delete(handler);
          if (ofChannel.size === 0) handlers.delete(channel);
        },
        { once: true },
      );
    },
    notify(channel, payload) {
      for (const handler of handlers.get(channel) ?? []) handler(payload);
    },
    notifyMissed() {
      for (const ofChannel of handlers.values()) for (const handler of ofChannel) handler(null);
    },
    channels: () => [...handlers.keys()],
  };
}
