//! Lists as streams of pages, the next page being fetched while one is worked on.

use std::marker::PhantomData;

use serde_json::Value;
use tokio_util::task::AbortOnDropHandle;
use url::Url;

use super::resource::{Paging, Resource};
use super::{Cloud, Error, ErrorKind, Request, Service, crud};

/// How many objects one page asks for; services with a lower limit give less.
const LIMIT: &str = "1000";

/// The pages of a list. Nothing is asked before the first page is wanted; dropping it stops a page under way.
pub struct Pages<R> {
    cloud: Cloud,
    next: Option<Request>,
    ahead: Option<AbortOnDropHandle<Result<Page<R>, Error>>>,
    kind: PhantomData<fn() -> R>,
}

struct Page<R> {
    items: Vec<R>,
    next: Option<Request>,
}

impl<R: Resource> Pages<R> {
    pub(crate) fn new(cloud: Cloud, mut request: Request) -> Self {
        let limited = request.query.iter().any(|(key, _)| key == "limit");
        // Keystone has no pages, and its newer releases refuse parameters they do not know.
        if R::PAGING == Paging::Marker && !limited && R::SERVICE != Service::Identity {
            request.query.push(("limit".into(), LIMIT.into()));
        }
        Self { cloud, next: Some(request), ahead: None, kind: PhantomData }
    }

    /// Returns the next page, or `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<Vec<R>, Error>> {
        let fetched = match self.ahead.take() {
            Some(ahead) => ahead.await.unwrap_or_else(|_| Err(self.broken())),
            None => fetch(self.cloud.clone(), self.next.take()?).await,
        };
        match fetched {
            Ok(page) if page.items.is_empty() => None,
            Ok(page) => {
                self.ahead =
                    page.next.map(|next| AbortOnDropHandle::new(tokio::spawn(fetch(self.cloud.clone(), next))));
                Some(Ok(page.items))
            }
            Err(error) => Some(Err(error)),
        }
    }

    /// Returns all objects of all pages.
    pub async fn all(mut self) -> Result<Vec<R>, Error> {
        let mut all = Vec::new();
        while let Some(page) = self.next().await {
            all.append(&mut page?);
        }
        Ok(all)
    }

    /// Returns the first object, asking for one page only.
    pub async fn first(mut self) -> Result<Option<R>, Error> {
        if let Some(request) = &mut self.next {
            let limit = request.query.iter_mut().find(|(key, value)| key == "limit" && value == LIMIT);
            limit.into_iter().for_each(|(_, value)| *value = "1".into());
        }
        let request = self.next.take();
        match request {
            Some(request) => Ok(fetch::<R>(self.cloud.clone(), request).await?.items.into_iter().next()),
            None => Ok(None),
        }
    }

    /// Returns how many objects there are, without keeping them.
    pub async fn count(mut self) -> Result<usize, Error> {
        let mut count = 0;
        while let Some(page) = self.next().await {
            count += page?.len();
        }
        Ok(count)
    }

    /// Returns the ids of all objects.
    pub async fn ids(mut self) -> Result<Vec<String>, Error> {
        let mut ids = Vec::new();
        while let Some(page) = self.next().await {
            ids.extend(page?.iter().map(|item| item.id().to_owned()));
        }
        Ok(ids)
    }

    fn broken(&self) -> Error {
        self.cloud.about(R::SERVICE, R::PLURAL).error(ErrorKind::Protocol, "the fetching of a page ended early", "")
    }
}

async fn fetch<R: Resource>(cloud: Cloud, request: Request) -> Result<Page<R>, Error> {
    let mut body = cloud.send(request.clone()).await?.body;
    let about = cloud.about(request.service, &request.object);
    let next = match R::PAGING {
        Paging::Marker => next_link(&body, R::LIST_WRAPPER),
        Paging::Whole => None,
    };
    let list = match body.get_mut(R::LIST_WRAPPER) {
        Some(list) => list.take(),
        None => body,
    };
    let Value::Array(list) = list else {
        let message = format!("the answer has no list '{}'", R::LIST_WRAPPER);
        return Err(about.error(ErrorKind::Protocol, message, "look at the URL of the endpoint"));
    };
    let items: Result<Vec<R>, Error> = list.into_iter().map(|item| crud::read::<R>(item, &about)).collect();
    let next = next.map(|query| Request { query, ..request.clone() });
    if next.as_ref().is_some_and(|next| next.query == request.query) {
        let message = "the link to the next page leads to the same page";
        return Err(about.error(ErrorKind::Protocol, message, "look at the proxy before the service"));
    }
    Ok(Page { items: items?, next })
}

/// Returns the query of the link to the next page; the rest of the link may name a host only the service knows.
fn next_link(body: &Value, wrapper: &str) -> Option<Vec<(String, String)>> {
    let links = body.get(format!("{wrapper}_links")).and_then(Value::as_array).into_iter().flatten();
    let mut listed = links.filter(|link| link.get("rel").and_then(Value::as_str) == Some("next"));
    let href = listed.find_map(|link| link.get("href")?.as_str());
    let href = href.or_else(|| body.pointer("/links/next")?.as_str()).or_else(|| body.get("next")?.as_str())?;
    let query = href.split_once('?')?.1;
    // Any base will do: only the query is read.
    let url = Url::parse(&format!("http://localhost/?{query}")).ok()?;
    Some(url.query_pairs().into_owned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_next_page_is_found_in_every_form() {
        let expected = Some(vec![("limit".to_owned(), "2".to_owned()), ("marker".to_owned(), "b c".to_owned())]);
        for body in [
            json!({"servers": [], "servers_links": [{"rel": "next", "href": "http://in:1/v2.1/servers?limit=2&marker=b+c"}]}),
            json!({"servers": [], "next": "/v2/servers?limit=2&marker=b%20c"}),
            json!({"servers": [], "links": {"next": "http://in/v3/servers?limit=2&marker=b%20c", "self": "x"}}),
        ] {
            assert_eq!(next_link(&body, "servers"), expected, "{body}");
        }
        assert_eq!(next_link(&json!({"servers": [], "links": {"next": null}}), "servers"), None);
        let back = json!({"servers_links": [{"rel": "previous", "href": "http://h/?marker=a"}]});
        assert_eq!(next_link(&back, "servers"), None);
    }
}
