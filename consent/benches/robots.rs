//! How fast a robots.txt is read and asked, beside two other crates. Prints a table; asserts nothing.
//!
//! `cargo bench -p consent --bench robots`, on the real files in `$PINAKES_TEST_DATA/robots/real`.
//! Ours does more: it reads by two readings, keeps every crawler named and every line's words, and
//! answers with evidence. `texting_robots` keeps the rules of one agent and answers yes or no;
//! `robotstxt`, a port of Google's parser, keeps nothing and reads the file again for every URL.

use consent::{Answer, Policy, Site};
use robotstxt::{DefaultMatcher, RobotsParseHandler, parse_robotstxt};
use schema::{Mode, Source};
use std::{
    env, fs,
    hint::black_box,
    path::PathBuf,
    time::{Duration, Instant},
};
use texting_robots::Robot;
use url::Url;

const AGENT: &str = "pinakes";
/// Each figure is the best of this many rounds: what disturbs a round only makes it slower.
const ROUNDS: u32 = 7;

fn main() {
    let folder = data().join("robots/real");
    let files = read(&folder);
    if files.is_empty() {
        println!("skipped: no files in `{}` (set PINAKES_TEST_DATA)", folder.display());
        return;
    }
    let cases: Vec<Case> = files.into_iter().map(|(name, body)| Case::new(name, body)).collect();
    println!("{:<28} {:>8} {:>6} {:>6}", "file", "bytes", "lines", "URLs");
    for case in &cases {
        println!("{:<28} {:>8} {:>6} {:>6}", case.name, case.body.len(), case.body.lines().count(), case.urls.len());
    }
    reading(&cases);
    asking(&cases);
}

/// A file and URLs of its site.
struct Case {
    name: String,
    body: String,
    answer: Answer,
    urls: Vec<Url>,
}

impl Case {
    fn new(name: String, body: Vec<u8>) -> Self {
        let text = String::from_utf8_lossy(&body).into_owned();
        let answer = Answer::Found { status: 200, body, content_type: Some("text/plain".into()) };
        let urls = urls(&text);
        Self { name, body: text, answer, urls }
    }

    fn site(&self) -> Site {
        Site::new(&self.urls[0], &self.answer, Source::Live, None)
    }
}

/// URLs as images have them, and some that the file's own rules speak of.
fn urls(body: &str) -> Vec<Url> {
    const MOST: usize = 200;
    const COMMON: [&str; 4] = [
        "/",
        "/wp-content/uploads/2024/05/harbour-at-dusk-1024x683.jpg",
        "/images/products/4711.png?width=640&v=3",
        "/a",
    ];
    let rules = body.lines().filter_map(|line| line.split_once(':')?.1.trim().strip_prefix('/'));
    let of_rules = rules.map(|rule| format!("/{}x.jpg", rule.replace(['*', '$'], "a")));
    let paths = COMMON.map(str::to_owned).into_iter().chain(of_rules);
    paths.filter_map(|path| Url::parse(&format!("https://www.example.com{path}")).ok()).take(MOST).collect()
}

fn reading(cases: &[Case]) {
    let bytes: usize = cases.iter().map(|case| case.body.len()).sum();
    let rate = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64();
    let ours = best(20, || cases.iter().for_each(|case| drop(black_box(case.site()))));
    let texting = best(2, || {
        for case in cases {
            drop(black_box(Robot::new(AGENT, case.body.as_bytes())));
        }
    });
    let google = best(20, || cases.iter().for_each(|case| parse_robotstxt(&case.body, &mut Count(0))));
    println!("\n{:<44} {:>10} {:>8}", "reading, all files", "MB/s", "ours is");
    println!("{:<44} {:>10.0}", "consent: Site::new", rate(ours));
    println!("{:<44} {:>10.0} {:>7.1}x", "texting_robots: Robot::new", rate(texting), rate(ours) / rate(texting));
    println!("{:<44} {:>10.0} {:>7.1}x", "robotstxt: parse, nothing kept", rate(google), rate(ours) / rate(google));
}

fn asking(cases: &[Case]) {
    let policy = Policy::new(Mode::Strict, AGENT);
    let count: usize = cases.iter().map(|case| case.urls.len()).sum();
    let each = |time: Duration| time.as_nanos() as f64 / count as f64;
    let sites: Vec<Site> = cases.iter().map(Case::site).collect();
    let robots: Vec<Robot> = cases.iter().filter_map(|case| Robot::new(AGENT, case.body.as_bytes()).ok()).collect();
    let image = best(5, || {
        for (case, site) in cases.iter().zip(&sites) {
            case.urls.iter().for_each(|url| drop(black_box(site.image_evidence(&policy, url))));
        }
    });
    let page = best(5, || {
        for (case, site) in cases.iter().zip(&sites) {
            case.urls.iter().for_each(|url| drop(black_box(site.page_evidence(&policy, url))));
        }
    });
    let texting = best(5, || {
        for (case, robot) in cases.iter().zip(&robots) {
            for url in &case.urls {
                black_box(robot.allowed(url.as_str()));
            }
        }
    });
    // Its time grows with the square of the file, so a few URLs of each must do.
    let few: u32 = 2;
    let start = Instant::now();
    for (case, url) in cases.iter().flat_map(|case| case.urls.iter().take(few as usize).map(move |url| (case, url))) {
        black_box(DefaultMatcher::default().one_agent_allowed_by_robots(&case.body, AGENT, url.as_str()));
    }
    let google = start.elapsed().as_nanos() as f64 / f64::from(few) / cases.len() as f64;
    println!("\n{:<44} {:>10} {:>8}", format!("asking, {count} URLs"), "ns a URL", "ours is");
    println!("{:<44} {:>10.0}", "consent: Site::image_evidence", each(image));
    println!("{:<44} {:>10.0}", "consent: Site::page_evidence", each(page));
    println!("{:<44} {:>10.0} {:>7.1}x", "texting_robots: Robot::allowed", each(texting), each(texting) / each(image));
    println!("{:<44} {:>10.0} {:>7.1}x", "robotstxt: file read for each URL", google, google / each(image));
}

/// The time of one run, the best of some rounds of `runs` each.
fn best(runs: u32, mut work: impl FnMut()) -> Duration {
    let mut round = || {
        let start = Instant::now();
        (0..runs).for_each(|_| work());
        start.elapsed() / runs
    };
    (0..ROUNDS).map(|_| round()).min().unwrap_or_default()
}

/// Counts lines, so that the parser's work is not optimised away.
struct Count(u64);

impl RobotsParseHandler for Count {
    fn handle_robots_start(&mut self) {}
    fn handle_robots_end(&mut self) {
        black_box(self.0);
    }
    fn handle_user_agent(&mut self, line: u32, _: &str) {
        self.0 += u64::from(line);
    }
    fn handle_allow(&mut self, line: u32, _: &str) {
        self.0 += u64::from(line);
    }
    fn handle_disallow(&mut self, line: u32, _: &str) {
        self.0 += u64::from(line);
    }
    fn handle_sitemap(&mut self, line: u32, _: &str) {
        self.0 += u64::from(line);
    }
    fn handle_unknown_action(&mut self, line: u32, _: &str, _: &str) {
        self.0 += u64::from(line);
    }
}

fn read(folder: &PathBuf) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut files: Vec<_> = paths
        .filter_map(|path| Some((path.file_name()?.to_string_lossy().into_owned(), fs::read(&path).ok()?)))
        .collect();
    files.sort();
    files
}

fn data() -> PathBuf {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data");
    env::var_os("PINAKES_TEST_DATA").map_or_else(beside, PathBuf::from)
}
