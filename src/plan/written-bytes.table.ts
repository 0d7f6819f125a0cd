/**
 * Bytes that stand in a stream and that its encoder does not count. A unit has a start code (4), a header (H.264 1,
 * H.265 2) and an end (1), and timecodes of zeros may need escapes (Rec. ITU-T H.264 and H.265 7.3.1, 7.4.1).
 */

/** What is written into every picture behind the encoder. */
export const writtenBytes = {
  H_264: {
    /** A clock of 36 bits in the timing message that is there anyway (D.1.3), 24 of its offset without a buffer, escapes. */
    timecode: 11,
    /** A message of its own: 11 bytes of registered user data (ETSI TS 101 154 B.3). */
    activeFormat: 17,
    /** A message of its own: identifier, four bytes, two escapes. */
    unregistered: 30,
    /** A picture parameter set as the encoder writes it: 8 bytes at most (measured: 4 to 7). */
    pictureParameters: 12,
    pulldown: 1,
    /** The encoder counts its own. */
    delimiter: 0,
  },
  H_265: {
    /** A message of its own: 43 bits (D.2.27), and two escapes. */
    timecode: 17,
    activeFormat: 18,
    unregistered: 31,
    pictureParameters: 0,
    /** A timing message of its own: one byte (D.2.3). */
    pulldown: 11,
    /** Its start code, which the encoder does not count. */
    delimiter: 4,
  },
  MPEG2: { timecode: 0, activeFormat: 10, unregistered: 0, pictureParameters: 0, pulldown: 0, delimiter: 0 },
} as const;

/** Into key frames: longer delays and lengths of the decoder's buffer, which is told of anew. */
export const bufferBytes = 8;

/** Parameter sets of H.264 that another output has moved out of the stream (measured: 41 to 62). */
export const movedSetBytes = 72;

/** Ends of the sequence and of the stream, once. */
export const endBytes = 12;

/** x264's text of its settings, which comes with moved sets in front of the first picture (measured: 744). */
export const settingsTextBytes = 800;

/** x265 counts slices alone: start codes and timing messages of a picture are bytes beside (measured: 7.4 and 7.4). */
export const x265UncountedBytes = 15;

/** The start code of each further slice. */
export const sliceStartBytes = 4;

/** Messages of key frames: mastering display (D.2.28) and light levels (D.2.35); another transfer (D.2.38). */
export const keyFrameMessageBytes = { hdr: 33 + 13, transfer: 10 } as const;
