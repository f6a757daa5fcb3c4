/** Inline style of the HTML report. `html-assets.test.ts` holds its hash to the text. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fcfbf8;--ink:#1d2125;--soft:#575f67;--line:#dcd8cf;--card:#fff;--link:#0b5394;--mark:#fff0b3;--good:#14603a;--some:#1f4e8c;--bad:#9c2a10;--weak:#5c5f66}
@media(prefers-color-scheme:dark){:root{--paper:#14171a;--ink:#e7e5e0;--soft:#a9b0b7;--line:#343a40;--card:#1b1f23;--link:#8ec1f5;--mark:#5a4a10;--good:#74d3a0;--some:#93bdf5;--bad:#ff9d84;--weak:#b3b8bf}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--paper);color:var(--ink);font:1.0625rem/1.6 Charter,"Bitstream Charter","Iowan Old Style","Source Serif 4",Georgia,serif;overflow-wrap:anywhere}
a{color:var(--link)}
a:focus-visible,summary:focus-visible,input:focus-visible+span{outline:3px solid var(--link);outline-offset:2px;border-radius:3px}
.skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem 1rem}
.page{max-width:46rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1,h2,h3,.ui,summary,nav,table,.status,.where,.counts,footer{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
h1{font-size:1.9rem;line-height:1.22;letter-spacing:-.015em;margin:.2rem 0 1rem;text-wrap:balance}
h2{font-size:1.3rem;line-height:1.3;margin:3rem 0 1rem;padding-top:1rem;border-top:1px solid var(--line)}
h3{font-size:1.06rem;line-height:1.4;margin:2.2rem 0 .6rem}
.kind{color:var(--soft);font-size:.85rem;margin:0}
.ending{font-weight:600;margin:0 0 .5rem}
.details{margin:0 0 1rem;padding-left:1rem;border-left:3px solid var(--line);color:var(--soft)}
.details p{margin:.35rem 0}
.counts{display:flex;flex-wrap:wrap;gap:.5rem;list-style:none;margin:1.25rem 0;padding:0;font-size:.9rem}
.counts li{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:.35rem .7rem}
.counts b{font-size:1.05rem}
nav{font-size:.92rem;margin:1.5rem 0}
nav ol{padding-left:1.4rem;margin:.5rem 0}nav li{margin:.15rem 0}
summary{cursor:pointer;font-size:.92rem}
.filter{border:1px solid var(--line);border-radius:.6rem;padding:.4rem .8rem .6rem;margin:1.5rem 0;font-size:.9rem;display:none}
.js .filter{display:block}
.filter legend{color:var(--soft);padding:0 .3rem}
.filter label{display:inline-flex;align-items:center;gap:.35rem;margin:.2rem .9rem .2rem 0;cursor:pointer}
.answer{margin:.4rem 0 1.2rem}
.answer .lead{font-weight:700;margin-top:1.2rem;font-family:system-ui,sans-serif;font-size:.98rem}
.answer ul,.answer ol{padding-left:1.3rem}.answer li{margin:.25rem 0}
.answer .d1{margin-left:1.2rem}.answer .d2{margin-left:2.4rem}.answer .d3{margin-left:3.6rem}
blockquote{margin:.7rem 0;padding:.1rem 0 .1rem 1rem;border-left:3px solid var(--line);white-space:pre-line}
pre{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.75rem;overflow-x:auto;font-size:.85rem;white-space:pre-wrap}
code{font-family:ui-monospace,"SF Mono",Menlo,Consolas,monospace;font-size:.86em}
.claim{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--tone);border-radius:.6rem;padding:.8rem 1rem;margin:.8rem 0}
.claim[hidden]{display:none}
.claim>p{margin:.25rem 0}
.status{font-size:.82rem;color:var(--soft)}
.status b{color:var(--tone);font-weight:650}
.verified{--tone:var(--good)}.provisional{--tone:var(--some)}.disputed{--tone:var(--bad)}.unverified,.missing{--tone:var(--weak)}
.quote{margin:.5rem 0}
.quote[open]{margin-bottom:.9rem}
.quote summary{color:var(--soft);font-size:.86rem}
.quote summary q{font-family:Charter,Georgia,serif;font-size:1rem;color:var(--ink)}
.passage{margin:.5rem 0 0;padding:.6rem .8rem;background:var(--paper);border-radius:.4rem;white-space:pre-line;font-size:.95rem}
mark{background:var(--mark);color:inherit;padding:.05em 0}
.where{font-size:.82rem;color:var(--soft);margin:.4rem 0 0}
.side{font-family:system-ui,sans-serif;font-size:.82rem;font-weight:650;margin:.7rem 0 .1rem!important}
.small{font-size:.88rem;color:var(--soft)}
.sources{list-style:none;padding:0}
.sources li{padding:.6rem 0;border-bottom:1px solid var(--line)}
.hash{font-size:.75rem;color:var(--soft);word-break:break-all}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.82rem;font-variant-numeric:tabular-nums;width:100%}
th,td{text-align:left;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:normal}
th{color:var(--soft);font-weight:600}
td.n,th.n{text-align:right}
footer{margin-top:3rem;font-size:.82rem;color:var(--soft)}
@media(max-width:30rem){.page{padding:1.5rem 1rem 3rem}h1{font-size:1.5rem}}
@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb}.filter,.js .filter,nav,.skip{display:none}.claim{break-inside:avoid}body{font-size:10.5pt}h2,h3{break-after:avoid}}
`

/** Inline script: opens quotes for printing, and hides claims of statuses that are not wanted. */
export const SCRIPT = `
document.documentElement.classList.add('js');
const boxes=[...document.querySelectorAll('.filter input')];
const claims=[...document.querySelectorAll('.claim')];
const said=document.getElementById('shown');
function apply(){
const wanted=new Set(boxes.filter(b=>b.checked).map(b=>b.value));
let shown=0;
for(const c of claims){c.hidden=!wanted.has(c.dataset.status);if(!c.hidden&&c.tagName==='ARTICLE')shown++}
const all=claims.filter(c=>c.tagName==='ARTICLE').length;
if(said)said.textContent=shown===all?'':shown+' of '+all+' claims shown';
}
for(const b of boxes)b.addEventListener('change',apply);
apply();
addEventListener('hashchange',reveal);
function reveal(){
const to=location.hash.length>1?document.getElementById(location.hash.slice(1)):null;
if(!to)return;
to.hidden=false;
for(let e=to.parentElement;e;e=e.parentElement)if(e.tagName==='DETAILS')e.open=true;
to.scrollIntoView();
}
reveal();
let closed=[];
addEventListener('beforeprint',()=>{closed=[...document.querySelectorAll('details:not([open])')];for(const d of closed)d.open=true});
addEventListener('afterprint',()=>{for(const d of closed)d.open=false});
`

export const STYLE_HASH = 'sha256-yvQTS3m/UpOwbeToIQ7Pfq84TyMI+I103+pNduOhW8M='
export const SCRIPT_HASH = 'sha256-DbudNRBpj31kbRyji1Ff85RiS5FRFFWaTrL9Fxo/rwg='
