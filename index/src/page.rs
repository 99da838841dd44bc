//! Pages of one file each, for people: no script, no font, no picture from anywhere else, so that such a page can be kept,
//! mailed and opened offline. What is put into it is escaped by `maud`.

use base64::{Engine, engine::general_purpose::STANDARD};
use imagesize::{Compression, ImageType};
use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1d1d1f; --paper: #fdfcfa; --line: #d9d4ca; --bar: #7a5c3e; --soft: #6b665d; }
@media (prefers-color-scheme: dark) { :root { --ink: #eae6df; --paper: #1b1a18; --line: #45413a; --bar: #c9a27a; --soft: #a39c90; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; } .soft { color: var(--soft); }
table { border-collapse: collapse; } th, td { text-align: left; padding: .15rem .8rem .15rem 0; border-bottom: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
svg { display: block; max-width: 100%; } svg text { fill: currentColor; font-size: 11px; } svg rect { fill: var(--bar); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: 1rem; }
.card { border: 1px solid var(--line); padding: .5rem; overflow-wrap: anywhere; font-size: .85rem; } .card img { max-width: 100%; max-height: 12rem; display: block; margin: 0 auto .4rem; }
";

/// A whole page.
pub(crate) fn page(title: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                // Crawlers are to leave such pages alone, should somebody put one on the web.
                meta name="robots" content="noindex, noai, noimageai";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { h1 { (title) } (body) }
        }
    }
    .into_string()
}

/// A table whose first column is text and whose other columns are as they come.
pub(crate) fn table(headers: &[&str], rows: &[Vec<String>]) -> Markup {
    let is_number =
        |cell: &str| !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit() || b"., %-".contains(&byte));
    let class = |place: usize, cell: &str| (place > 0 && is_number(cell)).then_some("number");
    html! {
        table {
            thead { tr {
                @for (place, header) in headers.iter().enumerate() {
                    th class=[class(place, rows.first().and_then(|row| row.get(place)).map_or("", String::as_str))] { (header) }
                }
            } }
            tbody {
                @for row in rows { tr {
                    @for (place, cell) in row.iter().enumerate() { td class=[class(place, cell)] { (cell) } }
                } }
            }
        }
    }
}

/// A bar for each row, the longest as wide as the plot; the number stands behind it.
pub(crate) fn bars(rows: &[(String, f64)]) -> Markup {
    const STEP: usize = 20;
    const WIDE: f64 = 420.0;
    let most = rows.iter().map(|(_, value)| *value).fold(0.0, f64::max);
    html! {
        svg viewBox={ "0 0 760 " (rows.len() * STEP + 4) } width="760" role="img" {
            @for (place, (name, value)) in rows.iter().enumerate() {
                @let y = place * STEP;
                @let width = if most > 0.0 { value / most * WIDE } else { 0.0 };
                text x="236" y=(y + 15) text-anchor="end" { (shortened(name)) }
                rect x="244" y=(y + 4) width=(format!("{width:.1}")) height="14" {}
                text x=(format!("{:.1}", 250.0 + width)) y=(y + 15) { (number(*value)) }
            }
        }
    }
}

/// Counts of values in equal steps from `low` to `high`.
pub(crate) fn histogram(low: f64, high: f64, counts: &[u64]) -> Markup {
    const TALL: f64 = 120.0;
    const WIDE: f64 = 600.0;
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let step = WIDE / counts.len().max(1) as f64;
    html! {
        svg viewBox="0 0 640 150" width="640" role="img" {
            @for (place, count) in counts.iter().enumerate() {
                @let height = *count as f64 / most * TALL;
                rect x=(format!("{:.1}", 10.0 + place as f64 * step)) y=(format!("{:.1}", 126.0 - height))
                    width=(format!("{:.1}", (step - 1.0).max(0.5))) height=(format!("{height:.1}")) { title { (count) } }
            }
            text x="10" y="142" { (number(low)) }
            text x="610" y="142" text-anchor="end" { (number(high)) }
        }
    }
}

/// Values from 0 to 1 at equal steps from 0 to 1, as a curve over the diagonal.
pub(crate) fn curve(values: &[f64], across: &str, up: &str) -> Markup {
    const SIDE: f64 = 240.0;
    let steps = values.len().saturating_sub(1).max(1) as f64;
    let point =
        |place: usize, value: f64| format!("{:.1},{:.1}", 30.0 + place as f64 / steps * SIDE, 250.0 - value * SIDE);
    let points: Vec<String> = values.iter().enumerate().map(|(place, value)| point(place, *value)).collect();
    html! {
        svg viewBox="0 0 460 280" width="460" role="img" {
            path d="M30 10 V250 H270" fill="none" stroke="var(--line)" {}
            path d="M30 250 L270 10" fill="none" stroke="var(--line)" stroke-dasharray="4 4" {}
            polyline points=(points.join(" ")) fill="none" stroke="var(--bar)" stroke-width="2" {}
            text x="30" y="268" { (across) }
            text x="280" y="20" { (up) }
        }
    }
}

/// A picture within the page.
pub(crate) fn data_uri(image: &[u8]) -> String {
    let kind = match imagesize::image_type(image) {
        Ok(ImageType::Png) => "png",
        Ok(ImageType::Webp) => "webp",
        Ok(ImageType::Gif) => "gif",
        Ok(ImageType::Heif(Compression::Av1)) => "avif",
        _ => "jpeg",
    };
    format!("data:image/{kind};base64,{}", STANDARD.encode(image))
}

/// Whole numbers as such, others with three places.
fn number(value: f64) -> String {
    if value.fract() == 0.0 { format!("{value:.0}") } else { format!("{value:.3}") }
}

/// The end of a name too long for the plot is what tells domains apart.
fn shortened(name: &str) -> String {
    const MOST: usize = 34;
    let length = name.chars().count();
    if length <= MOST {
        name.to_owned()
    } else {
        format!("…{}", name.chars().skip(length - MOST + 1).collect::<String>())
    }
}
