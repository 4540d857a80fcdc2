//! The export of the objects, whole and in parts, and what an empty control
//! plane makes of it.

use axum::Router;
use causeway_functions::access::{Admin, Reader};
use causeway_functions::use_case::export::{ExportWanted, export};
use serde_json::{Value, json};

use crate::harness::{Client, House, PASSWORD};

const EXPORT: &str = "/api/v1/admin/export";
/// How many there are of what there are many.
const MANY: usize = 110;

/// Objects of every kind, more than a page of those that are read in pages.
fn documents() -> Vec<Value> {
    let mut documents = vec![
        json!({"kind": "outpost", "name": "home", "labels": {"site": "a"}}),
        json!({"kind": "property_mapping", "name": "names", "static_settings": {
            "port": 22, "password": "secret of a mapping"}}),
        json!({"kind": "policy", "name": "office",
            "expression": "in_network(address, '10.0.0.0/8')\n  && user.username != 'eve'"}),
        json!({"kind": "source", "slug": "corp", "name": "Corp", "client_id": "causeway",
            "issuer": "https://id.example.com", "client_secret": "secret of a client"}),
        json!({"kind": "flow", "name": "ask", "title": "Before you go in", "stages": [
            {"type": "prompt", "name": "who",
                "fields": [{"name": "connection_settings.username", "required": true}]},
            {"type": "approval", "name": "boss", "groups": ["staff-000"],
                "users": ["user-001", "user-109"]},
        ]}),
        json!({"kind": "policy_binding", "target": "stage/ask/who", "group": "staff-001",
            "negate": true}),
    ];
    for provider in ["first", "none", "second"] {
        documents.push(
            json!({"kind": "provider", "name": provider, "outposts": ["home"],
            "authorization_flow": "ask", "property_mappings": ["names"]}),
        );
        documents.push(
            json!({"kind": "application", "slug": provider, "name": provider,
            "provider": provider}),
        );
    }
    for n in 0..MANY {
        let user = format!("user-{n:03}");
        documents.push(
            json!({"kind": "user", "username": user, "name": "ü".repeat(n % 50),
            "groups": [format!("staff-{:03}", n % 3)]}),
        );
        let provider = ["first", "second"][n % 2];
        documents.push(json!({
            "kind": "endpoint", "name": format!("m-{n:03}"), "provider": provider,
            "protocol": "ssh", "host": "h", "labels": {"site": "a"},
            "settings": {"username": "x".repeat(n), "password": "secret of an endpoint"},
        }));
    }
    for n in 0..20 {
        let group = format!("staff-{n:03}");
        documents.push(
            json!({"kind": "group", "name": group, "operates": ["first"],
            "attributes": {"text": "\"quoted\"\n".repeat(n)}}),
        );
        documents.push(
            json!({"kind": "policy_binding", "target": "application/second",
            "group": group, "order": n}),
        );
    }
    documents.push(
        json!({"kind": "policy_binding", "target": "endpoint/first/m-000",
        "policy": "office"}),
    );
    documents.push(
        json!({"kind": "policy_binding", "target": "application/first",
        "user": "user-007"}),
    );
    documents
}

async fn full_house() -> (House, Client) {
    let house = House::empty().await;
    house.apply(documents()).await;
    let admin = house.sign_in("admin").await;
    (house, admin)
}

/// The same control plane where answers have at most `bytes` bytes.
fn bounded(house: &House, bytes: usize) -> Router {
    let app = house.another_process_with(|parts| parts.config.answer_bytes_max = Some(bytes));
    causeway_functions::api(app).0
}

/// Documents and what they leave out, of all parts together.
#[derive(Debug, Default, PartialEq)]
struct Whole {
    documents: Vec<Value>,
    left_out: Vec<(usize, String)>,
    parts: usize,
}

impl Whole {
    fn add(&mut self, part: &Value) {
        let before = self.documents.len();
        for left_out in part["left_out"].as_array().unwrap() {
            let document = usize::try_from(left_out["document"].as_u64().unwrap()).unwrap();
            let field = left_out["field"].as_str().unwrap().to_owned();
            self.left_out.push((before + document, field));
        }
        let documents = part["documents"].as_array().unwrap();
        self.documents.extend(documents.iter().cloned());
        self.parts += 1;
    }

    /// Reads all parts; `look` sees each and may change what is behind it.
    async fn read(client: &Client, path: &str, mut look: impl AsyncFnMut(&Value)) -> Self {
        let (mut whole, mut next) = (Self::default(), Some(path.to_owned()));
        while let Some(path) = next.take() {
            let answer = client.get(&path).await;
            next = answer.next_part();
            let part = answer.expect(200);
            let linked = next
                .as_deref()
                .and_then(|link| link.split("cursor=").nth(1));
            assert_eq!(part["next"].as_str(), linked, "{part}");
            look(&part).await;
            whole.add(&part);
        }
        whole
    }

    fn names(&self, kind: &str) -> Vec<String> {
        let of_kind = self.documents.iter().filter(|found| found["kind"] == kind);
        let name = |found: &Value| {
            let name = ["name", "username", "target"].into_iter().rev();
            name.filter_map(|field| found[field].as_str())
                .next()
                .map(str::to_owned)
        };
        of_kind.map(|found| name(found).unwrap()).collect()
    }
}

#[tokio::test]
async fn the_parts_are_the_whole_at_any_limit() {
    let (house, admin) = full_house().await;
    let whole = Whole::read(&admin, EXPORT, async |_| {}).await;
    assert_eq!(whole.parts, 1);
    // Nobody else but the first administrator was there.
    assert_eq!(whole.documents.len(), documents().len() + 1);
    assert_eq!(whole.left_out.len(), MANY + 2);

    let mut parts_before = usize::MAX;
    for bytes in [0, 4_000, 17_000, 100_000, 10_000_000] {
        let there = admin.at(bounded(&house, bytes));
        let mut longest = 0;
        let found = Whole::read(&there, EXPORT, async |part| {
            let length = part.to_string().len();
            let is_one = part["documents"].as_array().unwrap().len() == 1;
            assert!(length <= bytes || is_one, "{length} bytes of {bytes}");
            longest = longest.max(length);
        })
        .await;
        assert_eq!(found.documents, whole.documents, "{bytes}");
        assert_eq!(found.left_out, whole.left_out, "{bytes}");
        assert!(
            found.parts <= parts_before,
            "{} parts of {bytes}",
            found.parts
        );
        // Parts are filled, as far as may be.
        assert!(found.parts == 1 || bytes < 4_000 || longest > bytes / 3);
        parts_before = found.parts;
    }
    assert_eq!(parts_before, 1);
}

#[tokio::test]
async fn one_kind_is_exported_in_parts_as_well() {
    let (house, admin) = full_house().await;
    let there = admin.at(bounded(&house, 3_000));
    for (kind, count) in [("endpoint", MANY), ("policy-binding", 23), ("source", 1)] {
        let path = format!("{EXPORT}?kind={kind}");
        let whole = Whole::read(&admin, &path, async |_| {}).await;
        let found = Whole::read(&there, &path, async |_| {}).await;
        assert_eq!(found.documents, whole.documents);
        assert_eq!(found.documents.len(), count);
    }
    for query in [
        "cursor=junk",
        "cursor=user",
        "cursor=user.junk",
        "cursor=planet.",
        "cursor=policy.%21",
        "cursor=endpoint.junk",
        "cursor=endpoint.junk.",
        "cursor=user.&kind=endpoint",
    ] {
        let answer = there.get(&format!("{EXPORT}?{query}")).await;
        answer.problem(400, "invalid_cursor");
    }
    let of_users = Whole::read(&there, &format!("{EXPORT}?kind=user"), async |_| {}).await;
    assert!(of_users.parts > 3, "{}", of_users.parts);
}

/// What stays as it is comes once, whatever is made and deleted around it.
#[tokio::test]
async fn what_stays_is_exported_once_while_others_come_and_go() {
    let (house, admin) = full_house().await;
    let before = Whole::read(&admin, EXPORT, async |_| {}).await;
    let there = admin.at(bounded(&house, 2_500));
    let mut deleted = Vec::new();
    let mut made = 0;
    let found = Whole::read(&there, EXPORT, async |part| {
        // The last of the part is what its cursor stands at.
        let Some(last) = part["documents"].as_array().unwrap().last() else {
            return;
        };
        let name = match last["kind"].as_str().unwrap() {
            "user" if last["username"] != "admin" => last["username"].as_str().unwrap(),
            "endpoint" => last["name"].as_str().unwrap(),
            _ => return,
        };
        // Approvers stay.
        if ["user-001", "user-007", "user-109", "m-000"].contains(&name) {
            return;
        }
        let path = if last["kind"] == "user" {
            format!("/api/v1/admin/users/{name}")
        } else {
            let path = format!("/api/v1/admin/endpoints?name={name}");
            let listed = admin.get(&path).await.expect(200);
            let id = listed["items"][0]["id"].as_str().unwrap().to_owned();
            format!("/api/v1/admin/endpoints/{id}")
        };
        admin.delete(&path).await.expect(204);
        deleted.push(name.to_owned());
        made += 1;
        let user = json!({"username": format!("aaa-{made:03}")});
        admin.post("/api/v1/admin/users", &user).await.expect(201);
        let endpoint = json!({"name": format!("zzz-{made:03}"), "provider": "none",
            "protocol": "ssh", "host": "h"});
        admin
            .post("/api/v1/admin/endpoints", &endpoint)
            .await
            .expect(201);
    })
    .await;
    assert!(deleted.len() > 20, "{deleted:?}");
    for kind in ["user", "endpoint", "group", "policy_binding", "application"] {
        let is_new = |name: &String| name.starts_with("aaa-") || name.starts_with("zzz-");
        let mut names = found.names(kind);
        names.retain(|name| !is_new(name));
        assert_eq!(names, before.names(kind), "{kind}");
    }
}

/// A provider is in the middle of its endpoints when it is renamed, and gone
/// when the next part is asked for.
#[tokio::test]
async fn endpoints_go_on_behind_a_provider_that_is_renamed_or_gone() {
    let (house, admin) = full_house().await;
    // Ids follow each other in time, so that this provider is behind the others.
    house.wait(1);
    house
        .apply(vec![
            json!({"kind": "provider", "name": "a-last"}),
            json!({"kind": "endpoint", "name": "last", "provider": "a-last", "protocol": "ssh",
                "host": "h"}),
        ])
        .await;
    let path = format!("{EXPORT}?kind=endpoint");
    let before = Whole::read(&admin, &path, async |_| {}).await;
    let there = admin.at(bounded(&house, 2_500));
    let mut provider = admin.get("/api/v1/admin/providers/first").await.expect(200);
    let mut parts = 0;
    let found = Whole::read(&there, &path, async |_| {
        parts += 1;
        provider["name"] = json!(format!("called-{parts}"));
        provider.as_object_mut().unwrap().remove("version");
        let path = format!(
            "/api/v1/admin/providers/{}",
            provider["id"].as_str().unwrap()
        );
        admin.put(&path, &provider).await.expect(200);
    })
    .await;
    assert!(parts > 5);
    assert_eq!(found.names("endpoint"), before.names("endpoint"));

    // The cursor of a provider that is no more leads to the next one.
    let none = admin.get("/api/v1/admin/providers/none").await.expect(200);
    let id = none["id"].as_str().unwrap();
    let rest = format!("{path}&cursor=endpoint.{id}.");
    let with = Whole::read(&admin, &rest, async |_| {}).await;
    admin
        .delete("/api/v1/admin/applications/none")
        .await
        .expect(204);
    admin
        .delete("/api/v1/admin/providers/none")
        .await
        .expect(204);
    let without = Whole::read(&admin, &rest, async |_| {}).await;
    assert_eq!(without.documents, with.documents);
    assert_eq!(with.names("endpoint").last().unwrap(), "last");
}

/// Of very many objects a part ends without a limit of bytes, too.
#[tokio::test]
async fn a_part_ends_behind_so_many_documents() {
    let (house, admin) = full_house().await;
    let whole = Whole::read(&admin, EXPORT, async |_| {}).await;
    let reader = Reader::try_from(Admin::operator().staff().clone()).unwrap();
    let (mut documents, mut cursor) = (Vec::new(), None::<String>);
    let mut parts = 0;
    loop {
        let wanted = ExportWanted {
            cursor: cursor.as_deref(),
            documents_max: 60,
            ..ExportWanted::default()
        };
        let part = export(&house.app, &reader, wanted).await.unwrap();
        // No page is begun behind so many.
        assert!(part.documents.len() < 60 + 100);
        documents.extend(part.documents);
        parts += 1;
        cursor = part.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(documents, whole.documents);
    assert!(parts >= 3, "{parts}");
}

/// Names may hold slashes, and then the path of a target can mean two.
#[tokio::test]
async fn a_binding_is_exported_to_what_it_is_attached_to() {
    let house = House::furnished().await;
    let admin = house.sign_in("admin").await;
    let endpoint = |provider: &str, name: &str| {
        json!({"kind": "endpoint", "name": name, "provider": provider, "protocol": "ssh",
            "host": "h"})
    };
    house
        .apply(vec![
            json!({"kind": "provider", "name": "a"}),
            json!({"kind": "provider", "name": "a/b"}),
            endpoint("a", "b/c"),
            endpoint("a/b", "c"),
            endpoint("a/b", "only"),
        ])
        .await;
    for name in ["b/c", "c", "only"] {
        let path = format!("/api/v1/admin/endpoints?name={name}");
        let found = admin.get(&path).await.expect(200);
        let binding = json!({"target": found["items"][0]["id"], "user": "ada"});
        let made = admin.post("/api/v1/admin/policy-bindings", &binding).await;
        made.expect(201);
    }
    let exported = Whole::read(&admin, EXPORT, async |_| {}).await;
    let targets = exported.names("policy_binding");
    assert!(
        targets.contains(&"endpoint/a/b/only".to_owned()),
        "{targets:?}"
    );
    let body = json!({"documents": exported.documents});
    let applied = admin.post("/api/v1/admin/apply", &body).await.expect(200);
    let changes = applied["changes"].as_array().unwrap();
    assert!(
        changes.iter().all(|change| change["action"] == "unchanged"),
        "{applied}"
    );
}

/// The secrets that `documents` leaves out, written in again.
fn with_secrets(documents: &mut [Value], left_out: &[(usize, String)]) {
    for (document, field) in left_out {
        let pointer = format!("/{}", field.replace('.', "/"));
        *documents[*document].pointer_mut(&pointer).unwrap() = json!("new secret");
    }
}

#[tokio::test]
async fn an_empty_control_plane_becomes_the_same_by_an_export() {
    let (house, admin) = full_house().await;
    let there = admin.at(bounded(&house, 5_000));
    let mut exported = Whole::read(&there, EXPORT, async |_| {}).await;
    let empty = House::empty().await;
    let other_admin = empty.sign_in("admin").await;
    let apply = async |documents: &[Value]| {
        let body = json!({"documents": documents});
        other_admin.post("/api/v1/admin/apply", &body).await
    };

    // A secret that is not there cannot be kept: each is named, nothing written.
    let refused = apply(&exported.documents)
        .await
        .problem(422, "invalid_field");
    let named: Vec<_> = refused["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            let document = usize::try_from(error["document"].as_u64().unwrap()).unwrap();
            (document, error["field"].as_str().unwrap().to_owned())
        })
        .collect();
    assert_eq!(named, exported.left_out);
    let still = Whole::read(&other_admin, EXPORT, async |_| {}).await;
    assert_eq!(still.documents.len(), 1);

    with_secrets(&mut exported.documents, &exported.left_out);
    apply(&exported.documents).await.expect(200);
    let original = Whole::read(&admin, EXPORT, async |_| {}).await;
    let copy = Whole::read(&other_admin, EXPORT, async |_| {}).await;
    // Endpoints stand by their providers' ids, bindings by ids: others here.
    let sorted = |whole: &Whole| {
        let mut texts: Vec<_> = whole.documents.iter().map(Value::to_string).collect();
        texts.sort();
        texts
    };
    assert_eq!(sorted(&copy), sorted(&original));
    let again = apply(&copy.documents).await.expect(200);
    let changes = again["changes"].as_array().unwrap();
    assert!(changes.iter().all(|change| change["action"] == "unchanged"));
    // Passwords are no part of an export.
    let stranger = empty.stranger().sign_in("user-001", PASSWORD).await;
    stranger.problem(401, "credentials_wrong");
}
