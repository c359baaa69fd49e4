//! Webhooks: each message until it has arrived or is given up, and taken by one at a time.

use store::Store;
use store::webhook::{Channel, Status, Webhook};

use crate::people::noon_and;
use crate::place::each;

async fn take(store: &Store, minute: i64) -> Vec<Webhook> {
    let taken = store
        .webhooks_take((Channel::Webhook, "police"), noon_and(minute), 10)
        .await;
    taken.expect("takes")
}

/// Two messages to one agency, of which the second is the first again, and one to another.
async fn added(store: &Store) {
    for organization in ["police", "police", "court"] {
        let id = format!("msg_{organization}");
        let about = (organization, "TG-1");
        let added = store
            .webhook_add((Channel::Webhook, id), about, noon_and(1))
            .await;
        added.expect("adds");
    }
}

async fn settle(store: &Store, taken: Webhook, status: Status, due_at: i64) {
    let settled = Webhook {
        status,
        due_at: noon_and(due_at),
        tried_at: Some(noon_and(4)),
        outcome: Some("http_500".to_owned()),
        ..taken
    };
    store.webhook_settle(settled).await.expect("settles");
}

#[tokio::test]
async fn a_message_is_taken_by_one_at_a_time_until_it_is_settled() {
    each(async |place| {
        let store = place.open().await;
        added(&store).await;
        assert!(take(&store, 0).await.is_empty(), "it is not due yet");
        let taken = take(&store, 1).await;
        assert_eq!(taken.len(), 1, "another's is another's");
        assert_eq!((&*taken[0].case_id, taken[0].attempts), ("TG-1", 1));
        assert!(take(&store, 2).await.is_empty(), "somebody is at it");
        // Whoever it was has died.
        let again = take(&store, 4).await.remove(0);
        assert_eq!(again.attempts, 2);
        settle(&store, again, Status::Waiting, 30).await;
        assert!(take(&store, 29).await.is_empty(), "it pauses");
        let found = store.webhook("police", "msg_police").await;
        let found = found.expect("reads").expect("is there");
        let due = noon_and(30).as_microsecond();
        assert_eq!(found.due_at.as_microsecond(), due);
        assert_eq!(found.outcome.as_deref(), Some("http_500"));
        let other = store.webhook("court", "msg_police").await;
        assert_eq!(other.expect("reads"), None);
    })
    .await;
}

#[tokio::test]
async fn what_is_given_up_is_sent_anew_and_in_the_end_forgotten() {
    each(async |place| {
        let store = place.open().await;
        added(&store).await;
        let taken = take(&store, 1).await.remove(0);
        settle(&store, taken, Status::Dead, 2).await;
        assert!(take(&store, 9_000).await.is_empty(), "it is given up");
        let dead = store.webhooks("police", Some(Status::Dead)).await;
        assert_eq!(dead.expect("reads").len(), 1);
        for (organization, is_theirs) in [("court", false), ("police", true)] {
            let again = store.webhook_again(organization, "msg_police", noon_and(40));
            assert_eq!(again.await.expect("writes"), is_theirs);
        }
        let anew = take(&store, 40).await.remove(0);
        assert_eq!((anew.attempts, anew.status), (1, Status::Waiting));
        settle(&store, anew, Status::Delivered, 40).await;
        store.webhooks_forget(noon_and(60)).await.expect("forgets");
        for (organization, kept) in [("police", 0), ("court", 1)] {
            let left = store.webhooks(organization, None).await.expect("reads");
            assert_eq!(left.len(), kept, "what waits is kept");
        }
    })
    .await;
}

#[tokio::test]
async fn an_endpoint_that_has_changed_has_to_answer_again() {
    each(async |place| {
        let store = place.open().await;
        let known = async |mark: u8| {
            let verified = store.webhook_verified("police", &[mark; 32]).await;
            verified.expect("reads")
        };
        assert!(!known(1).await);
        for mark in [1, 2] {
            let verified = store
                .webhook_verify("police", [mark; 32], noon_and(0))
                .await;
            verified.expect("writes");
            assert!(known(mark).await);
        }
        assert!(!known(1).await);
    })
    .await;
}

#[tokio::test]
async fn an_email_is_no_message_to_a_machine() {
    each(async |place| {
        let store = place.open().await;
        added(&store).await;
        for _ in 0..2 {
            let email = (Channel::Email, "mail_police".to_owned());
            let added = store.webhook_add(email, ("police", "TG-1"), noon_and(1));
            added.await.expect("adds");
        }
        let police = (Channel::Email, "police");
        let emails = store.webhooks_take(police, noon_and(1), 10).await;
        let emails = emails.expect("takes");
        assert_eq!(emails.len(), 1, "once, and no webhook");
        assert_eq!(emails[0].channel, Channel::Email);
        assert_eq!(take(&store, 1).await.len(), 1);
        // The agency's machine neither lists it, nor reads it, nor sends it anew.
        let listed = store.webhooks("police", None).await.expect("reads");
        assert_eq!(listed.len(), 1);
        let read = store.webhook("police", "mail_police").await;
        assert_eq!(read.expect("reads"), None);
        let again = store.webhook_again("police", "mail_police", noon_and(2));
        assert!(!again.await.expect("writes"));
        let mut counts = store.webhook_counts().await.expect("reads");
        counts.sort_unstable_by_key(|(channel, ..)| *channel);
        let waiting = Status::Waiting;
        assert_eq!(
            counts,
            [(Channel::Webhook, waiting, 2), (Channel::Email, waiting, 1)]
        );
    })
    .await;
}
