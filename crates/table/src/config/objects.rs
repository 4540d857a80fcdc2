//! All objects of one kind, by id and by name.
//!
//! Copying them for one change costs a count for each object and nothing else:
//! the objects themselves are shared, names included.

use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::ConfigObject;
use crate::error::TableError;
use crate::item::Item;

/// All objects of one kind.
#[derive(Debug, Clone)]
pub struct Objects<T> {
    by_id: HashMap<Uuid, Arc<T>>,
    /// In the order of name and id.
    by_name: Vec<Arc<T>>,
}

impl<T> Default for Objects<T> {
    fn default() -> Self {
        Self {
            by_id: HashMap::new(),
            by_name: Vec::new(),
        }
    }
}

impl<T: ConfigObject> Objects<T> {
    pub(super) fn read<'a>(items: impl Iterator<Item = &'a Item>) -> Result<Arc<Self>, TableError> {
        let objects = items.map(|item| item.document().map(Arc::new));
        let mut by_name: Vec<Arc<T>> = objects.collect::<Result<_, _>>()?;
        by_name.sort_by(|one, other| order(one).cmp(&order(other)));
        let by_id = by_name
            .iter()
            .map(|object| (object.uuid(), Arc::clone(object)))
            .collect();
        Ok(Arc::new(Self { by_id, by_name }))
    }

    /// Adds an object, in place of the one with its id.
    pub(super) fn put(&mut self, object: T) {
        self.remove(object.uuid());
        let object = Arc::new(object);
        let place = self.first_from((object.name(), object.uuid()));
        self.by_name.insert(place, Arc::clone(&object));
        self.by_id.insert(object.uuid(), object);
    }

    /// Takes an object away, if it is there.
    pub(super) fn remove(&mut self, id: Uuid) {
        if let Some(object) = self.by_id.remove(&id) {
            let place = self.first_from(order(&object));
            self.by_name.remove(place);
        }
    }

    /// Where the objects from this name and id on begin.
    fn first_from(&self, wanted: (&str, Uuid)) -> usize {
        self.by_name
            .partition_point(|object| order(object) < wanted)
    }

    /// The object with this id, given as its typed id's `uuid()`.
    #[must_use]
    pub fn get(&self, id: Uuid) -> Option<&Arc<T>> {
        self.by_id.get(&id)
    }

    /// The object with this name; of several (nodes, edges) the one with the
    /// lowest id.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<T>> {
        let place = self.first_from((name, Uuid::nil()));
        self.by_name
            .get(place)
            .filter(|object| object.name() == name)
    }

    /// The object that a reference means: a name or else an id.
    #[must_use]
    pub fn resolve(&self, reference: &str) -> Option<&Arc<T>> {
        self.named(reference).or_else(|| {
            let id = Uuid::try_parse(reference).ok()?;
            self.get(id)
        })
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<T>> {
        self.by_name.iter()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }
}

fn order<T: ConfigObject>(object: &Arc<T>) -> (&str, Uuid) {
    (object.name(), object.uuid())
}
