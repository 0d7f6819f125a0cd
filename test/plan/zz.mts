import { settingsCoverage } from './coverage/settings-coverage.ts';
const t=Date.now(); const rows=settingsCoverage(); console.log((Date.now()-t)/1000,'s');
const by:any={}; for(const r of rows){(by[r.status]??=[]).push(r);} for(const k in by) console.log(k,by[k].length);
if(process.argv[2]==='all') for(const r of rows) console.log(r.status,r.path,r.reason??''); else for(const r of by.IGNORED??[]) console.log(r.path,'|',r.reason);
