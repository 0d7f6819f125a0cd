/** Silences the sound of ad avails, to the sample (spec overlays.md 5). */
import { AV_SAMPLE_FMT_U8, AV_SAMPLE_FMT_U8P } from 'node-av/constants';
import { avGetBytesPerSample, avSampleFmtIsPlanar, type Frame } from 'node-av/lib';
import { type SignalTimeline, signalRate } from '../signals/signal-timeline.ts';
import { assertDone } from './library-error.ts';

/** Silences what lies in an avail; `first` is the place of the frame's first sample in the output. */
export type Muting = (frame: Frame, first: bigint) => void;

/** Makes it for sound of one rate. */
export function createMuting(signals: SignalTimeline, sampleRateHz: number): Muting {
  const sampleAt = (ticks: number): number => Math.ceil((ticks * sampleRateHz) / signalRate);
  return (frame, first) => {
    for (const { start, end, out } of signals.avails) {
      if (out.isLate) continue;
      const from = Math.max(0, sampleAt(start) - Number(first));
      const to = end === null ? frame.nbSamples : Math.min(frame.nbSamples, sampleAt(end) - Number(first));
      if (from < to) silence(frame, from, to);
    }
  };
}

function silence(frame: Frame, from: number, to: number): void {
  assertDone(frame.makeWritable(), 'writable sound');
  const format = frame.format as Parameters<typeof avGetBytesPerSample>[0];
  const channels = avSampleFmtIsPlanar(format) ? 1 : frame.channelLayout.nbChannels;
  const stride = avGetBytesPerSample(format) * channels;
  // Unsigned samples rest at the middle of their range.
  const rest = format === AV_SAMPLE_FMT_U8 || format === AV_SAMPLE_FMT_U8P ? 0x80 : 0;
  for (const plane of frame.extendedData ?? frame.data ?? []) plane.fill(rest, from * stride, to * stride);
}
