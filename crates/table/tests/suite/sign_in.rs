//! Second factors, identities, and sessions of sources.

use causeway_model::id::*;
use causeway_model::object::*;
use causeway_table::*;

use super::fixtures::*;

async fn somebody(table: &Table) -> User {
    let user = user();
    write(table, Change::Create(user.clone())).await.unwrap();
    user
}

fn factor(user: UserId) -> StoredFactor {
    StoredFactor {
        factor: Factor {
            id: FactorId::new(uuid()),
            user,
            kind: FactorKind::Totp,
            name: "phone".to_owned(),
            created_at: now(),
            last_used_at: None,
            confirmed: false,
        },
        secret: "sealed seed".to_owned(),
        version: 1,
    }
}

fn confirmed(before: &StoredFactor) -> StoredFactor {
    let mut after = before.clone();
    after.factor.confirmed = true;
    after.version += 1;
    after
}

pub(crate) async fn factors_are_read_with_their_user(table: &Table) {
    let user = somebody(table).await;
    let (first, second) = (factor(user.id), factor(user.id));
    for stored in [&first, &second] {
        table.factors().create(stored).await.unwrap();
    }
    let mut batch = Batch::new();
    let (user_slot, slot) = (batch.user(user.id), batch.factors(user.id));
    let (answer, trips) = counted(table.read(batch)).await;
    let answer = answer.unwrap();
    assert_eq!(trips, 1);
    assert_eq!(answer.take(user_slot).unwrap(), Some(user.clone()));
    assert_eq!(
        answer.take(slot).unwrap(),
        Some(StoredFactors(vec![first.clone(), second]))
    );
    assert!(!format!("{first:?}").contains("sealed"));
}

pub(crate) async fn a_factor_is_replaced_under_its_version(table: &Table) {
    let user = somebody(table).await;
    let (first, other) = (factor(user.id), factor(user.id));
    let factors = table.factors();
    factors.create(&first).await.unwrap();
    factors.create(&other).await.unwrap();
    let after = confirmed(&first);
    assert!(factors.update(1, &after).await.unwrap());
    assert!(!factors.update(1, &after).await.unwrap());
    assert_eq!(
        factors.of_user(user.id).await.unwrap(),
        [after.clone(), other.clone()]
    );
    let gone = FactorChanges::of(user.id).remove(first.factor.id);
    factors.write(&gone).await.unwrap();
    let again = factors.write(&gone).await.unwrap_err();
    assert!(
        matches!(again, WriteError::VersionChanged { .. }),
        "{again}"
    );
    // What is gone is not brought back by a late write.
    assert!(!factors.update(2, &after).await.unwrap());
    assert_eq!(factors.of_user(user.id).await.unwrap(), [other]);
    assert!(factors.delete_all(user.id).await.unwrap());
    assert!(!factors.delete_all(user.id).await.unwrap());
    assert_eq!(factors.of_user(user.id).await.unwrap(), []);
}

pub(crate) async fn factors_change_together_or_not_at_all(table: &Table) {
    let user = somebody(table).await;
    let (phone, old, new) = (factor(user.id), factor(user.id), factor(user.id));
    let factors = table.factors();
    factors.create(&phone).await.unwrap();
    factors.create(&old).await.unwrap();

    let changes = FactorChanges::of(user.id)
        .replace(1, confirmed(&phone))
        .remove(old.factor.id)
        .create(new.clone());
    factors.write(&changes).await.unwrap();
    let after = [confirmed(&phone), new.clone()];
    assert_eq!(factors.of_user(user.id).await.unwrap(), after);

    let unfit = [
        changes.clone(),
        FactorChanges::of(user.id)
            .remove(new.factor.id)
            .replace(1, confirmed(&phone)),
        FactorChanges::of(user.id)
            .create(factor(user.id))
            .remove(old.factor.id),
        FactorChanges::of(user.id)
            .remove(phone.factor.id)
            .create(new.clone()),
    ];
    for changes in unfit {
        let error = factors.write(&changes).await.unwrap_err();
        assert!(
            matches!(
                error,
                WriteError::VersionChanged { .. } | WriteError::Exists { .. }
            ),
            "{error}"
        );
        assert_eq!(factors.of_user(user.id).await.unwrap(), after);
    }
    factors.write(&FactorChanges::of(user.id)).await.unwrap();
}

pub(crate) async fn of_uses_of_a_factor_at_once_one_counts(table: &Table) {
    let user = somebody(table).await;
    let stored = factor(user.id);
    table.factors().create(&stored).await.unwrap();
    let won = at_once(16, |_| {
        let (table, after) = (table.clone(), confirmed(&stored));
        async move { table.factors().update(1, &after).await.unwrap() }
    })
    .await;
    assert_eq!(won.into_iter().filter(|won| *won).count(), 1);
}

pub(crate) async fn factors_of_a_user_are_few(table: &Table) {
    let user = somebody(table).await;
    let outcomes = at_once(FACTORS_MAX + 5, |_| {
        let (table, stored) = (table.clone(), factor(user.id));
        async move { table.factors().create(&stored).await }
    })
    .await;
    let (made, refused): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(Result::is_ok);
    assert_eq!((made.len(), refused.len()), (FACTORS_MAX, 5));
    for outcome in refused {
        assert!(matches!(
            outcome,
            Err(WriteError::TooMany {
                kind: Kind::Factor,
                limit: FACTORS_MAX
            })
        ));
    }
    let all = table.factors().of_user(user.id).await.unwrap();
    let one_more = || FactorChanges::of(user.id).create(factor(user.id));
    let swapped = one_more().remove(all[0].factor.id);
    table.factors().write(&swapped).await.unwrap();
    let error = table.factors().write(&one_more()).await.unwrap_err();
    assert!(matches!(error, WriteError::TooMany { .. }), "{error}");
    let gone = FactorChanges::of(user.id).remove(all[2].factor.id);
    table.factors().write(&gone).await.unwrap();
    table.factors().create(&factor(user.id)).await.unwrap();

    let mut large = factor(user.id);
    large.secret = "s".repeat(FACTOR_SECRET_BYTES_MAX + 1);
    let error = table.factors().create(&large).await.unwrap_err();
    assert!(matches!(error, WriteError::TooLarge { .. }), "{error}");
    let again = table.factors().create(&all[1]).await.unwrap_err();
    assert!(matches!(again, WriteError::Exists { .. }), "{again}");
    let nobody = factor(UserId::new(uuid()));
    let error = table.factors().create(&nobody).await.unwrap_err();
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

fn identity(source: SourceId, user: UserId) -> Identity {
    Identity {
        source,
        subject: name("subject"),
        user,
        created_at: now(),
    }
}

pub(crate) async fn a_subject_is_one_user(table: &Table) {
    let (ada, bob) = (somebody(table).await, somebody(table).await);
    let source = SourceId::new(uuid());
    let hers = identity(source, ada.id);
    let identities = table.identities();
    assert_eq!(identities.find(source, &hers.subject).await.unwrap(), None);
    for _ in 0..2 {
        assert_eq!(
            identities.link(&hers, None).await.unwrap(),
            LinkOutcome::Linked
        );
    }
    let his = Identity {
        user: bob.id,
        ..hers.clone()
    };
    assert_eq!(
        identities.link(&his, None).await.unwrap(),
        LinkOutcome::LinkedTo(ada.id)
    );
    let found = identities.find(source, &hers.subject).await.unwrap();
    assert_eq!(found.map(|user| user.id), Some(ada.id));
    // Sources are apart.
    let elsewhere = SourceId::new(uuid());
    assert_eq!(
        identities.find(elsewhere, &hers.subject).await.unwrap(),
        None
    );
    assert_eq!(
        identities.of_user(ada.id).await.unwrap(),
        std::slice::from_ref(&hers)
    );
    assert_eq!(identities.of_user(bob.id).await.unwrap(), []);
    assert!(
        !identities
            .unlink(bob.id, source, &hers.subject)
            .await
            .unwrap()
    );
    assert!(
        identities
            .unlink(ada.id, source, &hers.subject)
            .await
            .unwrap()
    );
    assert_eq!(identities.of_user(ada.id).await.unwrap(), []);
    assert_eq!(
        identities.link(&his, None).await.unwrap(),
        LinkOutcome::Linked
    );
}

pub(crate) async fn a_user_is_made_with_their_identity_or_not_at_all(table: &Table) {
    let source = SourceId::new(uuid());
    let ada = user();
    let hers = identity(source, ada.id);
    let identities = table.identities();
    identities
        .create_user_linked(&ada, &hers, &[event(now(), "made")])
        .await
        .unwrap();
    let found = identities.find(source, &hers.subject).await.unwrap();
    assert_eq!(found, Some(ada.clone()));
    // The subject is taken, then the username is.
    let second = user();
    let again = Identity {
        user: second.id,
        ..hers.clone()
    };
    let error = identities
        .create_user_linked(&second, &again, &[])
        .await
        .unwrap_err();
    assert!(
        matches!(
            error,
            WriteError::NameTaken {
                kind: Kind::Identity,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(table.users().by_id(second.id).await.unwrap(), None);
    let namesake = User {
        username: ada.username.to_uppercase(),
        ..user()
    };
    let new = identity(source, namesake.id);
    let error = identities
        .create_user_linked(&namesake, &new, &[])
        .await
        .unwrap_err();
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
    assert_eq!(identities.find(source, &new.subject).await.unwrap(), None);
}

pub(crate) async fn of_first_sign_ins_at_once_one_makes_the_user(table: &Table) {
    let source = SourceId::new(uuid());
    let subject = name("subject");
    let outcomes = at_once(12, |_| {
        let (table, user) = (table.clone(), user());
        let new = Identity {
            subject: subject.clone(),
            ..identity(source, user.id)
        };
        async move {
            let made = table
                .identities()
                .create_user_linked(&user, &new, &[])
                .await;
            made.is_ok().then_some(user.id)
        }
    })
    .await;
    let made: Vec<_> = outcomes.into_iter().flatten().collect();
    let found = table.identities().find(source, &subject).await.unwrap();
    assert_eq!(made, [found.unwrap().id]);
}

/// However the two meet, nobody is found by what a deleted user was linked to.
pub(crate) async fn a_user_who_goes_takes_no_identity_on(table: &Table) {
    let source = SourceId::new(uuid());
    for _ in 0..8 {
        let ada = somebody(table).await;
        let link = identity(source, ada.id);
        let tasks = at_once(2, |index| {
            let (table, ada, link) = (table.clone(), ada.clone(), link.clone());
            async move {
                if index == 0 {
                    write(&table, Change::Delete(ada)).await.unwrap();
                } else {
                    table.identities().link(&link, None).await.unwrap();
                }
            }
        });
        tasks.await;
        assert_eq!(
            table
                .identities()
                .find(source, &link.subject)
                .await
                .unwrap(),
            None
        );
        // Whatever was left behind is in nobody's way.
        let bob = somebody(table).await;
        let his = Identity {
            user: bob.id,
            ..link
        };
        assert_eq!(
            table.identities().link(&his, None).await.unwrap(),
            LinkOutcome::Linked
        );
    }
}

pub(crate) async fn a_source_finds_its_session(table: &Table) {
    let ada = somebody(table).await;
    let source = SourceId::new(uuid());
    let sid = name("sid");
    let with_sid = |sid: &str| StoredSession {
        source_session: Some((source, sid.to_owned())),
        ..session(ada.id)
    };
    let (first, second, other) = (with_sid(&sid), with_sid(&sid), with_sid("other"));
    for stored in [&first, &second, &other, &session(ada.id)] {
        table.sessions().create(stored).await.unwrap();
    }
    let found = async || -> Vec<SessionId> {
        let found = table.sessions().of_source_session(source, &sid).await;
        found.unwrap().iter().map(|session| session.id).collect()
    };
    assert_eq!(found().await, [first.session.id, second.session.id]);
    table
        .sessions()
        .delete(ada.id, first.session.id)
        .await
        .unwrap();
    assert_eq!(found().await, [second.session.id]);
    let mut batch = Batch::new();
    let slot = batch.credential(ada.id, Credential::Session(second.session.id));
    let read = table.read(batch).await.unwrap().take(slot).unwrap();
    assert_eq!(read, Some(StoredCredential::Session(second)));
    let elsewhere = SourceId::new(uuid());
    let none = table.sessions().of_source_session(elsewhere, &sid).await;
    assert_eq!(none.unwrap(), []);
}

pub(crate) async fn a_session_learns_what_was_proven(table: &Table) {
    use AuthenticationMethod::{Password, Totp, Webauthn};
    let ada = somebody(table).await;
    let mut stored = session(ada.id);
    stored.session.methods = vec![Password];
    table.sessions().create(&stored).await.unwrap();
    let id = stored.session.id;
    let touched = at_once(2, |index| {
        let table = table.clone();
        let method = [Totp, Webauthn][index];
        async move {
            table
                .sessions()
                .touch(ada.id, id, &[method, Password], later(60))
                .await
        }
    });
    assert!(touched.await.into_iter().all(Result::unwrap));
    assert!(
        table
            .sessions()
            .touch(ada.id, id, &[], later(70))
            .await
            .unwrap()
    );
    let found = table.sessions().of_user(ada.id).await.unwrap().remove(0);
    let mut methods = found.methods;
    methods.sort();
    assert_eq!(methods, [Password, Totp, Webauthn]);
    assert_eq!(found.confirmed_at, Some(later(70)));
    // Nothing comes back to life.
    assert!(
        !table
            .sessions()
            .touch(ada.id, id, &[Totp], later(3600))
            .await
            .unwrap()
    );
    table.sessions().delete(ada.id, id).await.unwrap();
    assert!(
        !table
            .sessions()
            .touch(ada.id, id, &[Totp], later(60))
            .await
            .unwrap()
    );
    assert_eq!(table.sessions().by_id(id).await.unwrap(), None);
}

pub(crate) async fn a_mail_address_finds_its_users(table: &Table) {
    let address = format!("{}@Example.org", name("ada"));
    let ada = User {
        email: address.clone(),
        ..user()
    };
    write(table, Change::Create(ada.clone())).await.unwrap();
    let found = async |address: &str| table.users().by_email(address).await.unwrap();
    assert_eq!(
        found(&address.to_uppercase()).await,
        std::slice::from_ref(&ada)
    );
    assert_eq!(found("").await, []);
    let namesake = User {
        email: address.clone(),
        ..user()
    };
    write(table, Change::Create(namesake.clone()))
        .await
        .unwrap();
    assert_eq!(found(&address).await.len(), 2);
    let moved = update(
        &namesake,
        |user| &mut user.meta,
        |user| user.email = String::new(),
    );
    write(table, moved).await.unwrap();
    assert_eq!(found(&address).await, std::slice::from_ref(&ada));
    write(table, Change::Delete(ada)).await.unwrap();
    assert_eq!(found(&address).await, []);
}
