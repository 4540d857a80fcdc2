//! What each protocol is to reach.

use crate::report::Goal;

/// The animation runs at 30 pictures a second; the edges of a measured time
/// may lose some of them.
const FULL_RATE: Goal = Goal::AtLeast(29.5);

/// Goals of one protocol.
pub(crate) struct Goals {
    /// From the launch to the first picture, ms.
    pub(crate) first_picture: Goal,
    /// From a key to its picture, ms.
    pub(crate) key: Goal,
    /// The photo-like animation at 1280x720.
    pub(crate) photo: MotionGoals,
    /// The clean one.
    pub(crate) clean: MotionGoals,
    /// The photo-like one at 1920x1080; `None` where it is not measured.
    pub(crate) large_photo: Option<MotionGoals>,
    /// A terminal that scrolls as fast as it can.
    pub(crate) flood: MotionGoals,
    /// From asking for a size to a picture in it, ms.
    pub(crate) resize: Goal,
    /// One idle session, MiB.
    pub(crate) idle: Goal,
}

/// Goals of something that moves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MotionGoals {
    /// Pictures a second.
    pub(crate) rate: Goal,
    /// Share of one core that the node uses, percent.
    pub(crate) processor_percent: Goal,
}

/// Over VNC.
pub(crate) const VNC: Goals = Goals {
    first_picture: Goal::AtMost(40.0),
    key: Goal::AtMost(12.0),
    photo: MotionGoals {
        rate: FULL_RATE,
        processor_percent: Goal::AtMost(70.0),
    },
    clean: MotionGoals {
        rate: FULL_RATE,
        processor_percent: Goal::AtMost(35.0),
    },
    large_photo: Some(MotionGoals {
        rate: Goal::AtLeast(25.0),
        processor_percent: Goal::Unset,
    }),
    flood: MotionGoals {
        rate: FULL_RATE,
        processor_percent: Goal::Unset,
    },
    resize: Goal::AtMost(50.0),
    idle: Goal::AtMost(6.0),
};

/// Over RDP, from xrdp.
pub(crate) const RDP: Goals = Goals {
    first_picture: Goal::AtMost(500.0),
    key: Goal::AtMost(17.0),
    photo: MotionGoals {
        rate: Goal::AtLeast(25.0),
        processor_percent: Goal::AtMost(70.0),
    },
    clean: MotionGoals {
        rate: FULL_RATE,
        processor_percent: Goal::AtMost(45.0),
    },
    large_photo: None,
    flood: MotionGoals {
        rate: Goal::AtLeast(25.0),
        processor_percent: Goal::Unset,
    },
    resize: Goal::AtMost(400.0),
    idle: Goal::AtMost(10.0),
};
