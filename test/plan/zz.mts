import { openVideoEncoder } from '../../src/engine/open-encoder.ts';
import { mustPlan, mp4Job, h264Video, h265Video, onlyVideo } from './plan-fixtures.ts';
import { Frame, Packet } from 'node-av/lib';
import { avGetPixFmtFromName } from 'node-av/lib';
const [codec,level,threads,w,h]=process.argv.slice(2);
const job=mp4Job((codec==='264'?h264Video:h265Video)({qualityTuningLevel:level as any},{width:+w,height:+h}));
const v0=onlyVideo(mustPlan(job)); const v={...v0,encoder:{...v0.encoder,passes:1 as const,threads:codec==='264'?+threads:v0.encoder.threads, options: codec==='265'?{...v0.encoder.options,'x265-params':v0.encoder.options['x265-params']!.replace(/pools=\d+/,'pools='+threads)}:v0.encoder.options}};
const base=process.memoryUsage().rss; let peak=0;
const e=await openVideoEncoder(v,{globalHeader:true,pass:null});
const pkt=new Packet(); pkt.alloc();
for(let i=0;i<150;i++){ const f=new Frame(); f.alloc(); f.width=+w; f.height=+h; f.format=avGetPixFmtFromName('yuv420p'); f.getBuffer(0); const d=f.data as any; if(d) for(const p of d) if(p) p.fill((i*7)&255); f.pts=BigInt(i); await e.sendFrame(f); f.free(); while(e.receivePacketSync(pkt)>=0) pkt.unref(); peak=Math.max(peak,process.memoryUsage().rss);}
console.log(codec,level,threads,w+'x'+h,'rss delta MB',((peak-base)/1e6).toFixed(0), 'frame MB',(+w*+h*1.5/1e6).toFixed(1),'frames',((peak-base)/(+w*+h*1.5)).toFixed(0),'held', v.encoder.options.preset);
process.exit(0);
