//! What every session of a node shares.

use std::sync::Arc;

use causeway_fleet::ControlPlane;

use crate::compute::Compute;
use crate::metrics::Metrics;

/// What every session of a node shares. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// Who is told what becomes of sessions.
    pub control_plane: Arc<dyn ControlPlane>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Who encodes pictures.
    pub compute: Compute,
}
