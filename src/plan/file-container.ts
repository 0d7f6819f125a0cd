/** How the containers of file groups are written: the one place that knows what each step gives. */
import type { FileOutput } from './group-plan.ts';

/** A container, decided. */
export interface ContainerPlan
  extends Pick<FileOutput, 'container' | 'muxer' | 'muxerOptions' | 'contentType' | 'needsScratch'> {
  readonly extension: string;
  readonly transport?: FileOutput['transport'];
}
