//! What a binding is attached to, found by what people write: an id, a name, or
//! a name behind its kind. What the same call makes is found as well.

use causeway_model::id::{EndpointId, ProviderId};
use causeway_model::object::TargetKind;
use causeway_table::{Batch, Kind, TableError};
use uuid::Uuid;

use crate::problem::FieldError;
use crate::use_case::object::Draft;

/// Longest text that is looked for, in bytes.
const TEXT_BYTES_MAX: usize = 1024;
/// Names that are read from the table at once.
const BATCH: usize = 100;

/// An application, an endpoint or a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Target {
    pub(super) kind: TargetKind,
    pub(super) id: Uuid,
}

/// The one target that `text` means.
pub(super) async fn find(
    draft: &Draft<'_>,
    field: &str,
    text: &str,
    kind: Option<TargetKind>,
) -> Result<Result<Target, FieldError>, TableError> {
    let shown: String = text.chars().take(128).collect();
    let mut found = if text.len() > TEXT_BYTES_MAX {
        Vec::new()
    } else {
        candidates(draft, text, kind).await?
    };
    found.sort_unstable();
    found.dedup();
    Ok(match found.as_slice() {
        [only] => Ok(*only),
        [] => {
            let kind = kind.map_or("application, endpoint or stage", TargetKind::as_str);
            let message = format!("there is no {kind} {shown:?}");
            Err(FieldError::new(field, "unknown_reference", message))
        }
        several => {
            let message = format!(
                "{shown:?} means {} things: write application/SLUG, endpoint/PROVIDER/NAME, \
                 stage/FLOW/NAME or the id",
                several.len()
            );
            Err(FieldError::new(field, "ambiguous_reference", message))
        }
    })
}

async fn candidates(
    draft: &Draft<'_>,
    text: &str,
    kind: Option<TargetKind>,
) -> Result<Vec<Target>, TableError> {
    let wanted = |target: &Target| kind.is_none_or(|kind| kind == target.kind);
    if let Ok(id) = Uuid::try_parse(text) {
        let found = by_id(draft, id).await?;
        if found.is_some() {
            return Ok(found.into_iter().filter(wanted).collect());
        }
    }
    if let Some((prefix, rest)) = text.split_once('/') {
        let found = match prefix {
            "application" => application(draft, rest).into_iter().collect(),
            "stage" => stages(draft, |flow, name| {
                name == rest || is_path(rest, flow, name)
            }),
            "endpoint" => {
                let mut found = endpoints_at(draft, rest).await?;
                found.extend(endpoints_named(draft, rest).await?);
                found
            }
            _ => Vec::new(),
        };
        if !found.is_empty() {
            return Ok(found.into_iter().filter(wanted).collect());
        }
    }
    let mut found: Vec<Target> = application(draft, text).into_iter().collect();
    found.extend(stages(draft, |_, name| name == text));
    if kind.is_none_or(|kind| kind == TargetKind::Endpoint) {
        found.extend(endpoints_named(draft, text).await?);
    }
    found.retain(wanted);
    Ok(found)
}

async fn by_id(draft: &Draft<'_>, id: Uuid) -> Result<Option<Target>, TableError> {
    let snapshot = draft.snapshot();
    let is_application = snapshot.applications().get(id).is_some()
        || draft.promised_name(Kind::Application, id).is_some();
    if is_application {
        let kind = TargetKind::Application;
        return Ok(Some(Target { kind, id }));
    }
    let is_stage = snapshot
        .flows()
        .iter()
        .any(|flow| flow.stages.iter().any(|stage| stage.id.uuid() == id));
    if is_stage {
        let kind = TargetKind::Stage;
        return Ok(Some(Target { kind, id }));
    }
    let table = draft.app().table();
    let endpoint = table.endpoints().by_id(EndpointId::new(id)).await?;
    Ok(endpoint.map(|_| Target {
        kind: TargetKind::Endpoint,
        id,
    }))
}

fn application(draft: &Draft<'_>, slug: &str) -> Option<Target> {
    let stored = draft.snapshot().applications().named(slug);
    let id = stored
        .map(|found| found.id.uuid())
        .or_else(|| draft.promised_id(Kind::Application, slug))?;
    Some(Target {
        kind: TargetKind::Application,
        id,
    })
}

/// Stages of flows, stored or made by this call, by the names of both.
fn stages(draft: &Draft<'_>, is_it: impl Fn(&str, &str) -> bool) -> Vec<Target> {
    let stored = draft.snapshot().flows().iter().flat_map(|flow| {
        let name = &flow.name;
        flow.stages.iter().map(move |stage| (name, stage))
    });
    let stored = stored
        .filter(|(flow, stage)| is_it(flow, stage.stage.name()))
        .map(|(_, stage)| stage.id);
    let promised = draft
        .promised_stages()
        .iter()
        .filter(|stage| is_it(&stage.flow_name, &stage.name))
        .map(|stage| stage.id);
    stored
        .chain(promised)
        .map(|id| Target {
            kind: TargetKind::Stage,
            id: id.uuid(),
        })
        .collect()
}

fn is_path(path: &str, first: &str, second: &str) -> bool {
    path.strip_prefix(first)
        .and_then(|rest| rest.strip_prefix('/'))
        .is_some_and(|rest| rest == second)
}

/// Endpoints by `PROVIDER/NAME`; names may hold slashes themselves.
async fn endpoints_at(draft: &Draft<'_>, path: &str) -> Result<Vec<Target>, TableError> {
    let mut wanted = Vec::new();
    for (at, _) in path.match_indices('/') {
        let (provider, name) = (&path[..at], &path[at + 1..]);
        if let Ok(provider) = draft.provider("target", provider) {
            wanted.push((provider, name));
        }
    }
    endpoints(draft, &wanted).await
}

/// Endpoints of that name in any provider.
async fn endpoints_named(draft: &Draft<'_>, name: &str) -> Result<Vec<Target>, TableError> {
    let stored = draft.snapshot().providers().iter().map(|found| found.id);
    let promised = draft
        .promised_endpoints()
        .iter()
        .map(|found| found.provider);
    let mut providers: Vec<_> = stored.chain(promised).collect();
    providers.sort_unstable();
    providers.dedup();
    let wanted: Vec<_> = providers.into_iter().map(|id| (id, name)).collect();
    endpoints(draft, &wanted).await
}

async fn endpoints(
    draft: &Draft<'_>,
    wanted: &[(ProviderId, &str)],
) -> Result<Vec<Target>, TableError> {
    let mut found = Vec::new();
    for chunk in wanted.chunks(BATCH) {
        let mut batch = Batch::new();
        let slots: Vec<_> = chunk
            .iter()
            .map(|(provider, name)| batch.endpoint_named(*provider, name))
            .collect();
        let answer = draft.app().table().read(batch).await?;
        for slot in slots {
            found.extend(answer.take(slot)?.map(|endpoint| endpoint.id));
        }
    }
    let promised = draft.promised_endpoints().iter().filter(|promised| {
        wanted
            .iter()
            .any(|(provider, name)| *provider == promised.provider && *name == promised.name)
    });
    found.extend(promised.map(|promised| promised.id));
    Ok(found
        .into_iter()
        .map(|id| Target {
            kind: TargetKind::Endpoint,
            id: id.uuid(),
        })
        .collect())
}
