import { settingsCoverage } from './coverage/settings-coverage.ts';
import { Session } from 'node:inspector/promises'; import { writeFileSync } from 'node:fs';
const s=new Session(); s.connect(); await s.post('Profiler.enable'); await s.post('Profiler.start');
settingsCoverage();
const {profile}=await s.post('Profiler.stop'); 
const self=new Map<string,number>(); const dt=profile.timeDeltas!; const byId=new Map(profile.nodes.map(n=>[n.id,n])); profile.samples!.forEach((id,i)=>{const n=byId.get(id)!; const k=n.callFrame.functionName+' '+n.callFrame.url.split('/').slice(-1)+':'+n.callFrame.lineNumber; self.set(k,(self.get(k)??0)+dt[i]!/1000);});
console.log([...self].sort((a,b)=>b[1]-a[1]).slice(0,22).map(([k,v])=>v.toFixed(0)+'ms '+k).join('\n'));
