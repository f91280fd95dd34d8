//! Answers from a list: for tests, and for showing again what was recorded.

use std::sync::{Mutex, PoisonError};
use watchfire_model::transport::{Answer, Request, Response, Transport, TransportError};

/// What answers a request.
type Script = dyn Fn(&Request) -> Result<Response, TransportError> + Send + Sync;

/// Answers each request by a function, and remembers the requests in their order.
pub struct Replay {
    script: Box<Script>,
    seen: Mutex<Vec<Request>>,
}

impl Replay {
    /// Answers by `script`.
    pub fn new(script: impl Fn(&Request) -> Result<Response, TransportError> + Send + Sync + 'static) -> Self {
        Self {
            script: Box::new(script),
            seen: Mutex::default(),
        }
    }

    /// The requests so far.
    pub fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl std::fmt::Debug for Replay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Replay({} requests)", self.seen().len())
    }
}

impl Transport for Replay {
    fn send(&self, request: Request) -> Answer<'_> {
        let answer = (self.script)(&request);
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        Box::pin(std::future::ready(answer))
    }
}
