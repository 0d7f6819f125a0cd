/** Which bitrates each rate control mode takes. Sources: spec api.md 7 (observed), video.md 4–9 and V-06, V-09, V-10. */

/** What one mode asks for. */
export interface RateControlMode {
  readonly needs: readonly ('bitrate' | 'maxBitrate')[];
  readonly forbids: readonly ('bitrate' | 'maxBitrate')[];
}

/** One codec's modes. */
export interface RateControl {
  readonly defaultMode: string;
  /** The service refuses both bitrates when the mode is left out (observed for H.264). */
  readonly needsModeForBoth: boolean;
  readonly modes: ReadonlyMap<string, RateControlMode>;
}

const cbr: RateControlMode = { needs: ['bitrate'], forbids: ['maxBitrate'] };
const vbr: RateControlMode = { needs: ['bitrate'], forbids: [] };
const qvbr: RateControlMode = { needs: ['maxBitrate'], forbids: ['bitrate'] };

/** H.264 and H.265. */
export const hybridRateControl: RateControl = {
  defaultMode: 'VBR',
  needsModeForBoth: true,
  modes: new Map([
    ['CBR', cbr],
    ['VBR', vbr],
    ['QVBR', qvbr],
  ]),
};

/** AV1; CBR is in the newest model only. */
export const av1RateControl: RateControl = {
  defaultMode: 'QVBR',
  needsModeForBoth: false,
  modes: new Map([
    ['CBR', cbr],
    ['QVBR', qvbr],
  ]),
};

/** MPEG-2 documents no combination that is refused beyond the missing bitrate. */
export const mpeg2RateControl: RateControl = {
  defaultMode: 'VBR',
  needsModeForBoth: false,
  modes: new Map([
    ['CBR', vbr],
    ['VBR', vbr],
  ]),
};

/** VP8 and VP9. */
export const vpxRateControl: RateControl = {
  defaultMode: 'VBR',
  needsModeForBoth: false,
  modes: new Map([['VBR', vbr]]),
};

/** Text of a refused combination (observed). */
export const incompatibleBitratesText =
  'Your job contains values for the following settings that are incompatible: Rate control mode, Bitrate, and Max bitrate. ' +
  'Adjust your settings and resubmit your job. Some valid combinations of settings are these: ' +
  "Set Rate control mode to QVBR, specify a value for Max bitrate, and don't specify a value for Bitrate. " +
  "Or, set Rate control mode to CBR, specify a value for Bitrate, and don't specify a value for Max bitrate.";

/** Text for CBR whose only bitrate is the maximum (observed). */
export const cbrBitratesText =
  "You set Rate control mode to CBR but the settings values for Bitrate and Max bitrate aren't compatible with CBR. " +
  'When you use CBR, you must specify a value for Bitrate and you must not specify a value for Max bitrate. ' +
  'Adjust your job settings and then resubmit your job.';
