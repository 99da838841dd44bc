//! Which columns of a list are read: those that the settings name, or those that lists mostly have.

use crate::Error;
use schema::Input;

/// Names of columns told of in an error, and the longest of them.
const MOST_NAMES: usize = 50;
const LONGEST_NAME: usize = 60;

/// The columns of a row that are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns([Column; 3]);

/// One of them: the first there is of several names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Column {
    setting: &'static str,
    names: Vec<String>,
    /// Whether a list without it is an error.
    required: bool,
}

impl Columns {
    /// URL, text and page, as `[input]` names them. `URL` and `TEXT` are LAION's.
    pub fn of(input: &Input) -> Self {
        Self([
            Column::of("input.url_column", &input.url_column, &["url", "URL"], true),
            Column::of("input.caption_column", &input.caption_column, &["caption", "text", "TEXT", "alt"], false),
            Column::of("input.page_column", &input.page_column, &["page_url"], false),
        ])
    }

    /// URL, text and page.
    pub(super) fn each(&self) -> &[Column; 3] {
        &self.0
    }

    /// Where they stand among the columns that the list `name` has.
    pub(super) fn places(&self, name: &str, there: &[String]) -> Result<[Option<usize>; 3], Error> {
        let mut places = [None; 3];
        for (place, column) in places.iter_mut().zip(&self.0) {
            let named = |wanted: &String| there.iter().position(|name| name == wanted);
            *place = column.names.iter().find_map(named);
            if place.is_none() && column.required {
                return Err(column.missing(name, there));
            }
        }
        Ok(places)
    }
}

impl Column {
    fn of(setting: &'static str, chosen: &str, usual: &[&str], always: bool) -> Self {
        let names: Vec<String> = match chosen {
            "" => usual.iter().map(|name| (*name).to_owned()).collect(),
            chosen => vec![chosen.to_owned()],
        };
        Self { setting, names, required: always || !chosen.is_empty() }
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn is_required(&self) -> bool {
        self.required
    }

    /// The error for the list `name`, which has other columns.
    pub(super) fn missing<'a>(&self, name: &str, there: impl IntoIterator<Item = &'a String>) -> Error {
        let shown = |name: &String| format!("`{}`", name.chars().take(LONGEST_NAME).collect::<String>().escape_debug());
        let mut there: Vec<String> = there.into_iter().take(MOST_NAMES + 1).map(shown).collect();
        if there.len() > MOST_NAMES {
            there[MOST_NAMES] = "and more".into();
        }
        let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
        let wanted: Vec<String> = self.names.iter().map(|name| format!("`{name}`")).collect();
        let problem = format!("has no column {}; it has {there}", wanted.join(" or "));
        Error::archive(name, &problem, &format!("name the right one in `{}`", self.setting))
    }
}
