/** Frames of silence. */
import { AV_SAMPLE_FMT_U8, AV_SAMPLE_FMT_U8P, type AVSampleFormat } from 'node-av/constants';
import type { ChannelLayout, Frame } from 'node-av/lib';
import { assertDone } from './library-error.ts';

/** Form of the sound a silent frame must fit. */
export interface SoundForm {
  readonly sampleRateHz: number;
  readonly format: AVSampleFormat;
  readonly channelLayout: ChannelLayout;
}

/** Fills an empty frame with `samples` silent samples. */
export function fillWithSilence(frame: Frame, form: SoundForm, samples: number): void {
  frame.format = form.format;
  frame.sampleRate = form.sampleRateHz;
  frame.channelLayout = form.channelLayout;
  frame.nbSamples = samples;
  assertDone(frame.getBuffer(), 'silent frame');
  // Unsigned samples rest at the middle of their range.
  const rest = form.format === AV_SAMPLE_FMT_U8 || form.format === AV_SAMPLE_FMT_U8P ? 0x80 : 0;
  for (const plane of frame.extendedData ?? frame.data ?? []) plane.fill(rest);
}
