//! Pictures on many hosts, and one page that shows them all.

use super::{
    data::photo,
    forge::Forge,
    web::{Answer, Routes},
};

/// A web, and one page that shows all its pictures.
pub(crate) struct Gallery {
    pub(crate) routes: Routes,
    page: String,
}

impl Gallery {
    pub(crate) fn new() -> Self {
        let mut routes = Routes::default();
        routes.add("page.example/robots.txt", Answer::ok("text/plain", "User-agent: *\nAllow: /\n"));
        Self { routes, page: String::new() }
    }

    /// Adds a host with so many pictures; its `answers` come before the picture at each of them.
    pub(crate) fn host(&mut self, name: &str, robots: &str, pictures: usize, answers: &[Answer]) {
        self.routes.add(&format!("{name}/robots.txt"), Answer::ok("text/plain", robots));
        for number in 0..pictures {
            let place = format!("{name}/{number}.jpg");
            let picture = Answer::ok("image/jpeg", photo(number));
            self.routes.add_in_turn(&place, answers.iter().cloned().chain([picture]).collect());
            self.page += &format!("<p><img src='http://{place}' alt='Picture {number} of {name}'></p>\n");
        }
    }

    pub(crate) fn archive(&self) -> Vec<u8> {
        let mut forge = Forge::new();
        let page = format!("<!doctype html><title>All</title>{}", self.page);
        forge.capture("http://page.example/", 200, &[("Content-Type", "text/html")], page.as_bytes());
        forge.gzip()
    }
}
