//! The one pass over the columns that a choice asks about: a batch is held against the lists as it comes, and of what is left no
//! more is kept than later steps ask for.

use super::{
    choice::Lists,
    columns::{Columns, Values, needed},
    keys::Hashers,
    lists::List,
    steps::{Member, NO_DOMAIN, Row, Step},
    wanted::{Stratify, Wanted, narrow},
};
use crate::{Error, subset::Layout};
use ahash::RandomState;
use arrow_array::{Array, Float64Array, Int64Array, RecordBatch, StringViewArray};
use std::collections::HashMap;

/// Texts by number.
#[derive(Default)]
pub(super) struct Names {
    numbers: HashMap<String, u32, RandomState>,
    texts: Vec<String>,
}

impl Names {
    fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(NO_DOMAIN);
        self.numbers.insert(text.to_owned(), number);
        self.texts.push(text.to_owned());
        number
    }

    pub(super) fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", String::as_str)
    }
}

/// What is kept of a row that lists left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keep {
    /// It is counted.
    Nothing,
    /// Its id, by which it is read later.
    Ids,
    /// What steps across rows look at.
    Rows,
}

/// What the pass gathers.
pub(super) struct Scan {
    pub(super) lists: Lists,
    /// Rows that came.
    pub(super) seen: u64,
    /// Rows that each list dropped, in the order of the lists.
    dropped: [u64; 5],
    /// Rows that have no picture and would need one.
    pub(super) without_picture: u64,
    /// Rows that are left.
    pub(super) left: u64,
    keep: Keep,
    /// Their ids, where these are kept.
    pub(super) ids: Vec<i64>,
    /// They, where rows are kept.
    pub(super) rows: Vec<Row>,
    /// Domains and strata.
    pub(super) names: Names,
    /// Rows in clusters, where one of each is wanted.
    pub(super) members: Vec<Member>,
    /// Rows by URL, where each is wanted once.
    pub(super) urls: Vec<Member>,
    stratify: Option<Stratify>,
    urls_once: bool,
    hashers: Hashers,
    hosts: Hosts,
}

impl Scan {
    pub(super) fn new(lists: Lists, wanted: &Wanted, layout: Layout, keep: Keep) -> Self {
        Self {
            lists,
            seen: 0,
            dropped: [0; 5],
            without_picture: 0,
            left: 0,
            keep,
            ids: Vec::new(),
            rows: Vec::new(),
            names: Names::default(),
            members: Vec::new(),
            urls: Vec::new(),
            stratify: wanted.stratify.clone(),
            urls_once: layout == Layout::Urls,
            hashers: Hashers::new(),
            hosts: Hosts::default(),
        }
    }

    /// Rows that nothing is asked about.
    pub(super) fn add_counted(&mut self, rows: u64) {
        self.seen += rows;
        self.left += rows;
    }

    pub(super) fn add(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let columns = Columns::of(batch)?;
        self.seen += batch.num_rows() as u64;
        let mut left: Vec<usize> = (0..batch.num_rows()).collect();
        self.drop_listed(&columns, &mut left)?;
        if let Some(pictured) = &columns.pictured {
            self.without_picture += drop_if(&mut left, |row| !pictured.value(row));
        }
        self.left += left.len() as u64;
        if self.keep == Keep::Nothing {
            return Ok(());
        }
        let ids = needed(columns.id.as_ref(), "id")?;
        if self.keep == Keep::Ids {
            self.ids.extend(left.iter().map(|row| ids.value(*row)));
            return Ok(());
        }
        for row in left {
            self.keep_row(&columns, ids, row);
        }
        Ok(())
    }

    /// Drops what lists do not want, one list after the other: none is asked about rows that one before it dropped.
    fn drop_listed(&mut self, columns: &Columns, left: &mut Vec<usize>) -> Result<(), Error> {
        let Lists { ids, urls, exclude_ids, exclude_urls, exclude_domains } = &mut self.lists;
        if let Some(list) = ids {
            let found = needed(columns.id.as_ref(), "id")?;
            self.dropped[0] += drop_if(left, |row| !list.names_id(found.value(row)));
        }
        if let Some(list) = urls {
            let found = needed(columns.url.as_ref(), "url")?;
            self.dropped[1] += drop_if(left, |row| !list.names_url(found.value(row)));
        }
        if let Some(list) = exclude_ids {
            let found = needed(columns.id.as_ref(), "id")?;
            self.dropped[2] += drop_if(left, |row| list.names_id(found.value(row)));
        }
        if let Some(list) = exclude_urls {
            let found = needed(columns.url.as_ref(), "url")?;
            self.dropped[3] += drop_if(left, |row| list.names_url(found.value(row)));
        }
        if let Some(list) = exclude_domains {
            let images = needed(columns.image_host.as_ref(), "image_host")?;
            let pages = needed(columns.page_host.as_ref(), "page_host")?;
            self.dropped[4] += self.hosts.drop_named(list, images, pages, left);
        }
        Ok(())
    }

    fn keep_row(&mut self, columns: &Columns, ids: &Int64Array, row: usize) {
        let id = ids.value(row);
        let number = |names: &mut Names, column: &Option<StringViewArray>| {
            let text = column.as_ref().map_or("", |texts| texts.value(row));
            // Where a list of URLs named no page, its domain is no domain.
            if text.is_empty() { NO_DOMAIN } else { names.number(text) }
        };
        let domain = number(&mut self.names, &columns.image_domain);
        let page = number(&mut self.names, &columns.page_domain);
        let stratum = match &columns.stratum {
            None => NO_DOMAIN,
            Some(Values::Texts(texts)) => {
                self.names.number(if texts.is_valid(row) { texts.value(row) } else { "(none)" })
            }
            Some(Values::Numbers(numbers)) => {
                let label = match &self.stratify {
                    Some(stratify) if numbers.is_valid(row) => stratify.label(narrow(numbers.value(row))),
                    _ => "(none)".to_owned(),
                };
                self.names.number(&label)
            }
        };
        let score = |column: &Option<Float64Array>| {
            let value = column.as_ref().filter(|scores| scores.is_valid(row)).map(|scores| scores.value(row));
            value.filter(|score| !score.is_nan()).map_or(f32::NEG_INFINITY, narrow)
        };
        let scores = [score(&columns.similarity), score(&columns.aesthetic)];
        self.rows.push(Row { id, scores, domain, page, stratum });
        if let Some((clusters, pixels)) = columns.cluster.as_ref().zip(columns.pixels(row))
            && clusters.is_valid(row)
        {
            let cluster = clusters.value(row);
            let group = u128::from(cluster.cast_unsigned());
            self.members.push(Member { group, later: cluster != id, size: pixels, id });
        }
        if let Some(urls) = columns.url.as_ref().filter(|_| self.urls_once) {
            let group = self.hashers.key(urls.value(row));
            self.urls.push(Member { group, later: false, size: 0, id });
        }
    }

    /// What lists and the want of pictures dropped.
    pub(super) fn steps(&self) -> Vec<Step> {
        let lists = &self.lists;
        let all = [&lists.ids, &lists.urls, &lists.exclude_ids, &lists.exclude_urls, &lists.exclude_domains];
        let names = ["ids", "urls", "exclude-ids", "exclude-urls", "exclude-domains"];
        let (mut steps, mut left) = (Vec::new(), self.seen);
        for (place, name) in names.into_iter().enumerate() {
            if all[place].is_some() {
                left -= self.dropped[place];
                steps.push(Step { step: name.to_owned(), dropped: self.dropped[place], left });
            }
        }
        if self.without_picture > 0 {
            left -= self.without_picture;
            steps.push(Step { step: "without-picture".to_owned(), dropped: self.without_picture, left });
        }
        steps
    }

    /// What conditions and lists left.
    pub(super) fn asked(&self) -> u64 {
        self.left + self.without_picture
    }
}

/// Drops the rows of which it holds, and tells how many these are.
fn drop_if(rows: &mut Vec<usize>, mut is_dropped: impl FnMut(usize) -> bool) -> u64 {
    let before = rows.len();
    rows.retain(|row| !is_dropped(*row));
    (before - rows.len()) as u64
}

/// The hosts of picture and page that a list was asked about last, and what it said: rows are sorted by domain.
#[derive(Default)]
struct Hosts {
    image: (String, bool),
    page: (String, bool),
}

impl Hosts {
    /// Drops the rows whose picture or page lies on a host that `list` names, and tells how many these are.
    fn drop_named(
        &mut self,
        list: &mut List,
        images: &StringViewArray,
        pages: &StringViewArray,
        rows: &mut Vec<usize>,
    ) -> u64 {
        let (image_views, page_views) = (images.views(), pages.views());
        let mut answered: Option<((u128, u128), bool)> = None;
        drop_if(rows, |row| {
            // In one batch equal views are equal texts, and of texts out of one dictionary it is so the other way round.
            let views = (image_views[row], page_views[row]);
            if let Some((before, is_named)) = answered
                && before == views
            {
                return is_named;
            }
            let is_named = self.is_named(list, images.value(row), pages.value(row));
            answered = Some((views, is_named));
            is_named
        })
    }

    fn is_named(&mut self, list: &mut List, image: &str, page: &str) -> bool {
        // Both are asked about, so that what names either counts as met. Most pictures lie on the host of their page.
        let is_image_named = ask(list, image, &mut self.image);
        let is_page_named = page != image && ask(list, page, &mut self.page);
        is_image_named || is_page_named
    }
}

/// Whether `list` names `host`: by its last answer, where that was about the same host.
fn ask(list: &mut List, host: &str, (asked, is_named): &mut (String, bool)) -> bool {
    if host != asked.as_str() {
        *is_named = list.names_host(host);
        asked.clear();
        asked.push_str(host);
    }
    *is_named
}
