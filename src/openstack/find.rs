//! Finding an object by what a person calls it: an id or a name.

use super::crud::object;
use super::resource::Resource;
use super::{Cloud, Detail, Error, ErrorKind, Service};
use crate::base::suggest;

/// How many ids an ambiguity names.
const NAMED: usize = 5;

impl Cloud {
    /// Finds an object by id or name among those the query allows; several of one name are an error.
    pub async fn find<R: Resource>(&self, wanted: &str, query: Vec<(String, String)>) -> Result<Option<R>, Error> {
        if wanted.is_empty() {
            return Ok(None);
        }
        let by_id_first = looks_like_id(wanted);
        if by_id_first && let Some(found) = self.by_id::<R>(wanted).await? {
            return Ok(Some(found));
        }
        let mut named = self.by_name::<R>(wanted, query).await?;
        match named.len() {
            // Ids that look like names: Keystone's `default`, a flavor's `m1.small`, a key pair.
            0 if !by_id_first => self.by_id::<R>(wanted).await,
            0 | 1 => Ok(named.pop()),
            _ => Err(self.ambiguous::<R>(wanted, &named)),
        }
    }

    /// Finds an object by id or name; none is an error that suggests a similar name.
    pub async fn show<R: Resource>(&self, wanted: &str) -> Result<R, Error> {
        self.show_among(wanted, Vec::new()).await
    }

    /// As [`Self::show`], among those the query allows.
    pub async fn show_among<R: Resource>(&self, wanted: &str, query: Vec<(String, String)>) -> Result<R, Error> {
        if let Some(found) = self.find::<R>(wanted, query.clone()).await? {
            return Ok(found);
        }
        let others = self.list::<R>(query).next().await.and_then(Result::ok).unwrap_or_default();
        let near = suggest::hint(wanted, others.iter().map(R::name).filter(|name| !name.is_empty()));
        let object = object::<R>(wanted);
        let message = format!("there is none of this name or id{near}");
        let hint = "check the name and the project, or look among all projects";
        Err(self.about(R::SERVICE, &object).error(ErrorKind::NotFound, message, hint))
    }

    async fn by_id<R: Resource>(&self, id: &str) -> Result<Option<R>, Error> {
        match self.get::<R>(id).await {
            Ok(found) => Ok(Some(found)),
            // What cannot be an id is refused as wrong by some services, and by Keystone as none of one's business.
            Err(Error::NotFound(_) | Error::Invalid(_) | Error::Forbidden(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn by_name<R: Resource>(&self, name: &str, mut query: Vec<(String, String)>) -> Result<Vec<R>, Error> {
        if R::FILTERS.iter().any(|filter| filter.name == "name") {
            query.push(("name".into(), name_filter(R::SERVICE, name)));
        }
        let mut found = Vec::new();
        let mut pages = self.list::<R>(query);
        while let Some(page) = pages.next().await {
            found.extend(page?.into_iter().filter(|item| item.name() == name));
        }
        Ok(found)
    }

    fn ambiguous<R: Resource>(&self, name: &str, found: &[R]) -> Error {
        let mut ids: Vec<&str> = found.iter().take(NAMED).map(R::id).collect();
        if found.len() > NAMED {
            ids.push("…");
        }
        let detail = Detail {
            cloud: self.name().into(),
            service: Some(R::SERVICE),
            object: object::<R>(name),
            message: format!("{} {} bear this name: {}", found.len(), R::PLURAL.replace('_', " "), ids.join(", ")),
            hint: Some("use one of the ids".into()),
            ..Detail::default()
        };
        Error::new(ErrorKind::Ambiguous, detail)
    }
}

/// Tells whether a word has the form of an id that services give out.
fn looks_like_id(word: &str) -> bool {
    let hex = word.bytes().filter(u8::is_ascii_hexdigit).count();
    let dashes = word.bytes().filter(|byte| *byte == b'-').count();
    (hex == 32 && matches!((word.len(), dashes), (32, 0) | (36, 4)))
        || (!word.is_empty() && hex == word.len() && hex == 64)
}

/// Nova takes a name for a regular expression, so letters with a meaning there become "any letter".
fn name_filter(service: Service, name: &str) -> String {
    match service {
        Service::Compute => name
            .chars()
            .map(|letter| if letter.is_alphanumeric() || "-_ ".contains(letter) { letter } else { '.' })
            .collect(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_told_from_names() {
        for id in ["0d3b1bd0-2d7f-4b0e-8f7c-0a1b2c3d4e5f", "0d3b1bd02d7f4b0e8f7c0a1b2c3d4e5f", &"ab".repeat(32)] {
            assert!(looks_like_id(id), "{id}");
        }
        for name in ["web-1", "default", "deadbeef", "a-b-c-d-e", ""] {
            assert!(!looks_like_id(name), "{name}");
        }
    }

    #[test]
    fn a_name_is_no_pattern_to_nova() {
        assert_eq!(name_filter(Service::Compute, "web(1)+a"), "web.1..a");
        assert_eq!(name_filter(Service::Network, "web(1)"), "web(1)");
    }
}
