import { colourRules, darkColourRules, typeSize } from './plot.js';

/** The style sheet of the page: light and dark, narrow and wide, on paper. */
export const styleSheet = `
:root{color-scheme:light dark;${colourRules}}
@media (prefers-color-scheme:dark){:root{${darkColourRules}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:784px;margin:0 auto;padding:32px 32px 64px}
h1{font-size:28px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:21px;line-height:1.3;margin:56px 0 8px;padding-top:20px;border-top:1px solid var(--line)}
h3{font-size:17px;margin:32px 0 6px}
p{margin:8px 0 12px;max-width:68ch}
a{color:var(--main)}
.kind{color:var(--muted);margin:0 0 20px}
.verdict{border-left:6px solid var(--faint);background:var(--panel);padding:16px 20px;margin:20px 0;border-radius:0 6px 6px 0}
.verdict.identified{border-color:var(--main)}
.verdict.imitated,.verdict.failed{border-color:var(--contrast)}
.verdict p{margin:4px 0}
.verdict strong{font-size:21px;display:block}
.facts{display:grid;grid-template-columns:repeat(3,1fr);gap:12px 24px;margin:20px 0;padding:0}
.facts div{border-top:2px solid var(--line);padding-top:6px;min-width:0}
.facts dt{color:var(--muted);font-size:${typeSize}px}
.facts dd{margin:0;font-weight:600;overflow-wrap:anywhere}
figure{margin:20px 0}
figure .scroll svg{display:block;color:var(--text);max-width:none}
figcaption{font-size:${typeSize}px;color:var(--muted);margin-top:8px;max-width:80ch}
.scroll{overflow-x:auto;max-width:100%}
.scroll:focus-visible,summary:focus-visible,a:focus-visible{outline:2px solid var(--main);outline-offset:2px}
table{border-collapse:collapse;font-size:${typeSize}px;margin:12px 0;min-width:50%;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--muted);padding-bottom:6px}
th,td{text-align:left;padding:6px 16px 6px 0;border-bottom:1px solid var(--line);vertical-align:top}
thead th{color:var(--muted);font-weight:600;white-space:nowrap}
tbody th{font-weight:600;white-space:nowrap}
#certificate~.scroll td:nth-child(2){min-width:136px}
.wide td{white-space:nowrap}
.pass::before{content:"✓ ";color:var(--main);font-weight:700}
.fail::before{content:"✗ ";color:var(--contrast);font-weight:700}
details{margin:12px 0}
summary{cursor:pointer;color:var(--main);padding:4px 0}
code{font:${typeSize}px ui-monospace,SFMono-Regular,Menlo,monospace;overflow-wrap:anywhere}
nav ol{display:flex;flex-wrap:wrap;gap:4px 20px;padding:0;margin:16px 0 0;list-style:none;font-size:${typeSize}px}
footer{margin-top:56px;color:var(--muted);font-size:${typeSize}px}
@media screen and (max-width:751px){figcaption::before{content:"The figure goes on to the right → ";color:var(--main)}}
@media (max-width:600px){main{padding:20px 16px 48px}td:last-child:nth-child(n+5){min-width:230px}h1{font-size:24px}th,td{padding-right:12px}.facts{grid-template-columns:repeat(2,1fr)}
#certificate~.scroll :is(table,caption,tbody,tr,th,td){display:block;border:0;padding-right:0;white-space:normal}#certificate~.scroll thead{display:none}#certificate~.scroll tr{padding:8px 0;border-bottom:1px solid var(--line)}#certificate~.scroll :is(tbody th,td){padding:2px 0}}
@media print{:root{color-scheme:light;${colourRules}}main{max-width:none;padding:0}nav{display:none}summary{color:inherit;list-style:none}figure,tr{break-inside:avoid}h2{break-after:avoid}.scroll{overflow:visible}svg{max-width:100%;height:auto}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
