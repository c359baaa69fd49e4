//! A release on its way out: the response body keeps the lease until it has been handed over.

use std::io;
use std::task::Poll;

use axum::body::Body;
use axum::response::Response;
use futures::StreamExt as _;
use futures::stream::poll_fn;
use store::Lease;

/// The response, whose body holds the lease from now until its last byte has been handed to the
/// network, or until it is dropped. Once the lease has run out, the body breaks off.
///
/// A connection sends what it has when its body has nothing more to give for the moment. So the
/// body pauses once after its last byte, and only then ends and lets go of the lease.
pub fn under_lease(response: Response, lease: Lease) -> Response {
    let (parts, body) = response.into_parts();
    let mut body = body.into_data_stream();
    let mut lease = Some(lease);
    let mut handed_over = false;
    let stream = poll_fn(move |context| {
        let Some(held) = &lease else {
            return Poll::Ready(None);
        };
        if !held.is_live() {
            lease = None;
            let late = io::Error::from(io::ErrorKind::TimedOut);
            return Poll::Ready(Some(Err(late)));
        }
        if handed_over {
            lease = None;
            return Poll::Ready(None);
        }
        match body.poll_next_unpin(context) {
            Poll::Ready(None) => {
                handed_over = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            other => other.map_err(io::Error::other),
        }
    });
    Response::from_parts(parts, Body::from_stream(stream))
}
