//! A user whom policy bindings ask for stays as long as they do: a target that
//! lost its only binding would be open to everyone.

use causeway_model::object::*;
use causeway_table::*;

use super::dependents::{binding, flow, is_there, names};
use super::fixtures::*;

pub(crate) async fn a_user_is_kept_by_the_bindings_that_ask_for_them(table: &Table) {
    let world = World::new(table, MaximumConnections::default(), &[1]).await;
    let ada = user();
    let flow = flow(1);
    let changes = [
        Change::Create(ada.clone()).into(),
        Change::Create(flow.clone()).into(),
    ];
    table.write(&changes, &[]).await.unwrap();
    let (endpoint, subject) = (world.endpoint.id.uuid(), Subject::User(ada.id));
    let hers = [
        binding(TargetKind::Endpoint, endpoint, subject),
        binding(
            TargetKind::Application,
            world.application.id.uuid(),
            subject,
        ),
        binding(TargetKind::Stage, flow.stages[0].id.uuid(), subject),
    ];
    for binding in &hers {
        write(table, Change::Create(binding.clone())).await.unwrap();
    }
    let found = table.dependents(Kind::User, ada.id.uuid(), 9).await;
    assert_eq!(
        names(&found.unwrap()),
        [(Kind::PolicyBinding, "user", true); 3]
    );
    let kept = async |changes: &[ObjectChange], count: u64, user: &User| {
        let error = table.write(changes, &[]).await.unwrap_err();
        let WriteError::InUse {
            kind: Kind::User,
            id,
            references,
            referrers,
        } = error
        else {
            panic!("{error}");
        };
        assert_eq!((id, references), (user.id.uuid(), count));
        assert_eq!(referrers.len(), 3);
        let read = table.users().by_id(user.id).await.unwrap();
        assert_eq!(read.as_ref(), Some(user));
        for binding in &hers {
            assert!(is_there(table, binding).await, "{}", binding.name);
        }
    };
    let end = || Change::Delete(ada.clone()).into();
    kept(&[end()], 3, &ada).await;
    // Nor with only some of them, in whatever way those go.
    let some = [
        end(),
        Change::Delete(hers[1].clone()).into(),
        Change::Delete(world.endpoint.clone()).into(),
    ];
    kept(&some, 1, &ada).await;

    // But with all of them: changed, deleted, gone with their target.
    let other = update(
        &hers[0],
        |binding| &mut binding.meta,
        |binding| {
            binding.subject = Subject::User(world.user.id);
            binding.name =
                PolicyBinding::name_of(binding.target_kind, binding.target, binding.subject);
        },
    );
    let all = [
        end(),
        other.into(),
        Change::Delete(hers[1].clone()).into(),
        Change::Delete(flow).into(),
    ];
    table.write(&all, &[]).await.unwrap();
    assert!(table.users().by_id(ada.id).await.unwrap().is_none());
    assert!(is_there(table, &hers[0]).await);
    assert!(!is_there(table, &hers[1]).await);
    assert!(!is_there(table, &hers[2]).await);
}

pub(crate) async fn a_binding_and_the_end_of_its_user_have_one_winner(table: &Table) {
    for _ in 0..8 {
        let world = World::new(table, MaximumConnections::default(), &[1]).await;
        let ada = user();
        write(table, Change::Create(ada.clone())).await.unwrap();
        let bound = binding(
            TargetKind::Endpoint,
            world.endpoint.id.uuid(),
            Subject::User(ada.id),
        );
        let change = |index: usize| -> ObjectChange {
            match index {
                0 => Change::Create(bound.clone()).into(),
                _ => Change::Delete(ada.clone()).into(),
            }
        };
        let outcomes = at_once(2, |index| {
            let (table, change) = (table.apart(), change(index));
            async move { table.write(&[change], &[]).await }
        })
        .await;
        let user = table.users().by_id(ada.id).await.unwrap();
        assert_eq!(user.is_some(), is_there(table, &bound).await);
        assert!(
            matches!(
                outcomes[..],
                [
                    Ok(()),
                    Err(WriteError::InUse {
                        kind: Kind::User,
                        ..
                    })
                ] | [
                    Err(WriteError::MissingReference {
                        kind: Kind::User,
                        ..
                    }),
                    Ok(())
                ]
            ),
            "{outcomes:?}"
        );
    }
}
