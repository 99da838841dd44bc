//! The one pass over the columns that a choice asks about: a row is held against the lists as it comes, and of what is left no
//! more is kept than later steps ask for.

use super::{
    choice::Lists,
    lists::Hashers,
    pictures,
    recipes::Recipe,
    steps::{Member, NO_DOMAIN, Row, Step},
    wanted::{Score, Stratify, Wanted, narrow},
};
use crate::{Dataset, Error, subset::Layout};
use arrow_array::{
    Array, BooleanArray, Float64Array, Int64Array, RecordBatch, StringViewArray,
    cast::AsArray,
    types::{Float64Type, Int64Type},
};
use arrow_schema::DataType;
use datafusion::arrow::compute::cast;
use std::collections::HashMap;

/// The columns to be read, as SQL names them.
pub(super) async fn columns(
    dataset: &Dataset,
    wanted: &Wanted,
    recipes: &[Recipe],
    layout: Layout,
) -> Result<Vec<String>, Error> {
    let mut columns = vec!["id".to_owned()];
    // Quoted: `cluster` is a word of SQL.
    let mut add = |wanted: bool, name: &str| {
        let name = format!("\"{name}\"");
        if wanted && !columns.contains(&name) {
            columns.push(name);
        }
    };
    add(wanted.urls.is_some() || wanted.exclude_urls.is_some(), "url");
    add(layout == Layout::Urls, "url");
    for name in ["image_host", "page_host"] {
        add(wanted.exclude_domains.is_some(), name);
    }
    for name in ["cluster", "width", "height"] {
        add(wanted.without_duplicates, name);
    }
    add(wanted.per_domain.is_some(), "image_domain");
    add(wanted.per_page_domain.is_some(), "page_domain");
    let of_domains = wanted.per_domain.or(wanted.per_page_domain).map(|_| wanted.by_score);
    let of_recipes = recipes.iter().filter(|recipe| recipe.top_fraction.is_some());
    let scores: Vec<Score> = of_recipes
        .map(|recipe| recipe.by.unwrap_or_default())
        .chain(wanted.top_fraction.map(|_| wanted.by))
        .chain(of_domains)
        .collect();
    for score in [Score::Similarity, Score::Aesthetic] {
        add(scores.contains(&score), score.column());
    }
    if let Some(stratify) = &wanted.stratify {
        columns.push(format!("\"{}\" as stratum", stratify.column));
    }
    if layout.needs_pictures() {
        columns.push(format!("{} as pictured", pictures::test(dataset).await?));
    }
    Ok(columns)
}

/// Texts by number.
#[derive(Default)]
pub(super) struct Names {
    numbers: HashMap<String, u32>,
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

/// What the pass gathers.
pub(super) struct Scan {
    pub(super) lists: Lists,
    /// Rows that came.
    pub(super) seen: u64,
    /// Rows that each list dropped, in the order of the lists.
    dropped: [u64; 5],
    /// Rows that have no picture and would need one.
    pub(super) without_picture: u64,
    /// What is left.
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
    /// The hosts of the picture and of the page asked about last, and what became of them: rows are sorted by domain.
    last_hosts: [(String, bool); 2],
}

impl Scan {
    pub(super) fn new(lists: Lists, wanted: &Wanted, layout: Layout) -> Self {
        Self {
            lists,
            seen: 0,
            dropped: [0; 5],
            without_picture: 0,
            rows: Vec::new(),
            names: Names::default(),
            members: Vec::new(),
            urls: Vec::new(),
            stratify: wanted.stratify.clone(),
            urls_once: layout == Layout::Urls,
            hashers: Hashers::new(),
            last_hosts: Default::default(),
        }
    }

    pub(super) fn add(&mut self, batch: &RecordBatch) -> Result<(), Error> {
        let columns = Columns::of(batch)?;
        for row in 0..batch.num_rows() {
            self.seen += 1;
            if let Some(list) = self.unwanted(&columns, row) {
                self.dropped[list] += 1;
            } else if columns.pictured.as_ref().is_some_and(|pictured| !pictured.value(row)) {
                self.without_picture += 1;
            } else {
                self.keep(&columns, row);
            }
        }
        Ok(())
    }

    /// The number of the list by which a row is not wanted.
    fn unwanted(&mut self, columns: &Columns, row: usize) -> Option<usize> {
        let id = columns.id.value(row);
        let lists = &mut self.lists;
        let url = columns.url.as_ref().map_or("", |urls| urls.value(row));
        if lists.ids.as_mut().is_some_and(|list| !list.names_id(id)) {
            return Some(0);
        }
        if lists.urls.as_mut().is_some_and(|list| !list.names_url(url)) {
            return Some(1);
        }
        if lists.exclude_ids.as_mut().is_some_and(|list| list.names_id(id)) {
            return Some(2);
        }
        if lists.exclude_urls.as_mut().is_some_and(|list| list.names_url(url)) {
            return Some(3);
        }
        let list = lists.exclude_domains.as_mut()?;
        let hosts = columns.image_host.as_ref().zip(columns.page_host.as_ref());
        let (image, page) = hosts.map_or(("", ""), |(images, pages)| (images.value(row), pages.value(row)));
        let [last_image, last_page] = &mut self.last_hosts;
        let mut is_named = |host: &str, (last, named): &mut (String, bool)| {
            if host != last {
                *named = list.names_host(host);
                last.clear();
                last.push_str(host);
            }
            *named
        };
        // Both are asked about, so that what names either counts as met. Most pictures lie on the host of their page.
        let image_named = is_named(image, last_image);
        let page_named = page != image && is_named(page, last_page);
        (image_named || page_named).then_some(4)
    }

    fn keep(&mut self, columns: &Columns, row: usize) {
        let id = columns.id.value(row);
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
        self.rows.len() as u64 + self.without_picture
    }
}

/// The columns of a batch, as far as they were asked for.
struct Columns {
    id: Int64Array,
    url: Option<StringViewArray>,
    image_host: Option<StringViewArray>,
    page_host: Option<StringViewArray>,
    image_domain: Option<StringViewArray>,
    page_domain: Option<StringViewArray>,
    cluster: Option<Int64Array>,
    width: Option<Int64Array>,
    height: Option<Int64Array>,
    similarity: Option<Float64Array>,
    aesthetic: Option<Float64Array>,
    stratum: Option<Values>,
    pictured: Option<BooleanArray>,
}

enum Values {
    Texts(StringViewArray),
    Numbers(Float64Array),
}

impl Columns {
    fn of(batch: &RecordBatch) -> Result<Self, Error> {
        // Whatever kind of text and of number the engine chose.
        let column = |name: &str, kind: &DataType| -> Result<_, Error> {
            Ok(batch.column_by_name(name).map(|column| cast(column, kind)).transpose()?)
        };
        let text = |name: &str| -> Result<_, Error> {
            Ok(column(name, &DataType::Utf8View)?.map(|column| column.as_string_view().clone()))
        };
        let whole = |name: &str| -> Result<_, Error> {
            Ok(column(name, &DataType::Int64)?.map(|column| column.as_primitive::<Int64Type>().clone()))
        };
        let real = |name: &str| -> Result<_, Error> {
            Ok(column(name, &DataType::Float64)?.map(|column| column.as_primitive::<Float64Type>().clone()))
        };
        let stratum = match batch.column_by_name("stratum") {
            Some(column) if column.data_type().is_numeric() => real("stratum")?.map(Values::Numbers),
            _ => text("stratum")?.map(Values::Texts),
        };
        let missing = || Error::Query { message: "the query gives no ids".to_owned(), hint: None };
        Ok(Self {
            id: whole("id")?.ok_or_else(missing)?,
            url: text("url")?,
            image_host: text("image_host")?,
            page_host: text("page_host")?,
            image_domain: text("image_domain")?,
            page_domain: text("page_domain")?,
            cluster: whole("cluster")?,
            width: whole("width")?,
            height: whole("height")?,
            similarity: real("similarity")?,
            aesthetic: real("aesthetic")?,
            stratum,
            pictured: batch.column_by_name("pictured").and_then(AsArray::as_boolean_opt).cloned(),
        })
    }

    fn pixels(&self, row: usize) -> Option<i64> {
        Some(self.width.as_ref()?.value(row).saturating_mul(self.height.as_ref()?.value(row)))
    }
}
