//! The rights in one image, as a page states them.

use crate::findings::clip;
use schema::Evidence;

/// Properties of schema.org's `ImageObject`. Addresses are resolved; texts are as written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rights {
    /// `license`: an address, or what stands in its place.
    pub(crate) license_url: Option<String>,
    /// `acquireLicensePage`.
    pub(crate) acquire_license_page: Option<String>,
    /// Name of the `creator`, or else of the `author`.
    pub(crate) creator: Option<String>,
    /// `creditText`.
    pub(crate) credit_text: Option<String>,
    /// `caption` and the other texts that describe the image, for the words in them; they are not kept as a right.
    pub(crate) caption: Option<String>,
    /// `copyrightNotice`.
    pub(crate) copyright_notice: Option<String>,
    /// `usageInfo`: an address or a text.
    pub(crate) usage_info: Option<String>,
    /// `conditionsOfAccess`.
    pub(crate) conditions_of_access: Option<String>,
}

impl Rights {
    /// Most kept of the texts of one property, said in several places: the longest text of a pair, and more.
    pub(super) const MAX_TEXTS_BYTES: usize = 16 * Evidence::MAX_RAW_BYTES;

    /// What is said, by the property's name.
    pub(crate) fn properties(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let all = [
            ("license", &self.license_url),
            ("acquireLicensePage", &self.acquire_license_page),
            ("creator", &self.creator),
            ("creditText", &self.credit_text),
            ("copyrightNotice", &self.copyright_notice),
            ("usageInfo", &self.usage_info),
            ("conditionsOfAccess", &self.conditions_of_access),
        ];
        all.into_iter().filter_map(|(name, text)| Some((name, text.as_deref()?)))
    }

    /// Texts in which authors put what may be done with the image.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let all =
            [&self.copyright_notice, &self.usage_info, &self.conditions_of_access, &self.credit_text, &self.caption];
        all.into_iter().flatten().map(String::as_str)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.properties().next().is_none() && self.caption.is_none()
    }

    /// Adds what is said elsewhere. Of addresses and names the first stands; of texts none is lost
    /// while there is room, since a reservation may stand in any of them.
    pub(crate) fn add(&mut self, other: Self) {
        self.license_url = self.license_url.take().or(other.license_url);
        self.acquire_license_page = self.acquire_license_page.take().or(other.acquire_license_page);
        self.creator = self.creator.take().or(other.creator);
        join(&mut self.credit_text, other.credit_text);
        join(&mut self.caption, other.caption);
        join(&mut self.copyright_notice, other.copyright_notice);
        join(&mut self.usage_info, other.usage_info);
        join(&mut self.conditions_of_access, other.conditions_of_access);
    }
}

fn join(texts: &mut Option<String>, more: Option<String>) {
    match (texts.as_mut(), more) {
        (Some(texts), Some(more)) if texts.len() < Rights::MAX_TEXTS_BYTES && !texts.contains(&more) => {
            *texts = clip(&format!("{texts}\n{more}"), Rights::MAX_TEXTS_BYTES);
        }
        (None, more) => *texts = more,
        _ => {}
    }
}
