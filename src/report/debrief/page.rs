//! The page: one file with its style inside, on A4 when printed, that fetches nothing.

use super::{Debrief, sections};
use crate::report::svg::escape;

/// No font, picture or script from anywhere; colours are the console's light palette on white paper.
const STYLE: &str = "
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;background:#C9CBCD;color:#1A1C1E;font:14px/1.45 Inter,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;
font-variant-numeric:tabular-nums}
main{max-width:1080px;margin:0 auto;background:#fff;padding:32px 40px 48px}
h1{font-size:24px;margin:0 0 2px}h2{font-size:17px;margin:34px 0 10px;padding-bottom:5px;border-bottom:1px solid #7A8086}
h3{font-size:14px;margin:18px 0 4px}p{margin:4px 0 8px;max-width:76ch}.quiet{color:#4A4F55}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:4px 24px;margin:12px 0 0}
dl div{display:flex;gap:10px;min-width:0}dt{color:#4A4F55;flex:0 0 118px}dd{margin:0;overflow-wrap:anywhere;min-width:0}
table{border-collapse:collapse;width:100%;margin:6px 0 4px}th{font-weight:400;color:#4A4F55;text-align:left;
border-bottom:1px solid #7A8086;padding:4px 10px 4px 0;vertical-align:bottom}
td{padding:4px 10px 4px 0;border-bottom:1px solid #D5D8DB;vertical-align:top;overflow-wrap:anywhere}
.r{text-align:right;white-space:nowrap}tr.g td{font-weight:600;padding-top:12px}
.total{display:flex;align-items:baseline;gap:18px;margin:6px 0 12px}.total b{font-size:40px;line-height:1}
.total span{font-size:18px}.cap{border:2px solid #1A1C1E;padding:8px 12px;margin:10px 0}
.two{display:grid;grid-template-columns:1fr 1fr;gap:8px 32px}ul{margin:4px 0;padding-left:20px}
svg{display:block;max-width:100%;height:auto;margin:6px 0;font-family:inherit}
.keep{break-inside:avoid}.moment{break-inside:avoid;margin-bottom:18px}table.soe{font-size:12px}table.soe td{padding:2px 10px 2px 0}
table.soe td:first-child{white-space:nowrap}.events td:nth-child(-n+4){white-space:nowrap}
.box{display:inline-block;width:26px;height:22px;border:1px solid #7A8086;margin-right:6px;text-align:center}
.box.on{background:#1A1C1E;color:#fff;font-weight:600}.sign{display:grid;grid-template-columns:1fr 1fr 1fr;gap:32px;margin:48px 0 16px}
.sign div{border-top:1px solid #1A1C1E;padding-top:4px;color:#4A4F55}
code{font:13px/1.5 ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;background:#E9EAEB;padding:3px 7px;
overflow-wrap:anywhere}a.file{color:#0B5394;margin-right:18px}
@page{size:A4;margin:13mm 12mm 14mm}
@media print{body{background:#fff;font-size:11px}main{padding:0;max-width:none}h2{break-after:avoid;margin-top:20px}
h3{break-after:avoid}tr,svg,.cap,dl div{break-inside:avoid}thead{display:table-header-group}a.file{display:none}
.page{break-before:page}.total b{font-size:32px}}
";

/// The whole file.
pub(super) fn page(d: &Debrief) -> String {
    let title = format!("Debrief: {}, {}", d.head.scenario, d.head.trainee);
    let body = [
        sections::header(d),
        sections::score(d),
        sections::strips(d),
        sections::metrics(d),
        sections::moments(d),
        sections::alarms(d),
        sections::par(d),
        sections::observer(d),
        sections::events(d),
        sections::signature(d),
    ]
    .concat();
    document(&title, &body)
}

/// A page of this style: its title, not escaped yet, and its body.
pub(in crate::report) fn document(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\
         <title>{title}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>\n"
    )
}
