/** How encoders are brought to the rates, peaks and buffers of their plans. */

/** For an encoder whose rate control knows nothing of the pictures at first, and that no other takes over from. */
export interface OpeningOptions {
  /** Frames that are encoded with them. */
  readonly frames: number;
  /** Each is in the encoder's own options too, and is one that the library reads again for every picture. */
  readonly options: Readonly<Record<string, string>>;
}

/** For an encoder that could spend more on easy pictures than they need, and that no other takes over from. */
export interface SparingOptions {
  /** Where it is so far behind its average, the encoder has its own options. */
  readonly mostBehindBits: number;
  /** As those of the opening, which come before them. */
  readonly options: Readonly<Record<string, string>>;
}

/** How an encoder that keeps to no average is brought to it. */
export interface AverageAim {
  /** The power of the rate asked for by which averages follow it. */
  readonly response: number;
  /** Passes that only look: two find the response of the clip itself. */
  readonly looks: 1 | 2;
}

/** How an encoder that keeps to no average, and holds no pictures back, is brought to it while it runs. */
export interface SteeredAverage {
  /** Frames after which another rate may be asked for, which takes a key frame. */
  readonly everyFrames: number;
  /** What encoders may spend on their first picture, in percents of a picture: the first; null: what it likes. */
  readonly firstPicturePercent: number | null;
  /** One that takes over. */
  readonly takeOverPicturePercent: number;
}

/**
 * `boosted`: others are predicted from it until the next of them. `cut`: such a one, where pictures change altogether; `still`:
 * one in which something is new, and behind which little changes.
 */
export type FrameRole = 'key' | 'cut' | 'still' | 'boosted' | 'plain';

/** How the quantizers of pictures follow from a look at them. */
export interface FrameQuantizers {
  /** Options of the encoder that looks. */
  readonly lookOptions: Readonly<Record<string, string>>;
  /** What the last pass takes of a picture, as if it had the step of plain ones, in what the look would at that. */
  readonly lookResponses: Readonly<Record<FrameRole, number>>;
  /** Frames from one picture that the others are predicted from to the next. */
  readonly boostEvery: number;
  /** Where something is new in a picture is found by what it takes; false: the look has key frames there. */
  readonly findsNew: boolean;
  /** Quantizer steps, in those of plain pictures. */
  readonly shares: Readonly<Record<FrameRole, number>>;
}

/** What a coded picture may be predicted from. */
export type CodedKind = 'intra' | 'predicted' | 'bidirectional';

/** How the bits of an average are spread over pictures that have been looked at. */
export interface PictureAllocation {
  /** Options of the encoder that looks. */
  readonly lookOptions: Readonly<Record<string, string>>;
  /** Quantizers, in those of predicted pictures. */
  readonly shares: Readonly<Record<CodedKind, number>>;
  /** 1: pictures of a kind have one quantizer, whatever they take; 0: quantizers go by what they take, so that bits are even. */
  readonly evenness: number;
}

/** How an encoder that keeps a buffer at a constant rate alone is brought to keep one. */
export interface BoundedEncode {
  /** The highest rate it is asked for, and the buffer beside it. */
  readonly pacing: EncoderPacing;
  /** What goes with a constant rate. */
  readonly options: Readonly<Record<string, string>>;
}

/** A leaky bucket that an encoder keeps: how fast it fills in bit/s, how much it holds. */
export interface EncoderPacing {
  readonly rateBps: number;
  readonly bufferBits: number;
}
