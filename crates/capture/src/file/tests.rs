//! Files of every layout, whole and damaged.
