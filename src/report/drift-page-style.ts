/**
 * How the page looks: light and dark, on a phone and on paper.
 *
 * Kinds of things are told by a mark and a word as well as by their colour; every text has a contrast of at least 4.5.
 */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--page:#f4f6f8;--card:#fff;--ink:#1b2027;--soft:#525c69;--line:#d3d9e0;--code:#eef1f4;
--red:#a8141f;--red-bg:#fdeced;--amber:#7c4a00;--amber-bg:#fff3db;--blue:#0b4f9e;--blue-bg:#e6f0fb;--green:#12602f;--green-bg:#e4f5ea}
@media (prefers-color-scheme:dark){:root{--page:#0f1317;--card:#171c22;--ink:#e7eaee;--soft:#a6b0bc;--line:#36404b;--code:#222932;
--red:#ffa29c;--red-bg:#3c1719;--amber:#f6c56f;--amber-bg:#362709;--blue:#96c5ff;--blue-bg:#10263e;--green:#86dfa8;--green-bg:#0f2f1c}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
header,main,footer{max-width:1040px;margin:0 auto;padding:0 24px}
header{padding-top:32px}
h1{font-size:1.75rem;line-height:1.2;margin:0 0 8px}
h2{font-size:1.25rem;margin:0 0 12px}
h3{font-size:1.1rem;margin:0 0 4px}
h4{font-size:1rem;margin:0}
p{margin:0 0 12px}
small{font-size:.875rem;font-weight:400;color:var(--soft)}
code,pre{font:.9em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
bdi,code,dd,h1,h3,h4,li,p,pre span,strong,summary,text,footer{unicode-bidi:isolate}
dl,dd,ul,ol{margin:0;padding:0;list-style:none}
main>section{margin:32px 0}
.badge{display:inline-block;padding:1px 8px;border-radius:10px;font-size:.875rem;font-weight:600;white-space:nowrap;color:var(--soft);background:var(--code);vertical-align:baseline}
.in-sync>.badge,h1.in-sync>.badge,.pending>h3>.badge,.host.in-sync>h3>.badge{color:var(--green);background:var(--green-bg)}
.degraded>.badge,.degraded>h4>.badge,.degraded>h3>.badge,.cluster>h3>.badge,.unreachable>.badge,.unreachable>h3>.badge,.failed>.badge,.failed>h3>.badge,.degraded>div>.badge{color:var(--red);background:var(--red-bg)}
.drifted>.badge,.drifted>h3>.badge,.drift>.badge,.drift>h4>.badge,.drift>div>.badge{color:var(--amber);background:var(--amber-bg)}
.pending>.badge,.pending>h4>.badge,.pending>div>.badge{color:var(--blue);background:var(--blue-bg)}
.facts{display:flex;flex-wrap:wrap;gap:4px 24px;color:var(--soft)}
.facts div{display:flex;gap:6px}
.facts dd{color:var(--ink)}
figure{margin:0}
figcaption{color:var(--soft);font-size:.875rem;margin-top:8px}
.topology{display:block;margin:0 auto;max-width:100%;height:auto;font:14px system-ui,sans-serif}
.topology.narrow{display:none}
.topology text{fill:var(--ink);direction:ltr}
.topology .strong{font-weight:600}
.topology .status,.topology .line{fill:var(--soft)}
.topology .wrong{fill:var(--red);font-weight:600}
.topology .card,.topology .pill{fill:var(--card);stroke:var(--line);stroke-width:1.5}
.topology .in-sync .card,.topology .pending .card,.topology .ok .pill{stroke:var(--green)}
.topology .drifted .card{stroke:var(--amber);stroke-width:2}
.topology .degraded .card,.topology .degraded .pill{stroke:var(--red);stroke-width:2}
.topology .unreachable .card,.topology .failed .card{stroke:var(--red);stroke-width:2;stroke-dasharray:6 4}
.edge{fill:none;stroke-linejoin:round}
.edge.spare{stroke:var(--soft);stroke-width:1.5;stroke-dasharray:3 5}
.edge.held{stroke:var(--green);stroke-width:3}
.edge.torn{stroke:var(--red);stroke-width:3}
.host{margin:0 0 24px}
.finding{background:var(--card);border:1px solid var(--line);border-left:5px solid var(--soft);border-radius:6px;padding:12px 16px;margin:10px 0}
.finding.degraded{border-left-color:var(--red)}
.finding.drift{border-left-color:var(--amber)}
.finding.pending{border-left-color:var(--blue)}
.sides{display:grid;grid-template-columns:1fr 1fr;gap:8px;margin:8px 0}
.sides div{border-radius:4px;padding:6px 10px}
.sides .is{background:var(--red-bg)}
.sides .ought{background:var(--green-bg)}
.sides dt{font-size:.8125rem;font-weight:600}
.is dt{color:var(--red)}
.ought dt{color:var(--green)}
.rows div{display:grid;grid-template-columns:6.5rem 1fr;gap:8px}
.rows dt{color:var(--soft)}
details{margin-top:8px}
summary{cursor:pointer;padding:4px 0}
summary .removed,.diff .removed{color:var(--red)}
summary .added,.diff .added{color:var(--green)}
.diff{margin:4px 0 0;padding:8px 0;border:1px solid var(--line);border-radius:4px;background:var(--card);max-height:40rem;overflow:auto;tab-size:8}
.diff span{display:block;padding:0 10px;white-space:pre-wrap;overflow-wrap:anywhere}
.diff .removed{background:var(--red-bg)}
.diff .added{background:var(--green-bg)}
.diff .hunk{color:var(--blue)}
.diff .file{font-weight:600}
.diff .remark{color:var(--soft)}
.quiet{display:flex;flex-wrap:wrap;gap:8px}
.quiet li,.rules li{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:6px 12px}
.rules li+li,.spans li+li{margin-top:8px}
.strip{display:flex;flex-wrap:wrap;gap:3px;margin-bottom:16px}
.strip li{width:22px;height:26px;border-radius:3px;text-align:center;font-weight:600;position:relative;background:var(--code);color:var(--soft)}
.strip .in-sync{background:var(--green-bg);color:var(--green)}
.strip .drifted{background:var(--amber-bg);color:var(--amber)}
.strip .degraded{background:var(--red-bg);color:var(--red)}
.strip .unreachable{box-shadow:inset 0 0 0 1px var(--red);color:var(--red)}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.spans li{background:var(--card);border:1px solid var(--line);border-radius:6px;padding:8px 12px}
.when{display:flex;flex-wrap:wrap;gap:0 16px;color:var(--soft);font-size:.9375rem}
.when strong{color:var(--ink)}
.bar{display:block;width:100%;height:8px;margin-top:6px;border-radius:4px}
.bar .track{fill:var(--code)}
.bar .time{fill:var(--amber)}
.degraded .bar .time{fill:var(--red)}
.pending .bar .time{fill:var(--blue)}
.gone .bar .time,.notice .bar .time{fill:var(--soft)}
footer{color:var(--soft);font-size:.875rem;padding-bottom:32px}
:focus-visible{outline:2px solid var(--blue);outline-offset:2px}
@media (max-width:700px){header,main,footer{padding-left:16px;padding-right:16px}header{padding-top:20px}
.topology.wide{display:none}.topology.narrow{display:block}
.sides{grid-template-columns:1fr}.rows div{grid-template-columns:5.5rem 1fr}}
@media print{:root{color-scheme:light;--page:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#999;--code:#eee;
--red:#8f0f19;--red-bg:#fff;--amber:#6b4000;--amber-bg:#fff;--blue:#08407f;--blue-bg:#fff;--green:#0d4d25;--green-bg:#fff}
body{font-size:11pt}.finding,.spans li,.topology{break-inside:avoid}h2,h3,h4{break-after:avoid}
.topology.wide{display:block}.topology.narrow{display:none}
.diff{max-height:none;overflow:visible}details::details-content{content-visibility:visible;display:block;height:auto}
.badge{border:1px solid currentColor}}
`;
