import Foundation

/// The one style sheet of a page. The page's policy names it by its hash, so that nothing else can style it: no style attributes either.
enum StyleSheet {
    static let text = """
        :root{color-scheme:light dark;\(Palette.light.properties)}
        @media (prefers-color-scheme:dark){:root{\(Palette.dark.properties)}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
        body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,\
        "Noto Sans","Liberation Sans",sans-serif;font-variant-numeric:tabular-nums}
        main{max-width:1160px;margin:0 auto;padding:40px 24px 80px}
        h1,h2,h3{line-height:1.2;text-wrap:balance;font-weight:650;letter-spacing:-.012em}
        h1{font-size:clamp(1.9rem,1.2rem + 3.2vw,3.1rem);margin:.15em 0 .35em;letter-spacing:-.025em}
        h2{font-size:1.4rem;margin:0 0 .6em}
        h3{font-size:1.1rem;margin:0 0 .5em}
        p{margin:.4em 0;max-width:72ch}
        a{color:var(--first);text-underline-offset:.15em}
        :focus-visible{outline:2px solid var(--first);outline-offset:2px}
        code,.mono{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace;font-size:.92em;\
        overflow-wrap:anywhere}
        .faint{color:var(--faint)}
        .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        .pass{color:var(--pass)}.fail{color:var(--fail)}.inconclusive{color:var(--warn)}
        header{border-bottom:1px solid var(--rule);padding-bottom:28px}
        .kicker{display:flex;flex-wrap:wrap;gap:.2em 1em;color:var(--faint);margin:0}
        .kicker b{color:var(--ink);font-weight:650}
        .verdict .sign{display:inline-block;margin-right:.28em}
        .missed{list-style:none;margin:0 0 20px;padding:0;display:grid;gap:4px}
        .facts{display:flex;flex-wrap:wrap;gap:14px 40px;margin:24px 0 0}
        .facts div{min-width:5.5em}
        dt{color:var(--faint);font-size:.82rem}
        dd{margin:0}
        .facts dd{font-size:1.25rem;font-weight:600;letter-spacing:-.01em}
        nav ul{list-style:none;display:flex;flex-wrap:wrap;gap:4px 20px;margin:16px 0 0;padding:0;font-size:.92rem}
        section{margin-top:52px}
        section section{margin-top:40px;padding-top:24px;border-top:1px solid var(--rule)}
        .targets{width:100%;border-collapse:collapse}
        .targets th{font-weight:400;font-size:.82rem;color:var(--faint);text-align:left;padding:0 14px 6px 0}
        .targets td,.targets tbody th{padding:9px 14px 9px 0;border-top:1px solid var(--rule);vertical-align:middle;\
        text-align:left;font-size:1rem;color:var(--ink)}
        .targets .number{text-align:right;white-space:nowrap}
        .targets .what small{display:block;color:var(--faint);font-size:.82rem;line-height:1.35}
        .targets .state{white-space:nowrap;font-weight:600;font-size:.92rem}
        .targets .bar{width:24%;min-width:170px}
        .targets .margin{white-space:nowrap;font-size:.92rem}
        .targets .value{font-weight:650}.targets .pair{white-space:nowrap}
        .targets .pair .faint{margin-left:.3em}
        .targets td.pass{color:var(--pass)}.targets td.fail{color:var(--fail)}.targets td.inconclusive{color:var(--warn)}
        .bar svg{display:block;width:100%;height:auto}
        .limitmark{stroke:var(--ink);stroke-width:2;fill:none}
        .charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,330px),1fr));gap:30px 28px;margin-top:20px}
        figure{margin:0;min-width:0}
        figcaption{font-size:.92rem;line-height:1.35;margin-bottom:8px;color:var(--faint)}
        figcaption b{color:var(--ink);font-weight:600}
        figure>svg{display:block;width:100%;height:auto;overflow:visible}
        svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;\
        font-variant-numeric:tabular-nums;fill:var(--faint)}
        svg .end{text-anchor:end}svg .mid{text-anchor:middle}
        svg .note{fill:var(--ink);paint-order:stroke;stroke:var(--paper);stroke-width:3px;stroke-linejoin:round}
        .grid{stroke:var(--rule);stroke-width:1;fill:none}.axis{stroke:var(--faint);stroke-width:1;fill:none}
        .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:butt}
        .first{stroke:var(--first)}.second{stroke:var(--second);stroke-dasharray:6 3}
        .third{stroke:var(--third);stroke-dasharray:2 2}
        .limit{stroke:var(--ink);stroke-width:1.2;stroke-dasharray:8 3 2 3}
        .dot{stroke:none}.dot.first{fill:var(--first)}.dot.second{fill:var(--second)}.dot.third{fill:var(--third)}
        .fill{stroke:none}.fill.first{fill:var(--heat2)}.fill.second{fill:none}.fill.third{fill:none}
        .heat.s1{fill:var(--heat1)}.heat.s2{fill:var(--heat2)}.heat.s3{fill:var(--heat3)}.heat.s4{fill:var(--heat4)}
        .heat.s5{fill:var(--heat5)}.heat.s6{fill:var(--heat6)}
        .judged{stroke:var(--paper);stroke-width:1.5}.judged.pass,.mark.pass{fill:var(--pass)}
        .judged.fail,.mark.fail{fill:var(--fail)}.mark.inconclusive{fill:var(--warn)}
        .track{fill:var(--panel)}.zone{fill:var(--rule)}
        .errors{fill:var(--fail)}
        .fault{fill:var(--fault)}.hatch{stroke:var(--hatch);stroke-width:1.2;fill:none}
        .faults{list-style:none;margin:8px 0 0;padding:0;display:flex;flex-wrap:wrap;gap:2px 24px;font-size:.92rem}
        .before{display:block;color:var(--faint);font-size:.82rem;line-height:1.35}
        .link{position:fixed;top:10px;right:14px;margin:0;z-index:1;font-size:.82rem;line-height:1;color:var(--faint);\
        background:var(--paper);border:1px solid var(--rule);border-radius:999px;padding:6px 11px}
        .link:empty{display:none}
        .link::before{content:"● ";color:var(--faint)}
        .link[data-kind=live]::before{color:var(--pass)}
        .link[data-kind=lost]{color:var(--fail);border-color:var(--fail)}.link[data-kind=lost]::before{content:"✗ ";color:inherit}
        .link[data-kind=over]::before{content:"■ "}
        .phase{color:var(--faint);font-weight:400}
        .progress{display:block;width:100%;height:8px;margin:4px 0 0}
        .progress .track{fill:var(--rule)}.progress .done{fill:var(--first)}
        .stores{list-style:none;margin:20px 0 0;padding:0;display:grid;gap:6px}
        .stores b{display:inline-block;min-width:5.5em}
        .stores .state{font-weight:600}
        .legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 11px;margin:4px 0 0 13%;padding:0;font-size:.76rem;\
        color:var(--faint)}
        .legend li{display:flex;align-items:center;gap:6px}
        details{font-size:.82rem;margin-top:6px}
        figure details{margin-left:13%}
        summary{cursor:pointer;color:var(--faint);width:max-content}
        .scroll{overflow:auto;max-height:18rem;margin-top:6px;border:1px solid var(--rule)}
        .scroll table{border-collapse:collapse;width:100%}
        .scroll th,.scroll td{padding:2px 10px;text-align:right;white-space:nowrap}
        .scroll th{position:sticky;top:0;background:var(--panel);font-weight:600}
        .kinds{list-style:none;margin:16px 0 0;padding:0;display:grid;gap:10px}
        .kinds li{display:grid;grid-template-columns:5.5em 1fr;gap:0 14px;align-items:baseline}
        .kinds svg{display:block;width:100%;height:8px;margin-top:4px}
        .kinds b{text-align:right}
        .streams{width:100%;border-collapse:collapse;font-size:.92rem}
        .streams th{font-weight:400;font-size:.82rem;color:var(--faint);text-align:right;padding:0 0 4px 14px;\
        vertical-align:bottom}
        .streams td{text-align:right;padding:5px 0 5px 14px;border-top:1px solid var(--rule);white-space:nowrap}
        .streams th:first-child,.streams td:first-child{text-align:left;padding-left:0}
        .wide{overflow-x:auto}
        .environment{display:grid;grid-template-columns:max-content 1fr;gap:6px 24px}
        .environment dt{padding-top:.12em}
        .command{display:block;background:var(--panel);border:1px solid var(--rule);border-radius:4px;padding:12px 16px;\
        margin-top:10px;white-space:pre-wrap}
        @media screen and (max-width:760px){
        main{padding:24px 16px 56px}
        section{margin-top:40px}
        .targets thead{display:none}
        .targets,.targets tbody{display:block}
        .targets tr{display:grid;grid-template-columns:1fr auto;gap:2px 12px;padding:12px 0;border-top:1px solid var(--rule)}
        .targets td,.targets tbody th{display:block;border:0;padding:0}
        .targets .what{grid-column:1;grid-row:1}.targets .state{grid-column:2;grid-row:1;text-align:right}
        .targets .bar{grid-column:1/3;grid-row:2;width:auto;padding:4px 0}
        .targets .pair{grid-column:1;grid-row:3}.targets .margin{grid-column:2;grid-row:3;text-align:right}
        .targets .samples{display:none}
        .targets .pair.number{text-align:left}
        .facts{gap:12px 28px}
        .environment{grid-template-columns:1fr;gap:0}.environment dd{margin-bottom:10px}
        }
        @media print{
        :root{color-scheme:light;\(Palette.light.properties)}
        @page{margin:14mm}
        body{font-size:10pt;background:none}
        main{max-width:none;padding:0}
        nav,details,.link{display:none}
        section{margin-top:28px}section section{margin-top:24px;padding-top:14px}
        .targets td,.targets tbody th{font-size:9pt;padding:5px 8px 5px 0}
        .targets .bar{min-width:100px;width:20%}.targets .samples small{display:inline}
        .wide{overflow:visible}.streams{font-size:7pt}.streams th{font-size:7pt}
        figure,.targets tr,.kinds li{break-inside:avoid}
        h2,h3,section>p{break-after:avoid}
        .targets .margin,.targets .state,.targets .what small{font-size:8pt}
        .charts{grid-template-columns:repeat(2,1fr)}
        svg *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
        }

        """

    /// As a policy names it.
    static let hash = "sha256-" + Data(SHA256.digest(Array(text.utf8))).base64EncodedString()
}
