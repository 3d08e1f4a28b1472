//! What an object store's refusals mean, in sentences that hold neither addresses nor keys nor what it wrote.

use std::error::Error;
use std::io;
use std::time::Duration;

use object_store::client::{HttpError, HttpErrorKind};

use crate::config::Provider;
use crate::model::{Fault, FaultCode};

/// Longest code of an answer that is repeated.
const MAX_CODE_BYTES: usize = 64;

/// What was asked of the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Request {
    Write,
    Read,
    List,
    Remove,
}

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
pub(super) enum ObjectFault {
    #[error("the object store")]
    Store(#[from] object_store::Error),
    /// A file of our own, for what was read.
    #[error("a file")]
    File(#[from] io::Error),
    /// Other bytes than those that were stored.
    #[error("damaged")]
    Damaged(String),
    #[error("silent")]
    Silent(Duration),
}

impl Request {
    fn named(self) -> &'static str {
        match self {
            Self::Write => "a write",
            Self::Read => "a read",
            Self::List => "a listing",
            Self::Remove => "a removal",
        }
    }

    /// What must be allowed for it.
    fn right(self, provider: Provider) -> &'static str {
        match (provider, self) {
            (Provider::S3, Self::Write) => "s3:PutObject",
            (Provider::S3, Self::Read) => "s3:GetObject",
            (Provider::S3, Self::List) => "s3:ListBucket",
            (Provider::S3, Self::Remove) => "s3:DeleteObject",
            (Provider::Google, Self::Write) => "storage.objects.create",
            (Provider::Google, Self::Read) => "storage.objects.get",
            (Provider::Google, Self::List) => "storage.objects.list",
            (Provider::Google, Self::Remove) => "storage.objects.delete",
            (Provider::Azure, _) => "Storage Blob Data Contributor",
        }
    }
}

impl ObjectFault {
    /// Whether only the object is not there, and the bucket is.
    pub(super) fn is_missing(&self) -> bool {
        let Self::Store(error @ object_store::Error::NotFound { .. }) = self else { return false };
        let said = error.to_string();
        !["NoSuchBucket", "ContainerNotFound", "bucket does not exist"].iter().any(|words| said.contains(words))
    }

    /// Whether there is one already.
    pub(super) fn is_taken(&self) -> bool {
        matches!(self, Self::Store(object_store::Error::AlreadyExists { .. }))
    }

    /// In words for everybody. Whatever the store wrote stays here, its code apart.
    pub(super) fn told(&self, request: Request, provider: Provider) -> Fault {
        let what = request.named();
        match self {
            Self::File(error) => {
                Fault::new(FaultCode::Disk, format!("what the object store sent could not be kept: {error}"))
            }
            Self::Damaged(name) => {
                let said = format!("the object store has other bytes of {name} than those that were stored");
                Fault::new(FaultCode::ObjectsDamaged, said)
            }
            Self::Silent(time) => {
                let seconds = time.as_secs_f32();
                let said = format!("the object store did not answer {what} within {seconds:.0} s");
                Fault::new(FaultCode::ObjectsAway, said)
            }
            Self::Store(error) => of_the_store(error, request, provider),
        }
    }
}

fn of_the_store(error: &object_store::Error, request: Request, provider: Provider) -> Fault {
    let (what, text) = (request.named(), error.to_string());
    if text.contains("redirect without LOCATION") {
        let said = "the object store sends elsewhere: the bucket is in another region than the settings say";
        return Fault::new(FaultCode::ObjectsRefused, said);
    }
    let code = code_in(&text);
    let Some(status) = status_in(error, &text, code) else {
        let said = format!("the object store did not take {what}: {}", broken(error));
        return Fault::new(FaultCode::ObjectsAway, said);
    };
    let answered = code.map_or_else(|| status.to_string(), |code| format!("{status} ({code})"));
    let said = format!("the object store answered {what} with {answered}");
    let code = match status {
        507 => FaultCode::ObjectsFull,
        _ if is_full(code.unwrap_or_default()) => FaultCode::ObjectsFull,
        401 | 403 => {
            let said = format!("{said}; it needs valid credentials and {}", request.right(provider));
            return Fault::new(FaultCode::ObjectsDenied, said);
        }
        404 => FaultCode::ObjectsNoBucket,
        408 | 429 | 500.. => FaultCode::ObjectsAway,
        _ => FaultCode::ObjectsRefused,
    };
    Fault::new(code, said)
}

/// The status of an answer; the crate shows it in words only.
fn status_in(error: &object_store::Error, text: &str, code: Option<&str>) -> Option<u16> {
    let shown = text.split_once("status code: ").and_then(|(_, rest)| rest.get(..3)?.parse().ok());
    shown.or(match error {
        object_store::Error::Unauthenticated { .. } => Some(401),
        object_store::Error::PermissionDenied { .. } => Some(403),
        object_store::Error::NotFound { .. } => Some(404),
        // One of many that were to be removed.
        _ if code == Some("AccessDenied") => Some(403),
        _ => None,
    })
}

/// What S3, and whoever speaks as it does, calls its refusal.
fn code_in(text: &str) -> Option<&str> {
    let between = |before: &str, behind: &str| Some(text.split_once(before)?.1.split_once(behind)?.0);
    let code = between("<Code>", "</Code>").or_else(|| between("(code: ", ")"))?;
    (code.len() <= MAX_CODE_BYTES && code.chars().all(|c| c.is_ascii_alphanumeric())).then_some(code)
}

/// Why there was no answer.
fn broken(error: &object_store::Error) -> &'static str {
    let mut next: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(http) = error.downcast_ref::<HttpError>() {
            return match http.kind() {
                HttpErrorKind::Connect => "it cannot be reached",
                HttpErrorKind::Timeout => "it is silent",
                HttpErrorKind::Request | HttpErrorKind::Interrupted => "the connection broke",
                _ => "what it sent is no answer",
            };
        }
        next = error.source();
    }
    "what it sent is no answer"
}

fn is_full(code: &str) -> bool {
    ["StorageFull", "InsufficientStorage", "QuotaExceeded", "InsufficientCapacity"]
        .iter()
        .any(|words| code.contains(words))
}

#[cfg(test)]
mod tests {
    use object_store::Error;

    use super::{ObjectFault, Request};
    use crate::config::Provider;
    use crate::model::FaultCode;

    fn told(error: Error) -> (FaultCode, String) {
        let fault = ObjectFault::from(error).told(Request::Write, Provider::S3);
        (fault.code, fault.message)
    }

    fn generic(words: &str) -> Error {
        Error::Generic { store: "S3", source: words.to_owned().into() }
    }

    #[test]
    fn of_what_the_store_wrote_only_its_code_is_repeated() {
        let page = "status code: 503 Service Unavailable: <Error><Code>SlowDown</Code><Message>hush</Message></Error>";
        let (code, said) = told(generic(&format!("Error performing PUT http://host/hush?sig=hush - {page}")));
        assert_eq!(
            (code, said.as_str()),
            (FaultCode::ObjectsAway, "the object store answered a write with 503 (SlowDown)")
        );
        let (code, said) = told(generic("status code: 400 Bad Request: <Code>not a code</Code> hush"));
        assert_eq!((code, said.as_str()), (FaultCode::ObjectsRefused, "the object store answered a write with 400"));
        let (code, said) = told(generic("DeleteObjects request failed for key hush: hush (code: AccessDenied)"));
        assert!(code == FaultCode::ObjectsDenied && !said.contains("hush"), "{said}");
        let (code, said) = told(generic("something about hush"));
        assert!(code == FaultCode::ObjectsAway && !said.contains("hush"), "{said}");
    }

    #[test]
    fn a_bucket_that_is_not_there_is_no_missing_file() {
        let missing = |words: &str| {
            let source = words.to_owned().into();
            ObjectFault::from(Error::NotFound { path: "a/b".to_owned(), source }).is_missing()
        };
        assert!(missing("<Code>NoSuchKey</Code>") && missing(""));
        assert!(!missing("<Code>NoSuchBucket</Code>") && !missing("<Code>ContainerNotFound</Code>"));
        assert!(!missing("The specified bucket does not exist."));
    }
}
