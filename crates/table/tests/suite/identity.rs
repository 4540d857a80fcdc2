//! Users, their passwords, sessions, tokens and attempts.

use causeway_model::id::*;
use causeway_model::object::*;
use causeway_table::*;
use jiff::SignedDuration;

use super::fixtures::*;

fn hash(text: &str) -> PasswordHash {
    PasswordHash::new(format!("$argon2id${text}"))
}

async fn create_user(table: &Table) -> User {
    let user = user();
    write(table, Change::Create(user.clone())).await.unwrap();
    user
}

pub(crate) async fn a_username_is_unique_whatever_its_case(table: &Table) {
    let first = create_user(table).await;
    let second = User {
        username: first.username.to_uppercase(),
        ..user()
    };
    let error = write(table, Change::Create(second)).await.unwrap_err();
    assert!(
        matches!(
            error,
            WriteError::NameTaken {
                kind: Kind::User,
                ..
            }
        ),
        "{error}"
    );
    let found = table
        .users()
        .by_username(&first.username.to_uppercase())
        .await
        .unwrap();
    assert_eq!(found, Some(first.clone()));

    let renamed = update(
        &first,
        |user| &mut user.meta,
        |user| user.username = name("Renamed"),
    );
    let after = renamed.after().unwrap().clone();
    write(table, renamed).await.unwrap();
    assert_eq!(
        table.users().by_username(&first.username).await.unwrap(),
        None
    );
    assert_eq!(
        table.users().by_username(&after.username).await.unwrap(),
        Some(after.clone())
    );

    // Only its case changes: the name is the same.
    let cased = update(
        &after,
        |user| &mut user.meta,
        |user| user.username = user.username.to_uppercase(),
    );
    write(table, cased).await.unwrap();
}

pub(crate) async fn a_password_stands_apart_from_its_user(table: &Table) {
    let user = user();
    let change = ObjectChange::User(Change::Create(user.clone()), Some(hash("one")));
    table.write(&[change], &[]).await.unwrap();
    let found = table.users().for_sign_in(&user.username).await.unwrap();
    assert_eq!(found, Some((user.clone(), Some(hash("one")))));

    let renamed = update(
        &user,
        |user| &mut user.meta,
        |user| user.name = "Ada".to_owned(),
    );
    let after = renamed.after().unwrap().clone();
    write(table, renamed).await.unwrap();
    let found = table.users().for_sign_in(&user.username).await.unwrap();
    assert_eq!(
        found,
        Some((after.clone(), Some(hash("one")))),
        "an update keeps the password"
    );

    table
        .users()
        .set_password(user.id, &hash("two"))
        .await
        .unwrap();
    let (_, found) = table
        .users()
        .for_sign_in(&user.username)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found, Some(hash("two")));

    let nobody = UserId::new(uuid());
    let error = table
        .users()
        .set_password(nobody, &hash("three"))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            WriteError::NotFound {
                kind: Kind::User,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(
        table.users().for_sign_in(&name("nobody")).await.unwrap(),
        None
    );
}

pub(crate) async fn a_request_is_authenticated_in_one_round_trip(table: &Table) {
    let user = create_user(table).await;
    let (session, token) = (session(user.id), token(user.id));
    table.sessions().create(&session).await.unwrap();
    table.tokens().create(&token).await.unwrap();

    let by_session = Credential::Session(session.session.id);
    let mut batch = Batch::new();
    let epoch = batch.epoch();
    // The same item twice is asked for once.
    let twice = batch.user(user.id);
    let (answered, trips) = counted(table.authenticate(user.id, by_session, batch)).await;
    let (authenticated, answer) = answered.unwrap();
    let authenticated = authenticated.unwrap();
    assert_eq!(trips, 1);
    assert_eq!(authenticated.user, user);
    assert_eq!(answer.take(twice).unwrap(), Some(user.clone()));
    answer.take(epoch).unwrap();
    let stored = authenticated.credential;
    assert_eq!(stored, StoredCredential::Session(session.clone()));
    assert!(stored.secret_hash().matches(&session.secret));
    assert!(stored.is_live(later(3599)) && !stored.is_live(later(3600)));
    assert_eq!(stored.user(), user.id);
    assert_eq!(stored.credential(), by_session);

    let by_token = Credential::Token(token.token.id);
    let (authenticated, _) = table
        .authenticate(user.id, by_token, Batch::new())
        .await
        .unwrap();
    let stored = authenticated.unwrap().credential;
    assert_eq!(stored, StoredCredential::Token(token));
    assert!(stored.is_live(later(i64::from(u32::MAX))));

    for (user, credential) in [
        (user.id, Credential::Session(SessionId::new(uuid()))),
        (UserId::new(uuid()), by_session),
    ] {
        let (nobody, _) = table
            .authenticate(user, credential, Batch::new())
            .await
            .unwrap();
        assert_eq!(nobody, None);
    }
}

pub(crate) async fn a_session_ends_once(table: &Table) {
    let user = create_user(table).await;
    let stored = session(user.id);
    let id = stored.session.id;
    table.sessions().create(&stored).await.unwrap();
    let error = table.sessions().create(&stored).await.unwrap_err();
    assert!(
        matches!(
            error,
            WriteError::Exists {
                kind: Kind::Session,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(
        table.sessions().of_user(user.id).await.unwrap(),
        std::slice::from_ref(&stored.session)
    );
    assert_eq!(
        table.sessions().by_id(id).await.unwrap(),
        Some(stored.session)
    );
    assert!(table.sessions().delete(user.id, id).await.unwrap());
    assert!(!table.sessions().delete(user.id, id).await.unwrap());
    assert_eq!(table.sessions().by_id(id).await.unwrap(), None);

    let error = table
        .sessions()
        .create(&session(UserId::new(uuid())))
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            WriteError::NotFound {
                kind: Kind::User,
                ..
            }
        ),
        "{error}"
    );
}

pub(crate) async fn a_token_can_be_revoked(table: &Table) {
    let user = create_user(table).await;
    let stored = token(user.id);
    table.tokens().create(&stored).await.unwrap();
    assert_eq!(
        table.tokens().of_user(user.id).await.unwrap(),
        std::slice::from_ref(&stored.token)
    );
    assert_eq!(
        table.tokens().by_id(stored.token.id).await.unwrap(),
        Some(stored.token.clone())
    );
    assert!(
        table
            .tokens()
            .delete(user.id, stored.token.id)
            .await
            .unwrap()
    );
    assert_eq!(table.tokens().of_user(user.id).await.unwrap(), []);
}

pub(crate) async fn a_deleted_user_leaves_nothing_behind(table: &Table) {
    let user = user();
    let change = ObjectChange::User(Change::Create(user.clone()), Some(hash("one")));
    table.write(&[change], &[]).await.unwrap();
    table.sessions().create(&session(user.id)).await.unwrap();
    table.tokens().create(&token(user.id)).await.unwrap();
    write(table, Change::Delete(user.clone())).await.unwrap();

    assert_eq!(
        table.users().by_username(&user.username).await.unwrap(),
        None
    );
    assert_eq!(table.sessions().of_user(user.id).await.unwrap(), []);
    assert_eq!(table.tokens().of_user(user.id).await.unwrap(), []);
    let mut batch = Batch::new();
    let password = batch.password_hash(user.id);
    let answer = table.read(batch).await.unwrap();
    assert_eq!(answer.take(password).unwrap(), None);
}

pub(crate) async fn attempts_are_limited_by_window(table: &Table) {
    let who = name("Ada Lovelace, whatever she calls herself");
    let limit = RateLimit {
        what: "sign-in-user",
        limit: 3,
        window: SignedDuration::from_mins(1),
    };
    let take = async |seconds| {
        table
            .rate_limits()
            .take(limit, &who, later(seconds))
            .await
            .unwrap()
    };
    for remaining in [2, 1, 0] {
        assert_eq!(take(10).await, RateDecision::Allowed { remaining });
    }
    let retry_after = SignedDuration::from_secs(20);
    assert_eq!(take(40).await, RateDecision::Limited { retry_after });
    assert_eq!(take(60).await, RateDecision::Allowed { remaining: 2 });
    let nothing = RateLimit { limit: 0, ..limit };
    let refused = table
        .rate_limits()
        .take(nothing, &name("x"), now())
        .await
        .unwrap();
    assert!(matches!(refused, RateDecision::Limited { .. }));
}
